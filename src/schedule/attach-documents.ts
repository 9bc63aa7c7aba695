/**
 * Looks whether the documents that mails wait for are there, and lets those mails go (F24).
 *
 * Driven by the timers of the waiting mails: while none waits, nothing is looked at. What is attached is frozen into
 * the ledger with the decision, so that each attempt sends the same bytes, whatever becomes of the file. A folder that
 * is away is a document that is not there yet. Throws on errors of the ledger.
 */
import { createHash } from 'node:crypto'
import { emptyBatch } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import type { MessageId } from '../core/ids.ts'
import type { Awaited } from '../core/message.ts'
import type { Entity, Invoice } from '../core/model.ts'
import type { DueTimer, Ledger } from '../ledger/ledger.ts'
import {
  type AttachLook,
  awaitedOf,
  decideAttachment,
  documentFiles,
  type FoundDocument,
} from '../workflow/documents/attach-documents.ts'
import type { Setup } from '../workflow/setup.ts'
import { findDocument } from './find-document.ts'

export interface AttachTools {
  readonly ledger: Ledger
  readonly setup: Setup
  /** Absolute path of `documents.folder`; undefined where the config has none. */
  readonly documents?: string | undefined
}

/** One look for one waiting mail. */
export async function attachDocuments(tools: AttachTools, timer: DueTimer, now: Instant): Promise<void> {
  const { ledger, setup } = tools
  const message = await ledger.message(timer.subject as MessageId)
  const awaits = awaitedOf(message)
  const cause: Cause = { kind: 'clock', actor: 'daemon', configHash: setup.configHash }
  if (message === undefined || awaits === undefined) return await forget(tools, timer, cause, now)
  const look = await lookFor(tools, awaits, now)
  const batch = decideAttachment(setup, message, look, { timer: timer.id, cause, now })
  // A conflict: a person was quicker with the message. The timer is still due, and the next look sees it.
  await ledger.commit(batch)
}

async function forget({ ledger }: AttachTools, timer: DueTimer, cause: Cause, now: Instant): Promise<void> {
  await ledger.commit({ ...emptyBatch(cause, now), firedTimers: [timer.id] })
}

async function lookFor({ ledger, setup, documents }: AttachTools, awaits: Awaited, now: Instant): Promise<AttachLook> {
  if (documents === undefined) return { kind: 'missing', why: 'documents.folder is not set' }
  const { loaded } = await ledger.load([{ by: 'reference', kind: 'invoice', name: 'order', value: awaits.order }])
  const files = documentFiles(setup.config, awaits, [...loaded.values()].flat().filter(isInvoice))
  if (files.kind === 'missing') return files
  const found: FoundDocument[] = []
  for (const name of files.names) {
    const look = await findDocument(documents, name, now).catch(away)
    if (look.kind === 'missing') return look
    const sha256 = createHash('sha256').update(look.bytes).digest('hex')
    found.push({ name, contentType: 'application/pdf', content: look.bytes.toString('base64'), sha256 })
  }
  return { kind: 'found', documents: found }
}

/** A share that is away must not keep the other timers. */
const away = (error: unknown): Extract<AttachLook, { kind: 'missing' }> => ({
  kind: 'missing',
  why: error instanceof Error ? error.message : String(error),
})

const isInvoice = (entity: Entity): entity is Invoice => entity.kind === 'invoice'
