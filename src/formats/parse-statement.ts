/**
 * A record about an account statement, in a file of kind `payments`, to an IncomingStatement.
 *
 * The number loses the year that some banks write before it; one that is the day itself, or 0, is none.
 * Throws nothing: problems are noted.
 */
import type { IncomingStatement } from '../core/statement.ts'
import type { Defaults } from './defaults.ts'
import { accountOf } from './parse-payment.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

export function parseStatement(fields: RecordFields, defaults: Defaults): IncomingStatement {
  const currency = fields.currency('currency', defaults.currency)
  const date = fields.date('date') ?? ''
  return compact<IncomingStatement>({
    kind: 'statement',
    origin: fields.key('origin') ?? '',
    account: accountOf(fields, defaults),
    currency,
    reference: fields.text('reference'),
    number: numberIn(fields.text('number'), date),
    page: numberIn(fields.text('page'), ''),
    opening: fields.money('opening', currency),
    closing: fields.money('closing', currency),
    date,
  })
}

function numberIn(text: string | undefined, date: string): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text) || text === date.replaceAll('-', '')) return undefined
  const prefix = [date.slice(0, 4), date.slice(2, 4)].find(
    (year) => year !== '' && text.startsWith(year) && text.length > 5 + (4 - year.length) / 2,
  )
  const number = Number(text.slice(prefix?.length ?? 0))
  return number === 0 ? undefined : number
}
