/**
 * Lines and quantities of a handover: a row for each, rows grouped into one record, or one text such as `1:2, 3:0.5`.
 *
 * Undefined where the record names no line: then all of the order is meant. Throws nothing: problems are noted.
 */
import { isDecimal } from '../core/money.ts'
import type { LineQuantity } from '../core/order.ts'
import type { RecordFields } from './record-fields.ts'

/** From `lines.number` and `lines.quantity` of the record's lines, else from its own `line` and `quantity`. */
export function readLines(fields: RecordFields, lineAt?: readonly number[]): readonly LineQuantity[] | undefined {
  const grouped = fields.elements('lines', lineAt)
  if (grouped.length > 0) return grouped.map((line) => oneLine(line, 'number'))
  if (fields.has('quantities')) return linesOf(fields, 'quantities')
  if (fields.has('line')) return [oneLine(fields, 'line')]
  if (fields.has('quantity')) fields.note('D030', 'line')
  return undefined
}

const oneLine = (fields: RecordFields, name: string): LineQuantity => {
  if (!fields.has('quantity')) fields.note('D030', 'quantity')
  return { line: fields.requiredKey(name), quantity: fields.decimal('quantity') ?? '0' }
}

/** From one text; decimals have a point in it, as in everything that Orderly writes. */
export function linesOf(fields: RecordFields, name: string): readonly LineQuantity[] | undefined {
  const texts = fields.list(name)
  if (texts.length === 0) return undefined
  return texts.map((text) => {
    const at = text.lastIndexOf(':')
    const [line, quantity] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
    if (at < 1 || line === '' || !isDecimal(quantity)) fields.note('D031', name, text, 'line:quantity such as 1:2')
    return { line, quantity }
  })
}
