/**
 * What becomes of the sum of a collective entry when its details are in the books, and of details whose sum is
 * allocated already.
 *
 * A sum that settles nothing gives way to its details. One that a rule has allocated gives way where nothing has
 * followed from it; otherwise the details settle nothing, and a person is asked once: `payments unmatch` of
 * the sum lets its details count, `payments ignore` of the details lets the sum. Throws NotLoaded from `known`.
 */
import { entryNames } from '../../core/collective-entry.ts'
import type { Payment } from '../../core/model.ts'
import { fromMinor } from '../../core/money.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import { askTogether } from '../ask-together.ts'
import type { Because, Draft } from '../draft.ts'
import type { Detail, Recognised } from './collective-entry.ts'
import { paymentLine } from './payment-line.ts'
import { free, settlePayment } from './settle-payment.ts'

export const countedByDetails = 'it is counted by its details'

/** `contested`: the sum settles something, so that its details may not. */
export function giveWay(
  draft: Draft,
  { found: sum, by }: Recognised<Payment>,
  { entry }: Detail,
  because: Because,
): 'counted' | 'contested' {
  if (sum.inDetail !== undefined) return 'counted'
  if (sum.state === 'reversed') return 'contested'
  if (sum.state !== 'matched') {
    replace(draft, sum, entry.key, by, because)
    return 'counted'
  }
  if (!isHarmless(draft, sum)) return 'contested'
  free(draft, sum, 'unmatched', `its details came (${by})`, because)
  replace(draft, draft.get('payment', sum.id) ?? sum, entry.key, by, because)
  return 'counted'
}

function replace(draft: Draft, sum: Payment, key: string, by: string, because: Because): void {
  const counted = draft.put<Payment>({
    ...sum,
    state: 'ignored',
    ignoredReason: countedByDetails,
    inDetail: key,
    candidates: [],
    evidence: [...sum.evidence, `collective entry: its details came, recognised by ${by}`],
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'payment.inDetail',
    subject: sum.id,
    before: { state: sum.state },
    after: { state: 'ignored' },
    text: `counted by its details, recognised by ${by}`.slice(0, 250),
    because: because.event,
  })
  paymentLine(draft, counted, { event })
}

const occasions = ['paid', 'partlyPaid', 'overpaid', 'paymentReversed']

/** Allocated by rule, and no workflow acts on payments: then nothing has followed that cannot be taken back. */
const isHarmless = (draft: Draft, { allocations }: Payment): boolean =>
  allocations.every(({ by, reversedAt }) => reversedAt !== undefined || by.startsWith('rule:')) &&
  occasions.every((occasion) => (draft.setup.rules.get(occasion) ?? []).length === 0)

export function askForSum(draft: Draft, detail: Payment, sum: Payment, because: Because): void {
  const event = draft.happened({
    name: 'payment.contested',
    subject: detail.id,
    after: { sum: sum.id },
    text: `its sum ${sum.bankKey} is ${sum.state}: a person must say which of the two counts`.slice(0, 250),
    because: because.event,
  })
  const amount = `${fromMinor(sum.amount, sum.currency)} ${sum.currency}`
  raiseAlarm(
    draft,
    {
      key: `contested/${sum.id}`,
      subject: sum.id,
      title: 'The details of a sum came that settles something already',
      what: `payment ${sum.bankKey} of ${amount} is ${sum.state}, and its details wait`.slice(0, 250),
      ...(detail.source.file !== undefined && { where: detail.source.file }),
      next: `Let the details count: orderly payments unmatch ${sum.id}; or the sum: orderly payments ignore each of them`,
    },
    event,
  )
}

/** A sum that was freed by hand gives way to the details that wait for it, and they are settled. */
export function settleContested(draft: Draft, id: Payment['id'], because: Because): void {
  const sum = draft.get('payment', id)
  if (sum === undefined || sum.inDetail !== undefined) return
  const waiting = detailsWaitingFor(draft, sum)
  const [first] = waiting
  if (first?.entry === undefined) return
  replace(draft, sum, first.entry.key, 'hand', because)
  for (const detail of waiting) {
    const { contested: _, ...free } = detail
    settlePayment(draft, draft.put<Payment>({ ...free, updatedAt: draft.now }), because)
  }
}

function detailsWaitingFor(draft: Draft, sum: Payment): readonly Payment[] {
  const own = sum.entry ?? { part: 'sum' as const, key: sum.bankKey, total: sum.amount }
  const reference = own.reference ?? sum.bankKey.split('/')[1]
  const names = entryNames(sum, { ...own, ...(reference !== undefined && { reference }) })
  const found = askTogether(names.map((name) => () => draft.find('payment', 'batch', name))).flat()
  const unique = new Map(found.map((payment) => [payment.id, payment]))
  return [...unique.values()].filter(({ contested, state }) => contested === sum.id && state === 'unmatched')
}
