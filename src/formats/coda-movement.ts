/**
 * One movement of a CODA file (records 21, 22 and 23) to the fields of a payment.
 *
 * Columns are fixed; what is cut off at the right is blank. Amounts have three decimals and stay text. A structured
 * communication of type 101 is a reference, any other text. Keys: day, bank reference, amount, and the
 * number among equals of the file. Throws nothing.
 */
import type { RawFields } from '../core/incoming.ts'
import type { SeenKeys } from './seen-keys.ts'

/** Columns `from` to `to`, both included, counted from 0. */
export const columns = (line: string, from: number, to: number): string => line.slice(from, to + 1)
export const trimmed = (line: string, from: number, to: number): string => columns(line, from, to).trim()

export interface CodaMovement {
  readonly line: number
  readonly sequence: string
  /** `0000`: the whole; details are numbered from 1. */
  readonly detail: string
  readonly reference: string
  readonly isDebit: boolean
  /** Decimal text without a sign. */
  readonly amount: string
  readonly valueOn: string | undefined
  readonly bookedOn: string | undefined
  /** Type, family, operation and category of the transaction. */
  readonly code: string
  readonly isStructured: boolean
  communication: string
  clientReference: string
  counterAccount: string
  counterName: string
}

/** Undefined where the columns of amount or sign are none. */
export function movementIn(line: string, at: number): CodaMovement | undefined {
  const [sign, amount] = [columns(line, 31, 31), amountIn(columns(line, 32, 46))]
  if (!/^[01]$/.test(sign) || amount === undefined) return undefined
  const valueOn = dayIn(columns(line, 47, 52))
  return {
    line: at,
    sequence: columns(line, 2, 5),
    detail: columns(line, 6, 9),
    reference: trimmed(line, 10, 30),
    isDebit: sign === '1',
    amount,
    valueOn,
    bookedOn: dayIn(columns(line, 115, 120)) ?? valueOn,
    code: columns(line, 53, 60),
    isStructured: columns(line, 61, 61) === '1',
    communication: columns(line, 62, 114),
    clientReference: '',
    counterAccount: '',
    counterName: '',
  }
}

/** Records 22 and 23 go on with the movement before them. */
export function goOn(movement: CodaMovement, line: string): void {
  if (line.startsWith('22')) {
    movement.communication += columns(line, 10, 62)
    movement.clientReference = trimmed(line, 63, 97)
  } else {
    // The last three columns of the account are its currency.
    movement.counterAccount = trimmed(line, 10, 43)
    movement.counterName = trimmed(line, 47, 81)
    movement.communication += columns(line, 82, 124)
  }
}

/** Fifteen digits, three of them decimals: `000000000005000` is `5.00`. */
export function amountIn(digits: string): string | undefined {
  if (!/^\d{15}$/.test(digits)) return undefined
  const whole = digits.slice(0, 12).replace(/^0+(?=\d)/, '')
  return `${whole}.${digits.slice(12).replace(/0$/, '')}`
}

/** `ddmmyy`; undefined where there is none. */
export function dayIn(text: string): string | undefined {
  const [, day, month, year] = /^(\d{2})(\d{2})(\d{2})$/.exec(text) ?? []
  return day === undefined || day === '00' ? undefined : `20${year}-${month}-${day}`
}

export interface CodaAccount {
  readonly account: string | undefined
  readonly currency: string | undefined
  readonly keys: SeenKeys
}

export function paymentFields(movement: CodaMovement, { account, currency, keys }: CodaAccount): RawFields {
  const { bookedOn, valueOn, isDebit, amount, code, counterAccount, counterName, clientReference } = movement
  const { reference, message } = wordsOf(movement)
  return {
    account,
    bankKey: keyOf(movement, account, keys),
    bookedOn,
    valueOn,
    direction: isDebit ? 'debit' : 'credit',
    amount,
    currency,
    counterName: filled(counterName),
    counterAccount: filled(counterAccount.replace(/\s/g, '')),
    reference,
    endToEndId: /^(NOTPROVIDED|NONREF|-*)$/i.test(clientReference) ? undefined : filled(clientReference),
    message,
    method: families[code.slice(1, 3)] ?? 'transfer',
    reversal: 'false',
    origin: 'coda',
  }
}

/** Families of transaction codes (Febelfin). */
const families: Readonly<Record<string, string>> = { '04': 'card', '05': 'directDebit' }

const filled = (text: string): string | undefined => (text === '' ? undefined : text)
const plain = (text: string): string | undefined => filled(text.replace(/\s+/g, ' ').trim())

function wordsOf({ isStructured, communication }: CodaMovement): { reference?: string; message?: string | undefined } {
  const reference = isStructured ? /^10[12](\d{12})/.exec(communication)?.[1] : undefined
  if (reference === undefined) return { message: plain(isStructured ? communication.slice(3) : communication) }
  return { reference, message: plain(communication.slice(15)) }
}

function keyOf({ bookedOn, reference, isDebit, amount, detail }: CodaMovement, account = '', keys: SeenKeys): string {
  const part = detail === '0000' ? '' : `/${detail}`
  const key = `${bookedOn ?? ''}/${reference}/${isDebit ? 'D' : 'C'}${amount}${part}`
  const before = keys.add(`${account}/${key}`)
  return before === 0 ? key : `${key}#${before + 1}`
}
