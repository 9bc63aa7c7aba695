/** The contract about messages: leases, guarded changes, caps, SMS parts, receipts. */
import { describe, expect, it } from 'vitest'
import { messageId, optOutId } from '../../src/core/ids.ts'
import type { MessageState } from '../../src/core/message.ts'
import type { LedgerFactory } from './contract.ts'
import { batch, event, mail, order, receipt, sms, update } from './samples.ts'

const settled = (result: 'accepted' | 'refused') => [{ address: 'a@x', result, response: result }] as const

const told = (part: number, state: 'delivered' | 'undelivered') => [
  { receipt: receipt(`id${part}`, { state }), message: messageId('s'), part },
]

const to = (key: string, address: string) => sms(key, { recipients: [{ address, as: 'to', role: 'customer' }] })

const routes = (mine: string) =>
  [
    ['+3670', 'b'],
    ['+36', 'a'],
    ['', 'b'],
  ].map(([prefix = '', account]) => ({ prefix, mine: account === mine }))

const all = (account: string, accounts = ['a', 'b']) => ({
  account,
  accounts,
  routes: [{ prefix: '', mine: true }],
})

const optOut = (address: string, state: 'active' | 'removed') => ({
  kind: 'optOut' as const,
  id: optOutId('sms', address),
  version: 0,
  channel: 'sms' as const,
  address,
  state,
  by: 'hand' as const,
  actor: 'cli:anna',
  source: { import: 'cli:anna' },
  createdAt: 1,
  updatedAt: 1,
})

const lane = (account: string) => ({ account, accounts: ['a', 'b'], routes: routes(account) })

