/**
 * The rules that decide which documents a payment settles (F02–F06, F11, F12; mechanisms 1.8).
 *
 * A rule answers with a decision, or undefined for "not by me"; either way it notes what it saw.
 * Several documents under one rule are ambiguous, never chosen from. A reference or end-to-end id must
 * name one open document, whatever the amounts; a number in free text needs the exact amount as well.
 * Accounts are only asked where the payment names nothing. Throws NotLoaded from `known`.
 */
import type { MatchRule } from '../../config/schema.ts'
import { isoInstant } from '../../core/date.ts'
import type { InvoiceId, OrderId } from '../../core/ids.ts'
import { type Minor, percentOf, toMinor } from '../../core/money.ts'
import { describe, money, type OpenDocument } from './open-document.ts'
import { distinct, documentsOf, type NamedBy, payersOf, quoted, type Search } from './match-search.ts'

export interface Settlement {
  readonly document: OrderId | InvoiceId
  readonly number: string
  readonly amount: Minor
}

export interface Matched {
  readonly kind: 'matched'
  readonly rule: MatchRule
  readonly allocations: readonly Settlement[]
  /** Left of the payment after the allocations: an overpayment. */
  readonly rest: Minor
  /** Overpaid within the tolerance: kept, and no overpayment; `rest` is 0 then. */
  readonly surplus?: Minor
  /** Underpaid within the tolerance: this much of the document counts as paid without money. */
  readonly writtenOff?: Settlement
}

export interface Ambiguous {
  readonly kind: 'ambiguous'
  readonly rule: MatchRule
  readonly candidates: readonly (OrderId | InvoiceId)[]
}

export type Decision = Matched | Ambiguous | undefined
type Rule = (search: Search, rule: MatchRule) => Decision

export const rules: { readonly [rule in MatchRule]: Rule } = {
  reference: (search) => byName(search, 'reference'),
  endToEndId: (search) => byName(search, 'endToEndId'),
  documentNumber: byNumberAndAmount,
  severalDocuments: bySum,
  ibanAndAmount: byAccountAndAmount,
  ibanOldestFirst: byAccountOldestFirst,
  withinTolerance: byNameInexactly,
}

function byName(search: Search, rule: NamedBy): Decision {
  const documents = distinct(search.named(rule))
  const [document, ...others] = documents
  if (document === undefined) return nothing(search, rule, namesNothing(search, rule))
  if (others.length > 0) return ambiguous(search, rule, documents)
  if (document.open === search.payment.amount) return inFull(search, rule, [document])
  return nothing(search, rule, `names order ${describe(document)}, but the payment is ${paid(search)}`)
}

function namesNothing(search: Search, rule: NamedBy): string {
  const text = rule === 'documentNumber' ? undefined : search.payment[rule]
  return text === undefined ? 'names no order that can be paid' : `${quoted(text)} names no order that can be paid`
}

/** Rule 3: exact amount. */
function byNumberAndAmount(search: Search, rule: MatchRule): Decision {
  const documents = distinct(search.named('documentNumber'))
  if (documents.length === 0) return nothing(search, rule, 'the text names no order that can be paid')
  const exact = documents.filter(({ open }) => open === search.payment.amount)
  if (exact.length === 1) return inFull(search, rule, exact)
  if (exact.length > 1) return ambiguous(search, rule, exact)
  return nothing(search, rule, `the text names ${listed(documents)}; none is open with ${paid(search)}`)
}

/** Rule 4 (F12): all that is named, and each number names one document. */
function bySum(search: Search, rule: MatchRule): Decision {
  const named = search.named('documentNumber')
  const documents = distinct(named)
  if (documents.length < 2) return nothing(search, rule, 'the text does not name several orders that can be paid')
  const sum = documents.reduce((total, { open }) => total + open, 0)
  if (sum !== search.payment.amount) {
    const total = money(sum, search.payment.currency)
    return nothing(search, rule, `${listed(documents)} are open with ${total} in all, the payment is ${paid(search)}`)
  }
  const shared = named.find(({ name, document }) =>
    named.some((other) => other.name === name && other.document.id !== document.id),
  )
  return shared === undefined ? inFull(search, rule, documents) : ambiguous(search, rule, documents)
}

/** Rule 5: the known payer has one open document of just this amount. */
function byAccountAndAmount(search: Search, rule: MatchRule): Decision {
  const lists = documentsOfPayer(search, rule)
  const exact = lists.flat().filter(({ open }) => open === search.payment.amount)
  if (exact.length === 1) return inFull(search, rule, exact)
  if (exact.length > 1) return ambiguous(search, rule, exact)
  return lists.length === 0 ? undefined : nothing(search, rule, `no open order of the payer has ${paid(search)}`)
}

/**
 * Rule 6: the oldest open documents of the one payer add up exactly. Those of one day are taken together
 * or not at all: which of them comes first would be a guess.
 */
function byAccountOldestFirst(search: Search, rule: MatchRule): Decision {
  const lists = documentsOfPayer(search, rule)
  if (lists.length > 1) return nothing(search, rule, 'the account belongs to several customers with open orders')
  const taken: OpenDocument[] = []
  let sum = 0
  for (const day of byAge(lists[0] ?? [])) {
    taken.push(...day)
    sum = taken.reduce((total, { open }) => total + open, 0)
    if (sum >= search.payment.amount) break
  }
  if (sum === search.payment.amount) return inFull(search, rule, taken)
  return lists.length === 0
    ? undefined
    : nothing(search, rule, `no oldest orders of the payer add up to ${paid(search)}`)
}

