/**
 * A person changes the words, the sender or the recipient of a held message, and it stays held (N52, P17).
 *
 * What was frozen before stands in the history by its length only; who changed it, and when, does. An SMS follows
 * `sms.encoding` as a rendered one does. Refused is what is not held, or would not fit. Throws errors of the ledger.
 */
import type { Batch } from '../core/batch.ts'
import type { Cause } from '../core/event.ts'
import type { MessageId } from '../core/ids.ts'
import type { Known } from '../core/known.ts'
import type { Message, Recipient } from '../core/message.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { fitSms } from '../templates/fit-sms.ts'
import { Draft } from '../workflow/draft.ts'
import type { Setup } from '../workflow/setup.ts'
import type { ActOptions, ActResult } from './act.ts'

export interface MessageEdit {
  readonly text?: string
  /** Mail only. With a new text and no new HTML the mail goes as plain text. */
  readonly html?: string
  readonly subject?: string
  /** SMS only. */
  readonly sender?: string
  /** In place of all that the message was `to`. */
  readonly to?: string
}

type Content = NonNullable<Batch['messageUpdates'][number]['content']>
type Edited =
  | { readonly kind: 'content'; readonly content: Content }
  | { readonly kind: 'refused'; readonly reason: string }

const refuse = (reason: string): { readonly kind: 'refused'; readonly reason: string } => ({ kind: 'refused', reason })

export async function editMessage(
  ledger: Ledger,
  setup: Setup,
  id: MessageId,
  edit: MessageEdit,
  { actor, now, dryRun }: ActOptions,
): Promise<ActResult> {
  const message = await ledger.message(id)
  if (message === undefined) return refuse('no such message')
  if (message.state !== 'held') return refuse(`the message is ${message.state}; only a held one can be edited`)
  const edited = message.channel === 'sms' ? editSms(setup, message, edit) : editMail(message, edit)
  if (edited.kind === 'refused') return edited
  const cause: Cause = { kind: 'person', actor, configHash: setup.configHash }
  const draft = new Draft(setup, nothing, cause, now)
  const { reason } = message
  const kept = reason === undefined ? {} : { reason }
  draft.updateMessage({ id, from: ['held'], state: 'held', ...kept, content: edited.content })
  draft.happened({ name: 'message.edited', subject: id, text: `edited by hand: ${Object.keys(edit).join(', ')}` })
  const batch = draft.toBatch()
  if (dryRun) return { kind: 'wouldDo', batch }
  const result = await ledger.commit(batch)
  return result.kind === 'conflict' ? result : { kind: 'done', batch }
}

const nothing: Known = { get: () => undefined, find: () => [] }

function editSms({ config }: Setup, message: Message, { text, sender, to, subject, html }: MessageEdit): Edited {
  if (subject !== undefined || html !== undefined) return refuse('an SMS has no subject and no HTML')
  const before = message.sms
  const words = text ?? before?.text
  if (words === undefined) return refuse('the message has no text yet: give one')
  const fitted = fitSms(words, config.sms.encoding)
  if (fitted.kind === 'tooMuch') return refuse(fitted.reason)
  const from = sender ?? before?.sender ?? ''
  if (sender !== undefined && !/^(\+?\d{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 .&_+-]{1,11})$/.test(sender)) {
    return refuse('a sender is a number of at most 15 digits, or a name of at most 11 characters')
  }
  if (to !== undefined && !/^\+[1-9]\d{6,14}$/.test(to)) return refuse(`"${to}" is no number such as +36301234567`)
  const { alphabet, parts } = fitted
  return content(message, to, { sms: { sender: from, text: fitted.text, alphabet, parts } })
}

function editMail(message: Message, { text, html, subject, sender, to }: MessageEdit): Edited {
  if (sender !== undefined) return refuse('the sender of a mail cannot be changed here')
  if (message.mail === undefined) return refuse(`the mail has no content: ${message.reason ?? 'nothing to edit'}`)
  if (subject !== undefined && (subject.trim() === '' || /\p{Cc}/u.test(subject)))
    return refuse('a subject is one line')
  if (to !== undefined && !/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(to)) return refuse(`"${to}" is no mail address`)
  const { html: before, ...rest } = message.mail
  const shown = html ?? (text === undefined ? before : undefined)
  return content(message, to, {
    mail: {
      ...rest,
      ...(text !== undefined && { text }),
      ...(subject !== undefined && { subject }),
      ...(shown !== undefined && { html: shown }),
    },
  })
}

function content(message: Message, to: string | undefined, words: Pick<Content, 'mail' | 'sms'>): Edited {
  return {
    kind: 'content',
    content: { ...words, recipients: to === undefined ? message.recipients : given(message, to) },
  }
}

const given = ({ recipients }: Message, address: string): readonly Recipient[] => [
  { address, as: 'to', role: 'hand' },
  ...recipients.filter(({ as }) => as !== 'to'),
]
