/**
 * The action `send`: from a notice of a workflow to planned messages, one per role and channel.
 *
 * Decides who it is for (customer, store, operators, addresses), in which languages, and whose
 * name it carries (N26, P02: template, then store or channel, then global).
 */
import type { ChannelConfig, Notice } from '../../config/schema.ts'
import { dateIn, durationOf, type Instant, instantOf } from '../../core/date.ts'
import type { Recipient } from '../../core/message.ts'
import type { Order } from '../../core/order.ts'
import { listOf } from '../compile.ts'
import type { Because, Draft } from '../draft.ts'
import { addressesOf, copiesTo, type MessagePlan, planMail, planSms } from './plan-message.ts'
import { storeOf } from '../collect/store-of.ts'
import { type ChooseSender, smsSenderFrom } from './sms-sender.ts'
import { orderView, type ViewExtras } from '../view.ts'

export interface SendRequest {
  readonly notice: Notice
  readonly sendFrom: 'store' | 'origin'
  /** Company whose own Orderly sends it, when not this one (N26): here it is suppressed. */
  readonly sentBy?: string | undefined
  /** The state that the order must have asked for, with `send: onRequest`. */
  readonly state?: string | undefined
  /** Tells repetitions apart: number of the transition, id of the payment. */
  readonly occurrence: string
  readonly because: Because
  readonly extras?: ViewExtras
}

export function send(draft: Draft, order: Order, request: SendRequest): void {
  const { notice } = request
  const roles = listOf(notice.to)
  const addresses = roles.filter((role) => role.includes('@'))
  const groups = [...new Set(roles.map((role) => (role.includes('@') ? 'addresses' : role)))]
  for (const role of groups) {
    if (notice.mail !== undefined) {
      const recipients = [...mailRecipients(draft, order, role, addresses), ...copies(draft, role, notice)]
      const plan = planFor(draft, order, request, role, 'mail', notice.mail, recipients)
      if (!wasTold(draft, plan)) planMail(draft, plan)
    }
    if (notice.sms !== undefined && (role === 'customer' || role === 'store')) {
      const plan = planFor(draft, order, request, role, 'sms', notice.sms, smsRecipients(draft, order, role))
      if (!wasTold(draft, plan)) planSms(draft, plan)
    }
  }
}

/** A message to the customer of an order that no rule has asked for; its key is the caller's. */
export function planForCustomer(
  draft: Draft,
  order: Order,
  channel: 'mail' | 'sms',
  template: string,
  because: Because,
): MessagePlan {
  const notice: Notice = { to: 'customer', [channel]: template, send: 'always', review: false }
  const request: SendRequest = { notice, sendFrom: 'origin', occurrence: '', because }
  const recipients =
    channel === 'mail' ? mailRecipients(draft, order, 'customer', []) : smsRecipients(draft, order, 'customer')
  return planFor(draft, order, request, 'customer', channel, template, recipients)
}

/** What runs again after a roll back is said again. */
const inRound = ({ round }: Order, occurrence: string): string =>
  round === undefined ? occurrence : `${occurrence}~${round}`

/** A dedupe key without what tells one occurrence from the next. */
export const withoutOccurrence = (dedupeKey: string): string => dedupeKey.slice(0, dedupeKey.lastIndexOf('/'))

