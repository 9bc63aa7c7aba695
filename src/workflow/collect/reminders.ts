/**
 * Reminders before an order expires at its store: to the store that has not answered, to the customer who has not come.
 *
 * Each has a timer of its own, set with the deadline and dropped when the order moves on. One that was missed is sent
 * once while the deadline is still ahead; after that it is noted as skipped. Throws NotLoaded from `known`.
 */
import type { RuleTrace } from '../../core/event.ts'
import type { Collect, Order, Reminder } from '../../core/order.ts'
import type { Draft } from '../draft.ts'
import { send } from '../messages/send.ts'

const prefix = 'collect.reminder.'

/** Name of the timer of the reminder in that place, and when it is due; those of a deadline that is not set have none. */
export interface ReminderTimer {
  readonly name: string
  readonly place: number
  readonly reminder: Reminder
  readonly deadline: number
  readonly dueAt: number
}

export function reminderTimers(collect: Collect): readonly ReminderTimer[] {
  const { reminders = [], elsewhere } = collect.settings
  if (elsewhere) return [] // the side that decides reminds
  return reminders.flatMap((reminder, place) => {
    const deadline = deadlineOf(collect, reminder.of)
    if (deadline === undefined) return []
    return [{ name: `${prefix}${place}`, place, reminder, deadline, dueAt: deadline - reminder.before }]
  })
}

function deadlineOf(collect: Collect, of: Reminder['of']): number | undefined {
  if (of === 'processing') return collect.processing === 'pending' ? collect.processingExpiresAt : undefined
  return collect.delivery === 'ready' ? collect.deliveryExpiresAt : undefined
}

/** Drops those that are set and sets those of the state that the order is in now. */
export function setReminders(draft: Draft, id: Order['id'], collect: Collect): void {
  for (const [place] of (collect.settings.reminders ?? []).entries()) draft.cancelTimer(id, `${prefix}${place}`)
  for (const { name, dueAt } of reminderTimers(collect)) if (dueAt > draft.now) draft.timer(id, name, dueAt)
}

export const isReminder = (timer: string): boolean => timer.startsWith(prefix)

/** The timer fell due. */
export function remind(draft: Draft, order: Order & { readonly collect: Collect }, timer: string): void {
  const due = reminderTimers(order.collect).find(({ name, dueAt }) => name === timer && dueAt <= draft.now)
  if (due === undefined) return
  const { reminder, place, deadline } = due
  const trace: RuleTrace = { workflow: order.collect.settings.workflow, rule: `reminders[${place}]`, conditions: [] }
  const what = `reminder of the ${reminder.to} before order ${order.number} expires`
  if (deadline <= draft.now) {
    draft.happened({ name: 'step.skipped', subject: order.id, text: `${what}: its time is over`, trace })
    return
  }
  const event = draft.happened({ name: 'order.reminded', subject: order.id, text: what, trace })
  const { to, mail, sms } = reminder
  send(draft, order, {
    notice: {
      to,
      ...(mail !== undefined && { mail }),
      ...(sms !== undefined && { sms }),
      send: 'always',
      review: false,
    },
    sendFrom: order.collect.settings.sendFrom,
    sentBy: order.collect.settings.sentBy,
    occurrence: String(deadline),
    because: { event, trace },
  })
}
