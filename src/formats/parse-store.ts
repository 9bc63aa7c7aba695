/**
 * A record of kind `stores` to an IncomingStore.
 *
 * Contact data that cannot be used is told, not refused. The company stays open where the file
 * does not say. Throws nothing: problems are noted.
 */
import { isTimeZone } from '../core/date.ts'
import type { IncomingStore } from '../core/store.ts'
import { compareDecimals, type DecimalText } from '../core/money.ts'
import type { Defaults } from './defaults.ts'
import { phoneCountry, readAddress, readEmail, readLanguage, readPhone, readWebAddress } from './parse-contact.ts'
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
    fax: fields.text('fax'),
    calendar: fields.key('calendar'),
    timeZone: zoneOf(fields),
    location: fields.key('location'),
    language: readLanguage(fields, 'language'),
    workflow: fields.key('workflow'),
    salesperson: fields.key('salesperson'),
    billTo: fields.key('billTo'),
    prepaymentAccount: fields.key('prepaymentAccount'),
    url: readWebAddress(fields, 'url', 'https://shop.example.com/stores/bud01'),
    latitude: degreesOf(fields, 'latitude', '90'),
    longitude: degreesOf(fields, 'longitude', '180'),
    address,
    fields: fields.own(),
  })
}

/** Opening hours are reckoned in it, so one that is none refuses the row. */
function zoneOf(fields: RecordFields): string | undefined {
  const zone = fields.key('timeZone')
  if (zone === undefined || (isTimeZone(zone) && !/^[+-]/.test(zone))) return zone
  fields.note('D034', 'timeZone', zone, 'an IANA zone such as Europe/Budapest')
  return undefined
}

function degreesOf(fields: RecordFields, name: string, most: DecimalText): DecimalText | undefined {
  const degrees = fields.decimal(name)
  if (degrees === undefined) return undefined
  if (compareDecimals(degrees, most) <= 0 && compareDecimals(degrees, `-${most}`) >= 0) return degrees
  fields.note('D035', name, degrees, `degrees between -${most} and ${most}`)
  return undefined
}
