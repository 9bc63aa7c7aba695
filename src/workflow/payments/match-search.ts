/**
 * One search for the documents of a payment: what the payment says, what is known, and the evidence.
 *
 * Finds documents that the payment names (by reference, end-to-end id, numbers in its text) and those of
 * the payer, known by account. Only documents that can be paid come back; what was found and cannot be
 * is noted with its reason. Does not choose. Throws NotLoaded from `known`.
 */
import type { Matching, MatchRule } from '../../config/schema.ts'
import type { LocalDate } from '../../core/date.ts'
import type { Known, Lookup } from '../../core/known.ts'
import type { Customer } from '../../core/model.ts'
import { normaliseReference } from '../../core/references.ts'
import type { Minor } from '../../core/money.ts'
import type { Order } from '../../core/order.ts'
import { variableSymbols } from '../../core/variable-symbols.ts'
import { askTogether } from '../ask-together.ts'
import { sameNumber, tokensIn } from './match-tokens.ts'
import { describe, notPayable, type OpenDocument, openDocumentOf } from './open-document.ts'
import { readReference, referencesIn } from './payment-reference.ts'

/** What matching needs of a payment; `Payment` and `IncomingPayment` both have it. */
export interface Payable {
  readonly account: string
  readonly bankKey: string
  readonly direction: 'credit' | 'debit'
  readonly amount: Minor
  readonly currency: string
  readonly bookedOn?: LocalDate
  readonly counterAccount?: string
  readonly reference?: string
  readonly endToEndId?: string
  readonly message?: string
  readonly channel?: string
  readonly reversal: boolean
}

/** How a payment names a document. */
export type NamedBy = Extract<MatchRule, 'reference' | 'endToEndId' | 'documentNumber'>
export interface Named {
  readonly name: string
  readonly document: OpenDocument
}

export class Search {
  readonly payment: Payable
  readonly known: Known
  readonly matching: Matching
  readonly #evidence = new Set<string>()
  readonly #named = new Map<NamedBy, readonly Named[]>()
  readonly #orders = new Map<string, readonly Order[]>()

  constructor(payment: Payable, known: Known, matching: Matching) {
    this.payment = payment
    this.known = known
    this.matching = matching
  }

