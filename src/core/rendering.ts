/**
 * The words of a message: what the workflows ask for and what the templates answer.
 *
 * The workflow gives typed values (money, dates, decimals); the templates format them for the
 * recipient's language. `Render` is a pure function passed into `decide`, so that deciding
 * yields the frozen text and needs no file.
 */
import type { Instant, LocalDate } from './date.ts'
import type { Channel } from './message.ts'
import type { DecimalText, Minor } from './money.ts'

/** A value that is formatted per language; plain text stands for itself. */
export type TemplateValue =
  | string
  | boolean
  | { readonly type: 'money'; readonly minor: Minor; readonly currency: string }
  | { readonly type: 'decimal'; readonly decimal: DecimalText }
  /** An amount with its own number of decimals: prices of one piece (12.505 EUR). */
  | { readonly type: 'price'; readonly decimal: DecimalText; readonly currency: string }
  | { readonly type: 'date'; readonly date: LocalDate }
  /** A word of the files with what it is called, by language; `*` for all others. Without a name it stands for itself. */
  | { readonly type: 'word'; readonly word: string; readonly names: Readonly<Record<string, string>> }
  /** Date and time in the zone. */
  | { readonly type: 'instant'; readonly instant: Instant; readonly zone: string }
  | TemplateView
  | readonly TemplateView[]

export interface TemplateView {
  readonly [name: string]: TemplateValue | undefined
}

export interface RenderRequest {
  /** e.g. `customer/ready`. */
  readonly template: string
  readonly channel: Channel
  /** The language chain: recipient, store or channel, default. */
  readonly languages: readonly string[]
  readonly view: TemplateView
}

export type Rendered =
  | {
      readonly kind: 'mail'
      readonly language: string
      /** SHA-256 (hex, 16 characters) of the template's files. */
      readonly templateHash: string
      readonly subject: string
      readonly text: string
      readonly html?: string
      /** From the template's front matter. */
      readonly from?: { readonly name?: string; readonly address?: string }
      readonly cc: readonly string[]
      readonly bcc: readonly string[]
      /** Also to those who want no messages. */
      readonly transactional?: true
      readonly inline: readonly {
        readonly name: string
        readonly contentType: string
        readonly content: string
        readonly contentId: string
      }[]
    }
  | {
      readonly kind: 'sms'
      readonly language: string
      readonly templateHash: string
      readonly text: string
      readonly alphabet: 'gsm' | 'ucs2'
      readonly parts: number
      /** From the template's front matter: candidates for the sender, best first. */
      readonly sender?: readonly string[]
      /** The number that it names, as written; '' where it has none. */
      readonly to?: string
      /** Also in quiet hours. */
      readonly urgent?: true
      /** Also to those who want no messages. */
      readonly transactional?: true
      /** Characters replaced under `transliterate`, for `preview`. */
      readonly replaced: readonly string[]
    }
  /** No template of that name for the channel in any language: nothing is sent, recorded as suppressed. */
  | { readonly kind: 'noTemplate' }
  /** A used variable has no value, or the SMS breaks its limits: held with this reason. */
  | { readonly kind: 'held'; readonly reason: string; readonly language: string; readonly templateHash: string }

export type Render = (request: RenderRequest) => Rendered
