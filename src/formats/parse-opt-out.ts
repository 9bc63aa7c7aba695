/**
 * A record of kind `optOuts` to an IncomingOptOut: a number or mail address that wants no messages, or wants them again.
 *
 * A row names one of both. Numbers become E.164, addresses lower case, as they are compared. Throws nothing: problems
 * are noted.
 */
import type { IncomingOptOut } from '../core/opt-out.ts'
import type { Defaults } from './defaults.ts'
import { readEmail, readPhone } from './parse-contact.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

const actions = ['add', 'remove'] as const
const number = /^\+[1-9]\d{6,14}$/

export function parseOptOut(fields: RecordFields, defaults: Defaults): IncomingOptOut {
  const phone = readPhone(fields, 'phone', defaults.country)
  const email = phone === undefined ? readEmail(fields, 'email') : undefined
  if (phone === undefined && email === undefined) fields.note('D030', 'phone', undefined, 'a phone number or an email')
  else if (phone !== undefined && !number.test(phone))
    fields.note('D030', 'phone', phone, 'a number such as +36301234567')
  return compact<IncomingOptOut>({
    kind: 'optOut',
    action: fields.word('action', actions) ?? 'add',
    channel: email === undefined ? 'sms' : 'mail',
    address: phone ?? email?.toLowerCase() ?? '',
    reason: fields.text('reason'),
  })
}
