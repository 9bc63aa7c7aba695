/**
 * Plans mail and SMS: words, sender, recipients, and whether it is sent, held or suppressed.
 *
 * Whatever is planned is recorded: without a template, a recipient or a transport it is
 * `suppressed`, with a hole or for review it is `held`, each with its reason (features 5.7).
 * Text and sender are frozen here (decision 6). In a rehearsal everything goes to `redirectTo`.
 */
import { durationOf, type Instant, isoIn } from '../../core/date.ts'
import { messageId } from '../../core/ids.ts'
import type { Awaited, Channel, MailContent, NewMessage, Recipient, SmsContent } from '../../core/message.ts'
import type { Rendered, TemplateView } from '../../core/rendering.ts'
import { countParts } from '../../core/sms-text.ts'
import { internationalPhone } from '../mapping/map-customer.ts'
import type { Because, Draft } from '../draft.ts'
import { awakeAt } from './quiet-hours.ts'
import type { ChooseSender } from './sms-sender.ts'

export interface MessagePlan {
  readonly template: string
  readonly subject: string
  readonly dedupeKey: string
  readonly recipients: readonly Recipient[]
  readonly languages: readonly string[]
  readonly view: TemplateView
  readonly because: Because
  /** Why there is no recipient, when there is none. */
  readonly missing: string
  readonly sender?: {
    readonly name?: string | undefined
    readonly address?: string | undefined
    readonly replyTo?: string | undefined
  }
  /** Who an SMS is from, of the candidates of its template or the config. */
  readonly smsSender?: ChooseSender | undefined
  /** It waits until then; its maximum age counts from then on. */
  readonly notBefore?: Instant | undefined
  readonly review?: boolean
  /** Documents of an order to be attached before it is sent (mail). */
  readonly awaits?: Omit<Awaited, 'review'> | undefined
  /** A reason not to send at all, found by the caller (not requested). */
  readonly suppress?: string | undefined
}

type Fate = Pick<NewMessage, 'state' | 'reason'>

/** A list, or one text with `;` (or `,`) between the addresses, as the config allows (P01). */
export const addressesOf = (list: string | readonly string[] | undefined): readonly string[] =>
  (typeof list === 'string' ? list.split(/[;,]/) : (list ?? []))
    .map((text) => text.trim())
    .filter((text) => text !== '')

/** People who get the same mail, in the open or unseen. */
export const copiesTo = (addresses: readonly string[], as: 'cc' | 'bcc'): readonly Recipient[] =>
  addresses.map((address) => ({ address, as, role: 'copy' }))

export function planMail(draft: Draft, plan: MessagePlan): void {
  if (draft.isPlanned(plan.dedupeKey)) return
  const { config, render } = draft.setup
  const rendered = render({ template: plan.template, channel: 'mail', languages: plan.languages, view: plan.view })
  const copies = rendered.kind === 'mail' ? [...copiesTo(rendered.cc, 'cc'), ...copiesTo(rendered.bcc, 'bcc')] : []
  const { kept, dropped } = limited(unique([...plan.recipients, ...copies]), config.safety.recipientsPerMessage)
  const id = messageId(plan.dedupeKey)
  const off = config.mail.transport === 'none' ? 'mail is switched off (mail.transport: none)' : undefined
  const found = fateOf(plan, kept, rendered, off ?? nowhereToRehearse(draft, 'mail'))
  noteOutcome(draft, plan, found)
  const awaits = awaitedBy(plan, rendered, found)
  const fate: Fate = awaits === undefined ? found : { state: 'held', reason: waitingFor(awaits) }
  const mail =
    rendered.kind === 'mail'
      ? { ...mailContent(draft, plan, rendered, id), ...(awaits !== undefined && { awaits }) }
      : undefined
  if (awaits !== undefined) draft.timer(id, attachTimer, draft.now)
  const redirect = kept.length > 0 ? redirectOf(draft, 'mail') : undefined
  draft.plan({
    ...head(draft, plan, rendered, fate),
    channel: 'mail',
    recipients: redirect === undefined ? kept : [redirect],
    ...(dropped.length > 0 && { droppedRecipients: dropped }),
    ...(mail && { mail: redirect === undefined ? mail : marked(mail, kept) }),
  })
}

/** The timer of a mail that waits for documents: each time it fires, somebody looks whether they are there. */
export const attachTimer = 'message.attach'

