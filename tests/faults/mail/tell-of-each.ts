/**
 * Many mails in one run of the daemon, each meeting its own trouble at the mail server, and what came of each.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../src/core/message.ts'
import { expectBalance } from './balance.ts'
import { type MailStory, startStory, storyLimitMs } from './mail-story.ts'

export interface Row {
  /** What the server does at the first, second … attempt; then it behaves. */
  readonly script: readonly string[]
  /** Three recipients instead of one. */
  readonly many?: true
  readonly state: 'accepted' | 'refused'
  /** How often the server took it; `most`: or so often. */
  readonly copies: number
  readonly most?: number
  /** Attempts that are counted, where it is sure how many. */
  readonly tries?: number
  /** Said of it by one of its events. */
  readonly says?: RegExp
}

export const sent = { state: 'accepted', copies: 1 } as const
/** Said of a mail whose last byte had left when the line broke. */
export const doubt = /message.unknown: result unknown: no answer after the whole message was sent/

/** Registers the tests of these rows. `more`: tests of the same run, given what lies behind it. */
export function tellOfEach(given: readonly Row[], more: (run: () => MailStory, mailOf: MailOf) => void): void {
  const rows = given.map((row, i) => ({
    ...row,
    address: `m${String(i).padStart(2, '0')}@example.com`,
    name: `${row.many ? 'three recipients, ' : ''}${row.script.join(', then ')}`,
  }))
  const addresses = (many: boolean): string[] =>
    rows.filter((row) => (row.many ?? false) === many).map(({ address }) => address)
  let story: MailStory
  let mails: readonly Message[] = []
  const mailTo = (address: string | undefined): Message => {
    const mail = mails.find(({ recipients }) => recipients[0]?.address === address)
    if (mail === undefined) throw new Error(`no mail to ${address}`)
    return mail
  }
  beforeAll(async () => {
    story = await startStory()
    for (const { address, script } of rows) story.chaos.forRecipient.set(address, [...script])
    if (addresses(false).length > 0) story.tell(addresses(false))
    if (addresses(true).length > 0) story.tell(addresses(true), 'many')
    await story.until('all orders came in', async () => (await story.mails()).length === rows.length)
    mails = await story.settled(['accepted', 'refused'], 120_000)
  }, storyLimitMs)
  afterAll(async () => await story[Symbol.asyncDispose](), storyLimitMs)

  describe('one mail, when the server does this at its first attempts', () => {
    it.each(rows)('$name: $state, taken $copies times', async ({ address, state, copies, most, tries, says }) => {
      const mail = mailTo(address)
      const events = (await story.happened(mail)).join('\n')
      const taken = story.chaos.taken.filter(({ messageId }) => messageId === mail.mail?.messageId).length
      expect(mail.state, events).toBe(state)
      expect(taken, events).toBeGreaterThanOrEqual(copies)
      expect(taken, events).toBeLessThanOrEqual(most ?? copies)
      if (tries !== undefined) expect(mail.attempts, events).toBe(tries)
      if (says) expect(events).toMatch(says)
    })
  })

  describe('after all that', () => {
    it('the books and the server agree, and the daemon is well', async () => await expectBalance(story))

    it('no more connections were made than there were troubles, and none is left over', async () => {
      const scripted = rows.reduce((sum, { script }) => sum + script.length, 0)
      expect(story.chaos.connections.length).toBeLessThan(2 * scripted + rows.length)
      await story.until('at most four lines are open', () => story.chaos.open() <= 4, 5_000)
    })

    more(
      () => story,
      (script) => mailTo(rows.find((row) => row.script[0] === script)?.address),
    )
  })
}

/** The mail whose script begins so. */
export type MailOf = (script: string) => Message
