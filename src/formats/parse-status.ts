/**
 * A record of kind `orderStatus` or `collectStatus` to an IncomingStatus.
 *
 * The status stays a word of the admin's; a collecting store's answer is confirmed, rejected,
 * delivered or returned, of all lines or of those named. A time without an offset is one of the configured zone. Throws nothing.
 */
import { instantOf, isoInstant } from '../core/date.ts'
import { collectWords } from '../core/collect-words.ts'
import type { IncomingStatus } from '../core/incoming.ts'
import type { Defaults } from './defaults.ts'
import { readLines } from './parse-lines.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

const answers = ['confirmed', 'rejected', 'delivered', 'returned'] as const

export function parseStatus(
  fields: RecordFields,
  kind: 'orderStatus' | 'collectStatus',
  defaults: Defaults,
  lineAt?: readonly number[],
): IncomingStatus {
  return compact<IncomingStatus>({
    kind: 'status',
    order: fields.requiredKey('order'),
    channel: fields.key('channel') ?? defaults.statusChannel,
    status: kind === 'orderStatus' ? fields.requiredKey('status') : answerOf(fields),
    reason: fields.longText('reason'),
    documentType: fields.key('documentType'),
    documentNumber: fields.key('documentNumber'),
    sequence: kind === 'collectStatus' ? sequenceOf(fields) : undefined,
    sender: kind === 'collectStatus' ? fields.key('sender') : undefined,
    lines: kind === 'collectStatus' ? readLines(fields, lineAt) : undefined,
    at: timeOf(fields.dateTime('at'), defaults.zone),
  })
}

function answerOf(fields: RecordFields): string {
  const words = fields.has('sequence') ? collectWords : answers
  if (!fields.has('status')) fields.note('D030', 'status', undefined, words.join(', '))
  return fields.word('status', words) ?? ''
}

function sequenceOf(fields: RecordFields): number | undefined {
  const text = fields.key('sequence')
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) fields.note('D031', 'sequence', text, 'a whole number from 1')
  return Number(text)
}

/** A date stays a date; a date and time becomes ISO 8601 in UTC where its zone is known. */
export function timeOf(text: string | undefined, zone: string | undefined): string | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(.*)$/.exec(text ?? '')
  if (!match) return text
  const [, date = '', time = '', offset = ''] = match
  if (offset !== '') return isoInstant(Date.parse(`${date}T${time}${offset}`))
  return zone === undefined ? text : isoInstant(instantOf(date, time, zone))
}
