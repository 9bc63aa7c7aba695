/**
 * Follows the events of a record from the first to the last: does each begin where the one before ended?
 *
 * Only the values that make up the state are followed; an event that does not mention one leaves it as it was.
 * Pure; throws nothing.
 */
import type { AuditEvent } from '../../ledger/audit-rows.ts'
import { type Finding, finding, shown } from './finding.ts'

export type Values = Readonly<Record<string, unknown>>

export interface Step {
  readonly seq: number
  readonly name: string
  readonly before: Values
  readonly after: Values
}

/** Values that state nothing. */
const nothing = (value: unknown): boolean => value === undefined || value === null
const same = (a: unknown, b: unknown): boolean => (nothing(a) && nothing(b)) || JSON.stringify(a) === JSON.stringify(b)

/** `start`: what holds before the first step; `end`: what the record says now. */
export function chainFindings(id: string, start: Values, steps: readonly Step[], end: Values): readonly Finding[] {
  const now: Record<string, unknown> = { ...start }
  for (const { seq, name, before, after } of steps) {
    const broken = Object.keys(before).find((key) => key in end && !same(before[key], now[key]))
    if (broken !== undefined) {
      const at = `${broken} ${shown(now[broken])} before event ${seq} (${name})`
      return [finding('A023', id, { found: `${broken} ${shown(before[broken])} there`, expected: at })]
    }
    for (const key of Object.keys(after)) if (key in end) now[key] = after[key]
  }
  const wrong = Object.keys(end).find((key) => !same(now[key], end[key]))
  if (wrong === undefined) return []
  const last = steps.at(-1)
  const where = last === undefined ? 'no event' : `event ${last.seq} (${last.name}) is the last`
  return [finding('A023', id, { found: `${wrong} ${shown(end[wrong])}`, expected: `${shown(now[wrong])}; ${where}` })]
}

export const stepOf = ({ seq, name, before = none, after = none }: AuditEvent): Step => ({ seq, name, before, after })

const none: Values = {}
