/**
 * The history of a thing: when, what, who, and what changed.
 */
import { isoIn } from '../core/date.ts'
import type { StoredEvent } from '../core/event.ts'
import type { Output } from './print.ts'

export function printEvents(out: Output, events: readonly StoredEvent[], zone: string): void {
  out.rows(
    events,
    [
      { head: 'when', of: ({ at }) => isoIn(at, zone) },
      { head: 'event', of: ({ name }) => name },
      { head: 'who', of: ({ actor }) => actor },
      { head: 'rule', of: ({ trace }) => trace && `${trace.workflow} ${trace.rule}` },
      { head: 'change', of: changeOf },
      { head: 'text', of: ({ text }) => text },
    ],
    'nothing has happened',
  )
}

function changeOf({ before, after }: StoredEvent): string | undefined {
  if (after === undefined) return undefined
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
  return Object.entries(after)
    .map(([name, value]) => {
      const old = before?.[name]
      return old === undefined ? `${name} ${text(value)}` : `${name} ${text(old)} → ${text(value)}`
    })
    .join(', ')
}
