/**
 * Stores new messages and changes stored ones: their state, their settled recipients, their content.
 *
 * A message whose dedupe key is stored already is ignored (invariant 5.7: one message per key). A
 * change applies only in one of the states that it names; otherwise its id is returned as a conflict
 * and the caller takes the whole batch back. Decides nothing about states.
 */
import type { MessageUpdate } from '../core/batch.ts'
import type { Message, MessageState, SettledRecipient } from '../core/message.ts'
import type { SeqOf } from './append-events.ts'
import { contentOf, destinationOf, type PackedMessage } from './pack-batch.ts'
import type { MessageContent } from './rows.ts'
import { countsAsSent, forgetSent } from './sent.ts'
import {
  freeAccount,
  insertContent,
  insertMessage,
  renamePlanning,
  selectContent,
  selectHead,
  selectHeads,
  sendPartsAgain,
  eraseParts,
  eraseSettled,
  updateContent,
  updateDestination,
  updateMessage,
} from './statements.ts'
import type { MessageHead } from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import { storeParts } from './store-parts.ts'
import type { Tally } from './tally.ts'

export function putMessages(db: Sqlite, tally: Tally, messages: readonly PackedMessage[], seqOf: SeqOf): void {
  for (const message of messages) {
    const { id, dedupeKey, channel, state, reason, subject, createdAt, dueAt, expiresAt, because } = message
    const { changes, key } = db.run(
      insertMessage,
      id,
      dedupeKey,
      channel,
      state,
      reason ?? null,
      subject,
      createdAt,
      dueAt,
      expiresAt ?? null,
      message.destination,
      seqOf(because),
    )
    if (changes === 0) {
      // It was planned before: an event that plans it anew would contradict what has become of it.
      db.run(renamePlanning, seqOf(because), id)
      continue
    }
    db.run(insertContent, key, message.content)
    tally.add('message', channel, state, 1)
  }
}

/** Ids of the messages that are in another state by now, or unknown. */
export function updateMessages(
  db: Sqlite,
  tally: Tally,
  updates: readonly MessageUpdate[],
  at: number,
): readonly string[] {
  const heads = headsOf(db, updates)
  return updates.filter((update) => !applyUpdate(db, tally, update, heads(update.id), at)).map(({ id }) => id)
}

/** Reads the heads of several messages at once; one that is asked for again has changed meanwhile. */
function headsOf(db: Sqlite, updates: readonly MessageUpdate[]): (id: string) => MessageHead | undefined {
  const ids = updates.length > 1 ? JSON.stringify(updates.map(({ id }) => id)) : undefined
  const read = new Map(ids === undefined ? [] : db.all(selectHeads, ids).map((head) => [head.id, head]))
  return (id) => {
    const head = read.get(id)
    if (head === undefined) return db.get(selectHead, id)
    read.delete(id)
    return head
  }
}

function applyUpdate(
  db: Sqlite,
  tally: Tally,
  update: MessageUpdate,
  head: MessageHead | undefined,
  at: number,
): boolean {
  if (head === undefined || !update.from.includes(head.state)) return false
  const { state } = update
  db.run(
    updateMessage,
    state,
    update.reason ?? null,
    update.response ?? head.response,
    update.dueAt ?? head.due_at,
    update.attempted === true ? 1 : 0,
    finishedAt(update, head),
    mergeSettled(head.settled, update.settled),
    update.renewed === true ? renewal(update, head) : 0,
    head.key,
  )
  // Read only where it is needed: most updates say "accepted" and leave the content alone.
  const content = lazily(() => contentIn(db, head.key))
  if (countsAsSent(head.state) && !countsAsSent(state)) forgetSent(db, head, content().recipients)
  if (head.state === 'undelivered' && state === 'queued') db.run(sendPartsAgain, head.key)
  if (update.parts !== undefined) storeParts(db, head.key, update.parts, { ...partOrigin(update, content), at })
  if (head.channel === 'sms' && state === 'queued') db.run(freeAccount, head.key)
  if (update.content !== undefined) {
    const changed = { ...content(), ...update.content }
    db.run(updateContent, contentOf(changed), head.key)
    db.run(updateDestination, destinationOf({ ...changed, channel: head.channel }), head.key)
  }
  if (update.erase === true) {
    db.run(eraseSettled, head.key)
    db.run(eraseParts, head.key)
  }
  tally.add('message', head.channel, head.state, -1)
  tally.add('message', head.channel, state, 1)
  return true
}

/** Milliseconds that the end of its time moves by: the same age is allowed anew from when it is due. */
const renewal = (update: MessageUpdate, head: MessageHead): number => (update.dueAt ?? head.due_at) - head.created_at

/** States in which something is still to be done: no finishing time stays with them. */
const open: ReadonlySet<MessageState> = new Set(['held', 'queued', 'sending'])

const finishedAt = (update: MessageUpdate, head: MessageHead): number | null =>
  update.finishedAt ?? (open.has(update.state) ? null : head.finished_at)

/** One result per address; the newer one stands. */
function mergeSettled(stored: string, more: readonly SettledRecipient[] | undefined): string {
  if (more === undefined || more.length === 0) return stored
  const byAddress = new Map((JSON.parse(stored) as Message['settled']).map((one) => [one.address, one]))
  for (const one of more) byAddress.set(one.address, one)
  return JSON.stringify([...byAddress.values()])
}

const partOrigin = (
  update: MessageUpdate,
  content: () => MessageContent,
): { account: string; destination: string } => ({
  account: update.account ?? '',
  destination: update.destination ?? content().recipients[0]?.address ?? '',
})

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function contentIn(db: Sqlite, key: number): MessageContent {
  const row = db.get(selectContent, key)
  if (row === undefined) throw new Error(`message ${key} has no content`)
  return JSON.parse(row.data) as MessageContent
}
