/**
 * The balances of a camt statement, and what it says of its place among the statements of the account.
 *
 * A statement without a day, or with neither number nor balances, says nothing. Of pages the interim balance is
 * the one at the cut. Throws nothing.
 */
import type { RawFields } from '../core/incoming.ts'
import { fromMinor, isDecimal, toMinor } from '../core/money.ts'
import type { Statement } from './camt-entry.ts'
import { attributeOf, first, textAt } from './xml-tree.ts'

export interface Balance {
  readonly minor: number
  readonly currency: string
  readonly date: string | undefined
}

/** The only balance of the type; undefined when there is none or more than one. */
export function balanceOf(statement: Statement, code: string): Balance | undefined {
  const found = statement.balances.filter((each) => textAt(each, 'Tp', 'CdOrPrtry', 'Cd') === code)
  const [only, second] = found
  const amount = textAt(only, 'Amt')
  const currency = attributeOf(first(only, 'Amt'), 'Ccy') ?? statement.currency
  if (second || amount === undefined || currency === undefined || !isDecimal(amount)) return undefined
  const sign = textAt(only, 'CdtDbtInd') === 'DBIT' ? -1 : 1
  const date = textAt(only, 'Dt', 'Dt') ?? textAt(only, 'Dt', 'DtTm')?.slice(0, 10)
  return { minor: sign * toMinor(amount, currency), currency, date }
}

/** The fields of a record about the statement; undefined where it is no link. */
export function camtLink(statement: Statement): RawFields | undefined {
  const { account, id, number, page, isLast } = statement
  const isFirst = page === undefined || Number(page) <= 1
  const opening = balanceOf(statement, 'OPBD') ?? balanceOf(statement, 'PRCD') ?? cut(statement, !isFirst && isLast)
  const closing = balanceOf(statement, 'CLBD') ?? cut(statement, isFirst && !isLast)
  const date = closing?.date ?? opening?.date ?? statement.day
  const currency = closing?.currency ?? opening?.currency ?? statement.currency
  if (date === undefined || (number === undefined && (!opening || !closing))) return undefined
  return {
    origin: statement.origin,
    account,
    currency,
    reference: id,
    number,
    page,
    opening: textOf(opening, currency),
    closing: textOf(closing, currency),
    date,
  }
}

const textOf = (balance: Balance | undefined, currency: string | undefined): string | undefined =>
  balance?.currency === currency && balance !== undefined ? fromMinor(balance.minor, balance.currency) : undefined

const cut = (statement: Statement, isThere: boolean): Balance | undefined =>
  isThere ? balanceOf(statement, 'ITBD') : undefined
