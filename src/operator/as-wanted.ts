/**
 * Messages as they would leave now: those whose recipients want none stand as suppressed.
 *
 * The dispatcher looks once more when each is due: until then somebody may opt in or out. Throws errors of the ledger.
 */
import { mainAddresses, type Message, type NewMessage } from '../core/message.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { unwantedBecause } from '../workflow/messages/opted-out.ts'

export async function asWanted<M extends Message | NewMessage>(
  ledger: Pick<Ledger, 'optedOut'>,
  messages: readonly M[],
): Promise<readonly M[]> {
  const wanted = new Map<M, M>()
  for (const [channel, group] of Map.groupBy(messages, ({ channel: of }) => of)) {
    const optedOut = await ledger.optedOut(channel, [...new Set(group.flatMap(mainAddresses))])
    for (const message of group) {
      const reason = message.state === 'queued' ? unwantedBecause(message, optedOut) : undefined
      wanted.set(message, reason === undefined ? message : { ...message, state: 'suppressed', reason })
    }
  }
  return messages.map((message) => wanted.get(message) ?? message)
}