function wasTold(draft: Draft, { dedupeKey, subject, template, because }: MessagePlan): boolean {
  if (!draft.told.has(withoutOccurrence(dedupeKey))) return false
  draft.happened({
    name: 'step.skipped',
    subject,
    text: `${template} was planned for this order before`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  return true
}

function planFor(
  draft: Draft,
  order: Order,
  request: SendRequest,
  role: string,
  channel: 'mail' | 'sms',
  template: string,
  recipients: readonly Recipient[],
): MessagePlan {
  const { notice, because, occurrence } = request
  const { trace } = because
  const requested =
    notice.send === 'always' || request.state === undefined || order.notifyRequested.includes(request.state)
  return {
    template,
    subject: order.id,
    dedupeKey: [trace?.workflow, trace?.rule, order.id, role, channel, inRound(order, occurrence)].join('/'),
    recipients,
    languages: languagesFor(draft, order, role),
    view: orderView(draft, order, request.extras),
    because,
    missing: missingText(order, role, channel),
    sender: senderOf(draft, order, request.sendFrom),
    smsSender: smsSenderOf(draft, order, request.sendFrom),
    notBefore: notBeforeOf(draft, order, notice),
    review: notice.review,
    awaits: notice.attach && {
      order: order.id,
      documents: notice.attach,
      until: draft.now + durationOf(notice.waitFor?.timeout ?? '1d'),
    },
    suppress:
      draft.muted ??
      sentElsewhere(request) ??
      (requested ? undefined : `the customer did not ask to be told of "${request.state ?? ''}"`),
  }
}

const sentElsewhere = ({ sentBy, sendFrom }: SendRequest): string | undefined =>
  sentBy === undefined ? undefined : `sent by ${sentBy}, which has an Orderly of its own (sendFrom: ${sendFrom})`

function mailRecipients(draft: Draft, order: Order, role: string, addresses: readonly string[]): readonly Recipient[] {
  const { config } = draft.setup
  switch (role) {
    case 'customer':
      return one(order.customer.email, role, order.customer.name ?? order.customer.address?.name)
    case 'store': {
      const store = storeOf(draft, order.store)
      return one(store?.email, role, store?.name)
    }
    case 'operators': {
      const list = channelOf(draft, order)?.operators ?? config.operators ?? config.alarms?.to
      return addressesOf(list).map((address) => ({ address, as: 'to', role }))
    }
    default:
      return addresses.map((address) => ({ address, as: 'to', role: 'address' }))
  }
}

function smsRecipients(draft: Draft, order: Order, role: string): readonly Recipient[] {
  if (role === 'customer') return one(order.customer.phone, role, order.customer.name)
  const store = storeOf(draft, order.store)
  return one(store?.mobile?.replace(/[^\d+]/g, ''), role, store?.name)
}

/** The channel's settings; its name comes from outside, so only own entries count. */
function channelOf(draft: Draft, { channel }: Order): ChannelConfig | undefined {
  const { channels } = draft.setup.config
  return Object.hasOwn(channels, channel) ? channels[channel] : undefined
}

const one = (address: string | undefined, role: string, name: string | undefined): readonly Recipient[] =>
  address === undefined || address === '' ? [] : [{ address, as: 'to', role, ...(name !== undefined && { name }) }]

function copies(draft: Draft, role: string, notice: Notice): readonly Recipient[] {
  const { mail } = draft.setup.config
  const isOutside = role === 'customer' || role === 'store'
  const seen = [...addressesOf(isOutside ? mail.cc : undefined), ...addressesOf(notice.cc)]
  const unseen = [...addressesOf(isOutside ? mail.bcc : undefined), ...addressesOf(notice.bcc)]
  return [...copiesTo(seen, 'cc'), ...copiesTo(unseen, 'bcc')]
}

function languagesFor(draft: Draft, order: Order, role: string): readonly string[] {
  const { config } = draft.setup
  const store = storeOf(draft, order.store)
  const own =
    role === 'customer' ? (order.language ?? order.customer.language) : role === 'store' ? store?.language : undefined
  const channel = channelOf(draft, order)?.language
  return [own, channel, config.languages[0]].filter((language) => language !== undefined)
}

function missingText(order: Order, role: string, channel: 'mail' | 'sms'): string {
  const what = channel === 'mail' ? 'mail address' : 'phone number'
  if (role === 'customer') return `the order has no ${what} of the customer`
  if (role === 'store')
    return order.store === undefined ? 'the order names no store' : `store ${order.store} has no ${what}`
  return 'no operators are named in the config'
}

/**
 * From name and reply address of the store, under the technical address of the account: a mail
 * server refuses foreign senders, and answers reach the store all the same.
 */
function senderOf(draft: Draft, order: Order, sendFrom: 'store' | 'origin'): NonNullable<MessagePlan['sender']> {
  const store = sendFrom === 'store' ? storeOf(draft, order.store) : undefined
  const from = channelOf(draft, order)?.from
  return {
    ...from,
    ...(store && { name: store.name }),
    ...(store?.email !== undefined && { replyTo: store.email }),
  }
}

/** `store.…` is the one whose name the message carries; `fromStore.…` always the one that sent the order (N53). */
function smsSenderOf(draft: Draft, order: Order, sendFrom: 'store' | 'origin'): ChooseSender {
  const fromStore = storeOf(draft, order.fromStore)
  const store = sendFrom === 'store' ? storeOf(draft, order.store) : fromStore
  return smsSenderFrom({ store, fromStore, company: draft.setup.config.company })
}

/** N51: so long after, or when this time of the day has come; a time that has passed today holds nothing back. */
function notBeforeOf(draft: Draft, order: Order, { notBefore }: Notice): Instant | undefined {
  if (notBefore === undefined) return undefined
  if (!notBefore.includes(':')) return draft.now + durationOf(notBefore)
  const zone = storeOf(draft, order.store)?.timeZone ?? draft.setup.config.timeZone
  return Math.max(draft.now, instantOf(dateIn(draft.now, zone), notBefore, zone))
}
