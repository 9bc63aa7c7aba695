/**
 * Finds the sum that a bank's entry was booked as before its details came, and the details of a sum that comes later:
 * the same money is never counted twice.
 *
 * Account, direction, currency and sum must be the same. Then the bank's reference or the batch id tells; where
 * there is neither, the day, for a line that names nobody. References, batches or counts that differ contradict.
 * A sum is claimed by one entry, an entry by one sum of each kind of statement. Changes nothing; throws NotLoaded.
 */
import { type CollectiveEntry, entryNames, sumNames } from '../../core/collective-entry.ts'
import type { IncomingPayment } from '../../core/incoming.ts'
import type { Payment } from '../../core/model.ts'
import { originOf, sameDayNames } from '../../core/references.ts'
import { askTogether } from '../ask-together.ts'
import type { Draft } from '../draft.ts'
import { originsIn } from './same-line.ts'

export interface Recognised<T> {
  readonly found: T
  /** What agreed, for people. */
  readonly by: string
}

type Line = IncomingPayment | Payment
export type Detail = IncomingPayment & { readonly entry: CollectiveEntry }

export const isDetail = (line: IncomingPayment): line is Detail => line.entry?.part === 'detail'

/** The line that the entry of this detail was booked as before; also one that another detail has claimed. */
export function sumOf(draft: Draft, detail: Detail): Recognised<Payment> | undefined {
  const { entry } = detail
  const { statements, imports } = originsIn(draft.setup.config)
  const whole = { ...detail, amount: entry.total }
  const days = [...statements, ...imports].flatMap((origin) => sameDayNames(whole, origin))
  const found = askTogether([
    ...entryNames(detail, entry).map((name) => () => draft.find('payment', 'batch', name)),
    ...days.map((name) => () => draft.find('payment', 'sameDay', name)),
  ]).flat()
  const sums = [...new Map(found.map((payment) => [payment.id, payment])).values()].filter(
    ({ entry: of, amount, inDetail }) =>
      of?.part !== 'detail' && amount === entry.total && (inDetail === undefined || inDetail === entry.key),
  )
  const known = sums.filter(({ inDetail }) => inDetail !== undefined)
  const claimed = new Set(known.map(importedAs))
  const free = sums.filter((sum) => sum.inDetail === undefined && !claimed.has(importedAs(sum)))
  const [first] = known
  const best = bestOf(free.map((sum) => ({ found: sum, by: agreement(sum, detail) })))
  return best ?? (first && { found: first, by: 'another detail' })
}

/** A detail of the entry that this line is the sum of. */
export function detailsOf(draft: Draft, line: IncomingPayment): Recognised<Detail> | undefined {
  const names = line.entry === undefined ? bareNames(line) : entryNames(line, line.entry)
  if (names.length === 0) return undefined
  const found = askTogether(names.map((name) => () => draft.find('payment', 'batch', name))).flat()
  const origin = originOf(line, draft.source?.import ?? '')
  const taken = new Set(found.filter((sum) => importedAs(sum) === origin).map(({ inDetail }) => inDetail))
  const details = found.filter(
    (each): each is Payment & Detail =>
      isDetail(each) && each.entry.total === line.amount && !taken.has(each.entry.key),
  )
  return bestOf(details.map((detail) => ({ found: detail, by: agreement(line, detail) })))
}

/** A line of a statement that names nobody may stand for many. */
const bareNames = (line: IncomingPayment): readonly string[] =>
  line.origin !== undefined && isBare(line) ? sumNames(line, line.amount) : []

const isBare = ({ counterName, counterAccount, endToEndId, reference }: Line): boolean =>
  [counterName, counterAccount, endToEndId, reference].every((text) => text === undefined)

const importedAs = (sum: Payment): string => originOf(sum, sum.source.import)

const strong = /reference|batch/

/** By reference or batch before those by day and sum; the oldest of equal ones. */
function bestOf<T>(candidates: readonly { readonly found: T; readonly by: string | undefined }[]) {
  const fitting = candidates.filter((each): each is Recognised<T> => each.by !== undefined)
  return fitting.find(({ by }) => strong.test(by)) ?? fitting[0]
}

/** What says that the line is the sum of the detail's entry; undefined when nothing does, or something contradicts. */
function agreement(sum: Line, { entry, bookedOn, origin }: Detail): string | undefined {
  const own = sum.entry
  if (own?.count !== undefined && entry.count !== undefined && own.count !== entry.count) return undefined
  if (own?.batch !== undefined && entry.batch !== undefined && own.batch !== entry.batch) return undefined
  const reference = own?.reference ?? sum.bankKey.split('/')[1]
  if (reference !== undefined && reference === entry.reference && isNear(sum.bookedOn, bookedOn))
    return `reference ${reference}`
  if (own?.batch !== undefined && own.batch === entry.batch) return `batch ${own.batch}`
  const isSameFamily = sum.origin?.slice(0, 4) === origin?.slice(0, 4)
  if (isSameFamily && own?.reference !== undefined && entry.reference !== undefined) return undefined
  return own !== undefined || isBare(sum) ? 'day and sum' : undefined
}

/** Banks use references again after years. */
const isNear = (a: string | undefined, b: string | undefined): boolean =>
  a === undefined || b === undefined || Math.abs(Date.parse(a) - Date.parse(b)) <= 10 * 86_400_000
