/**
 * Checks one message against its events, its content and its parts: one beginning, one explained state.
 *
 * Pure comparisons. A message that is in flight has no event of its own: its state is then `queued` in the
 * history. Throws nothing.
 */
import { messageId } from '../../core/ids.ts'
import type { AuditEvent } from '../../ledger/audit-rows.ts'
import type { AuditMessageRow, AuditPartRow } from '../../ledger/audit-statements.ts'
import { type Finding, finding, shown } from './finding.ts'

const births: ReadonlySet<string> = new Set(['message.queued', 'message.held', 'message.suppressed'])
const open: ReadonlySet<string> = new Set(['held', 'queued', 'sending'])
const sent: ReadonlySet<string> = new Set(['accepted', 'delivered', 'undelivered'])

/** States that an event leads to by its name, where it does not say so. */
const byName: Readonly<Record<string, string>> = {
  'message.queued': 'queued',
  'message.held': 'held',
  'message.suppressed': 'suppressed',
  'message.released': 'queued',
  'message.cancelled': 'cancelled',
}

/** `deep`: also whether the id is the one of the dedupe key, which costs a hash. */
export function messageFindings(
  row: AuditMessageRow,
  events: readonly AuditEvent[],
  parts: readonly AuditPartRow[],
  deep: boolean,
): readonly Finding[] {
  return [
    ...identityFindings(row, deep),
    ...birthFindings(row, events),
    ...stateFindings(row, events),
    ...attemptFindings(row, events),
    ...timeFindings(row),
    ...partFindings(row, parts),
  ]
}

function identityFindings(row: AuditMessageRow, deep: boolean): readonly Finding[] {
  const findings: Finding[] = []
  if (deep && row.id !== messageId(row.dedupe_key)) {
    findings.push(
      finding('A049', row.id, { found: `key ${shown(row.dedupe_key)}`, expected: `id ${messageId(row.dedupe_key)}` }),
    )
  }
  const needed = open.has(row.state) || sent.has(row.state)
  const isWhole = row.content === row.channel && (row.recipients ?? 0) > 0
  // A message that is held may lack its text, with a reason; it is never sent without.
  if (row.template === null || (needed && row.state !== 'held' && !isWhole)) {
    const found =
      row.template === null ? 'no content' : `content ${row.content ?? 'none'}, ${row.recipients ?? 0} recipients`
    findings.push(finding('A045', row.id, { found, expected: `a ${row.channel} text and its recipients` }))
  }
  return findings
}

/** The first event planned it, and is the one that the message names. */
function birthFindings(row: AuditMessageRow, events: readonly AuditEvent[]): readonly Finding[] {
  const [first] = events
  if (first !== undefined && births.has(first.name) && first.seq === row.because) return []
  const found = first === undefined ? 'no event' : `event ${first.seq} (${first.name}) as the first`
  const expected = `event ${row.because ?? 'unknown'} that planned it, as the first`
  return [finding('A041', row.id, { found, expected })]
}

function stateFindings(row: AuditMessageRow, events: readonly AuditEvent[]): readonly Finding[] {
  if (events.length === 0) return []
  let now: unknown = undefined
  for (const { seq, name, before, after } of events) {
    const from = before?.['state'] === 'sending' ? 'queued' : before?.['state']
    if (from !== undefined && now !== undefined && from !== now) {
      const found = `${shown(from)} before event ${seq} (${name})`
      return [finding('A042', row.id, { found, expected: `${shown(now)} as the events before it leave it` })]
    }
    now = after?.['state'] ?? byName[name] ?? now
  }
  const isRight = now === row.state || (row.state === 'sending' && now === 'queued')
  return isRight ? [] : [finding('A042', row.id, { found: row.state, expected: `${shown(now)} by its events` })]
}

/** A result that is not charged (a pace signal, too old before it was sent) makes the count smaller. */
function attemptFindings({ id, attempts }: AuditMessageRow, events: readonly AuditEvent[]): readonly Finding[] {
  const count = (names: readonly string[]): number => events.filter(({ name }) => names.includes(name)).length
  const least = count(['message.accepted', 'message.refused', 'message.unknown'])
  const most = least + count(['message.deferred', 'message.expired'])
  if (attempts >= least && attempts <= most) return []
  const expected = least === most ? String(least) : `${least} to ${most}`
  return [finding('A043', id, { found: `${attempts} attempts`, expected: `${expected}, by its results` })]
}

function timeFindings(row: AuditMessageRow): readonly Finding[] {
  const wrong =
    row.due_at <= 0
      ? ['no due time', 'one']
      : row.state === 'sending' && row.taken_at === null
        ? ['in flight, never taken', 'the time at which it was taken']
        : sent.has(row.state) && row.finished_at === null
          ? [`${row.state} without a time`, 'the time of the result']
          : open.has(row.state) && row.finished_at !== null
            ? [`${row.state}, with the time ${row.finished_at} of an end`, 'none']
            : undefined
  return wrong === undefined ? [] : [finding('A044', row.id, { found: wrong[0] ?? '', expected: wrong[1] ?? '' })]
}

function partFindings(
  { id, channel, state, parts: wanted }: AuditMessageRow,
  parts: readonly AuditPartRow[],
): readonly Finding[] {
  if (channel !== 'sms' || !sent.has(state)) return []
  const there = parts.map(({ part }) => part)
  if (there.length !== wanted || there.some((part, index) => part !== index + 1)) {
    return [
      finding('A046', id, { found: `parts ${there.join(', ') || 'none'}`, expected: `parts 1 to ${wanted ?? 0}` }),
    ]
  }
  const states = new Set(parts.map((part) => part.state))
  const fits =
    state === 'delivered'
      ? states.size === 1 && states.has('delivered')
      : state === 'undelivered'
        ? states.has('undelivered')
        : true
  if (fits) return []
  return [
    finding('A046', id, {
      found: `${state} with parts ${[...states].join(', ')}`,
      expected: `parts that are ${state}`,
    }),
  ]
}
