/**
 * Takes clearing entries back by counter-entries, whole or in part; an entry is never changed (N43).
 *
 * No more is taken back of an entry than it stands for, and both companies' entries are taken back by the same
 * amount. Of goods that are brought back their value is reversed, of the money its share, the newest entries first;
 * the fee stays, since the goods were handed over. Pure; throws nothing.
 */
import type { Instant } from '../../core/date.ts'
import { type ClearingId, clearingId } from '../../core/ids.ts'
import type { Clearing } from '../../core/clearing.ts'
import { type Minor, shareOf } from '../../core/money.ts'
import type { Value } from './value.ts'

/** What is left of an entry after its reversals. */
export interface Rest {
  readonly entry: Clearing
  readonly gross: Minor
  readonly vat: Minor
}

/** Entries that still stand for something, oldest first. */
export function restsOf(entries: readonly Clearing[]): readonly Rest[] {
  const back = Map.groupBy(entries, ({ reverses }) => reverses)
  return entries
    .filter(({ type }) => type !== 'reversal')
    .map((entry) => {
      const reversals = back.get(entry.id) ?? []
      return {
        entry,
        gross: entry.gross + sum(reversals.map(({ gross }) => gross)),
        vat: entry.vat + sum(reversals.map(({ vat }) => vat)),
      }
    })
    .filter(({ gross, vat }) => gross !== 0 || vat !== 0)
}

/** What stands for a company, by what it is about. */
export function standingOf(
  entries: readonly Clearing[],
  company: string,
): Readonly<Record<Clearing['position'], Minor>> {
  const standing = { goods: 0, prepaymentTransfer: 0, storeReceipt: 0, fee: 0 }
  for (const entry of entries) if (entry.company === company) standing[entry.position] += entry.gross
  return standing
}

export interface Why {
  readonly now: Instant
  readonly reason?: string | undefined
  /** Lines and quantities that were brought back. */
  readonly lines?: string | undefined
}

/** Counter-entries of all that is left of `of`, or of everything; reversals among `entries` say what is. Version 0. */
export function reversalOf(entries: readonly Clearing[], why: Why, of?: ReadonlySet<ClearingId>): readonly Clearing[] {
  const rests = restsOf(entries).filter(({ entry }) => of === undefined || of.has(entry.id))
  return withNetDue(rests.map((rest) => counterOf(entries, rest, rest, why)))
}

/** Counter-entries for goods that are brought back, or that were posted and never handed over. */
export function reductionOf(entries: readonly Clearing[], before: Value, after: Value, why: Why): readonly Clearing[] {
  const value = { gross: goodsOf(before) - goodsOf(after), vat: before.vat - after.vat }
  const byCompany = Map.groupBy(restsOf(entries), ({ entry }) => entry.company)
  const counters = [...byCompany.values()].flatMap((rests) => {
    const about = (position: Clearing['position']): readonly Rest[] =>
      rests.filter(({ entry }) => entry.position === position)
    const back = [
      ...spread(about('goods'), value),
      ...spread(about('prepaymentTransfer'), moneyBack(about('prepaymentTransfer'), goodsOf(before), goodsOf(after))),
      ...spread(about('storeReceipt'), moneyBack(about('storeReceipt'), before.sales, after.sales)),
    ]
    return back.map(({ rest, amount }) => counterOf(entries, rest, amount, why))
  })
  return withNetDue(counters)
}

const goodsOf = ({ net, vat }: Value): Minor => net + vat

interface Amount {
  readonly gross: Minor
  readonly vat: Minor
}

/** The share of the money that belongs to what is brought back; positive. */
function moneyBack(rests: readonly Rest[], before: Minor, after: Minor): Amount {
  const total = Math.abs(sum(rests.map(({ gross }) => gross)))
  const kept = before <= 0 || after <= 0 ? 0 : shareOf(total, String(Math.min(after, before)), String(before))
  return { gross: total - kept, vat: 0 }
}

/** Takes an amount (positive) from the newest entries on, and no more than they are. */
function spread(rests: readonly Rest[], amount: Amount): readonly { readonly rest: Rest; readonly amount: Amount }[] {
  let { gross, vat } = amount
  const taken: { readonly rest: Rest; readonly amount: Amount }[] = []
  for (const rest of rests.toReversed()) {
    if (gross <= 0) break
    const sign = Math.sign(rest.gross)
    const whole = Math.abs(rest.gross)
    const part = Math.min(gross, whole)
    // The last bit of an entry takes its whole VAT along.
    const partVat = part === whole ? Math.abs(rest.vat) : Math.max(0, Math.min(vat, Math.abs(rest.vat), part))
    taken.push({ rest, amount: { gross: sign * part, vat: sign * partVat } })
    gross -= part
    vat -= partVat
  }
  return taken
}

function counterOf(entries: readonly Clearing[], { entry }: Rest, { gross, vat }: Amount, why: Why): Clearing {
  const { file: _file, copies: _copies, postedNumber: _number, refusal: _refusal, ...said } = entry
  const { lines: _lines, reason: _reason, ...about } = said
  return {
    ...about,
    id: nextReversalId(entries, entry.id),
    version: 0,
    type: 'reversal',
    state: 'open',
    net: minus(gross - vat),
    vat: minus(vat),
    gross: minus(gross),
    event: 'reversal',
    reverses: entry.id,
    ...(why.lines !== undefined && { lines: why.lines }),
    ...(why.reason !== undefined && { reason: why.reason.slice(0, 250) }),
    createdAt: why.now,
    updatedAt: why.now,
  }
}

export const reversalIdOf = (id: ClearingId): ClearingId => clearingId(`${id}/reversal`)

function nextReversalId(entries: readonly Clearing[], id: ClearingId): ClearingId {
  const count = entries.filter(({ reverses }) => reverses === id).length
  return count === 0 ? reversalIdOf(id) : clearingId(`${id}/reversal/${count + 1}`)
}

/** Entries of one posting, each with what they come to for its company. */
export function withNetDue(entries: readonly Clearing[]): readonly Clearing[] {
  const due = new Map<string, Minor>()
  for (const { company, gross } of entries) due.set(company, (due.get(company) ?? 0) + gross)
  return entries.map((entry) => ({ ...entry, netDue: due.get(entry.company) ?? 0 }))
}

const minus = (amount: Minor): Minor => (amount === 0 ? 0 : -amount)
const sum = (amounts: readonly Minor[]): Minor => amounts.reduce((total, amount) => total + amount, 0)
