/**
 * One entry (`Ntry`) of a camt file to its payments.
 *
 * With details one payment per `TxDtls`, without one per entry; a single detail has the amount of
 * the entry. `RvslInd` marks a reversal; the sign is already in `CdtDbtInd` and is not flipped.
 * Keys: booking date and bank reference (+ own reference or index of the detail); without any the
 * content and its number among equals of the day. Amounts stay text. Throws nothing.
 */
import { digest } from '../core/ids.ts'
import type { RawFields } from '../core/incoming.ts'
import { isDecimal, toMinor } from '../core/money.ts'
import type { Problem } from '../core/problem.ts'
import { entryFields, statedCount, sumFields } from './camt-batch.ts'
import { camtParty, camtRemittance } from './camt-detail.ts'
import { dataProblem, quoted } from './data-problem.ts'
import type { SeenKeys } from './seen-keys.ts'
import { all, attributeOf, first, textAt } from './xml-tree.ts'
import type { XmlElement } from './xml-tree.ts'

/** What is known of the statement that is being read. */
export interface Statement {
  id?: string | undefined
  page?: string | undefined
  /** Of its pages. */
  isLast: boolean
  number?: string | undefined
  /** When it was made, where its balances have no day. */
  day?: string | undefined
  account?: string | undefined
  currency?: string | undefined
  keys: SeenKeys
  /** `camt.052`, `.053` or `.054`. */
  readonly origin: string
  readonly balances: XmlElement[]
  /** Signed sum of the booked entries, in minor units of the currency of the first. */
  booked: number
  bookedCurrency?: string
  /** True when entries are in several currencies, or in another than the account. */
  mixed: boolean
  /** Entries and details that are not money: pending, informational, zero. */
  skipped: number
  /** True from its first entry on. */
  begun: boolean
  readonly line: number
}

export interface EntryPayment {
  readonly line: number
  readonly fields: RawFields
  /** Where paths of the config are looked up: the detail first, then the entry. */
  readonly elements: readonly XmlElement[]
}
export interface EntryResult {
  readonly payments: readonly EntryPayment[]
  readonly problems: readonly Problem[]
}

interface Sum {
  readonly amount: string | undefined
  readonly currency: string | undefined
}
interface Entry extends Sum {
  readonly element: XmlElement
  readonly mark: string | undefined
  readonly bookedOn: string | undefined
  readonly valueOn: string | undefined
}

const nothing: EntryResult = { payments: [], problems: [] }

export function readEntry(element: XmlElement, statement: Statement): EntryResult {
  const status = textAt(element, 'Sts', 'Cd') ?? textAt(element, 'Sts', 'Prtry') ?? textAt(element, 'Sts')
  if (status === undefined) {
    const place = { line: element.line, path: 'Ntry/Sts' }
    return { payments: [], problems: [dataProblem('D030', { place, expected: 'BOOK, PDNG or INFO' })] }
  }
  const entry: Entry = {
    element,
    ...sumOf(first(element, 'Amt')),
    mark: textAt(element, 'CdtDbtInd'),
    bookedOn: dateAt(element, 'BookgDt'),
    valueOn: dateAt(element, 'ValDt'),
  }
  if (status !== 'BOOK' || isZero(entry)) {
    statement.skipped += 1
    return nothing
  }
  addBooked(entry, statement)
  const details = all(element, 'NtryDtls', 'TxDtls')
  const warnings = batchWarnings(entry, details)
  const [only, second] = details
  if (!only || !second) return one(entry, only, statement, [...warnings, ...singleWarnings(entry, only)])
  return several(entry, details, statement, warnings)
}

const sumOf = (amt: XmlElement | undefined): Sum => ({ amount: amt?.text.trim(), currency: attributeOf(amt, 'Ccy') })
const isZero = ({ amount }: Sum): boolean => amount !== undefined && /^0*(\.0*)?$/.test(amount) && amount !== ''
const dateAt = (element: XmlElement, name: string): string | undefined =>
  textAt(element, name, 'Dt') ?? textAt(element, name, 'DtTm')?.slice(0, 10)

const minorOf = ({ amount, currency }: Sum): number | undefined =>
  amount !== undefined && currency !== undefined && isDecimal(amount) ? toMinor(amount, currency) : undefined

function addBooked(entry: Entry, statement: Statement): void {
  const minor = minorOf(entry)
  if (minor === undefined || entry.currency === undefined) return
  statement.bookedCurrency ??= statement.currency ?? entry.currency
  if (entry.currency !== statement.bookedCurrency) statement.mixed = true
  statement.booked += entry.mark === 'DBIT' ? -minor : minor
}

