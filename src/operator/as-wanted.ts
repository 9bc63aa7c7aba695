/**
 * Messages as they would leave now: those whose recipients want none stand as suppressed.
 *
 * The dispatcher looks once more when each is due: until then somebody may opt in or out. Throws errors of the ledger.
 */
import { type Channel, mainAddresses, type Message, type NewMessage } from '../core/message.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { unwantedBecause } from '../workflow/messages/opted-out.ts'

export async function asWanted<M extends Message | NewMessage>(
  ledger: Pick<Ledger, 'optedOut'>,
  messages: readonly M[],
): Promise<readonly M[]> {
  const optedOut = new Map<Channel, ReadonlySet<string>>()
  for (const [channel, group] of Map.groupBy(messages, ({ channel: of }) => of)) {
    optedOut.set(channel, await ledger.optedOut(channel, [...new Set(group.flatMap(mainAddresses))]))
  }
  return messages.map((message) => {
    if (message.state !== 'queued') return message
    const reason = unwantedBecause(message, optedOut.get(message.channel) ?? new Set())
    return reason === undefined ? message : { ...message, state: 'suppressed', reason }
  })
}
