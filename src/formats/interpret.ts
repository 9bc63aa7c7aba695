/**
 * Records to typed input: one interpreter for each kind of import.
 *
 * `interpreterFor` is made once per file, since payments without a bank reference are numbered
 * among equal ones of their file. A record with any error becomes its problems, all at once;
 * warnings go along with a good one. Pure; throws RangeError on a date pattern that is none.
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import { assertNever } from '../core/assert-never.ts'
import type { Incoming, RawRecord } from '../core/incoming.ts'
import type { Problem } from '../core/problem.ts'
import type { Defaults } from './defaults.ts'
import { parseAcknowledgement } from './parse-acknowledgement.ts'
import { parseCommand } from './parse-command.ts'
import { parseCustomer } from './parse-customer.ts'
import { parseInvoice } from './parse-invoice.ts'
import { parseMapping } from './parse-mapping.ts'
import { parseOptOut } from './parse-opt-out.ts'
import { parseOrder } from './parse-order.ts'
import { parsePayment } from './parse-payment.ts'
import { parseShipment } from './parse-shipment.ts'
import { parseStatement } from './parse-statement.ts'
import { parseStatus } from './parse-status.ts'
import { parseStock } from './parse-stock.ts'
import { parseStore } from './parse-store.ts'
import { RecordFields } from './record-fields.ts'
import type { Dialect } from './record-fields.ts'
import { SeenKeys } from './seen-keys.ts'
import { remember } from './remember.ts'
import { compileDatePattern, parseDate } from './values.ts'

export type { Defaults } from './defaults.ts'

export type Interpretation =
  | { readonly kind: 'incoming'; readonly incoming: Incoming; readonly warnings: readonly Problem[] }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

export type Interpreter = (record: RawRecord) => Interpretation

export function interpreterFor(kind: ImportKind, format: ImportFormat, defaults: Defaults): Interpreter {
  const dialect = dialectOf(format)
  const seen = new SeenKeys()
  return (record) => {
    const fields = RecordFields.of(record, dialect)
    const incoming = parse(kind, fields, record, defaults, seen)
    if (fields.failed) return { kind: 'problems', problems: fields.problems }
    return { kind: 'incoming', incoming, warnings: fields.problems }
  }
}

function parse(
  kind: ImportKind,
  fields: RecordFields,
  record: RawRecord,
  defaults: Defaults,
  seen: SeenKeys,
): Incoming {
  switch (kind) {
    case 'orders':
      return parseOrder(fields, record, defaults)
    case 'orderStatus':
    case 'collectStatus':
      return parseStatus(fields, kind, defaults, record.lineAt)
    case 'payments':
      return record.about === 'statement' ? parseStatement(fields, defaults) : parsePayment(fields, defaults, seen)
    case 'customers':
      return parseCustomer(fields, defaults)
    case 'stores':
      return parseStore(fields, defaults)
    case 'acknowledgements':
      return parseAcknowledgement(fields)
    case 'invoices':
      return parseInvoice(fields, defaults)
    case 'shipments':
      return parseShipment(fields, defaults)
    case 'optOuts':
      return parseOptOut(fields, defaults)
    case 'mappings':
      return parseMapping(fields, defaults)
    case 'stock':
      return parseStock(fields, defaults)
    case 'commands':
      return parseCommand(fields, defaults)
    default:
      return assertNever(kind, 'import kind')
  }
}

const rememberedDates = 1000

/** UBL and bank statements have a dialect of their own: decimal points and ISO dates. */
function dialectOf(format: ImportFormat): Dialect {
  const standard = ['ubl', 'camt', 'mt940', 'coda', 'bai2', 'ofx'].includes(format.type)
  const dates = standard ? ['yyyy-MM-dd'] : [format.dates].flat()
  const patterns = dates.map(compileDatePattern)
  return {
    decimal: standard ? '.' : format.decimal,
    thousands: standard ? '' : format.thousands,
    dates: dates.join(' or '),
    readDate: remember((text) => parseDate(text, patterns), rememberedDates),
    sources: format.fields,
  }
}
