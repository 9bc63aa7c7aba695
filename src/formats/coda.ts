/**
 * CODA bank statements of Belgium (Febelfin, version 2): lines of 128 columns.
 *
 * One record for each movement: the details of a total where they make it, else the total, never both. Opening +
 * movements is compared with closing; what does not add up is told and kept. Information and free text are left
 * out. Memory: one movement with its details, and 12 bytes per key. Throws ReadFailure (within the room).
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import type { RawFields } from '../core/incoming.ts'
import { fromMinor, isCurrency, toMinor } from '../core/money.ts'
import {
  amountIn,
  type CodaMovement,
  columns,
  dayIn,
  goOn,
  movementIn,
  paymentFields,
  trimmed,
} from './coda-movement.ts'
import { dataProblem, failure, quoted } from './data-problem.ts'
import type { ProblemDetails } from './data-problem.ts'
import { lineMachine, type LineReader } from './line-machine.ts'
import { readProblem, record, statementRecord } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { overlayOf } from './overlay.ts'
import type { Overlay } from './overlay.ts'
import type { FormatProblemCode } from './problem-codes.ts'
import { SeenKeys } from './seen-keys.ts'

type CodaFormat = Extract<ImportFormat, { type: 'coda' }>

const longestLine = 1_000

export const codaMachine = (format: CodaFormat, kind: ImportKind): Machine =>
  lineMachine(new CodaReader(overlayOf(format, kind)), { expected: 'CODA', longestLine })

interface Statement {
  readonly line: number
  readonly account: string
  readonly currency: string
  readonly number: string
  readonly opening: number
  booked: number
}

class CodaReader implements LineReader {
  into: ReadItem[] = []
  readonly #overlay: Overlay
  readonly #keys = new SeenKeys()
  #at = 0
  #row = 0
  #seen = false
  #statement: Statement | undefined
  /** A movement and its details, until the next one begins. */
  #group: CodaMovement[] = []

  constructor(overlay: Overlay) {
    this.#overlay = overlay
  }

  line(text: string): void {
    this.#at += 1
    const line = text.replace(/\r$/, '')
    const kind = line.slice(0, line.startsWith('2') || line.startsWith('3') ? 2 : 1)
    switch (kind) {
      case '0':
        this.#seen = true
        break
      case '1':
        return this.#open(line)
      case '21':
        return this.#movement(line)
      case '22':
      case '23': {
        const last = this.#group.at(-1)
        if (last) goOn(last, line)
        break
      }
      case '8':
        return this.#close(line)
    }
    if (!this.#seen && line.trim() !== '') {
      throw failure('D022', {
        place: { line: this.#at },
        found: quoted(line.slice(0, 20)),
        expected: 'CODA: a record 0',
      })
    }
  }

  end(): void {
    if (!this.#seen) throw failure('D022', { found: 'nothing', expected: 'CODA: a record 0' })
    this.#endGroup()
    if (this.#statement) this.#tell('D055', { found: 'no closing balance (record 8)' })
  }

  #open(line: string): void {
    this.#endGroup()
    if (this.#statement) this.#tell('D055', { found: 'no closing balance (record 8)' })
    const isOld = columns(line, 1, 1) === '0'
    const currency = isOld ? columns(line, 18, 20) : columns(line, 39, 41)
    const opening = balanceIn(line, 42, currency)
    if (opening === undefined) {
      const found = `${quoted(trimmed(line, 42, 57))} ${quoted(currency)}`
      throw failure('D022', { place: { line: this.#at }, found, expected: 'sign, amount and currency of record 1' })
    }
    this.#statement = {
      line: this.#at,
      account: (isOld ? columns(line, 5, 16) : columns(line, 5, 38)).replace(/\s/g, ''),
      currency,
      number: trimmed(line, 125, 127) || columns(line, 2, 4),
      opening,
      booked: 0,
    }
  }

  #movement(line: string): void {
    const movement = movementIn(line, this.#at)
    if (movement === undefined) {
      this.#endGroup()
      const place = { line: this.#at, path: '21' }
      const problem = dataProblem('D035', { place, found: quoted(line.slice(0, 60)), expected: 'a sign and 15 digits' })
      this.into.push(readProblem(++this.#row, [problem]))
      return
    }
    const [whole] = this.#group
    if (whole?.sequence !== movement.sequence || movement.detail === '0000') this.#endGroup()
    this.#group.push(movement)
  }

  #endGroup(): void {
    const [whole, ...details] = this.#group
    const statement = this.#statement
    this.#group = []
    if (whole === undefined || statement === undefined) return
    const minor = (each: CodaMovement): number => (each.isDebit ? -1 : 1) * toMinor(each.amount, statement.currency)
    statement.booked += minor(whole)
    const isTotal = /^[12]/.test(whole.code)
    const adds = details.reduce((sum, each) => sum + minor(each), 0) === minor(whole)
    if (isTotal && details.length > 0 && !adds) {
      const place = { line: whole.line }
      this.#tell('D056', { place, found: `${details.length} details`, expected: whole.amount })
    }
    const { reference, amount } = whole
    const entry = { key: `${whole.bookedOn ?? ''}/${reference}/${amount}`, reference, total: amount }
    if (!isTotal) this.#payment(whole, statement)
    else if (!adds) this.#payment(whole, statement, { entry: { ...entry, part: 'sum' } })
    else
      for (const each of details)
        this.#payment(each, statement, { entry: { ...entry, part: 'detail', count: String(details.length) } })
  }

  #payment(movement: CodaMovement, { account, currency }: Statement, more: RawFields = {}): void {
    const fields = paymentFields(movement, { account, currency, keys: this.#keys })
    this.into.push(record(++this.#row, movement.line, this.#overlay({ ...fields, ...more })))
  }

  #close(line: string): void {
    this.#endGroup()
    const statement = this.#statement
    this.#statement = undefined
    if (statement === undefined) return
    const { opening, booked, currency, account, number } = statement
    const closing = balanceIn(line, 41, currency)
    const date = dayIn(columns(line, 57, 62))
    if (closing === undefined || date === undefined) return this.#tell('D055', { found: quoted(trimmed(line, 41, 62)) })
    if (closing !== opening + booked) {
      const found = `closing ${fromMinor(closing, currency)} ${currency} in statement ${quoted(number)}`
      const expected = `${fromMinor(opening + booked, currency)} ${currency}`
      this.#tell('D055', { place: { line: statement.line }, found, expected })
    }
    const balances = { opening: fromMinor(opening, currency), closing: fromMinor(closing, currency) }
    const fields = { origin: 'coda', account, currency, number, ...balances, date }
    this.into.push(statementRecord(++this.#row, statement.line, this.#overlay(fields)))
  }

  #tell(code: FormatProblemCode, details: ProblemDetails): void {
    this.into.push(readProblem(this.#row + 1, [dataProblem(code, details)]))
  }
}

/** Signed, in minor units: a sign at the column, then the amount. */
function balanceIn(line: string, at: number, currency: string): number | undefined {
  const [sign, amount] = [columns(line, at, at), amountIn(columns(line, at + 1, at + 15))]
  if (!/^[01]$/.test(sign) || amount === undefined || !isCurrency(currency)) return undefined
  return (sign === '1' ? -1 : 1) * toMinor(amount, currency)
}
