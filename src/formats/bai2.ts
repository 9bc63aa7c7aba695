/**
 * BAI2 cash management files: groups of accounts with their balances and movements.
 *
 * One record for each movement (record 16) that is a credit (types 100 to 399) or a debit (400 to 699); others are
 * counted and told. Control totals of accounts are compared. Where neither account nor group names the
 * currency, that of the config counts, and is told. Memory: one record. Throws ReadFailure (within the room).
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import { digest } from '../core/ids.ts'
import type { RawFields } from '../core/incoming.ts'
import { fromMinor, isCurrency } from '../core/money.ts'
import {
  type Bai2Movement,
  type Bai2Record,
  dayOf,
  movementOf,
  pairsOf,
  recordsOn,
  summariesOf,
} from './bai2-records.ts'
import { dataProblem, failure, quoted } from './data-problem.ts'
import type { ProblemDetails } from './data-problem.ts'
import { lineMachine, type LineReader } from './line-machine.ts'
import { readProblem, record, statementRecord } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { overlayOf } from './overlay.ts'
import type { Overlay } from './overlay.ts'
import type { FormatProblemCode } from './problem-codes.ts'
import { SeenKeys } from './seen-keys.ts'

type Bai2Format = Extract<ImportFormat, { type: 'bai2' }>

const longestLine = 100_000
const longestText = 200

export const bai2Machine = (format: Bai2Format, kind: ImportKind): Machine =>
  lineMachine(new Bai2Reader(overlayOf(format, kind)), { expected: 'BAI2', longestLine })

interface Account {
  readonly line: number
  readonly account: string
  readonly currency: string | undefined
  readonly day: string | undefined
  /** Of all amounts, summaries and movements. */
  total: number
  skipped: number
  balances: ReadonlyMap<string, string>
}

class Bai2Reader implements LineReader {
  into: ReadItem[] = []
  readonly #overlay: Overlay
  readonly #keys = new SeenKeys()
  #at = 0
  #row = 0
  #seen = false
  #group: { readonly day: string | undefined; readonly currency: string } | undefined
  #account: Account | undefined
  #record: Bai2Record | undefined

  constructor(overlay: Overlay) {
    this.#overlay = overlay
  }

  line(text: string): void {
    this.#at += 1
    for (const each of recordsOn(text, this.#at)) {
      if (each.code !== '88') {
        this.#endRecord()
        this.#record = each
      } else if (this.#record !== undefined && this.#record.more.length < longestText) {
        this.#record.fields.push(...(this.#record.code === '16' ? [] : each.fields))
        this.#record.more.push(each.fields.join(','))
      }
    }
  }

  end(): void {
    this.#endRecord()
    if (!this.#seen) throw failure('D022', { found: 'no record 01', expected: 'BAI2' })
    this.#endAccount(undefined)
  }

  #endRecord(): void {
    const one = this.#record
    this.#record = undefined
    if (one === undefined) return
    if (!this.#seen && one.code !== '01') {
      throw failure('D022', { place: { line: one.line }, found: quoted(one.code), expected: 'BAI2: a record 01' })
    }
    switch (one.code) {
      case '01':
        this.#seen = true
        break
      case '02':
        this.#group = { day: dayOf(one.fields[3] ?? ''), currency: (one.fields[5] ?? '').trim() }
        break
      case '03':
        this.#open(one)
        break
      case '16':
        this.#movement(one)
        break
      case '49':
        this.#endAccount(one)
        break
    }
  }

  #open(one: Bai2Record): void {
    this.#endAccount(undefined)
    const [account = '', own = ''] = one.fields
    const currency = [own.trim(), this.#group?.currency ?? ''].find(isCurrency)
    const summaries = summariesOf(one)
    this.#account = {
      line: one.line,
      account: account.trim(),
      currency,
      day: this.#group?.day,
      total: summaries.reduce((sum, { amount }) => sum + Number(amount), 0),
      skipped: 0,
      balances: new Map(summaries.map(({ type, amount }) => [type, amount])),
    }
    if (currency === undefined) {
      this.#tell('D061', { place: { line: one.line }, found: `account ${quoted(account)}` })
    }
  }