export function contractOfMessages(name: string, make: LedgerFactory): void {
  describe(`${name}: messages`, () => {
    it('stores a message whole, once for each dedupe key, with the event that led to it', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const trace = { workflow: 'w', rule: 'r', conditions: [] }
      const events = [event('a'), event('b')]
      await ledger.commit(batch({ events, messages: [mail('m', { because: 1, trace, expiresAt: 9000 })] }))
      await ledger.commit(batch({ messages: [mail('m', { template: 'other' })] }))
      const { because: _, ...frozen } = mail('m', { trace, expiresAt: 9000 })
      const because = (await ledger.eventsOf('b'))[0]?.seq
      expect(await ledger.messages({ limit: 9 })).toEqual([{ ...frozen, attempts: 0, settled: [], because }])
    })

    it('tells of a message that is planned once more that it was there already', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const planned = [event(messageId('m'), { name: 'message.queued' })]
      const plan = batch({ events: planned, messages: [mail('m', { because: 0 })] })
      await ledger.commit(plan)
      const other = event('a')
      await ledger.commit(batch({ events: [other, ...planned], messages: [mail('m', { because: 1 })] }))
      const names = (await ledger.eventsOf(messageId('m'))).map(({ name }) => name)
      expect(names).toEqual(['message.queued', 'message.repeated'])
      expect(await ledger.eventsOf('a')).toHaveLength(1)
    })

    it('leases due messages once, oldest due first, and leaves the others', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await using other = await place.open()
      const messages = [
        mail('late', { dueAt: 300 }),
        mail('early', { dueAt: 100 }),
        mail('future', { dueAt: 900 }),
        mail('held', { state: 'held', reason: 'review' }),
        sms('sms', { dueAt: 50 }),
      ]
      await ledger.commit(batch({ messages }))
      expect(await ledger.nextDue('mail')).toBe(100)
      const [mine, theirs] = await Promise.all([ledger.take('mail', 1, 500), other.take('mail', 9, 500)])
      expect([...mine, ...theirs].map(({ dedupeKey }) => dedupeKey).sort()).toEqual(['early', 'late'])
      for (const one of [...mine, ...theirs])
        expect(one).toMatchObject({ state: 'sending', takenAt: 500, acceptedParts: [] })
      expect(await ledger.take('mail', 9, 500)).toEqual([])
      expect(await ledger.nextDue('mail')).toBe(900)
      expect((await ledger.interrupted('mail')).map(({ dedupeKey }) => dedupeKey)).toEqual(['late', 'early'])
      expect(await ledger.interrupted('sms')).toEqual([])
    })

    it('records a result, counts attempts and merges settled recipients by address', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [mail('m')] }))
      await ledger.take('mail', 1, 1000)
      const { finishedAt: _, ...deferred } = update('m', { state: 'queued', dueAt: 5000, reason: '451 later' })
      await ledger.commit(batch({ messageUpdates: [{ ...deferred, settled: settled('refused') }] }))
      expect(await ledger.message(messageId('m'))).toMatchObject({
        state: 'queued',
        dueAt: 5000,
        reason: '451 later',
        attempts: 1,
      })
      await ledger.take('mail', 1, 5000)
      await ledger.commit(batch({ messageUpdates: [update('m', { settled: settled('accepted') })] }))
      const done = await ledger.message(messageId('m'))
      expect(done).toMatchObject({ state: 'accepted', attempts: 2, finishedAt: 2000, settled: settled('accepted') })
      expect(done?.reason).toBeUndefined()
    })

    it('keeps answer and time of a finished message through later changes, and no time on one that is open again', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [sms('m')] }))
      await ledger.take('sms', 1, 1000)
      await ledger.commit(batch({ messageUpdates: [update('m')] }))
      const change = (from: MessageState, state: MessageState) =>
        ledger.commit(batch({ messageUpdates: [{ id: messageId('m'), from: [from], state }] }))
      await change('accepted', 'delivered')
      expect(await ledger.message(messageId('m'))).toMatchObject({ response: '250 ok', finishedAt: 2000, attempts: 1 })
      await change('delivered', 'queued')
      expect((await ledger.message(messageId('m')))?.finishedAt).toBeUndefined()
    })

    it('answers conflict and writes nothing when a message is not in a state that the change names', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [mail('m')] }))
      const result = await ledger.commit(batch({ put: [order('1')], messageUpdates: [update('m'), update('nobody')] }))
      expect(result).toEqual({ kind: 'conflict', ids: [messageId('m'), messageId('nobody')] })
      expect(await ledger.record('order', order('1').id)).toBeUndefined()
      expect(await ledger.message(messageId('m'))).toMatchObject({ state: 'queued', attempts: 0 })
    })

    it('applies two changes of one message in a batch one after the other', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [mail('m'), mail('other')] }))
      await ledger.take('mail', 5, 5000)
      const tried = update('m', { state: 'queued', dueAt: 7000, settled: settled('refused') })
      const cancelled = update('m', { from: ['queued'], state: 'cancelled', attempted: false })
      await ledger.commit(batch({ messageUpdates: [tried, update('other'), cancelled] }))
      const expected = { state: 'cancelled', dueAt: 7000, attempts: 1, settled: settled('refused') }
      expect(await ledger.message(messageId('m'))).toMatchObject(expected)
      expect(await ledger.commit(batch({ messageUpdates: [update('m'), update('m')] }))).toMatchObject({
        kind: 'conflict',
      })
    })

    it('puts the content that a person edited in place of the frozen one', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [mail('m', { state: 'held', reason: 'review' })] }))
      const recipients = [{ address: 'b@x.hu', as: 'to', role: 'customer' } as const]
      const release = update('m', { from: ['held'], state: 'queued', attempted: false, content: { recipients } })
      await ledger.commit(batch({ messageUpdates: [release] }))
      const stored = await ledger.message(messageId('m'))
      expect(stored).toMatchObject({ state: 'queued', recipients, mail: { subject: 'Kész' }, attempts: 0 })
    })

    it('counts what went out since an instant, in all and to one main recipient, without what came back', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [mail('a'), mail('b'), mail('c'), sms('s')] }))
      await ledger.take('mail', 2, 1000)
      await ledger.take('mail', 1, 2000)
      await ledger.commit(batch({ messageUpdates: [update('a'), update('b', { state: 'queued', dueAt: 9000 })] }))
      expect(await ledger.sentSince('mail', 1000)).toBe(2)
      expect(await ledger.sentSince('mail', 1001)).toBe(1)
      expect(await ledger.sentSince('mail', 0, 'anna@EXAMPLE.com')).toBe(2)
      expect(await ledger.sentSince('mail', 0, 'archive@example.com')).toBe(0)
      expect(await ledger.sentSince('sms', 0)).toBe(0)
      const to = await ledger.sentSinceTo('mail', 0, ['Anna@example.com', 'archive@example.com'])
      expect([...to]).toEqual([['anna@example.com', 2]])
    })

    it('takes back what came to nothing once, however often the message changes after it', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [mail('a'), mail('b')] }))
      await ledger.take('mail', 2, 1000)
      await ledger.commit(batch({ messageUpdates: [update('b', { state: 'held', reason: 'unknown' })] }))
      await ledger.commit(batch({ messageUpdates: [update('b', { from: ['held'], state: 'cancelled' })] }))
      expect(await ledger.sentSince('mail', 0)).toBe(1)
    })

    it('keeps the ids of accepted SMS parts and finds them however a receipt writes them', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [sms('s')] }))
      await ledger.take('sms', 1, 1000)
      const accepted = { kind: 'accepted', response: 'ok' } as const
      const parts = [
        { part: 1, outcome: accepted, smscId: '00AbC' },
        { part: 2, outcome: { kind: 'deferred', reason: 'throttled' } as const },
        { part: 3, outcome: accepted, smscId: '' },
      ]
      await ledger.commit(
        batch({ messageUpdates: [update('s', { state: 'queued', dueAt: 2000, account: 'orderly', parts })] }),
      )
      expect(await ledger.parts(messageId('s'))).toEqual([
        {
          message: messageId('s'),
          account: 'orderly',
          part: 1,
          smscId: '00AbC',
          state: 'accepted',
          destination: '+36301234567',
        },
        {
          message: messageId('s'),
          account: 'orderly',
          part: 3,
          smscId: '',
          state: 'accepted',
          destination: '+36301234567',
        },
      ])
      expect(await ledger.partsBySmscId('orderly', ['abc'])).toHaveLength(1)
      expect(await ledger.partsBySmscId('orderly', ['xyz', '0000ABC'])).toHaveLength(1)
      expect(await ledger.partsBySmscId('another', ['abc'])).toEqual([])
      expect(await ledger.partsBySmscId('orderly', [''])).toEqual([])
      const [again] = await ledger.take('sms', 1, 2000)
      expect(again?.acceptedParts).toEqual([
        { part: 1, smscId: '00AbC' },
        { part: 3, smscId: '' },
      ])
    })

    it('sends only the parts again that did not arrive, when a person tries an undelivered message again', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [sms('s')] }))
      await ledger.take('sms', 1, 1000)
      const parts = [1, 2].map((part) => {
        return { part, outcome: { kind: 'accepted', response: 'ok' } as const, smscId: `id${part}` }
      })
      await ledger.commit(batch({ messageUpdates: [update('s', { account: 'orderly', parts })] }))
      await ledger.commit(batch({ receipts: told(1, 'delivered') }))
      const failed = update('s', { from: ['accepted'], state: 'undelivered' })
      await ledger.commit(batch({ receipts: told(2, 'undelivered'), messageUpdates: [failed] }))
      const retried = update('s', { from: ['undelivered'], state: 'queued', dueAt: 3000 })
      await ledger.commit(batch({ messageUpdates: [retried] }))
      await ledger.commit(batch({ receipts: told(2, 'undelivered') })) // told once more
      const [taken] = await ledger.take('sms', 1, 3000)
      expect(taken?.acceptedParts.map(({ part }) => part)).toEqual([1])
      expect((await ledger.parts(messageId('s'))).map(({ state }) => state)).toEqual(['delivered', 'again'])
    })

    it('allows a message that a person tries again its whole age anew, and no other', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [sms('s', { createdAt: 1000, dueAt: 1000, expiresAt: 5000 })] }))
      const again = { from: ['queued'] as const, state: 'queued' as const, dueAt: 9000 }
      await ledger.commit(batch({ messageUpdates: [update('s', { ...again })] }))
      expect((await ledger.message(messageId('s')))?.expiresAt).toBe(5000)
      await ledger.commit(batch({ messageUpdates: [update('s', { ...again, renewed: true })] }))
      expect(await ledger.message(messageId('s'))).toMatchObject({ createdAt: 1000, dueAt: 9000, expiresAt: 13_000 })
    })

    it('keeps a receipt without a part until it is matched, and one told twice once', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ receipts: [{ receipt: receipt('00F1') }] }))
      await ledger.commit(
        batch({ receipts: [{ receipt: receipt('00F1') }, { receipt: receipt('2', { account: 'b' }) }] }),
      )
      const kept = await ledger.unmatchedReceipts('orderly', ['f1'])
      expect(kept).toEqual([{ ...receipt('00F1'), id: expect.any(Number) }])
      expect((await ledger.totals()).receiptsUnmatched).toBe(2)

      await ledger.commit(batch({ messages: [sms('s')] }))
      await ledger.take('sms', 1, 1000)
      const parts = [{ part: 1, outcome: { kind: 'accepted', response: 'ok' } as const, smscId: 'F1' }]
      await ledger.commit(batch({ messageUpdates: [update('s', { account: 'orderly', parts })] }))
      const matched = kept.map((one) => ({ receipt: one, message: messageId('s'), part: 1 }))
      const delivered = update('s', { from: ['accepted'], state: 'delivered', attempted: false })
      await ledger.commit(batch({ receipts: matched, messageUpdates: [delivered] }))
      expect(await ledger.unmatchedReceipts('orderly', ['f1'])).toEqual([])
      expect((await ledger.parts(messageId('s')))[0]?.state).toBe('delivered')
      expect((await ledger.totals()).receiptsUnmatched).toBe(1)
    })

    it.each([
      ['undelivered', 'undelivered'],
      ['expired', 'undelivered'],
      ['rejected', 'undelivered'],
      ['deleted', 'undelivered'],
      ['unknown', 'accepted'],
      ['intermediate', 'accepted'],
      ['delivered', 'delivered'],
    ] as const)('a receipt that says %s leaves the part %s, and delivered stays delivered', async (state, expected) => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [sms('s')] }))
      await ledger.take('sms', 1, 1000)
      const parts = [{ part: 1, outcome: { kind: 'accepted', response: 'ok' } as const, smscId: '5' }]
      await ledger.commit(batch({ messageUpdates: [update('s', { account: 'orderly', parts })] }))
      const tell = async (told: typeof state): Promise<string | undefined> => {
        const receipts = [{ receipt: receipt('5', { state: told }), message: messageId('s'), part: 1 }]
        await ledger.commit(batch({ receipts }))
        return (await ledger.parts(messageId('s')))[0]?.state
      }
      expect(await tell(state)).toBe(expected)
      expect((await ledger.totals()).receiptsUnmatched).toBe(0)
      expect(await tell('delivered')).toBe('delivered')
      expect(await tell(state)).toBe('delivered')
    })

    it('lists messages newest first by state, channel and subject', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const messages = [
        mail('1', { createdAt: 1 }),
        mail('2', { createdAt: 2, state: 'held', subject: 'ord_x' }),
        sms('3', { createdAt: 3, state: 'held' }),
        sms('4', { createdAt: 4, state: 'suppressed', reason: 'no recipient' }),
      ]
      await ledger.commit(batch({ messages }))
      const keys = async (over: object): Promise<readonly string[]> =>
        (await ledger.messages({ limit: 9, ...over })).map(({ dedupeKey }) => dedupeKey)
      expect(await keys({})).toEqual(['4', '3', '2', '1'])
      expect(await keys({ limit: 2 })).toEqual(['4', '3'])
      expect(await keys({ channel: 'mail' })).toEqual(['2', '1'])
      expect(await keys({ states: ['held', 'queued'] })).toEqual(['3', '2', '1'])
      expect(await keys({ states: ['held'], channel: 'sms' })).toEqual(['3'])
      expect(await keys({ states: ['held', 'queued'], limit: 1 })).toEqual(['3'])
      expect(await keys({ subject: 'ord_x' })).toEqual(['2'])
      expect(await keys({ subject: 'ord_x', states: ['queued'] })).toEqual([])
      expect((await ledger.totals()).messages).toEqual([
        { channel: 'mail', state: 'held', count: 1, oldest: 2 },
        { channel: 'mail', state: 'queued', count: 1, oldest: 1 },
        { channel: 'sms', state: 'held', count: 1, oldest: 3 },
        { channel: 'sms', state: 'suppressed', count: 1, oldest: 4 },
      ])
    })

    it('leases what is an account’s: by the first prefix that fits, and what it has parts of', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [to('home', '+3630'), to('far', '+491'), to('near', '+3670'), mail('m')] }))
      const taken = await ledger.take('sms', 9, 5_000, lane('a'))
      expect(taken.map(({ dedupeKey, account }) => [dedupeKey, account])).toEqual([['home', 'a']])
      expect(await ledger.take('sms', 9, 5_000, lane('a'))).toEqual([])
      const put = (state: MessageState, more: object = {}) =>
        ledger.commit(batch({ messageUpdates: [update('home', { from: ['sending'], state, ...more })] }))
      const part = { part: 1, smscId: 'x', outcome: { kind: 'accepted' as const, response: 'x' } }
      await put('queued', { parts: [part], account: 'a' })
      // The way of the number leads elsewhere now: what has begun stays.
      const elsewhere = { ...lane('b'), routes: [{ prefix: '', mine: true }] }
      const others = (await ledger.take('sms', 9, 5_000, elsewhere)).map(({ dedupeKey }) => dedupeKey)
      expect(others.toSorted()).toEqual(['far', 'near'])
      expect((await ledger.take('sms', 9, 5_000, lane('a'))).map(({ dedupeKey }) => dedupeKey)).toEqual(['home'])
      expect(await ledger.message(messageId('home'))).toMatchObject({ account: 'a' })
    })

    it('lets a message go another way when nothing of it was accepted, or its account is no more', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ messages: [sms('s')] }))
      await ledger.take('sms', 9, 5_000, all('a'))
      await ledger.commit(batch({ messageUpdates: [update('s', { from: ['sending'], state: 'queued' })] }))
      expect(await ledger.message(messageId('s'))).not.toHaveProperty('account')
      const part = { part: 1, smscId: 'x', outcome: { kind: 'accepted' as const, response: 'x' } }
      expect(await ledger.take('sms', 9, 5_000, all('b'))).toHaveLength(1)
      const again = update('s', { from: ['sending'], state: 'queued', parts: [part], account: 'b' })
      await ledger.commit(batch({ messageUpdates: [again] }))
      expect(await ledger.take('sms', 9, 5_000, all('a'))).toEqual([])
      expect(await ledger.take('sms', 9, 5_000, all('a', ['a']))).toHaveLength(1)
    })

    it('knows who wants no messages, and how many parts went to which numbers since then', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ put: [optOut('+361', 'active'), optOut('+362', 'removed')] }))
      expect([...(await ledger.optedOut('sms', ['+361', '+362', '+363']))]).toEqual(['+361'])
      expect([...(await ledger.optedOut('mail', ['+361']))]).toEqual([])
      const parts = [1, 2].map((part) => ({
        part,
        smscId: `x${part}`,
        outcome: { kind: 'accepted' as const, response: 'x' },
      }))
      await ledger.commit(batch({ messages: [sms('s')] }))
      await ledger.take('sms', 9, 5_000)
      const sent = update('s', { from: ['sending'], state: 'accepted', parts, account: 'a', destination: '+36301' })
      await ledger.commit(batch({ at: 7_000, messageUpdates: [sent] }))
      expect([...(await ledger.partsSince(7_000, ['+3620', '+36', '']))]).toEqual([['+36', 2]])
      expect([...(await ledger.partsSince(7_000, ['+49']))]).toEqual([])
      expect([...(await ledger.partsSince(7_001, ['']))]).toEqual([])
    })
  })
}
