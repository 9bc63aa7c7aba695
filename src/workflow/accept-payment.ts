/**
 * Takes a bank movement into the books, once: by account and the bank's key (mechanisms 1.8).
 *
 * The same key with the same amount is the same movement, however the bank words it the second
 * time (a 053 after a 054); with another amount it is a conflict for a person. Money that left
 * the account settles nothing; it may give a payment back.
 */
import { digest, paymentId } from '../core/ids.ts'
import type { IncomingPayment } from '../core/incoming.ts'
import type { Payment } from '../core/model.ts'
import type { Taken } from './accept-order.ts'
import { raiseAlarm } from './alarm.ts'
import type { Draft } from './draft.ts'
import { settleOutgoing, settlePayment } from './settle-payment.ts'

export function acceptPayment(draft: Draft, incoming: IncomingPayment): Taken {
  const id = paymentId(incoming.account, incoming.bankKey)
  const contentHash = digest(incoming.direction, String(incoming.amount), incoming.currency)
  const known = draft.get('payment', id)
  if (known !== undefined) return known.contentHash === contentHash ? 'repeated' : conflict(draft, known, incoming)
  const outgoing = incoming.direction === 'debit' && !incoming.reversal
  const payment = draft.put<Payment>({
    ...incoming,
    id,
    version: 0,
    state: outgoing ? 'ignored' : 'unmatched',
    ...(outgoing && { ignoredReason: 'money that left the account' }),
    allocations: [],
    evidence: [],
    candidates: [],
    contentHash,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({ name: 'payment.received', subject: id, after: { state: payment.state } })
  if (outgoing) settleOutgoing(draft, payment, { event })
  else settlePayment(draft, payment, { event })
  return 'applied'
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