  #movement(one: Bai2Record): void {
    const account = this.#account
    const movement = movementOf(one)
    if (account === undefined || movement === undefined) {
      const place = { line: one.line, path: '16' }
      const found = quoted(one.fields.slice(0, 3).join(','))
      const problem = dataProblem('D035', {
        place,
        found,
        expected: 'a type of three digits and an amount, in an account',
      })
      this.into.push(readProblem(++this.#row, [problem]))
      return
    }
    account.total += Number(movement.amount)
    if (directionOf(movement) === undefined || Number(movement.amount) === 0) account.skipped += 1
    else this.into.push(record(++this.#row, one.line, this.#overlay(this.#payment(movement, one, account))))
  }

  #payment(movement: Bai2Movement, { more }: Bai2Record, { account, currency, day }: Account): RawFields {
    const { pairs, text } = pairsOf(more)
    const direction = directionOf(movement)
    const [side, other] = direction === 'credit' ? (['DBNM', 'DACT'] as const) : (['CRNM', 'CACT'] as const)
    const words = [pairs.get('REMI'), movement.text, text, movement.customerReference]
    const content = [movement.type, movement.amount, movement.valueOn ?? '', movement.text, ...more]
    const reference = movement.bankReference || digest('bai2', ...content)
    const key = `${day ?? ''}/${reference.slice(0, 80)}/${movement.type}/${Number(movement.amount)}`
    const before = this.#keys.add(`${account}/${key}`)
    return {
      account,
      bankKey: before === 0 ? key : `${key}#${before + 1}`,
      bookedOn: day,
      valueOn: movement.valueOn,
      direction,
      amount: amountIn(movement.amount, currency),
      currency,
      counterName: pairs.get(side),
      counterAccount: pairs.get(other),
      endToEndId: pairs.get('EREF'),
      message: words.filter((word) => word !== undefined && word !== '').join(' ') || undefined,
      method: 'transfer',
      reversal: 'false',
      origin: 'bai2',
    }
  }

  /** `control`: record 49 with the sum of all amounts of the account. */
  #endAccount(control: Bai2Record | undefined): void {
    const account = this.#account
    this.#account = undefined
    if (account === undefined) return
    const place = { line: account.line }
    const name = quoted(account.account)
    if (account.skipped > 0) this.#tell('D054', { place, found: `${account.skipped} of account ${name}` })
    const told = control?.fields[0]?.trim()
    if (told === undefined) this.#tell('D055', { place, found: `no control total (record 49) of account ${name}` })
    else if (Number(told) !== account.total) {
      this.#tell('D055', { place, found: `control total ${told} of account ${name}`, expected: String(account.total) })
    }
    const [opening, closing] = [account.balances.get('010'), account.balances.get('015')]
    if (opening === undefined || closing === undefined || account.day === undefined) return
    const { currency, day } = account
    const balances = { opening: amountIn(opening, currency), closing: amountIn(closing, currency) }
    const fields = { origin: 'bai2', account: account.account, currency, ...balances, date: day }
    this.into.push(statementRecord(++this.#row, account.line, this.#overlay(fields)))
  }

  #tell(code: FormatProblemCode, details: ProblemDetails): void {
    this.into.push(readProblem(this.#row + 1, [dataProblem(code, details)]))
  }
}

/** By the type code; undefined for types that are no movement of money. */
function directionOf({ type }: Bai2Movement): 'credit' | 'debit' | undefined {
  if (type >= '100' && type <= '399') return 'credit'
  return type >= '400' && type <= '699' ? 'debit' : undefined
}

const amountIn = (units: string, currency = 'USD'): string => fromMinor(Number(units), currency)
