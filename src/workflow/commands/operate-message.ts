/**
 * What a person orders about one message: send a held one, never send it, try it again.
 *
 * A change applies only in the states that allow it: the ledger refuses it otherwise. Decides nothing about words or
 * recipients. Throws nothing.
 */
import { assertNever } from '../../core/assert-never.ts'
import type { MessageUpdate } from '../../core/batch.ts'
import type { Command } from '../../core/command.ts'
import type { MessageState } from '../../core/message.ts'
import type { Draft } from '../draft.ts'

export type MessageCommand = Extract<Command, { readonly verb: 'sendMessage' | 'cancelMessage' | 'retryMessage' }>

export function operateMessage(draft: Draft, command: MessageCommand): void {
  switch (command.verb) {
    case 'sendMessage': {
      const dueAt = Math.max(draft.now, command.notBefore ?? 0)
      return change(draft, command, ['held'], { state: 'queued', reason: 'released by hand', dueAt })
    }
    case 'cancelMessage': {
      const reason = command.reason ?? 'cancelled by hand'
      return change(draft, command, ['held', 'queued'], { state: 'cancelled', reason })
    }
    case 'retryMessage': {
      const again = { state: 'queued', reason: 'tried again by hand', dueAt: draft.now, renewed: true } as const
      return change(draft, command, ['refused', 'unknown', 'expired', 'undelivered'], again)
    }
    default:
      return assertNever(command, 'command about a message')
  }
}

function change(
  draft: Draft,
  { message }: MessageCommand,
  from: readonly MessageState[],
  to: Pick<MessageUpdate, 'dueAt' | 'renewed'> & { readonly state: 'queued' | 'cancelled'; readonly reason: string },
): void {
  draft.updateMessage({ id: message, from, ...to })
  draft.happened({
    name: to.state === 'queued' ? 'message.released' : 'message.cancelled',
    subject: message,
    text: to.reason.slice(0, 250),
  })
}
