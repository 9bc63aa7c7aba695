/**
 * A record of kind `stores` to an IncomingStore.
 *
 * Contact data that cannot be used is told, not refused. The company stays open where the file
 * does not say. Throws nothing: problems are noted.
 */
import type { IncomingStore } from '../core/incoming.ts'
import type { Defaults } from './defaults.ts'
import { phoneCountry, readAddress, readEmail, readLanguage, readPhone } from './parse-contact.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

export function parseStore(fields: RecordFields, defaults: Defaults): IncomingStore {
  const address = readAddress(fields, 'address')
  const country = phoneCountry(address, defaults.country)
  return compact<IncomingStore>({
    kind: 'store',
    code: fields.requiredKey('code'),
    name: fields.text('name'),
    company: fields.key('company') ?? defaults.company,
    email: readEmail(fields, 'email'),
    mobile: readPhone(fields, 'mobile', country),
    phone: readPhone(fields, 'phone', country),
    calendar: fields.key('calendar'),
    location: fields.key('location'),
    language: readLanguage(fields, 'language'),
    address,
    fields: fields.own(),
  })
}
