/**
 * A record of kind `customers` to an IncomingCustomer.
 *
 * The number is unique within the company. Contact data that cannot be used is told, not refused.
 * Throws nothing: problems are noted.
 */
import type { IncomingCustomer } from '../core/incoming.ts'
import type { Defaults } from './defaults.ts'
import { phoneCountry, readAddress, readEmail, readLanguage, readPhone } from './parse-contact.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

export function parseCustomer(fields: RecordFields, defaults: Defaults): IncomingCustomer {
  const address = readAddress(fields, 'address')
  return compact<IncomingCustomer>({
    kind: 'customer',
    madeAs: fields.key('id'),
    company: fields.key('company') ?? defaults.company,
    number: fields.requiredKey('number'),
    name: fields.text('name'),
    name2: fields.text('name2'),
    group: fields.key('group'),
    email: readEmail(fields, 'email'),
    phone: readPhone(fields, 'phone', phoneCountry(address, defaults.country)),
    language: readLanguage(fields, 'language'),
    vatId: fields.text('vatId'),
    companyId: fields.text('companyId'),
    iban: fields.key('iban')?.replace(/\s/g, '').toUpperCase(),
    address,
    fields: fields.own(),
  })
}