/** A mail that would be sent, or only reviewed, but for its documents. */
function awaitedBy(plan: MessagePlan, rendered: Rendered, { state }: Fate): Awaited | undefined {
  if (plan.awaits === undefined || state === 'suppressed' || rendered.kind !== 'mail') return undefined
  return { ...plan.awaits, review: state === 'held' }
}

const waitingFor = ({ documents }: Awaited): string => `waits for the PDF of: ${documents.join(', ')}`

export function planSms(draft: Draft, plan: MessagePlan): void {
  if (draft.isPlanned(plan.dedupeKey)) return
  const { config, render } = draft.setup
  const rendered = render({ template: plan.template, channel: 'sms', languages: plan.languages, view: plan.view })
  const recipient = smsRecipient(draft, plan, rendered)
  const off = config.sms.transport === 'none' ? 'SMS is switched off (sms.transport: none)' : undefined
  const invalid =
    recipient !== undefined && !/^\+[1-9]\d{6,14}$/.test(recipient.address)
      ? `"${recipient.address.slice(0, 40)}" is no valid phone number`
      : undefined
  const found = fateOf(plan, recipient ? [recipient] : [], rendered, off ?? nowhereToRehearse(draft, 'sms') ?? invalid)
  const sender = senderFor(draft, plan, rendered, recipient)
  const isLost = found.state === 'queued' && sender === undefined
  const fate: Fate = isLost ? { state: 'held', reason: 'no SMS sender: see sms.sender' } : found
  noteOutcome(draft, plan, fate)
  const redirect = recipient && redirectOf(draft, 'sms')
  const to = redirect ?? recipient
  const sms = rendered.kind === 'sms' ? smsContent(sender ?? '', rendered, redirect && recipient) : undefined
  const isUrgent = rendered.kind === 'sms' && rendered.urgent === true
  const planned = head(draft, plan, rendered, fate)
  const dueAt = isUrgent || to === undefined ? planned.dueAt : awakeAt(config, to.address, planned.dueAt)
  draft.plan({
    ...planned,
    channel: 'sms',
    recipients: to ? [to] : [],
    dueAt,
    ...waitingUntil(draft, fate, dueAt),
    ...expiryOf(config.sms.maxAge, planned.dueAt),
    ...(isUrgent && { urgent: true }),
    ...(sms && { sms }),
  })
}

/** Why a message that may go does not go at once, for those who look at the queue. */
const waitingUntil = (draft: Draft, { state }: Fate, dueAt: Instant): Pick<NewMessage, 'reason'> =>
  state !== 'queued' || dueAt <= draft.now
    ? {}
    : { reason: `waits until ${isoIn(dueAt, draft.setup.config.timeZone)} (not before, or quiet hours)` }

const expiryOf = (maxAge: string, now: Instant): Pick<NewMessage, 'expiresAt'> =>
  maxAge === 'never' ? {} : { expiresAt: now + durationOf(maxAge) }

/** Of the order, or whom its template names: then the number is made international here (N50). */
function smsRecipient(draft: Draft, { recipients }: MessagePlan, rendered: Rendered): Recipient | undefined {
  const [recipient] = recipients
  if (rendered.kind !== 'sms' || rendered.to === undefined) return recipient
  const address = internationalPhone(rendered.to, draft.setup.config.country) ?? rendered.to
  return address === '' ? undefined : { address, as: 'to', role: 'template' }
}

function senderFor(
  draft: Draft,
  { smsSender }: MessagePlan,
  rendered: Rendered,
  recipient: Recipient | undefined,
): string | undefined {
  const own = rendered.kind === 'sms' ? rendered.sender : undefined
  const wanted = own ?? [draft.setup.config.sms.sender].flat()
  return smsSender?.(wanted, recipient?.address ?? '')
}

/** In a rehearsal the text says for whom it was meant. */
function smsContent(sender: string, rendered: Extract<Rendered, { kind: 'sms' }>, meant?: Recipient): SmsContent {
  if (meant === undefined) return { sender, text: rendered.text, alphabet: rendered.alphabet, parts: rendered.parts }
  const text = `(REHEARSAL to ${meant.address}) ${rendered.text}`
  return { sender, text, alphabet: rendered.alphabet, parts: countParts(text, rendered.alphabet) }
}

/** Where everything goes in a rehearsal, in place of the recipients. */
function redirectOf(draft: Draft, channel: Channel): Recipient | undefined {
  const { mode, redirectTo } = draft.setup.config.safety
  const address = mode === 'rehearsal' ? redirectTo?.[channel] : undefined
  return address === undefined ? undefined : { address, as: 'to', role: 'rehearsal' }
}

