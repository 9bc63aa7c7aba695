/**
 * Compares what a disturbed run came to with an undisturbed one, for the sweeps of kills and of faults.
 *
 * Times and config hashes are no difference; a message that came twice is one unless it was unknown at some time.
 */

/** What both kinds of story tell of messages. */
export interface SentEnding {
  /** Of mails to customers and stores as they arrived, with repetitions. */
  readonly mails: readonly string[]
  readonly sms: readonly string[]
  /** Ids of messages whose result was unknown at some time. */
  readonly unknown: readonly string[]
  /** Messages by id with their last state; alarms left out. */
  readonly states: Readonly<Record<string, string>>
}

/** A record without its times (a disturbance may cost time) and config hash (each world has its own ports). */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !/(^at|At|^keepUntil|^answerBy|^since|configHash)$/.test(key))
      .map(([key, each]) => [key, comparable(each)]),
  )
}

/** A line for each pair that is not the same. */
export const differing = (pairs: readonly (readonly [what: string, a: unknown, b: unknown])[]): readonly string[] =>
  pairs
    .map(([what, a, b]) => ({ what, a: JSON.stringify(a), b: JSON.stringify(b) }))
    .filter(({ a, b }) => a !== b)
    .map(({ what, a, b }) => `${what} differ:\n${firstDifference(a, b)}`)

/** The two texts from shortly before they part. */
function firstDifference(a: string, b: string): string {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  const from = Math.max(0, at - 80)
  return `  expected …${a.slice(from, at + 200)}\n  found    …${b.slice(from, at + 200)}`
}

/** What is wrong with the messages; empty when nothing is. */
export function differencesOfSent(reference: SentEnding, found: SentEnding): readonly string[] {
  const wrong = [
    ...differing([
      ['messages', Object.keys(reference.states).toSorted(), Object.keys(found.states).toSorted()],
      ['mails that arrived', [...new Set(reference.mails)], [...new Set(found.mails)]],
    ]),
  ]
  const twice = found.mails.filter((id, i) => found.mails.indexOf(id) !== i)
  for (const id of twice) if (!found.unknown.includes(id)) wrong.push(`mail ${id} came twice and was never unknown`)
  for (const [id, state] of Object.entries(found.states)) {
    const fine = state === reference.states[id] || (found.unknown.includes(id) && state === 'sms held')
    if (!fine) wrong.push(`message ${id} ended as "${state}" instead of "${reference.states[id] ?? 'nothing'}"`)
  }
  const heldSms = Object.values(found.states).filter((state) => state === 'sms held').length
  if (found.sms.length > reference.sms.length)
    wrong.push(`${found.sms.length} SMS were sent instead of ${reference.sms.length}`)
  if (found.sms.length + heldSms < reference.sms.length) wrong.push('an SMS is neither sent nor held')
  return wrong
}
