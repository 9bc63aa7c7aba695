/**
 * Removes the personal data of an archived order when its time is over (N35): of the order and of the messages about it.
 *
 * What remains balances as before: numbers, amounts, lines, states, events and their causes (what they say of the
 * person goes with the order). Import files, files that were written for the ERP and what their rows said stay as they
 * are: they are the ERP's, and customers are master data; both are deleted by who keeps them.
 * Pure; an order that is changed at the same moment is looked at again.
 */
import type { Batch } from '../../core/batch.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import type { TimerId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import type { Message, Recipient } from '../../core/message.ts'
import type { Order, OrderLine } from '../../core/order.ts'
import { Draft } from '../draft.ts'
import type { Setup } from '../setup.ts'
import { retentionTimer } from './archive.ts'

export interface Erasure {
  readonly order: Order['id']
  /** All about the order, as they are. */
  readonly messages: readonly Message[]
  readonly timer: TimerId
}

const erased = 'erased'
const open: ReadonlySet<string> = new Set(['held', 'queued', 'sending'])

export function decideErasure(setup: Setup, erasure: Erasure, known: Known, cause: Cause, now: Instant): Batch {
  const draft = new Draft(setup, known, cause, now)
  const order = draft.get('order', erasure.order)
  draft.timerFired(erasure.timer)
  if (order?.keepUntil === undefined || order.keepUntil > now || order.erasedAt !== undefined) return draft.toBatch()
  const messages = erasure.messages.filter(({ state }) => !open.has(state))
  draft.put(withoutPerson(order, now))
  draft.happened({
    name: 'order.erased',
    subject: order.id,
    after: { messages: messages.length },
    text: `personal data of the order and of ${messages.length} messages removed: its time (${retentionTimer}) is over`,
  })
  for (const { id, state, channel, recipients, mail, sms } of messages) {
    const nobody = recipients.map(({ as, role }): Recipient => ({ as, role, address: erased }))
    draft.updateMessage({
      id,
      from: [state],
      state,
      erase: true,
      content: {
        recipients: nobody,
        ...(channel === 'mail' && mail && { mail: { ...mail, ...noWords, messageId: mail.messageId } }),
        ...(channel === 'sms' && sms && { sms: { ...sms, text: erased } }),
      },
    })
  }
  return draft.toBatch()
}

const noWords = { subject: erased, text: erased, html: erased, attachments: [] }

function withoutPerson(order: Order, now: Instant): Order {
  const { shipTo: _shipTo, note: _note, publicUrl: _publicUrl, fields: _fields, ...rest } = order
  const { number, language } = order.customer
  return {
    ...rest,
    customer: { ...(number !== undefined && { number }), ...(language !== undefined && { language }) },
    lines: order.lines.map(({ fields: _own, ...line }): OrderLine => line),
    erasedAt: now,
    updatedAt: now,
  }
}