/** Nothing leaves for a real recipient in a rehearsal, also where the config names no place for it to go. */
const nowhereToRehearse = (draft: Draft, channel: Channel): string | undefined =>
  draft.setup.config.safety.mode === 'rehearsal' && redirectOf(draft, channel) === undefined
    ? `rehearsal: safety.redirectTo.${channel} is not set`
    : undefined

function head(
  draft: Draft,
  plan: MessagePlan,
  rendered: Rendered,
  fate: Fate,
): Omit<NewMessage, 'channel' | 'recipients'> {
  const id = messageId(plan.dedupeKey)
  const dueAt = Math.max(draft.now, plan.notBefore ?? 0)
  const because = draft.happened({
    name: fate.state === 'queued' ? 'message.queued' : fate.state === 'held' ? 'message.held' : 'message.suppressed',
    subject: id,
    text: (fate.reason ?? plan.template).slice(0, 250),
    because: plan.because.event,
    ...(plan.because.trace && { trace: plan.because.trace }),
  })
  return {
    id,
    dedupeKey: plan.dedupeKey,
    ...fate,
    subject: plan.subject,
    template: plan.template,
    ...(rendered.kind !== 'noTemplate' && { templateHash: rendered.templateHash, language: rendered.language }),
    createdAt: draft.now,
    dueAt,
    ...waitingUntil(draft, fate, dueAt),
    ...('transactional' in rendered && rendered.transactional && { transactional: true }),
    because,
    ...(plan.because.trace && { trace: plan.because.trace }),
  }
}

function fateOf(
  plan: MessagePlan,
  recipients: readonly Recipient[],
  rendered: Rendered,
  refused: string | undefined,
): Fate {
  if (plan.suppress !== undefined) return { state: 'suppressed', reason: plan.suppress }
  if (refused !== undefined) return { state: 'suppressed', reason: refused }
  if (rendered.kind === 'noTemplate') return { state: 'suppressed', reason: `no template ${plan.template}` }
  if (!recipients.some(({ as }) => as === 'to')) return { state: 'suppressed', reason: plan.missing }
  if (rendered.kind === 'held') return { state: 'held', reason: rendered.reason }
  if (plan.review === true) return { state: 'held', reason: 'review: look at it, then send it' }
  return { state: 'queued' }
}

/** Whether the step behind the message did its work: nobody asks for what is not wanted, or is to be looked at. */
function noteOutcome(draft: Draft, { because, suppress, review }: MessagePlan, { state, reason }: Fate): void {
  if (because.trace === undefined) return
  const isWanted = suppress === undefined && !(state === 'held' && review === true)
  if (state === 'queued' || !isWanted) draft.outcome.done += 1
  else draft.outcome.failed.push(reason ?? state)
}

function mailContent(
  draft: Draft,
  plan: MessagePlan,
  rendered: Extract<Rendered, { kind: 'mail' }>,
  id: string,
): MailContent {
  const { from, replyTo } = draft.setup.config.mail
  const address = rendered.from?.address ?? plan.sender?.address ?? from.address
  const name = rendered.from?.name ?? plan.sender?.name ?? from.name
  const answers = plan.sender?.replyTo ?? replyTo
  return {
    from: { address, ...(name !== undefined && { name }) },
    ...(answers !== undefined && { replyTo: answers }),
    subject: rendered.subject,
    text: rendered.text,
    ...(rendered.html !== undefined && { html: rendered.html }),
    attachments: rendered.inline,
    date: draft.now,
    messageId: `<${id}@${address.slice(address.lastIndexOf('@') + 1)}>`,
  }
}

/** In a rehearsal the subject says for whom it was meant. */
const marked = (mail: MailContent, recipients: readonly Recipient[]): MailContent => ({
  ...mail,
  subject: `[REHEARSAL to ${recipients.map(({ address }) => address).join(', ')}] ${mail.subject}`,
})

function unique(recipients: readonly Recipient[]): readonly Recipient[] {
  const seen = new Set<string>()
  return recipients.filter(({ address }) => {
    const key = address.toLowerCase()
    return seen.has(key) ? false : seen.add(key)
  })
}

/** Contacts first in their order, then the others; what is beyond the limit is noted (C08). */
const limited = (
  recipients: readonly Recipient[],
  limit: number,
): { readonly kept: readonly Recipient[]; readonly dropped: readonly Recipient[] } => ({
  kept: recipients.slice(0, limit),
  dropped: recipients.slice(limit),
})
