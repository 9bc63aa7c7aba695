/** The contract about events, what points at a subject, stamps and totals. */
import { describe, expect, it } from 'vitest'
import type { LedgerFactory } from './contract.ts'
import { batch, cause, clearing, event, line, mail, order, payment, timer } from './samples.ts'

export function contractOfHistory(name: string, make: LedgerFactory): void {
  describe(`${name}: history`, () => {
    it('stores events whole with the cause of their batch and the number of what led to them', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const rich = event('ord_x', {
        name: 'order.paid',
        source: { import: 'bank', file: 'f.xml', row: 3 },
        trace: { workflow: 'w', rule: 'steps[0]', conditions: [{ field: 'a', expected: 'b', seen: 'c' }] },
        before: { status: 'new' },
        after: { status: 'paid', list: [1, { deep: true }] },
        text: 'paid in full',
      })
      await ledger.commit(batch({ events: [event('other')] }))
      await ledger.commit(batch({ events: [event('ord_x'), { ...rich, because: 0 }] }))
      const [plain, full] = await ledger.eventsOf('ord_x')
      const { kind, ...behind } = cause
      expect(plain).toEqual({ ...event('ord_x'), ...behind, cause: kind, seq: expect.any(Number) })
      expect(full).toEqual({ ...rich, ...behind, cause: kind, seq: expect.any(Number), because: plain?.seq })
      expect(await ledger.event(full?.seq ?? 0)).toEqual(full)
      expect(await ledger.event(99)).toBeUndefined()
    })

    it('gives the history of a record oldest first, from before it was stored until after', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const one = order('1')
      const at = (text: string) => event(one.id, { text })
      await ledger.commit(batch({ events: [at('parked')] }))
      await ledger.commit(batch({ put: [one], events: [at('stored'), event('msg_x')] }))
      await ledger.commit(batch({ events: [at('without a put')] }))
      await ledger.commit(batch({ put: [{ ...one, version: 1 }], events: [at('changed')] }))
      const history = await ledger.eventsOf(one.id)
      expect(history.map(({ text }) => text)).toEqual(['parked', 'stored', 'without a put', 'changed'])
      expect(new Set(history.map(({ subject }) => subject))).toEqual(new Set([one.id]))
      expect(await ledger.eventsOf('msg_x')).toHaveLength(1)
    })

    it('finds everything that points at a record', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const one = order('1')
      const allocation = { document: one.id, number: '1', amount: 5, by: 'rule:x', at: 1 }
      const paid = payment('p', { state: 'matched', allocations: [allocation, { ...allocation, reversedAt: 2 }] })
      const put = [one, order('2'), paid, clearing('c', one)]
      await ledger.commit(batch({ put, messages: [mail('m')], exports: [line('l')], timers: [timer('t', one.id, 5)] }))
      const about = await ledger.aboutSubject(one.id)
      expect(about.messages.map(({ dedupeKey }) => dedupeKey)).toEqual(['m'])
      expect(about.exportLines.map(({ fields }) => fields)).toEqual([{ number: 'l' }])
      expect(about.timers).toEqual([timer('t', one.id, 5)])
      expect(about.records.map(({ kind }) => kind)).toEqual(['payment', 'clearing'])
    })

    it('raises the change stamp with each commit of any connection, and not with one that wrote nothing', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await using other = await place.open()
      const start = await ledger.changeStamp()
      await ledger.commit(batch({ events: [event('a')] }))
      await other.commit(batch({ put: [order('1')] }))
      const after = await ledger.changeStamp()
      expect(after).toBe(start + 2)
      await other.commit(batch({ put: [order('1')] }))
      expect(await ledger.changeStamp()).toBe(after)
    })

    it('raises the stamp of snapshots only when records are put', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const { stamp } = await ledger.load([])
      await ledger.commit(batch({ events: [event('a')], messages: [mail('m')] }))
      expect((await ledger.load([])).stamp).toBe(stamp)
      await ledger.commit(batch({ put: [order('1')] }))
      expect((await ledger.load([])).stamp).toBeGreaterThan(stamp)
    })

    it('keeps totals by kind and state as records change', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ put: [order('1'), order('2'), payment('p')] }))
      await ledger.commit(batch({ put: [order('2', { version: 1, status: 'paid' })] }))
      expect((await ledger.totals()).records).toEqual([
        { kind: 'order', state: 'new', count: 1 },
        { kind: 'order', state: 'paid', count: 1 },
        { kind: 'payment', state: 'unmatched', count: 1 },
      ])
      await ledger.commit(batch({ put: [order('1', { version: 1, status: 'paid' })] }))
      expect((await ledger.totals()).records[0]).toEqual({ kind: 'order', state: 'paid', count: 2 })
      expect((await ledger.diagnose()).filter(({ ok }) => !ok)).toEqual([])
    })
  })
}