function byAge(documents: readonly OpenDocument[]): readonly (readonly OpenDocument[])[] {
  const days = Map.groupBy(documents, ({ date, createdAt }) => date ?? isoInstant(createdAt).slice(0, 10))
  return [...days.keys()].sort().map((day) => days.get(day) ?? [])
}

function documentsOfPayer(search: Search, rule: MatchRule): readonly (readonly OpenDocument[])[] {
  const named = (['reference', 'endToEndId', 'documentNumber'] as const).find(
    (by) => isAsked(search, by) && search.named(by).length > 0,
  )
  if (named !== undefined) {
    search.note(rule, `not asked: the payment names ${listed(distinct(search.named(named)))}`)
    return []
  }
  const payers = payersOf(search)
  const lists = payers.length === 0 ? [] : documentsOf(search, rule, payers)
  if (payers.length === 0) search.note(rule, 'the account that paid is not known')
  else if (lists.length === 0)
    search.note(rule, `customer ${payers[0]?.number.slice(0, 60)} has no order that can be paid`)
  return lists
}

const isAsked = ({ matching }: Search, by: NamedBy): boolean =>
  matching.rules.includes(by) || (by === 'documentNumber' && matching.rules.includes('severalDocuments'))

/** Rule 7 (F11): one document is named for sure, and the amount is another: tolerance, part payment, overpayment. */
function byNameInexactly(search: Search, rule: MatchRule): Decision {
  const by = (['reference', 'endToEndId', 'documentNumber'] as const).find(
    (by) => (by === 'documentNumber' || isAsked(search, by)) && search.named(by).length > 0,
  )
  const documents = by === undefined ? [] : distinct(search.named(by))
  const [document, ...others] = documents
  if (document === undefined) return nothing(search, rule, 'the payment names no order that can be paid')
  if (others.length > 0) return ambiguous(search, rule, documents)
  const difference = search.payment.amount - document.open
  if (difference === 0) return inFull(search, rule, [document])
  if (Math.abs(difference) <= toleranceFor(search, document)) return inTolerance(search, rule, document, difference)
  return difference < 0 ? inPart(search, rule, document) : tooMuch(search, rule, document, difference)
}

/** The smaller of both limits, in minor units; the percentage of the open amount is rounded half up. */
function toleranceFor({ matching: { tolerance } }: Search, document: OpenDocument): Minor {
  const { currency, open } = document
  const { absolute, percent } = tolerance.currencies?.[currency] ?? tolerance
  return Math.min(toMinor(absolute, currency), percentOf(open, percent))
}

function inTolerance(search: Search, rule: MatchRule, document: OpenDocument, difference: Minor): Matched {
  const { payment } = search
  const off = money(Math.abs(difference), payment.currency)
  if (difference > 0) {
    search.note(rule, `pays order ${describe(document)}; ${off} too much, within the tolerance`)
    return { kind: 'matched', rule, allocations: [settle(document, document.open)], rest: 0, surplus: difference }
  }
  search.note(rule, `pays order ${describe(document)}; ${off} too little, within the tolerance: written off`)
  const allocations = [settle(document, payment.amount)]
  return { kind: 'matched', rule, allocations, rest: 0, writtenOff: settle(document, -difference) }
}

function inPart(search: Search, rule: MatchRule, document: OpenDocument): Decision {
  const { payment, matching } = search
  const text = `${paid(search)} is a part of order ${describe(document)}`
  if (matching.partial === 'park') return nothing(search, rule, `${text}; part payments wait for a person`)
  search.note(rule, text)
  return { kind: 'matched', rule, allocations: [settle(document, payment.amount)], rest: 0 }
}

function tooMuch(search: Search, rule: MatchRule, document: OpenDocument, rest: Minor): Decision {
  const text = `${paid(search)} is more than order ${describe(document)}`
  if (search.matching.overpaid === 'park') return nothing(search, rule, `${text}; overpayments wait for a person`)
  search.note(rule, `${text}: ${money(rest, document.currency)} is left`)
  return { kind: 'matched', rule, allocations: [settle(document, document.open)], rest }
}

function inFull(search: Search, rule: MatchRule, documents: readonly OpenDocument[]): Matched {
  search.note(rule, `pays ${listed(documents)} exactly`)
  return { kind: 'matched', rule, allocations: documents.map((document) => settle(document, document.open)), rest: 0 }
}

function ambiguous(search: Search, rule: MatchRule, documents: readonly OpenDocument[]): Ambiguous {
  search.note(rule, `fits several: ${listed(documents)}; a person must choose`)
  return { kind: 'ambiguous', rule, candidates: documents.map(({ id }) => id) }
}

function nothing(search: Search, rule: MatchRule, text: string): undefined {
  search.note(rule, text)
}

const settle = ({ id, number }: OpenDocument, amount: Minor): Settlement => ({ document: id, number, amount })
const paid = ({ payment }: Search): string => money(payment.amount, payment.currency)

function listed(documents: readonly OpenDocument[]): string {
  const more = documents.length > 5 ? ` and ${documents.length - 5} more` : ''
  return `order ${documents.slice(0, 5).map(describe).join(', ')}${more}`
}
