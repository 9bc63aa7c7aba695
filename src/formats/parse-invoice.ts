/**
 * A record of kind `invoices` to an IncomingInvoice: a document that the ERP issued (F21).
 *
 * Number and order must be there. The amount of a credit note is positive, whatever its sign in the file. A PDF is
 * named without a folder: a name that could lead anywhere else is a problem of the record. Throws nothing.
 */
import { isPlainFileName } from '../core/file-name.ts'
import type { IncomingInvoice } from '../core/incoming.ts'
import type { Defaults } from './defaults.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

const types = ['invoice', 'proforma', 'creditNote'] as const
const states = ['issued', 'cancelled'] as const

export function parseInvoice(fields: RecordFields, defaults: Defaults): IncomingInvoice {
  const currency = fields.currency('currency', defaults.currency)
  const amount = fields.money('amount', currency)
  return compact<IncomingInvoice>({
    kind: 'invoice',
    type: fields.word('type', types) ?? 'invoice',
    number: fields.requiredKey('number'),
    order: fields.requiredKey('order'),
    channel: fields.key('channel') ?? defaults.statusChannel,
    state: fields.word('state', states),
    date: fields.date('date'),
    dueDate: fields.date('dueDate'),
    ...(amount === undefined ? {} : { amount: Math.abs(amount), currency }),
    reference: fields.key('reference'),
    pdf: pdfOf(fields),
    refersTo: fields.key('refersTo'),
  })
}

function pdfOf(fields: RecordFields): string | undefined {
  const name = fields.key('pdf')
  if (name === undefined || isPlainFileName(name)) return name
  fields.note('D035', 'pdf', name, 'the name of a file, without a folder, such as IN-2026-17.pdf')
  return undefined
}
