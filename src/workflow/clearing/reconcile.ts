/**
 * Clearing as both companies see it, side by side (mechanisms 2.18): what each has in its books, and the difference.
 *
 * Every entry has its mirror at the other company, so the difference of a pair is zero; what is not, and what one ERP
 * has booked and the other has not, is named. Void entries do not count. Pure; throws nothing.
 */
import type { Clearing, ClearingState } from '../../core/clearing.ts'
import type { Minor } from '../../core/money.ts'

export interface Side {
  readonly count: number
  readonly gross: Minor
  /** Of `gross` what its ERP has acknowledged. */
  readonly acknowledged: Minor
  /** Entries by state. */
  readonly states: Readonly<Record<ClearingState, number>>
}

/** One pair of companies, one currency, one kind of entry; `total` over all kinds. */
export interface PairRow {
  readonly company: string
  readonly counterCompany: string
  readonly currency: string
  readonly position: Clearing['position'] | 'total'
  readonly own: Side
  readonly other: Side
  /** Sum of both; anything but 0 is wrong. */
  readonly difference: Minor
}

/** An entry whose mirror is missing, or is not as far as it. */
export interface OneSided {
  readonly entry: Clearing
  readonly mirror: Clearing | undefined
}

export interface Reconciliation {
  readonly rows: readonly PairRow[]
  readonly oneSided: readonly OneSided[]
}

const positions = ['goods', 'prepaymentTransfer', 'storeReceipt', 'fee'] as const

/** `company`: only its pairs, seen from it. */
export function reconcile(entries: readonly Clearing[], company?: string): Reconciliation {
  const valid = entries.filter(
    (entry) =>
      entry.state !== 'void' &&
      (company === undefined || entry.company === company || entry.counterCompany === company),
  )
  const pairs = Map.groupBy(valid, (entry) => JSON.stringify([...sidesOf(entry, company), entry.currency]))
  return {
    rows: [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([key, list]) => rowsOf(key, list)),
    oneSided: oneSided(valid),
  }
}

/** The company of whom the row is first: the one asked for, else the first of the alphabet. */
function sidesOf({ company, counterCompany }: Clearing, first: string | undefined): readonly [string, string] {
  const isTurned = first === undefined ? counterCompany < company : first === counterCompany
  return isTurned ? [counterCompany, company] : [company, counterCompany]
}

function rowsOf(key: string, entries: readonly Clearing[]): readonly PairRow[] {
  const [company = '', counterCompany = '', currency = ''] = JSON.parse(key) as readonly string[]
  const row = (position: PairRow['position'], list: readonly Clearing[]): PairRow => {
    const own = sideOf(list.filter((entry) => entry.company === company))
    const other = sideOf(list.filter((entry) => entry.company !== company))
    return { company, counterCompany, currency, position, own, other, difference: own.gross + other.gross }
  }
  const byPosition = positions
    .map((position) =>
      row(
        position,
        entries.filter((entry) => entry.position === position),
      ),
    )
    .filter(({ own, other }) => own.count + other.count > 0)
  return [...byPosition, row('total', entries)]
}

function sideOf(entries: readonly Clearing[]): Side {
  const states: Record<ClearingState, number> = { open: 0, exported: 0, acknowledged: 0, rejected: 0, void: 0 }
  let [gross, acknowledged] = [0, 0]
  for (const entry of entries) {
    states[entry.state] += 1
    gross += entry.gross
    if (entry.state === 'acknowledged') acknowledged += entry.gross
  }
  return { count: entries.length, gross, acknowledged, states }
}

/** What one ERP has booked and the other has not, and what has no mirror; each pair once. */
function oneSided(entries: readonly Clearing[]): readonly OneSided[] {
  const groups = Map.groupBy(entries, (entry) =>
    JSON.stringify([
      entry.order,
      entry.position,
      entry.event,
      entry.currency,
      Math.abs(entry.gross),
      Math.abs(entry.vat),
      [entry.company, entry.counterCompany].sort(),
    ]),
  )
  return [...groups.values()].flatMap((group) => {
    const claims = group.filter(({ gross }) => gross > 0)
    const debts = group.filter(({ gross }) => gross <= 0)
    return Array.from({ length: Math.max(claims.length, debts.length) }, (_, i) => pairUp(claims[i], debts[i])).filter(
      (pair) => pair !== undefined,
    )
  })
}

function pairUp(a: Clearing | undefined, b: Clearing | undefined): OneSided | undefined {
  const [entry, mirror] = a === undefined ? [b, undefined] : [a, b]
  if (entry === undefined) return undefined
  if (mirror === undefined) return { entry, mirror }
  const isSettled = entry.state === mirror.state && entry.state !== 'rejected'
  const differs = entry.state === 'acknowledged' || mirror.state === 'acknowledged'
  const isRefused = entry.state === 'rejected' || mirror.state === 'rejected'
  if (isSettled || !(differs || isRefused)) return undefined
  return isFurther(mirror, entry) ? { entry: mirror, mirror: entry } : { entry, mirror }
}

/** The side that is refused or behind comes first. */
const isFurther = (a: Clearing, b: Clearing): boolean => rank(a) < rank(b)
const rank = ({ state }: Clearing): number => ['rejected', 'open', 'exported', 'acknowledged', 'void'].indexOf(state)
