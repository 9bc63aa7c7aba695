/**
 * Takes what subscribers write to us: STOP ends messages to their number, START begins them again (`sms.stopWords`).
 *
 * Kept before the gateway is answered, so that no STOP is lost; the same one again has no effect. Other texts are
 * logged without their words and left alone: Orderly reads no mail. Rejects when it could not be kept.
 */
import { decideAndCommit } from '../../ledger/decide-and-commit.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Log } from '../../platform/log.ts'
import { decideOptOut } from '../../workflow/messages/change-opt-out.ts'
import type { Setup } from '../../workflow/setup.ts'
import { deliveryCause } from '../dispatcher.ts'
import type { IncomingSms } from './incoming-text.ts'

export interface IncomingTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly log: Log
}

export async function takeIncoming({ ledger, setup, log }: IncomingTools, incoming: IncomingSms): Promise<void> {
  const { account, from, to, text } = incoming
  const action = actionOf(setup, text)
  const isNumber = /^\+[1-9]\d{6,14}$/.test(from)
  if (action === undefined || !isNumber) {
    log.warn(
      { account, from, to, length: text.length },
      'an SMS came from a subscriber; Orderly takes STOP and START only',
    )
    return
  }
  const change = { action, channel: 'sms', address: from, by: 'recipient', reason: `wrote ${wordOf(text)}` } as const
  const decided = await decideAndCommit(ledger, [], (known) =>
    decideOptOut(setup, change, known, deliveryCause(setup), incoming.at),
  )
  if (decided.kind === 'conflict') throw new Error(`opt-out of ${from}: it kept changing`)
  log.info({ account, from, action }, 'a subscriber has opted out of SMS, or in again')
}

/** The whole text is one of the words, whatever its case and punctuation: "please stop calling" is none. */
function actionOf({ config: { sms } }: Setup, text: string): 'add' | 'remove' | undefined {
  const word = wordOf(text)
  const is = (words: readonly string[]): boolean => words.some((one) => wordOf(one) === word)
  return word === '' ? undefined : is(sms.stopWords) ? 'add' : is(sms.startWords) ? 'remove' : undefined
}

const wordOf = (text: string): string =>
  text
    .replace(/[\s\p{P}]+/gu, ' ')
    .trim()
    .toUpperCase()
    .slice(0, 40)
