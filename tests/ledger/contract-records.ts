/** The contract about records: versions, references, snapshots, files, filters. */
import { describe, expect, it } from 'vitest'
import type { Lookup } from '../../src/core/known.ts'
import type { Order } from '../../src/core/order.ts'
import type { LedgerFactory } from './contract.ts'
import { batch, clearing, event, mail, order, payment, slice } from './samples.ts'

const byId = (of: { readonly kind: Lookup['kind']; readonly id: string }): Lookup => ({
  by: 'id',
  kind: of.kind,
  id: of.id,
})
const byNumber = (value: string): Lookup => ({ by: 'reference', kind: 'order', name: 'number', value })

export function contractOfRecords(name: string, make: LedgerFactory): void {
  describe(`${name}: records`, () => {
    it('stores a new record with version 1 and finds it by id and by reference', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const one = order('1', { externalNumber: 'X9' })
      expect(await ledger.commit(batch({ put: [one] }))).toEqual({ kind: 'committed' })
      const stored = { ...one, version: 1 }
      expect(await ledger.record('order', one.id)).toEqual(stored)
      expect(await ledger.record('payment', one.id)).toBeUndefined()
      const known = await ledger.load([byId(one), byNumber('1'), byNumber('2'), byId(order('2'))])
      expect(known.get('order', one.id)).toEqual(stored)
      expect(known.find('order', 'number', '1')).toEqual([stored])
      expect(known.find('order', 'number', '2')).toEqual([])
      expect(known.get('order', order('2').id)).toBeUndefined()
      expect(() => known.get('order', order('3').id)).toThrow()
    })

    it('finds records under one reference oldest first and only of the kind asked for', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const late = order('7', { id: 'ord_late', channel: 'shop', createdAt: 3000 })
      const early = order('7', { createdAt: 2000 })
      await ledger.commit(batch({ put: [late, early] }))
      const known = await ledger.load([
        byNumber('7'),
        { by: 'reference', kind: 'customer', name: 'number', value: '7' },
      ])
      expect(known.find('order', 'number', '7').map(({ id }) => id)).toEqual([early.id, late.id])
      expect(known.find('customer', 'number', '7')).toEqual([])
    })

    it('replaces references when they change and keeps none of the old ones', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const open = payment('p', { reference: 'RF18' })
      await ledger.commit(batch({ put: [open] }))
      const waits: Lookup = { by: 'reference', kind: 'payment', name: 'waitsFor', value: 'RF18' }
      expect((await ledger.load([waits])).find('payment', 'waitsFor', 'RF18')).toHaveLength(1)
      await ledger.commit(batch({ put: [{ ...open, version: 1, state: 'ignored' }] }))
      expect((await ledger.load([waits])).find('payment', 'waitsFor', 'RF18')).toEqual([])
    })

    it('answers conflict and writes nothing when a put record has another version than the stored one', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const one = order('1')
      await ledger.commit(batch({ put: [one] }))
      for (const version of [0, 2]) {
        const result = await ledger.commit(batch({ put: [order('2'), { ...one, version }], events: [event(one.id)] }))
        expect(result).toEqual({ kind: 'conflict', ids: [one.id] })
      }
      expect(await ledger.record('order', order('2').id)).toBeUndefined()
      expect(await ledger.eventsOf(one.id)).toEqual([])
      expect((await ledger.totals()).records).toEqual([{ kind: 'order', state: 'new', count: 1 }])
    })

    it('refuses a record that is put twice in one batch', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await expect(ledger.commit(batch({ put: [order('1'), order('1')] }))).rejects.toThrow('twice')
      expect((await ledger.totals()).records).toEqual([])
    })

    it('commits on a snapshot of which nothing was changed, even when other records were', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const known = await ledger.load([byNumber('1'), byId(order('1'))])
      await ledger.commit(batch({ put: [order('2')] }))
      expect(await ledger.commit(batch({ put: [order('1')] }), known)).toEqual({ kind: 'committed' })
    })

    const changes: readonly (readonly [string, readonly Lookup[], readonly Order[], string])[] = [
      ['a loaded record has changed', [byId(order('1'))], [order('1', { version: 1, status: 'paid' })], order('1').id],
      [
        'a record found by reference has changed',
        [byNumber('1')],
        [order('1', { version: 1, status: 'paid' })],
        order('1').id,
      ],
      ['a record that was absent is there', [byId(order('2'))], [order('2')], order('2').id],
      ['a reference finds one more', [byNumber('1')], [order('1', { id: 'ord_b', channel: 'b' })], 'ord_b'],
      ['a reference finds one less', [byNumber('1')], [order('1', { version: 1, number: '9' })], order('1').id],
    ]
    it.each(changes)('answers conflict when %s since the snapshot', async (_, lookups, put, id) => {
      await using place = await make()
      await using ledger = await place.open()
      await using other = await place.open()
      await ledger.commit(batch({ put: [order('1')] }))
      const known = await ledger.load(lookups)
      await other.commit(batch({ put }))
      const result = await ledger.commit(batch({ messages: [mail('m')] }), known)
      expect(result).toEqual({ kind: 'conflict', ids: [id] })
      expect(await ledger.messages({ limit: 10 })).toEqual([])
      expect(await ledger.commit(batch({ messages: [mail('m')] }), await ledger.load(lookups))).toEqual({
        kind: 'committed',
      })
    })

    it('lets one of two commits on the same snapshot win, in one shared transaction', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const one = order('1')
      const known = await ledger.load([byId(one)])
      const results = await Promise.all(
        ['a', 'b', 'c'].map((status) =>
          ledger.commit(batch({ put: [{ ...one, status }], events: [event(one.id)] }), known),
        ),
      )
      expect(results.map(({ kind }) => kind)).toEqual(['committed', 'conflict', 'conflict'])
      expect((await ledger.record('order', one.id))?.status).toBe('a')
      expect(await ledger.eventsOf(one.id)).toHaveLength(1)
    })

    it('keeps the good commits of a group when one of them fails', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const results = await Promise.allSettled([
        ledger.commit(batch({ put: [order('1')] })),
        ledger.commit(batch({ put: [order('2')], events: [event('x', { because: 5 })] })),
        ledger.commit(batch({ put: [order('3')] })),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(
        (await ledger.records({ kind: 'order', limit: 9 })).map((one) => one.kind === 'order' && one.number),
      ).toEqual(['1', '3'])
    })

    it('counts a slice of a file once and refuses a gap', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const first = batch({ files: [slice(0, 2)], put: [order('1')], at: 1000 })
      expect(await ledger.commit(first)).toEqual({ kind: 'committed' })
      expect(await ledger.commit(first)).toEqual({ kind: 'already' })
      expect(await ledger.commit(batch({ files: [slice(5, 6)], put: [order('2')] }))).toEqual({
        kind: 'early',
        gap: 'ORD.csv: the slice begins after record 5, the ledger has 2 records of the file',
      })
      expect(await ledger.record('order', order('2').id)).toBeUndefined()
      const last = batch({ files: [slice(2, 3, { done: 'done' })], at: 2000 })
      expect(await ledger.commit(last)).toEqual({ kind: 'committed' })
      for (const again of [last, first, batch({ files: [slice(3, 3)] })]) {
        expect(await ledger.commit(again)).toEqual({ kind: 'already' })
      }
      const counts = { read: 3, applied: 3, repeated: 0, updated: 0, parked: 0, refused: 0 }
      const file = await ledger.file(slice(0, 1).id)
      expect(file).toMatchObject({ state: 'done', position: 3, counts, firstAt: 1000, lastAt: 2000, name: 'ORD.csv' })
      expect((await ledger.totals()).files).toEqual([{ import: 'shop', state: 'done', count: 1, counts }])
      expect(await ledger.files('shop', 5)).toEqual([file])
      expect(await ledger.files(undefined, 5)).toEqual([file])
      expect(await ledger.files('bank', 5)).toEqual([])
      expect(await ledger.lastFileAt('shop')).toBe(2000)
      expect(await ledger.lastFileAt('bank')).toBeUndefined()
    })

    it('answers already to a second empty file with the same content', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const empty = batch({ files: [slice(0, 0, { done: 'done' })] })
      expect(await ledger.commit(empty)).toEqual({ kind: 'committed' })
      expect(await ledger.commit(empty)).toEqual({ kind: 'already' })
    })

    it('filters records by state, field, number and time, page by page', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const first = order('1', { createdAt: 100, pricesIncludeVat: false, customer: { email: 'b@x.hu' } })
      const put = [
        first,
        order('2', { createdAt: 200, status: 'paid' }),
        order('3', { createdAt: 300, gross: 7 }),
        clearing('c', first),
      ]
      await ledger.commit(batch({ put }))
      const numbers = async (over: object): Promise<readonly string[]> =>
        (await ledger.records({ kind: 'order', limit: 9, ...over })).map((one) =>
          one.kind === 'order' ? one.number : one.id,
        )
      expect(await numbers({})).toEqual(['1', '2', '3'])
      expect(await numbers({ where: { status: 'paid' } })).toEqual(['2'])
      expect(await numbers({ where: { 'customer.email': 'b@x.hu' } })).toEqual(['1'])
      expect(await numbers({ where: { gross: '7', status: 'new' } })).toEqual(['3'])
      expect(await numbers({ where: { pricesIncludeVat: 'false' } })).toEqual(['1'])
      expect(await numbers({ number: '3' })).toEqual(['3'])
      expect(await numbers({ since: 200, until: 300 })).toEqual(['2'])
      expect(await numbers({ after: first.id, limit: 1 })).toEqual(['2'])
      expect(await numbers({ kind: 'clearing', number: '1' })).toEqual([put[3]?.id])
      expect(await numbers({ kind: 'clearing', where: { type: 'goods' } })).toEqual([put[3]?.id])
      await expect(numbers({ where: { "status') or 1=1 --": 'x' } })).rejects.toThrow('is not a field')
    })

    it('keeps hostile text as it is', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const number = `'; drop table record; -- "\\ \u2028 ? $1 %s ő€😀`
      const one = order(number, { fields: { ['__proto__']: 'x' }, note: '\u0000a' })
      await ledger.commit(batch({ put: [one] }))
      expect(await ledger.record('order', one.id)).toEqual({ ...one, version: 1 })
      expect((await ledger.load([byNumber(number)])).find('order', 'number', number)).toHaveLength(1)
    })
  })
}
