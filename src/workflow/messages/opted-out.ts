/**
 * Who wants no messages (opt-outs, N54), and which messages are not sent for that.
 *
 * Transactional messages and alarms are sent all the same: they must be known of. Pure; throws nothing.
 */
import { isAlarm, mainAddresses, type Message } from '../../core/message.ts'

type Addressed = Pick<Message, 'template' | 'recipients' | 'transactional'>

/** Why it is not sent: none of those that it is for wants messages. `optedOut` are lower-case addresses. */
export function unwantedBecause(message: Addressed, optedOut: ReadonlySet<string>): string | undefined {
  if (optedOut.size === 0 || message.transactional === true || isAlarm(message)) return undefined
  const to = mainAddresses(message)
  if (to.length === 0 || !to.every((address) => optedOut.has(address))) return undefined
  return `${to.join(', ')} wants no messages (opted out)`
}
