/**
 * Alarms: a mail to those who look after Orderly, about what needs a person.
 *
 * One alarm per key: the same trouble does not write twice. An alarm is an event and a message
 * like any other, so that it is logged, explained and retried by the same mechanism.
 */
import type { Batch } from '../../core/batch.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import type { Known } from '../../core/known.ts'
import { companyView } from '../view.ts'
import { Draft } from '../draft.ts'
import { addressesOf, planMail } from './plan-message.ts'
import type { Setup } from '../setup.ts'

export interface Alarm {
  /** The same key within one life of the trouble is one alarm. */
  readonly key: string
  /** Record, file, export or transport that it is about. */
  readonly subject: string
  readonly title: string
  readonly what: string
  readonly where?: string
  readonly details?: string
  readonly next?: string
}

export function raiseAlarm(draft: Draft, alarm: Alarm, because?: number): void {
  if (!draft.raiseOnce(alarm.key)) return
  const event = draft.happened({
    name: 'alarm.raised',
    subject: alarm.subject,
    text: `${alarm.title}: ${alarm.what}`.slice(0, 250),
    ...(because !== undefined && { because }),
  })
  const { alarms, languages } = draft.setup.config
  if (alarms === undefined) return
  const { title, what, where, details, next } = alarm
  planMail(draft, {
    template: 'alarm/alarm',
    subject: alarm.subject,
    dedupeKey: `alarm/${alarm.key}`,
    recipients: addressesOf(alarms.to).map((address) => ({ address, as: 'to', role: 'alarm' })),
    languages: [...(alarms.language === undefined ? [] : [alarms.language]), languages[0] ?? 'en'],
    view: {
      now: { type: 'instant', instant: draft.now, zone: draft.setup.config.timeZone },
      company: companyView(draft),
      alarm: { title, what, where, details, next },
    },
    because: { event },
    missing: 'no address stands under alarms.to',
  })
}

const nothingKnown: Known = { get: () => undefined, find: () => [] }

/** A batch that only raises alarms, for those who find trouble outside a decision. */
export function decideAlarms(setup: Setup, cause: Cause, now: Instant, alarms: readonly Alarm[]): Batch {
  const draft = new Draft(setup, nothingKnown, cause, now)
  for (const alarm of alarms) raiseAlarm(draft, alarm)
  return draft.toBatch()
}
