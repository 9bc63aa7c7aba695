/**
 * A record of kind `orderStatus` or `collectStatus` to an IncomingStatus.
 *
 * The status stays a word of the admin's; a collecting store's answer is confirmed, rejected or
 * delivered. A time without an offset is one of the configured zone. Throws nothing.
 */
import { instantOf, isoInstant } from '../core/date.ts'
import type { IncomingStatus } from '../core/incoming.ts'
import type { Defaults } from './defaults.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

const answers = ['confirmed', 'rejected', 'delivered'] as const

export function parseStatus(
  fields: RecordFields,
  kind: 'orderStatus' | 'collectStatus',
  defaults: Defaults,
): IncomingStatus {
  return compact<IncomingStatus>({
    kind: 'status',
    order: fields.requiredKey('order'),
    channel: fields.key('channel') ?? defaults.statusChannel,
    status: kind === 'orderStatus' ? fields.requiredKey('status') : answerOf(fields),
    reason: fields.longText('reason'),
    documentType: fields.key('documentType'),
    documentNumber: fields.key('documentNumber'),
    at: timeOf(fields.dateTime('at'), defaults.zone),
  })
}

function answerOf(fields: RecordFields): string {
  if (!fields.has('status')) fields.note('D030', 'status', undefined, answers.join(', '))
  return fields.word('status', answers) ?? ''
}

/** A date stays a date; a date and time becomes ISO 8601 in UTC where its zone is known. */
export function timeOf(text: string | undefined, zone: string | undefined): string | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(.*)$/.exec(text ?? '')
  if (!match) return text
  const [, date = '', time = '', offset = ''] = match
  if (offset !== '') return isoInstant(Date.parse(`${date}T${time}${offset}`))
  return zone === undefined ? text : isoInstant(instantOf(date, time, zone))
}
