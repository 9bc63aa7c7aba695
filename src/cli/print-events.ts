/**
 * The history of a thing: when, what, who, and what changed.
 * `currency`: of the amounts in it.
 */
import { isoIn } from '../core/date.ts'
import type { StoredEvent } from '../core/event.ts'
import type { Order } from '../core/order.ts'
import { changeText } from '../operator/why/node.ts'
import type { Output } from './print.ts'

export function printEvents(out: Output, events: readonly StoredEvent[], zone: string, currency?: string): void {
  out.rows(
    events,
    [
      { head: 'when', of: ({ at }) => isoIn(at, zone) },
      { head: 'event', of: ({ name }) => name },
      { head: 'who', of: ({ actor }) => actor },
      { head: 'from', of: ({ source }) => source && sourceText(source) },
      { head: 'rule', of: ({ trace }) => trace && `${trace.workflow} ${trace.rule}` },
      { head: 'change', of: (event) => changeText(event, currency) },
      { head: 'text', of: ({ text }) => text },
    ],
    'nothing has happened',
  )
}

/** The history of an order with that of all that belongs to it: the number of each event, and what it is about. */
export function printHistory(out: Output, events: readonly StoredEvent[], zone: string, order: Order): void {
  out.rows(
    events,
    [
      { head: 'event', of: ({ seq }) => seq, right: true },
      { head: 'when', of: ({ at }) => isoIn(at, zone) },
      { head: 'what', of: ({ name }) => name },
      { head: 'who', of: ({ actor }) => actor },
      { head: 'from', of: ({ source }) => source && sourceText(source) },
      { head: 'rule', of: ({ trace }) => trace && `${trace.workflow} ${trace.rule}` },
      { head: 'change', of: (event) => changeText(event, order.currency) },
      { head: 'text', of: ({ text }) => text },
      { head: 'about', of: ({ subject }) => (subject === order.id ? undefined : subject) },
    ],
    'nothing has happened',
  )
}

const sourceText = ({ import: name, file, row }: NonNullable<StoredEvent['source']>): string =>
  `${file ?? name}${row === undefined ? '' : `:${row}`}`
