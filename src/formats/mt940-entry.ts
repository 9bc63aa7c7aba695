/**
 * One movement (`:61:`) of an MT940 statement to the fields of a payment.
 *
 * `RC` takes a credit back and is money out, `RD` money in; both are marked as reversals. The 30th of
 * February is the last day of that month. Keys: day, bank reference and amount, else the content, with the
 * number among equals of the file. Amounts stay text, with a decimal point. Throws nothing.
 */
import { digest } from '../core/ids.ts'
import type { RawFields } from '../core/incoming.ts'
import { isDecimal, toMinor } from '../core/money.ts'
import { mt940Details } from './mt940-details.ts'
import type { SeenKeys } from './seen-keys.ts'

export interface Movement {
  readonly bookedOn: string
  readonly valueOn: string
  readonly mark: 'C' | 'D' | 'RC' | 'RD'
  readonly amount: string
  /** SWIFT transaction type, such as NTRF. */
  readonly type: string
  readonly customerReference: string
  readonly bankReference: string
}

const shape = /^(\d{6})(\d{4}|\s{4})?\s?(R?[CD])([A-Z])?(\d+(?:[.,]\d*)?)([NFS][A-Z0-9]{3})?(.*)$/

/** Undefined where the line is no movement. */
export function movementOf(line: string): Movement | undefined {
  const [, value, entry = '', mark, , amount, type = '', references = ''] = shape.exec(line) ?? []
  const valueOn = value === undefined ? undefined : dateOf(value)
  if (valueOn === undefined || mark === undefined || amount === undefined) return undefined
  const at = references.indexOf('//')
  return {
    valueOn,
    bookedOn: entryDate(entry.trim(), valueOn) ?? valueOn,
    mark: mark as Movement['mark'],
    amount: decimalOf(amount),
    type,
    customerReference: given(at < 0 ? references : references.slice(0, at)),
    bankReference: given(at < 0 ? '' : references.slice(at + 2)),
  }
}

/** `000000000025,00`, `9,` and `11,8` as decimal text. */
export function decimalOf(amount: string): string {
  const [whole = '', part = ''] = amount.split(/[.,]/)
  return `${whole.replace(/^0+(?=\d)/, '')}${part === '' ? '' : `.${part}`}`
}

const given = (reference: string): string => {
  const text = reference.trim()
  return /^(NONREF|[EK]REF\+?|-*)$/i.test(text) ? '' : text
}

/** `yymmdd`; banks reckon months of 30 days, so a day may be one that there is not. */
export function dateOf(text: string): string | undefined {
  const [year, month, day] = [2000 + Number(text.slice(0, 2)), Number(text.slice(2, 4)), Number(text.slice(4, 6))]
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return [year, two(month), two(Math.min(day, last))].join('-')
}

const two = (number: number): string => String(number).padStart(2, '0')

/** `mmdd`, in the year that brings it nearest to the value date. */
function entryDate(text: string, valueOn: string): string | undefined {
  if (!/^\d{4}$/.test(text)) return undefined
  const year = Number(valueOn.slice(2, 4))
  const near = [year - 1, year, year + 1].map((each) => dateOf(`${two(each)}${text}`))
  const distance = (date: string | undefined): number =>
    date === undefined ? Infinity : Math.abs(Date.parse(date) - Date.parse(valueOn))
  return near.toSorted((a, b) => distance(a) - distance(b))[0]
}

export const isIncoming = ({ mark }: Movement): boolean => mark === 'C' || mark === 'RD'

/** Signed, in minor units; undefined where the amount has too many digits. */
export function minorOf(movement: Movement, currency: string): number | undefined {
  if (!isDecimal(movement.amount)) return undefined
  return (isIncoming(movement) ? 1 : -1) * toMinor(movement.amount, currency)
}

export interface MovementText {
  /** Lines under `:61:`, and of all `:86:` that follow it. */
  readonly supplementary: readonly string[]
  readonly details: readonly string[]
}

export function paymentOf(
  movement: Movement,
  { supplementary, details }: MovementText,
  statement: { readonly account: string | undefined; readonly currency: string | undefined; readonly keys: SeenKeys },
): RawFields {
  const found = mt940Details(details)
  const { bookedOn, valueOn, amount, mark, type, customerReference } = movement
  const account = supplementary.find((line) => /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(line.trim()))?.trim()
  const more = supplementary.filter((line) => line.trim() !== account).join(' ')
  const message = wordsOf(found.message ?? more.trim(), customerReference, found.endToEndId)
  return {
    account: statement.account,
    bankKey: keyOf(movement, [...supplementary, ...details].join(''), statement),
    bookedOn,
    valueOn,
    direction: isIncoming(movement) ? 'credit' : 'debit',
    amount,
    currency: statement.currency,
    counterName: found.counterName,
    counterAccount: found.counterAccount ?? account,
    reference: found.reference,
    endToEndId: found.endToEndId,
    message,
    method: type === 'NDDT' ? 'directDebit' : 'transfer',
    reversal: String(mark.startsWith('R')),
    origin: 'mt940',
  }
}

/** The reference of the one who paid is a word like others. */
function wordsOf(message: string, reference: string, endToEndId: string | undefined): string | undefined {
  const isNew = reference !== '' && !message.includes(reference) && reference !== endToEndId
  const text = isNew ? `${message} ${reference}`.trim() : message
  return text === '' ? undefined : text
}

function keyOf(movement: Movement, text: string, { account, keys }: Parameters<typeof paymentOf>[2]): string {
  const { bookedOn, valueOn, mark, amount, type, customerReference, bankReference } = movement
  const compared = text.replace(/\s/g, '').toUpperCase()
  const key =
    bankReference === ''
      ? `${bookedOn}/${digest('mt940', valueOn, mark, amount, type, customerReference, compared)}`
      : `${bookedOn}/${bankReference.slice(0, 80)}/${mark}${amount}`
  const before = keys.add(`${account ?? ''}/${key}`)
  return before === 0 ? key : `${key}#${before + 1}`
}
