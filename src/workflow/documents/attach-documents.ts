/**
 * What becomes of a mail that waits for documents when somebody has looked whether they are there (F24).
 *
 * All there: they are frozen into the mail, which is then sent, or held for review. Not yet: it is looked at again,
 * less and less often. Not in time: an alarm, and the mail stays held for a person. Pure; which file a document is in,
 * and whether it is complete, is found out elsewhere.
 */
import type { Config } from '../../config/schema.ts'
import type { Batch } from '../../core/batch.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import type { TimerId } from '../../core/ids.ts'
import type { Attachment, Awaited, Message } from '../../core/message.ts'
import type { Invoice } from '../../core/model.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import { Draft } from '../draft.ts'
import { attachTimer } from '../messages/plan-message.ts'
import type { Setup } from '../setup.ts'

/** A PDF, with what people check it by. */
export interface FoundDocument extends Attachment {
  readonly sha256: string
}

export type AttachLook =
  | { readonly kind: 'found'; readonly documents: readonly FoundDocument[] }
  | { readonly kind: 'missing'; readonly why: string }

/** What a mail still waits for; undefined when it does not, or not any more. */
export const awaitedOf = (message: Message | undefined): Awaited | undefined =>
  message?.state === 'held' ? message.mail?.awaits : undefined

/** The files to look for, or why there is none yet. Of several documents of a type the newest counts. */
export function documentFiles(
  config: Config,
  { documents }: Awaited,
  invoices: readonly Invoice[],
): { readonly kind: 'files'; readonly names: readonly string[] } | Extract<AttachLook, { kind: 'missing' }> {
  const names: string[] = []
  for (const type of documents) {
    const issued = invoices.findLast((each) => each.type === type && each.state === 'issued')
    if (issued === undefined) return { kind: 'missing', why: `the ERP has not issued the ${type} yet` }
    names.push(issued.pdf ?? fileOf(config, issued))
  }
  return { kind: 'files', names }
}

/** Numbers such as 2026/0311 cannot be names of files: the ERP writes 2026-0311. */
function fileOf({ documents }: Config, { number = '', type, orderNumber }: Invoice): string {
  const values: Record<string, string> = { number, type, order: orderNumber }
  return documents.file.replace(/\{(number|type|order)\}/g, (_, name: string) =>
    (values[name] ?? '').replace(/[/\\:]/g, '-'),
  )
}

/** Pauses between two looks, in milliseconds: a tenth of the time that it has waited, within these. */
const soonest = 5_000
const latest = 300_000

export function decideAttachment(
  setup: Setup,
  message: Message,
  look: AttachLook,
  { timer, cause, now }: { readonly timer: TimerId; readonly cause: Cause; readonly now: Instant },
): Batch {
  const draft = new Draft(setup, { get: () => undefined, find: () => [] }, cause, now)
  draft.timerFired(timer)
  const { mail } = message
  const awaits = awaitedOf(message)
  if (mail === undefined || awaits === undefined) return draft.toBatch()
  if (look.kind === 'found') attach(draft, { ...message, mail }, awaits, look.documents)
  else if (now >= awaits.until) giveUp(draft, message, look.why)
  else {
    const next = Math.min(Math.max((now - message.createdAt) / 10, soonest), latest)
    draft.timer(message.id, attachTimer, Math.ceil(Math.min(now + next, Math.max(awaits.until, now + soonest))))
  }
  return draft.toBatch()
}

type Mail = Message & { readonly mail: NonNullable<Message['mail']> }

function attach(draft: Draft, { mail, ...message }: Mail, { review }: Awaited, found: readonly FoundDocument[]): void {
  const { awaits: _, attachments, ...content } = mail
  const state = review ? ('held' as const) : ('queued' as const)
  const documents = found.map(({ sha256: _hash, ...attachment }) => attachment)
  draft.updateMessage({
    id: message.id,
    from: ['held'],
    state,
    ...(review && { reason: 'review: look at it, then send it' }),
    dueAt: draft.now,
    content: {
      mail: { ...content, attachments: [...attachments, ...documents] },
      recipients: message.recipients,
    },
  })
  draft.happened({
    name: 'message.attached',
    subject: message.id,
    before: { state: message.state },
    after: { state, documents: found.map(({ name, sha256 }) => `${name} (${sha256})`).join(', ') },
    text: found
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 250),
  })
}

/** It stays held, and nobody looks any more: a person sends or cancels it. */
function giveUp(draft: Draft, message: Message, why: string): void {
  const reason = `its documents did not come in time: ${why}`.slice(0, 250)
  draft.updateMessage({ id: message.id, from: ['held'], state: 'held', reason })
  const event = draft.happened({ name: 'message.held', subject: message.id, text: reason })
  raiseAlarm(
    draft,
    {
      key: `no-document/${message.id}`,
      subject: message.id,
      title: 'A document for a mail did not come',
      what: `mail ${message.template}: ${why}`.slice(0, 250),
      next: `Let the ERP write it, then: orderly messages show ${message.id}; send or cancel it by hand.`,
    },
    event,
  )
}
