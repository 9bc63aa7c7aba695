/**
 * What receipts mean for an SMS: one final state for all of its parts (5.7, mechanisms 1.6).
 *
 * Delivered when all parts are, undelivered when one is not. What is known of a part counts also when it came before
 * the others had left. What was delivered stays so. Nothing here knows a protocol. Throws nothing.
 */
import type { Batch } from '../../core/batch.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import type { Message, MessageState, Receipt } from '../../core/message.ts'
import { Draft } from '../draft.ts'
import type { Setup } from '../setup.ts'

/** States in which all parts have left, and receipts may still move the message on. */
const isSent: ReadonlySet<MessageState> = new Set(['accepted', 'delivered', 'undelivered', 'unknown'])

function stateByParts(message: Message, others: readonly PartState[], arrived: boolean): keyof typeof eventByState {
  if (!arrived || others.some(({ state }) => state === 'undelivered')) return 'undelivered'
  const all = others.length + 1 >= (message.sms?.parts ?? 1)
  return all && others.every(({ state }) => state === 'delivered') ? 'delivered' : 'accepted'
}

const eventByState = {
  delivered: 'message.delivered',
  undelivered: 'message.undelivered',
  accepted: 'message.delivered', // the part that did not arrive has arrived after all; others are still on their way
} as const

/** A part of an SMS as stored, for deciding what a receipt means. */
export interface PartState {
  readonly part: number
  readonly state: 'accepted' | 'delivered' | 'undelivered' | 'again'
}

/**
 * What a receipt means for its message: delivered when all parts are, undelivered when one failed;
 * intermediate states, states that say nothing, and repetitions change nothing (mechanisms 1.6), and what was
 * delivered stays so. Nor does a receipt for one part change anything while another part is still to be sent or to be
 * decided on: it stays with its part.
 */
export function decideReceipt(
  setup: Setup,
  receipt: Receipt,
  message: Message | undefined,
  parts: readonly PartState[],
  part: number | undefined,
  cause: Cause,
): Batch {
  const draft = new Draft(setup, { get: () => undefined, find: () => [] }, cause, receipt.at)
  const known = message !== undefined && part !== undefined
  const batch = (): Batch => ({
    ...draft.toBatch(),
    receipts: [{ receipt, ...(known && { message: message.id, part }) }],
  })
  if (!known || receipt.state === 'intermediate' || receipt.state === 'unknown') return batch()
  const others = parts.filter((each) => each.part !== part)
  // What was delivered stays delivered, whichever of two receipts that contradict each other came first.
  const before = parts.find((each) => each.part === part)?.state
  const state = stateByParts(message, others, receipt.state === 'delivered' || before === 'delivered')
  const stays = message.state === state || (state === 'accepted' && message.state !== 'undelivered')
  if (stays || !isSent.has(message.state)) return batch()
  const text = `${receipt.state}${receipt.error === undefined ? '' : ` (${receipt.error})`}`
  enter(draft, message, state, text)
  return batch()
}

function enter(draft: Draft, { id, state: before }: Message, state: keyof typeof eventByState, text: string): void {
  draft.updateMessage({ id, from: [before], state, response: text, finishedAt: draft.now })
  const after = { state }
  draft.happened({ name: eventByState[state], subject: id, before: { state: before }, after, text: text.slice(0, 250) })
}

/**
 * What the parts of a message that was just accepted say already: their receipts may have come while another part was
 * still to be sent. Undefined where they say nothing yet.
 */
export function decideByParts(
  setup: Setup,
  message: Message,
  parts: readonly PartState[],
  cause: Cause,
  now: Instant,
): Batch | undefined {
  if (message.state !== 'accepted') return undefined
  const lost = parts.filter(({ state }) => state === 'undelivered')
  const isDelivered = parts.length >= (message.sms?.parts ?? 1) && parts.every(({ state }) => state === 'delivered')
  if (lost.length === 0 && !isDelivered) return undefined
  const draft = new Draft(setup, { get: () => undefined, find: () => [] }, cause, now)
  const text = `part ${lost.map(({ part }) => part).join(', ')} did not arrive, by an earlier receipt`
  if (isDelivered) enter(draft, message, 'delivered', 'delivered, by earlier receipts')
  else enter(draft, message, 'undelivered', text)
  return draft.toBatch()
}