/** Batches whose stated number of payments is not the number of details. */
function batchWarnings(entry: Entry, details: readonly XmlElement[]): Problem[] {
  const sum = statedCount(entry.element)
  if (sum === undefined || sum === details.length || (details.length === 0 && sum === 1)) return []
  const found = `${details.length} of ${sum}`
  return [dataProblem('D057', { place: { line: entry.element.line, path: 'Ntry/NtryDtls/Btch/NbOfTxs' }, found })]
}

function singleWarnings(entry: Entry, detail: XmlElement | undefined): Problem[] {
  if (!detail) return []
  const sum = detailSum(detail, entry.currency)
  const [minor, whole] = [minorOf(sum), minorOf(entry)]
  if (sum.currency !== entry.currency || minor === undefined || minor === 0 || minor === whole) return []
  return [notAdding(entry, `${sum.amount ?? ''} ${sum.currency ?? ''}`)]
}

const notAdding = (entry: Entry, found: string): Problem =>
  dataProblem('D056', {
    place: { line: entry.element.line, path: 'Ntry/NtryDtls' },
    found: quoted(found),
    expected: `${entry.amount ?? ''} ${entry.currency ?? ''}`,
  })

/** The amount of a detail: that in the currency of the entry where it has several. */
function detailSum(detail: XmlElement, currency: string | undefined): Sum {
  const amounts = [
    first(detail, 'Amt'),
    first(detail, 'AmtDtls', 'TxAmt', 'Amt'),
    first(detail, 'AmtDtls', 'CntrValAmt', 'Amt'),
    first(detail, 'AmtDtls', 'InstdAmt', 'Amt'),
  ].filter((amt) => amt !== undefined)
  return sumOf(amounts.find((amt) => attributeOf(amt, 'Ccy') === currency) ?? amounts[0])
}

/** One payment for the whole entry, with what its only detail (if any) says. */
function one(entry: Entry, detail: XmlElement | undefined, statement: Statement, problems: Problem[]): EntryResult {
  const content = contentOf(entry, detail, entry, entry.mark)
  const bank = bankReference(entry.element) ?? (detail && ownReference(detail, undefined))
  const bankKey = keyOf(bank === undefined ? undefined : `${dayOf(entry)}/${bank}`, content, statement)
  const fields = { ...content, ...sumFields(wholeOf(entry), detail, bankKey) }
  return { payments: [payment(entry, detail, fields, bankKey, statement)], problems }
}

function several(entry: Entry, details: readonly XmlElement[], statement: Statement, warnings: Problem[]): EntryResult {
  const sums = details.map((detail) => detailSum(detail, entry.currency))
  if (sums.some((sum) => minorOf(sum) === undefined)) {
    return one(entry, undefined, statement, [...warnings, notAdding(entry, 'details without amounts')])
  }
  const { marks, adds } = marksOf(entry, details, sums)
  const found = sums.map((sum) => `${sum.amount} ${sum.currency}`).join(' + ')
  const base = keyBase(entry, statement)
  const whole = { ...wholeOf(entry), part: 'detail', key: base ?? contentKey({ bookedOn: entry.bookedOn, found }) }
  const payments = sums.flatMap((sum, i) => {
    const detail = details[i]
    if (!detail) return []
    if (isZero(sum)) {
      statement.skipped += 1
      return []
    }
    const content = contentOf(entry, detail, sum, marks[i])
    const own = ownReference(detail, bankReference(entry.element))
    const key = base === undefined && own === undefined ? undefined : `${base ?? dayOf(entry)}/${own ?? String(i + 1)}`
    const fields = sum.currency === entry.currency ? { ...content, entry: whole } : content
    return [payment(entry, detail, fields, keyOf(key, content, statement), statement)]
  })
  return { payments, problems: adds ? warnings : [...warnings, notAdding(entry, found)] }
}

/** Which way each detail goes: its own mark where the details then make the entry, else that of the entry. */
function marksOf(entry: Entry, details: readonly XmlElement[], sums: readonly Sum[]) {
  const whole = signed(entry.mark, entry)
  const own = details.map((detail) => textAt(detail, 'CdtDbtInd') ?? entry.mark)
  const common = details.map(() => entry.mark)
  const sameCurrency = sums.every((sum) => sum.currency === entry.currency)
  const adds = (marks: readonly (string | undefined)[]): boolean =>
    sameCurrency && sums.reduce((total, sum, i) => total + signed(marks[i], sum), 0) === whole
  return adds(own) ? { marks: own, adds: true } : { marks: common, adds: adds(common) }
}

