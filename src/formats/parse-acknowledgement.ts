/**
 * A record of kind `acknowledgements` to an IncomingAcknowledgement: the ERP's answer.
 *
 * What is answered, the document and yes or no must be there. An accepted invoice should bring its
 * number; whether it must is for the workflow to say. Throws nothing: problems are noted.
 */
import type { IncomingAcknowledgement } from '../core/incoming.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

const subjects = ['invoice', 'dispatch', 'clearing', 'stock', 'customer'] as const

export function parseAcknowledgement(fields: RecordFields): IncomingAcknowledgement {
  for (const name of ['about', 'accepted']) if (!fields.has(name)) fields.note('D030', name)
  return compact<IncomingAcknowledgement>({
    kind: 'acknowledgement',
    about: fields.word('about', subjects) ?? 'invoice',
    document: fields.requiredKey('document'),
    accepted: fields.flag('accepted') ?? false,
    number: fields.key('number'),
    reason: fields.longText('reason'),
    count: fields.decimal('count'),
    amount: fields.decimal('amount'),
    currency: fields.key('currency'),
  })
}
