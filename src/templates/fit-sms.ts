/**
 * The rules for the text of an SMS: its alphabet by the policy, its number of parts by the limit.
 *
 * `transliterate` replaces what is outside the GSM alphabet and keeps the original where something
 * irreplaceable stays; `allow` sends UCS-2; `refuse` holds. A text that is too long is held, never cut.
 * Pure; throws nothing.
 */
import { assertNever } from '../core/assert-never.ts'
import { alphabetOf, countParts, offenders, transliterate } from '../core/sms-text.ts'

export interface SmsRules {
  readonly policy: 'transliterate' | 'allow' | 'refuse'
  /** Most parts; longer texts are held. */
  readonly maxParts: number
}

export type FittedSms =
  | {
      readonly kind: 'fits'
      readonly text: string
      readonly alphabet: 'gsm' | 'ucs2'
      readonly parts: number
      readonly replaced: readonly string[]
    }
  | { readonly kind: 'tooMuch'; readonly reason: string }

/** Fits a text into the rules (mechanisms 1.7, N48). */
export function fitSms(source: string, rules: SmsRules): FittedSms {
  const text = source
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{2,}/g, '\n')
    .trim()
  if (text === '') return { kind: 'tooMuch', reason: 'the text of the SMS is empty' }
  const outside = offenders(text)
  if (outside.length > 0 && rules.policy === 'refuse') {
    return { kind: 'tooMuch', reason: `the SMS has characters outside the GSM alphabet: ${named(outside)}` }
  }
  const chosen = inAlphabet(text, rules.policy)
  const alphabet = alphabetOf(chosen.text)
  const parts = countParts(chosen.text, alphabet)
  if (parts <= rules.maxParts) return { kind: 'fits', alphabet, parts, ...chosen }
  const forcing =
    alphabet === 'ucs2' ? `; these characters force the dear alphabet: ${named(offenders(chosen.text))}` : ''
  return { kind: 'tooMuch', reason: `the SMS needs ${parts} parts, at most ${rules.maxParts} are allowed${forcing}` }
}

interface Chosen {
  readonly text: string
  readonly replaced: readonly string[]
}

function inAlphabet(text: string, policy: SmsRules['policy']): Chosen {
  switch (policy) {
    case 'transliterate': {
      const replaced = transliterate(text)
      return alphabetOf(replaced.text) === 'gsm' ? replaced : { text, replaced: [] }
    }
    case 'allow':
    case 'refuse':
      return { text, replaced: [] }
    default:
      return assertNever(policy, 'SMS policy')
  }
}

/** At most ten characters, each with its code, since some can't be seen. */
function named(characters: readonly string[]): string {
  const shown = characters.slice(0, 10).map((character) => `${character} (U+${codeOf(character)})`)
  return shown.join(', ') + (characters.length > 10 ? ` and ${characters.length - 10} more` : '')
}

const codeOf = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
