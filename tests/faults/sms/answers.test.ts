import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Message, MessageState } from '../../../src/core/message.ts'
import type { Behaviour, ReceiptStep } from '../../neighbours/smsc/behaviour.ts'
import { status } from '../../neighbours/smsc/behaviour.ts'
import { beginStory, type Story } from './story.ts'

interface Row {
  readonly what: string
  readonly smsc: readonly Behaviour[]
  readonly long?: boolean
  readonly state: MessageState
  /** Copies that the SMSC took. */
  readonly copies: number
  /** Tries that were charged to the message. */
  readonly attempts: number
  /** What the history says. */
  readonly says: RegExp
}

const ok: Behaviour = { answer: 'ok' }
const refused = (code: number): Behaviour => ({ answer: { status: code } })
const receipts = (...steps: readonly ReceiptStep[]): Behaviour => ({ answer: 'ok', receipts: steps })
const one = { copies: 1, attempts: 1 }
const delivered = { ...one, state: 'delivered', says: /delivered/ } as const

/** Answers after which the session goes on; one run of the daemon for all of them. */
const rows: readonly Row[] = [
  { what: 'a message that is taken', smsc: [ok], ...delivered },
  {
    what: 'throttled twice, then taken',
    smsc: [refused(status.throttled), refused(status.throttled), ok],
    ...delivered,
    says: /ESME_RTHROTTLED/,
  },
  {
    what: 'the queue of its recipient is full',
    smsc: [refused(status.queueFull)],
    state: 'queued',
    copies: 0,
    attempts: 0,
    says: /ESME_RMSGQFUL/,
  },
  {
    what: 'a system error, then taken',
    smsc: [refused(status.syserr), ok],
    ...delivered,
    attempts: 2,
    says: /ESME_RSYSERR/,
  },
  {
    what: 'nothing but system errors',
    smsc: [refused(status.syserr)],
    state: 'refused',
    copies: 0,
    attempts: 3,
    says: /gave up after 3 tries.*ESME_RSYSERR/,
  },
  {
    what: 'an invalid destination',
    smsc: [refused(status.invalidDestination)],
    state: 'refused',
    copies: 0,
    attempts: 1,
    says: /ESME_RINVDSTADR/,
  },
  {
    what: 'a submission that failed, then taken',
    smsc: [refused(status.submitFail), ok],
    ...delivered,
    attempts: 2,
    says: /ESME_RSUBMITFAIL/,
  },
  { what: 'a status of the vendor', smsc: [refused(0x40c)], state: 'refused', copies: 0, attempts: 3, says: /0x40c/ },
  {
    what: 'generic_nack, then taken',
    smsc: [{ answer: 'nack' }, ok],
    ...delivered,
    attempts: 2,
    says: /ESME_RINVCMDID/,
  },
  { what: 'an answer that takes its time', smsc: [{ answer: { delayMs: 400 } }], ...delivered },
  { what: 'two answers', smsc: [{ answer: 'twice' }], ...delivered },
  { what: 'an answer byte by byte', smsc: [{ answer: 'ok', wire: 'byByte' }], ...delivered },
  { what: 'answer and receipt in one segment', smsc: [{ answer: 'ok', wire: 'withReceipt' }], ...delivered },
  { what: 'an answer without an id', smsc: [{ answer: 'emptyId' }], ...one, state: 'accepted', says: /accepted/ },
  { what: 'no receipt', smsc: [receipts()], ...one, state: 'accepted', says: /accepted/ },
  { what: 'a receipt before the answer', smsc: [receipts({ state: 'DELIVRD', when: 'before' })], ...delivered },
  { what: 'a receipt long after', smsc: [receipts({ state: 'DELIVRD', afterMs: 1500 })], ...delivered },
  { what: 'the same receipt three times', smsc: [receipts({ state: 'DELIVRD', times: 3 })], ...delivered },
  { what: 'a receipt that the id is in the text of', smsc: [receipts({ state: 'DELIVRD', in: 'text' })], ...delivered },
  {
    what: 'a receipt that the id is in a parameter of',
    smsc: [receipts({ state: 'DELIVRD', in: 'tlv' })],
    ...delivered,
  },
  {
    what: 'on its way, then delivered',
    smsc: [receipts({ state: 'ENROUTE' }, { state: 'DELIVRD', afterMs: 60 })],
    ...delivered,
  },
  {
    what: 'delivered, then on its way',
    smsc: [receipts({ state: 'DELIVRD' }, { state: 'ENROUTE', afterMs: 60 })],
    ...delivered,
  },
  ...(['UNDELIV', 'EXPIRED', 'DELETED', 'REJECTD'] as const).map((state) => ({
    what: `a receipt ${state}`,
    smsc: [receipts({ state })],
    ...one,
    state: 'undelivered' as const,
    says: /undelivered/,
  })),
  ...(['ACCEPTD', 'UNKNOWN', 'ENROUTE'] as const).map((state) => ({
    what: `a receipt ${state}, which is no last word`,
    smsc: [receipts({ state })],
    ...one,
    state: 'accepted' as const,
    says: /accepted/,
  })),
  // Whichever comes first: the phone has it.
  {
    what: 'delivered, then undelivered',
    smsc: [receipts({ state: 'DELIVRD' }, { state: 'UNDELIV', afterMs: 80 })],
    ...delivered,
  },
  {
    what: 'undelivered, then delivered',
    smsc: [receipts({ state: 'UNDELIV' }, { state: 'DELIVRD', afterMs: 80 })],
    ...delivered,
  },
  {
    what: 'a receipt about nobody',
    smsc: [receipts({ state: 'UNDELIV', about: 'unknown' })],
    ...one,
    state: 'accepted',
    says: /accepted/,
  },
  {
    what: 'a receipt that nobody can read',
    smsc: [receipts({ state: 'UNDELIV', about: 'garbled' })],
    ...one,
    state: 'accepted',
    says: /accepted/,
  },
  { what: 'ids without their zeros in the receipt', smsc: [{ answer: 'ok', ids: 'zerosStripped' }], ...delivered },
  { what: 'ids in capitals in the receipt', smsc: [{ answer: 'ok', ids: 'upperCase' }], ...delivered },
  { what: 'ids that are UUIDs', smsc: [{ answer: 'ok', ids: 'uuid' }], ...delivered },
  { what: 'three parts', smsc: [ok], long: true, ...delivered, copies: 3 },
  {
    what: 'three parts, the second throttled',
    smsc: [ok, refused(status.throttled), ok],
    long: true,
    ...delivered,
    copies: 3,
    says: /part 2 of 3.*ESME_RTHROTTLED.*1 already accepted/,
  },
  {
    what: 'three parts, the last with a system error',
    smsc: [ok, ok, refused(status.syserr), ok],
    long: true,
    ...delivered,
    copies: 3,
    attempts: 2,
    says: /part 3 of 3.*2 already accepted/,
  },
  {
    what: 'three parts, the second refused',
    smsc: [ok, refused(status.invalidDestination)],
    long: true,
    copies: 1,
    attempts: 1,
    state: 'refused',
    says: /part 2 of 3.*ESME_RINVDSTADR/,
  },
  {
    what: 'three parts, one of them undelivered',
    smsc: [ok, receipts({ state: 'UNDELIV' }), ok],
    long: true,
    copies: 3,
    attempts: 1,
    state: 'undelivered',
    says: /undelivered/,
  },
  {
    what: 'three parts, one without a receipt',
    smsc: [ok, receipts(), ok],
    long: true,
    copies: 3,
    attempts: 1,
    state: 'accepted',
    says: /accepted/,
  },
  {
    what: 'three parts, each with three receipts, the first ones early',
    smsc: [receipts({ state: 'DELIVRD', when: 'before', times: 3 })],
    long: true,
    ...delivered,
    copies: 3,
  },
  {
    what: 'three parts, receipts in reverse order',
    smsc: [receipts({ state: 'DELIVRD', when: 'held' })],
    long: true,
    ...delivered,
    copies: 3,
  },
]

