/**
 * One text to many people at once: the customers of chosen orders, or the members of a group (N52).
 *
 * Guarantees that under one name nobody gets it twice, however often it is begun and however many orders he has, and
 * that each message is recorded with its reason when it is not sent. The senders are as for any message. Throws
 * NotLoaded from `known`.
 */
import type { Group } from '../../config/schema.ts'
import type { Batch } from '../../core/batch.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import { runId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import type { Channel, Recipient } from '../../core/message.ts'
import type { Order } from '../../core/order.ts'
import type { BulkVerb, Run } from '../../core/run.ts'
import { internationalPhone } from '../mapping/map-customer.ts'
import { type Because, Draft } from '../draft.ts'
import { type MessagePlan, planMail, planSms } from './plan-message.ts'
import { planForCustomer } from './send.ts'
import type { Setup } from '../setup.ts'
import { smsSenderFrom } from './sms-sender.ts'
import { companyView } from '../view.ts'

export type Tell = Extract<BulkVerb, { verb: 'tell' }>
export type TellGroup = Extract<BulkVerb, { verb: 'tellGroup' }>

type Stop = { readonly kind: 'same' | 'refused'; readonly reason: string }

/** Plans it for the customer of an order; says why not when he has no address or has it planned already. */
export function tellCustomer(draft: Draft, order: Order, tell: Tell): Stop | undefined {
  const because = { event: told(draft, order.id, tell), trace: traceOf(tell) }
  const base = planForCustomer(draft, order, tell.channel, tell.template, because)
  const [recipient] = base.recipients
  if (recipient === undefined) return { kind: 'refused', reason: base.missing }
  const dedupeKey = keyOf(tell, recipient.address)
  if (draft.isPlanned(dedupeKey)) return { kind: 'same', reason: `${recipient.address} gets it already` }
  plan(draft, tell.channel, { ...base, dedupeKey, ...notBeforeOf(tell) })
  return undefined
}

export interface GroupBroadcast {
  readonly batch: Batch
  readonly run: Run
  /** It was done before under this name: the batch is empty. */
  readonly isRepeated: boolean
}

/** All members in one commit, under a record of its own. */
export function decideGroupBroadcast(
  setup: Setup,
  tell: TellGroup,
  group: Group,
  known: Known,
  cause: Cause,
  now: Instant,
): GroupBroadcast {
  const draft = new Draft(setup, known, cause, now)
  const id = runId(`broadcast/${tell.group}/${tell.template}/${tell.channel}/${tell.name}`)
  const stored = draft.get('run', id)
  if (stored !== undefined) return { batch: draft.toBatch(), run: stored, isRepeated: true }
  const recipients = group.members.map((member) => recipientOf(setup, tell.channel, member))
  const reached = recipients.filter((recipient) => recipient !== undefined).length
  const run = draft.put<Run>({
    kind: 'run',
    id,
    version: 0,
    state: 'done',
    bulk: tell,
    where: {},
    until: now,
    noSend: false,
    done: reached,
    same: 0,
    refused: recipients.length - reached,
    createdAt: now,
    updatedAt: now,
  })
  const text = `${tell.template} (${tell.channel}) to group ${tell.group}, ${reached} of ${recipients.length} members`
  const event = draft.happened({ name: 'run.begun', subject: id, text: text.slice(0, 250) })
  for (const [i, member] of group.members.entries()) {
    const recipient = recipients[i]
    if (recipient !== undefined) tellMember(draft, id, tell, member, recipient, { event, trace: traceOf(tell) })
  }
  draft.happened({ name: 'run.done', subject: id, text: text.slice(0, 250) })
  return { batch: draft.toBatch(), run, isRepeated: false }
}

type Member = Group['members'][number]

function tellMember(
  draft: Draft,
  subject: Run['id'],
  tell: TellGroup,
  { name, email, mobile, language }: Member,
  recipient: Recipient,
  because: Because,
): void {
  const { config } = draft.setup
  plan(draft, tell.channel, {
    template: tell.template,
    subject,
    dedupeKey: keyOf(tell, recipient.address),
    recipients: [recipient],
    languages: [language, config.languages[0]].filter((one) => one !== undefined),
    view: {
      now: { type: 'instant', instant: draft.now, zone: config.timeZone },
      company: companyView(draft),
      customer: { name, email, phone: mobile },
    },
    because,
    missing: 'the member has no address',
    smsSender: smsSenderFrom({ company: config.company }),
    ...notBeforeOf(tell),
  })
}

const plan = (draft: Draft, channel: Channel, wanted: MessagePlan): void =>
  channel === 'mail' ? planMail(draft, wanted) : planSms(draft, wanted)

function recipientOf({ config }: Setup, channel: Channel, { name, email, mobile }: Member): Recipient | undefined {
  const address = channel === 'mail' ? email : mobile && internationalPhone(mobile, config.country)
  return address === undefined ? undefined : { address, as: 'to', role: 'group', ...(name !== undefined && { name }) }
}

function told(draft: Draft, subject: string, tell: Tell): number {
  return draft.happened({ name: 'order.told', subject, text: `broadcast ${tell.name}: ${tell.template}`.slice(0, 250) })
}

const traceOf = ({ name }: Tell | TellGroup) => ({ workflow: 'broadcast', rule: name, conditions: [] })
const keyOf = ({ name, template, channel }: Tell | TellGroup, address: string): string =>
  `broadcast/${name}/${template}/${channel}/${address.toLowerCase()}`
const notBeforeOf = ({ notBefore }: Tell | TellGroup): Pick<MessagePlan, 'notBefore'> =>
  notBefore === undefined ? {} : { notBefore }