const signed = (mark: string | undefined, sum: Sum): number => (mark === 'DBIT' ? -1 : 1) * (minorOf(sum) ?? 0)

const wholeOf = ({ element, amount }: Entry): RawFields => entryFields(element, bankReference(element), amount)

const dayOf = (entry: Entry): string => entry.bookedOn ?? entry.valueOn ?? ''
const bankReference = (element: XmlElement): string | undefined =>
  textAt(element, 'AcctSvcrRef') ?? textAt(element, 'NtryRef')

/** Day and bank reference of an entry with details, numbered when it stands several times. */
function keyBase(entry: Entry, statement: Statement): string | undefined {
  const bank = bankReference(entry.element)
  if (bank === undefined) return undefined
  const key = `${dayOf(entry)}/${bank}`
  const before = statement.keys.add(`${statement.account ?? ''}/${key}/details`)
  return before === 0 ? key : `${key}#${before + 1}`
}

/** A reference of the detail itself that is not just that of the entry. */
function ownReference(detail: XmlElement, entryReference: string | undefined): string | undefined {
  const refs = first(detail, 'Refs')
  const candidates = [textAt(refs, 'AcctSvcrRef'), textAt(refs, 'TxId'), textAt(refs, 'UETR')]
  return candidates.find((ref) => ref !== undefined && ref !== entryReference && !isNone(ref))
}

/** The key as the ledger keeps it: the reference, or the content; the second of equal ones gets `#2`. */
function keyOf(reference: string | undefined, content: RawFields, statement: Statement): string {
  const key = reference ?? contentKey(content)
  const before = statement.keys.add(`${statement.account ?? ''}/${key}`)
  return before === 0 ? key : `${key}#${before + 1}`
}

function contentKey(content: RawFields): string {
  const texts = Object.values(content).map((value) => (typeof value === 'string' ? value : ''))
  return `${texts[0] ?? ''}/${digest('camt', ...texts)}`
}

/** EndToEndId values that mean none (ISO 20022 implementation guides). */
export const isNone = (text: string): boolean => /^(NOT ?PROVIDED|NONREF|NOTAVAILABLE|-+)$/i.test(text)

/** What makes a payment itself, apart from references; the first value is the day. */
function contentOf(entry: Entry, detail: XmlElement | undefined, sum: Sum, mark: string | undefined): RawFields {
  const direction = mark === 'CRDT' ? 'credit' : mark === 'DBIT' ? 'debit' : mark
  const endToEndId = textAt(detail, 'Refs', 'EndToEndId')
  return {
    bookedOn: entry.bookedOn,
    valueOn: entry.valueOn,
    direction,
    amount: sum.amount,
    currency: sum.currency,
    ...camtParty(detail, direction),
    ...camtRemittance(detail, entry.element),
    endToEndId: endToEndId === undefined || isNone(endToEndId) ? undefined : endToEndId,
  }
}

function payment(
  entry: Entry,
  detail: XmlElement | undefined,
  content: RawFields,
  bankKey: string,
  statement: Statement,
): EntryPayment {
  const reversal = textAt(entry.element, 'RvslInd') === 'true' || first(detail, 'RtrInf') !== undefined
  const elements = detail ? [detail, entry.element] : [entry.element]
  const fields = {
    account: statement.account,
    bankKey,
    ...content,
    method: methodOf(entry, detail),
    reversal: String(reversal),
    origin: statement.origin,
  }
  return { line: detail?.line ?? entry.element.line, fields, elements }
}

/** ISO 20022 external bank transaction codes, family within PMNT. */
const families: Readonly<Record<string, string>> = {
  CCRD: 'card',
  MCRD: 'card',
  RDDT: 'directDebit',
  IDDT: 'directDebit',
  CNTR: 'cash',
}

function methodOf(entry: Entry, detail: XmlElement | undefined): string {
  const family =
    textAt(detail, 'BkTxCd', 'Domn', 'Fmly', 'Cd') ?? textAt(entry.element, 'BkTxCd', 'Domn', 'Fmly', 'Cd') ?? ''
  return Object.hasOwn(families, family) ? (families[family] ?? 'transfer') : 'transfer'
}
