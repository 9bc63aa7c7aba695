/**
 * What the gateway's answers mean: command_status to outcome, and the outcomes of parts to that of the message.
 *
 * Pure. The rule of the message, in this order: a part unknown makes it unknown; all parts accepted make it
 * accepted; a part refused makes it refused (the accepted ones are named, they cannot be called back); else it is
 * deferred, and only the parts that are not accepted yet are submitted again. Throws nothing.
 */
import smpp from 'smpp'
import { assertNever } from '../../core/assert-never.ts'
import type { Outcome, PartResult } from '../../core/message.ts'

/**
 * throttled: the whole account goes slower; queueFull: this recipient waits; temporary: tried again; session: the
 * bind is no good, bind anew; permanent: never accepted.
 */
export type StatusClass = 'throttled' | 'queueFull' | 'temporary' | 'session' | 'permanent'

/** The provider's own meaning of a command_status, by its number; goes before the built-in table. */
export type StatusTable = Readonly<Record<number, StatusClass>>

/** Codes of SMPP 3.4 §5.1.3 that are no permanent no. Kannel takes the first four as temporary, too. */
const builtIn: StatusTable = {
  0x58: 'throttled', // ESME_RTHROTTLED
  0x14: 'queueFull', // ESME_RMSGQFUL
  0x08: 'temporary', // ESME_RSYSERR
  0x64: 'temporary', // ESME_RX_T_APPN
  0x04: 'session', // ESME_RINVBNDSTS
  0x02: 'temporary', // ESME_RINVCMDLEN: says more about the line than about this message
  0x03: 'temporary', // ESME_RINVCMDID
  0x0d: 'session', // ESME_RBINDFAIL
  0x0e: 'session', // ESME_RINVPASWD
  0x0f: 'session', // ESME_RINVSYSID
  0x45: 'temporary', // ESME_RSUBMITFAIL: each provider means something else
  0x61: 'temporary', // ESME_RINVSCHED: clocks
  0x62: 'temporary', // ESME_RINVEXPIRY
  0x67: 'temporary', // ESME_RQUERYFAIL
  0xfe: 'temporary', // ESME_RDELIVERYFAILURE
  0xff: 'temporary', // ESME_RUNKNOWNERR
}

/** How long a recipient whose queue is full is left alone, milliseconds. */
export const recipientPause = 180_000

const statusNames: ReadonlyMap<number, string> = new Map(
  Object.entries(smpp.errors).map(([name, status]) => [status, name]),
)

/** `ESME_RTHROTTLED (0x58)`; vendors' codes are shown as numbers. */
export function statusName(status: number): string {
  const code = `0x${status.toString(16).padStart(2, '0')}`
  const name = statusNames.get(status)
  return name === undefined ? code : `${name} (${code})`
}

/**
 * The class of a command_status other than 0. A code that the standard defines and the table does not list is
 * permanent; one that it does not define (vendors', 0x400 and up) is temporary, and ends with the last attempt.
 */
export function classOf(status: number, own: StatusTable = {}): StatusClass {
  return own[status] ?? builtIn[status] ?? (statusNames.has(status) ? 'permanent' : 'temporary')
}

/** The outcome of one part that was answered with this status; `accountPause` is the wait that a throttling now asks for. */
export function outcomeOf(
  status: number,
  answer: { messageId: string; accountPause: number },
  own?: StatusTable,
): Outcome {
  if (status === 0) return { kind: 'accepted', response: answer.messageId }
  const reason = `the gateway answered ${statusName(status)}`
  const kind = classOf(status, own)
  switch (kind) {
    case 'throttled':
      return { kind: 'deferred', reason, pace: 'account', retryAfterMs: answer.accountPause }
    case 'queueFull':
      return { kind: 'deferred', reason, pace: 'recipient', retryAfterMs: recipientPause }
    case 'session':
      return { kind: 'deferred', reason, pace: 'account' }
    case 'temporary':
      return { kind: 'deferred', reason }
    case 'permanent':
      return { kind: 'refused', reason, code: statusNames.get(status) ?? statusName(status) }
    default:
      return assertNever(kind, 'status class')
  }
}

/** The message's outcome from the parts accepted before and the results of this attempt (rule above). */
export function combineParts(total: number, before: readonly PartResult[], now: readonly PartResult[]): Outcome {
  const results = [...before, ...now]
  const accepted = results.filter((result) => result.outcome.kind === 'accepted')
  const doubtful = results.find((result) => result.outcome.kind === 'unknown')
  if (doubtful) return about(doubtful, total, accepted.length)
  if (accepted.length >= total) return { kind: 'accepted', response: idsOf(accepted) }
  const refused = results.find((result) => result.outcome.kind === 'refused')
  if (refused) return about(refused, total, accepted.length)
  const deferred = results.find((result) => result.outcome.kind === 'deferred')
  if (deferred) return about(deferred, total, accepted.length)
  return { kind: 'deferred', reason: `${accepted.length} of ${total} parts are accepted, the others were not tried` }
}

/** The part's outcome, saying which part it was when there are several. */
function about(result: PartResult, total: number, accepted: number): Outcome {
  const { outcome } = result
  if (total === 1 || outcome.kind === 'accepted') return outcome
  return { ...outcome, reason: `part ${result.part} of ${total}: ${outcome.reason}; ${accepted} already accepted` }
}

function idsOf(accepted: readonly PartResult[]): string {
  const inOrder = [...accepted].sort((a, b) => a.part - b.part)
  return inOrder.map(({ outcome }) => (outcome.kind === 'accepted' && outcome.response) || '(no id)').join(' ')
}
