/**
 * Takes a bank movement into the books, once: by account and the bank's key, else as the same line of another
 * kind of statement (mechanisms 1.8).
 *
 * The same key with the same amount is the same movement, however the bank words it the second
 * time (a 053 after a 054); with another amount it is a conflict for a person. Money that left
 * the account settles nothing; it may give a payment back.
 */
import { digest, paymentId } from '../../core/ids.ts'
import type { IncomingPayment } from '../../core/incoming.ts'
import type { Payment } from '../../core/model.ts'
import type { Taken } from '../accept-order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import type { Draft } from '../draft.ts'
import { type Detail, detailsOf, isDetail, type Recognised, sumOf } from './collective-entry.ts'
import { paymentLine } from './payment-line.ts'
import { completed, sameLine, type SameLine } from './same-line.ts'
import { askForSum, countedByDetails, giveWay } from './settle-details.ts'
import { settleOutgoing, settlePayment } from './settle-payment.ts'

export function acceptPayment(draft: Draft, incoming: IncomingPayment): Taken {
  const id = paymentId(incoming.account, incoming.bankKey)
  const contentHash = digest(incoming.direction, String(incoming.amount), incoming.currency)
  const known = draft.get('payment', id)
  if (known !== undefined) return known.contentHash === contentHash ? 'repeated' : conflict(draft, known, incoming)
  const same = sameLine(draft, incoming)
  if (same !== undefined) return seenAgain(draft, same, incoming)
  const outgoing = incoming.direction === 'debit' && !incoming.reversal
  const sum = isDetail(incoming) ? sumOf(draft, incoming) : undefined
  const details = isDetail(incoming) ? undefined : detailsOf(draft, incoming)
  const payment = draft.put<Payment>({
    ...incoming,
    id,
    version: 0,
    state: outgoing || details ? 'ignored' : 'unmatched',
    ...(outgoing && { ignoredReason: 'money that left the account' }),
    ...(details && sumCounted(incoming, details)),
    allocations: [],
    evidence: details ? [`collective entry: its details are known, recognised by ${details.by}`] : [],
    candidates: [],
    contentHash,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({ name: 'payment.received', subject: id, after: { state: payment.state } })
  if (sum !== undefined && isDetail(incoming) && giveWay(draft, sum, incoming, { event }) === 'contested') {
    askForSum(draft, draft.put<Payment>({ ...payment, contested: sum.found.id }), sum.found, { event })
  } else if (details !== undefined) paymentLine(draft, payment, { event })
  else if (outgoing) settleOutgoing(draft, payment, { event })
  else settlePayment(draft, payment, { event })
  return 'applied'
}

/** A sum whose details count; it is kept, so that other statements which have it are recognised by it. */
const sumCounted = (incoming: IncomingPayment, { found }: Recognised<Detail>) => ({
  ignoredReason: countedByDetails,
  inDetail: found.entry.key,
  entry: incoming.entry ?? { part: 'sum' as const, key: incoming.bankKey, total: incoming.amount },
})

/** The line has one more name; what it says more may settle a payment that is still open. */
function seenAgain(draft: Draft, { payment, as }: SameLine, incoming: IncomingPayment): Taken {
  if (as === undefined) return 'repeated'
  const whole = completed(payment, incoming)
  const kept = draft.put<Payment>({ ...whole, alsoAs: [...(payment.alsoAs ?? []), as], updatedAt: draft.now })
  const event = draft.happened({ name: 'payment.seenAgain', subject: payment.id, after: { ...as } })
  const isOpen = payment.state === 'unmatched' || payment.state === 'ambiguous'
  if (isOpen && whole !== payment) settlePayment(draft, kept, { event })
  return 'repeated'
}

function conflict(draft: Draft, known: Payment, incoming: IncomingPayment): Taken {
  const text =
    `payment ${known.bankKey} on ${known.account} came again with another amount (${known.amount} then, ` +
    `${incoming.amount} now, in minor units) and was not changed`
  const event = draft.happened({ name: 'payment.conflict', subject: known.id, text: text.slice(0, 250) })
  raiseAlarm(
    draft,
    {
      key: `payment-conflict/${draft.source?.fileId ?? known.id}`,
      subject: known.id,
      title: 'A bank reference came again with another amount',
      what: text.slice(0, 250),
      ...(draft.source?.file !== undefined && { where: draft.source.file }),
      next: 'Compare the two statements; the bank may have used a reference twice.',
    },
    event,
  )
  return 'refused'
}
