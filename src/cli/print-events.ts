/**
 * The history of a thing: when, what, who, and what changed.
 * `currency`: of the amounts in it.
 */
import { isoIn } from '../core/date.ts'
import type { StoredEvent } from '../core/event.ts'
import { changeText } from '../operator/why-node.ts'
import type { Output } from './print.ts'

export function printEvents(out: Output, events: readonly StoredEvent[], zone: string, currency?: string): void {
  out.rows(
    events,
    [
      { head: 'when', of: ({ at }) => isoIn(at, zone) },
      { head: 'event', of: ({ name }) => name },
      { head: 'who', of: ({ actor }) => actor },
      { head: 'rule', of: ({ trace }) => trace && `${trace.workflow} ${trace.rule}` },
      { head: 'change', of: (event) => changeText(event, currency) },
      { head: 'text', of: ({ text }) => text },
    ],
    'nothing has happened',
  )
}
