/**
 * A batch as the rows that it becomes: what is stored as JSON is text by now.
 *
 * Text goes to the ledger's thread for a fraction of what trees of objects cost, and the thread that decides makes it
 * while the other one writes. Pure; looks nothing up. Throws what JSON.stringify throws.
 */
import type { Batch, NewExportLine } from '../core/batch.ts'
import type { NewEvent } from '../core/event.ts'
import type { Message, NewMessage } from '../core/message.ts'
import type { Entity } from '../core/model.ts'
import { referencesOf } from '../core/references.ts'
import type { EventDetail, MessageContent } from './rows.ts'
import { stateOf } from './state-of.ts'

export interface PackedRecord extends Pick<Entity, 'id' | 'kind' | 'version' | 'createdAt'> {
  readonly state: string
  /** References as JSON. */
  readonly refs: string
  /** The record as JSON, its version raised by one. */
  readonly data: string
  /** With it goes what its history says of the person. */
  readonly erases: boolean
}

/** Where an event came from, but for the row; '' for what it has not. */
export interface PackedSource {
  readonly import: string
  readonly file: string
  readonly fileId: string
}

export interface PackedEvent extends Pick<NewEvent, 'name' | 'subject' | 'at' | 'because'> {
  /** Index among the sources. */
  readonly source: number
  readonly row: number | null
  readonly data: string | null
}

export interface PackedMessage extends Omit<NewMessage, keyof MessageContent> {
  readonly destination: string | null
  readonly content: string
}

export interface PackedLine extends Omit<NewExportLine, 'fields' | 'trace'> {
  readonly fields: string
  readonly trace: string | null
}

export interface PackedBatch extends Omit<Batch, 'put' | 'events' | 'messages' | 'exports'> {
  readonly put: readonly PackedRecord[]
  readonly sources: readonly PackedSource[]
  readonly events: readonly PackedEvent[]
  readonly messages: readonly PackedMessage[]
  readonly exports: readonly PackedLine[]
}

export function packBatch(batch: Batch): PackedBatch {
  const sources = new Sources()
  return {
    ...batch,
    put: batch.put.map(packRecord),
    events: batch.events.map((event) => packEvent(event, sources.indexOf(event.source))),
    sources: sources.all,
    messages: batch.messages.map(packMessage),
    exports: batch.exports.map(packLine),
  }
}

/** Rows that a batch is going to write, roughly: how much of a shared commit it takes. */
export const weightOf = (batch: PackedBatch): number =>
  1 +
  2 * batch.put.length +
  batch.events.length +
  3 * (batch.messages.length + batch.messageUpdates.length) +
  batch.exports.length +
  batch.voidLines.length +
  batch.timers.length

function packRecord(entity: Entity): PackedRecord {
  const { id, kind, version, createdAt } = entity
  return {
    id,
    kind,
    version,
    createdAt,
    state: stateOf(entity),
    refs: JSON.stringify(referencesOf(entity)),
    data: JSON.stringify({ ...entity, version: version + 1 }),
    erases: kind === 'order' && entity.erasedAt === entity.updatedAt,
  }
}

/** Events of one file come together: a source is compared with the one before it. */
class Sources {
  readonly all: PackedSource[] = []

  indexOf({ import: name = '', file = '', fileId = '' }: Partial<NonNullable<NewEvent['source']>> = {}): number {
    const last = this.all.at(-1)
    if (last?.fileId !== fileId || last.file !== file || last.import !== name)
      this.all.push({ import: name, file, fileId })
    return this.all.length - 1
  }
}

const packEvent = (event: NewEvent, source: number): PackedEvent => ({
  name: event.name,
  subject: event.subject,
  at: event.at,
  source,
  row: event.source?.row ?? null,
  ...(event.because !== undefined && { because: event.because }),
  data: detailOf(event),
})

function detailOf({ trace, before, after, text }: NewEvent): string | null {
  const detail = { trace, before, after, text }
  const json = JSON.stringify(detail satisfies { [K in keyof EventDetail]: EventDetail[K] | undefined })
  return json === '{}' ? null : json
}

function packMessage(message: NewMessage): PackedMessage {
  const { id, dedupeKey, channel, state, reason, subject, createdAt, dueAt, expiresAt, because } = message
  return {
    id,
    dedupeKey,
    channel,
    state,
    subject,
    createdAt,
    dueAt,
    ...(reason !== undefined && { reason }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(because !== undefined && { because }),
    destination: destinationOf(message),
    content: contentOf(message),
  }
}

/** By which SMS find their account. */
export const destinationOf = ({
  channel,
  recipients,
}: { readonly channel: string } & Pick<Message, 'recipients'>): string | null =>
  channel === 'sms' ? (recipients[0]?.address ?? null) : null

export function contentOf(message: MessageContent): string {
  const { template, templateHash, language, recipients, droppedRecipients, mail, sms, trace } = message
  const { urgent, transactional } = message
  return JSON.stringify({
    template,
    templateHash,
    language,
    recipients,
    droppedRecipients,
    mail,
    sms,
    trace,
    urgent,
    transactional,
  })
}

const packLine = ({ fields, trace, ...line }: NewExportLine): PackedLine => ({
  ...line,
  fields: JSON.stringify(fields),
  trace: trace === undefined ? null : JSON.stringify(trace),
})