const numberAt = (index: number): string => String(index + 1).padStart(3, '0')

describe('answers after which the session goes on', () => {
  let story: Story
  let histories: ReadonlyMap<string, string>
  let messages: ReadonlyMap<string, Message>
  beforeAll(async () => {
    story = await beginStory({ systemId: 'orderly', password: 'secret' })
    const cases = rows.map(({ smsc, long = false }, index) => ({ number: numberAt(index), smsc, long }))
    story.give(cases)
    const held = rows.findIndex(({ what }) => what.includes('reverse order'))
    await story.until('three parts are taken', () => story.taken(numberAt(held)).length === 3, 60_000)
    story.smsc.releaseReceipts()
    await story.reach(Object.fromEntries(rows.map(({ state }, index) => [numberAt(index), state])), 60_000)
    await story.until('all receipts are acknowledged', () => story.smsc.receipts.waiting() === 0)
    messages = await story.messages()
    histories = await story.histories()
  }, 120_000)
  afterAll(async () => await story[Symbol.asyncDispose]())

  test.for(rows.map((row, index) => [row.what, numberAt(index), row] as const))('%s', ([, number, row]) => {
    const message = messages.get(number)
    expect(message?.state).toBe(row.state)
    expect(message?.attempts).toBe(row.attempts)
    expect(story.taken(number)).toHaveLength(row.copies)
    const parts = story.taken(number).map(({ part }) => part?.part ?? 0)
    expect(parts, 'no part is taken twice').toEqual([...new Set(parts)])
    expect(histories.get(number)).toMatch(row.says)
  })

  test('one session is enough for all of it, and every receipt is acknowledged', async () => {
    expect(story.smsc.binds).toHaveLength(1)
    expect(story.smsc.receipts.sent.every(({ answer }) => answer === 0)).toBe(true)
    await story.end()
  })
})
