/**
 * A batch as people read it: what is changed, sent, exported and timed. The same for every `--dry-run` and `plan`.
 *
 * Data in the lines is as it came: the output makes it harmless. Throws nothing.
 */
import type { Batch, MessageUpdate, NewExportLine } from '../core/batch.ts'
import { isoIn } from '../core/date.ts'
import type { NewEvent } from '../core/event.ts'
import type { NewMessage } from '../core/message.ts'
import type { Entity } from '../core/model.ts'
import { keyOf } from '../core/references.ts'

/** Lines without indentation; empty for a batch that changes nothing. */
export function batchLines(batch: Batch, zone: string): readonly string[] {
  return [
    ...batch.files.map(({ name, counts }) => `file      ${name}: ${countsText(counts)}`),
    ...batch.put.map(recordLine),
    ...batch.events.map(eventLine),
    ...batch.messages.map(messageLine),
    ...batch.messageUpdates.map(updateLine),
    ...batch.exports.map(exportLine),
    ...batch.voidLines.map(({ id, reason }) => `export    line ${id} is voided (${reason})`),
    ...batch.exportFiles.map(({ id, state }) => `file      ${id} becomes ${state}`),
    ...batch.timers.map(({ name, dueAt }) => `timer     ${name} is due ${isoIn(dueAt, zone)}`),
    ...batch.cancelTimers.map(({ name }) => `timer     ${name} is cancelled`),
  ]
}

/** `2 messages, 1 export line`: what came of it, in a few words. */
export function batchSummary(batch: Batch): string {
  const parts = [
    counted(batch.put.length, 'record'),
    counted(batch.messages.filter(({ state }) => state === 'queued').length, 'message'),
    counted(batch.messages.filter(({ state }) => state !== 'queued').length, 'message', ' held or suppressed'),
    counted(batch.exports.length, 'export line'),
    counted(batch.timers.length, 'timer'),
  ]
  return parts.filter((part) => part !== '').join(', ') || 'nothing else follows'
}

const counted = (count: number, word: string, more = ''): string =>
  count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}${more}`

const countsText = (counts: object): string =>
  Object.entries(counts)
    .map(([name, count]) => `${String(count)} ${name}`)
    .join(', ')

const recordLine = (entity: Entity): string =>
  `${entity.version === 0 ? 'new' : 'change'}${entity.version === 0 ? '       ' : '    '}${entity.kind} ${keyOf(entity)}${stateText(entity)}`

function stateText(entity: Entity): string {
  if (entity.kind === 'order') {
    const { collect } = entity
    const store =
      collect === undefined ? '' : `, ${[collect.processing, collect.delivery].filter(Boolean).join(' and ')}`
    return `: ${entity.status}, ${entity.paymentStatus}${store}`
  }
  return 'state' in entity ? `: ${entity.state}` : ''
}

const eventLine = ({ name, text, trace }: NewEvent): string => {
  const rule = trace === undefined ? '' : ` by ${trace.workflow} ${trace.rule}`
  return `event     ${name}${rule}${text === undefined ? '' : `: ${text}`}`
}

function messageLine({ channel, state, template, recipients, reason, mail }: NewMessage): string {
  const to = recipients.map(({ address, as }) => (as === 'to' ? address : `${as} ${address}`)).join(', ')
  const why = reason === undefined ? '' : ` (${reason})`
  const subject = mail === undefined ? '' : `, "${mail.subject}"`
  return `${channel.padEnd(10)}${state} ${template} to ${to === '' ? 'nobody' : to}${subject}${why}`
}

const updateLine = ({ id, state, reason }: MessageUpdate): string =>
  `message   ${id} becomes ${state}${reason === undefined ? '' : ` (${reason})`}`

function exportLine({ export: name, fields }: NewExportLine): string {
  const values = Object.entries(fields).flatMap(([field, value]) =>
    typeof value === 'string' ? [`${field}=${value}`] : [],
  )
  return `export    ${name}: ${values.join(' ')}`
}
