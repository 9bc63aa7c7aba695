/**
 * Keeps input that came before its order, until the order comes (N27).
 *
 * Rows wait in the order in which they came; the last of them once more is no news, an earlier one again is (A, B, A
 * are three). Applied by apply-parked.ts. Pure.
 */
import { type ParkedId, parkedId } from '../core/ids.ts'
import type { Incoming } from '../core/incoming.ts'
import type { Draft } from './draft.ts'

/** `waitsFor`: the number of the order as written; `what`: for people. */
export function parkInput(
  draft: Draft,
  input: Extract<Incoming, { readonly order: string; readonly channel?: string }>,
  waitsFor: string,
  what: string,
): 'parked' | 'repeated' {
  const key = JSON.stringify(input)
  const waiting = draft
    .find('parked', 'waitsFor', waitsFor)
    .filter((each) => each.input.kind === input.kind && 'channel' in each.input === 'channel' in input)
    .filter((each) => !('channel' in each.input) || each.input.channel === input.channel)
  const last = waiting.at(-1)
  if (last !== undefined && JSON.stringify(last.input) === key) return 'repeated'
  const { id } = draft.put({
    kind: 'parked',
    id: newId(draft, key),
    version: 0,
    state: 'waiting',
    waitsFor,
    input,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  draft.happened({ name: 'status.parked', subject: id, text: `${what} waits for order ${waitsFor}`.slice(0, 250) })
  return 'parked'
}

function newId(draft: Draft, key: string): ParkedId {
  for (let time = 1; ; time++) {
    const id = parkedId(time === 1 ? key : `${key}/${time}`)
    if (draft.get('parked', id) === undefined) return id
  }
}