  /** Lines for `payments explain`, in the order of the search, each once. */
  get evidence(): readonly string[] {
    return [...this.#evidence]
  }

  note(rule: string, text: string): void {
    this.#evidence.add(`${rule}: ${text}`)
  }

  /** Orders that the name means, asked for once. */
  orders(name: string): readonly Order[] {
    let orders = this.#orders.get(name)
    if (orders === undefined) {
      orders = ordersNamed(this, name)
      this.#orders.set(name, orders)
    }
    return orders
  }

  /** Payable documents that the payment names in this way, with the name as written. */
  named(by: NamedBy): readonly Named[] {
    let named = this.#named.get(by)
    if (named === undefined) {
      named = withoutOthers(this, by, documentsNamed(this, by, namesOf(this, by)))
      this.#named.set(by, named)
    }
    return named
  }
}

/**
 * What a search will surely ask for, found without asking: a hint, so that one load answers most of it.
 * `rules`: those that come first.
 */
export function foreseen(payment: Payable, matching: Matching, rules: ReadonlySet<MatchRule>): readonly Lookup[] {
  if (payment.direction === 'debit' || payment.reversal) return originalLookups(payment)
  const search = new Search(payment, nothingKnown, matching)
  const asked = matching.rules.filter((rule): rule is NamedBy => rules.has(rule) && isName(rule))
  const keys = new Set(asked.flatMap((by) => namesOf(search, by)).map(normaliseReference))
  const iban = asked.includes('documentNumber') ? payersIban(payment) : ''
  return [
    ...[...keys].flatMap((value) => (value === '' ? [] : documentLookups(value))),
    ...(iban === '' ? [] : [{ by: 'reference', kind: 'customer', name: 'iban', value: iban } as const]),
  ]
}

/** What a reversal may undo. */
const originalLookups = ({ endToEndId, reference }: Payable): readonly Lookup[] => [
  ...(given(endToEndId) ? [{ by: 'reference', kind: 'payment', name: 'endToEndId', value: endToEndId } as const] : []),
  ...(given(reference)
    ? [{ by: 'reference', kind: 'payment', name: 'reference', value: normaliseReference(reference) } as const]
    : []),
]

const documentLookups = (value: string): readonly Lookup[] => [
  { by: 'reference', kind: 'order', name: 'token', value },
  { by: 'reference', kind: 'invoice', name: 'token', value },
]

const isName = (rule: MatchRule): boolean => rule === 'reference' || rule === 'endToEndId' || rule === 'documentNumber'

const nothingKnown: Known = { get: () => undefined, find: () => [] }

/** Each document once. */
export function distinct(named: readonly Named[]): readonly OpenDocument[] {
  return [...new Map(named.map(({ document }) => [document.id, document])).values()]
}

/** Text of a payment for people: on one line and short. */
export const quoted = (text: string): string => `"${text.replace(/[\p{C}\s]+/gu, ' ').slice(0, 60)}"`

function namesOf(search: Search, by: NamedBy): readonly string[] {
  const { reference, endToEndId, message } = search.payment
  switch (by) {
    case 'reference':
      return referenceNames(search)
    case 'endToEndId':
      return given(endToEndId) ? [endToEndId] : []
    case 'documentNumber':
      return tokensIn([reference, endToEndId, message].filter(given), search.matching)
  }
}

/** `NOTPROVIDED` is what ISO 20022 demands where the payer gave nothing. */
export const given = (id: string | undefined): id is string =>
  id !== undefined && id.trim() !== '' && id.trim().toUpperCase() !== 'NOTPROVIDED'

function referenceNames(search: Search): readonly string[] {
  const { reference: own, endToEndId, message } = search.payment
  const references = [
    ...(given(own) ? [readReference(own.slice(0, 200))] : []),
    ...referencesIn((message ?? '').slice(0, 2000)),
    ...variableSymbols([endToEndId, message]).map(readReference),
  ]
  const names: string[] = []
  for (const { text, scheme, valid, forms } of references) {
    if (valid) names.push(...forms)
    else search.note('reference', `${quoted(text)} is a ${scheme} reference with wrong check digits`)
  }
  return names
}

function documentsNamed(search: Search, by: NamedBy, names: readonly string[]): readonly Named[] {
  const answers = askTogether<readonly Order[]>([
    ...names.map((name) => () => search.orders(name)),
    ...(names.length > 0 ? soonAsked(search, by) : []),
  ])
  return names.flatMap((name, i) => payable(search, by, answers[i] ?? []).map((document) => ({ name, document })))
}

/** What the next step will ask is asked along, so that one load answers both; the answers are not used here. */
function soonAsked(search: Search, by: NamedBy): readonly (() => readonly Order[])[] {
  if (by === 'documentNumber') return [() => (payersOf(search), [])]
  const other = by === 'reference' ? 'endToEndId' : 'reference'
  if (!search.matching.rules.includes(other)) return []
  return namesOf(search, other).map((name) => () => search.orders(name))
}

/** Orders that the name means, and those whose issued invoice has the number (F02, F05). */
function ordersNamed(search: Search, name: string): readonly Order[] {
  const { known, matching } = search
  const key = normaliseReference(name)
  if (key === '') return []
  const [orders = [], invoiced = [], byId = []] = askTogether([
    () => known.find('order', 'token', key).filter((order) => means(name, key, order, matching)),
    () =>
      known
        .find('invoice', 'token', key)
        .filter(({ type, state }) => type !== 'creditNote' && state === 'issued')
        .filter(
          ({ number = '', reference }) =>
            sameNumber(name, number, matching) || (reference !== undefined && normaliseReference(reference) === key),
        )
        .map(({ order }) => known.get('order', order))
        .filter((order) => order !== undefined),
    () => orderWithId(search, name),
  ])
  const more = [...invoiced, ...byId].filter(({ id }) => !orders.some((order) => order.id === id))
  return [...orders, ...new Map(more.map((order) => [order.id, order])).values()]
}

function means(name: string, key: string, order: Order, matching: Matching): boolean {
  const { number, externalNumber, reference } = order
  if (reference !== undefined && normaliseReference(reference) === key) return true
  const same = (text: string | undefined): boolean => text !== undefined && sameNumber(name, text, matching)
  switch (matching.orderReference) {
    case 'any':
      return same(number) || same(externalNumber)
    case 'number':
      return same(number)
    case 'id':
      return same(externalNumber)
  }
}

function orderWithId({ known, matching }: Search, name: string): readonly Order[] {
  if (matching.orderReference === 'number' || !/^ord_[0-9a-z]{20}$/i.test(name)) return []
  const order = known.get('order', name.toLowerCase())
  return order === undefined ? [] : [order]
}

/** The orders that this payment can settle; the others are noted with the reason. */
function payable(search: Search, rule: string, orders: readonly Order[]): readonly OpenDocument[] {
  const documents: OpenDocument[] = []
  for (const document of orders.map(openDocumentOf)) {
    const reason = notPayable(document, search.payment)
    if (reason === undefined) documents.push(document)
    else search.note(rule, `order ${describe(document)} is no candidate: ${reason}`)
  }
  return documents
}

/**
 * A number in free text may be an accident: it does not count where the account belongs to a known
 * customer of the same company and the document to another (mechanisms 1.8, rule 3: party not contradicting).
 */
function withoutOthers(search: Search, by: NamedBy, named: readonly Named[]): readonly Named[] {
  if (by !== 'documentNumber' || named.length === 0) return named
  const payers = payersOf(search)
  return named.filter(({ document }) => {
    const { customer } = document
    if (customer === undefined) return true
    const ofCompany = payers.filter(({ company }) => customer.startsWith(`${company}/`))
    const contradicts = ofCompany.length > 0 && !ofCompany.some((payer) => customerKey(payer) === customer)
    if (contradicts) {
      search.note(by, `order ${describe(document)} is of another customer than the account that paid`)
    }
    return !contradicts
  })
}

/** Customers whose account the payment came from. */
export function payersOf(search: Search): readonly Customer[] {
  const iban = payersIban(search.payment)
  return iban === '' ? [] : search.known.find('customer', 'iban', iban)
}

const payersIban = ({ counterAccount }: Payable): string => counterAccount?.replace(/\s/g, '').toUpperCase() ?? ''

const customerKey = ({ company, number }: Customer): string => `${company}/${number}`

/** Payable documents of each of the customers; empty lists are left out. */
export function documentsOf(
  search: Search,
  rule: MatchRule,
  payers: readonly Customer[],
): readonly (readonly OpenDocument[])[] {
  return askTogether(payers.map((payer) => () => search.known.find('order', 'customer', customerKey(payer))))
    .map((orders) => payable(search, rule, orders))
    .filter((documents) => documents.length > 0)
}
