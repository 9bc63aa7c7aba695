/** The contract about export files, timers and schedule slots. */
import { describe, expect, it } from 'vitest'
import type { LinesToTake } from '../../src/ledger/ledger.ts'
import type { LedgerFactory } from './contract.ts'
import { batch, event, line, timer } from './samples.ts'

const run = (dueAt: number) => batch({ slots: [{ schedule: 's', dueAt, ranAt: dueAt + 1 }], events: [event('s')] })

const nameOf = (sequence: number): string => `STATUS_${sequence}.csv`

const voided = (key: string) =>
  batch({ events: [event('v')], voidLines: [{ id: line(key).id, reason: 'no', because: 0 }] })

const partName = (sequence: number, part: string): string => `${sequence} ${part}`

const posting = (keys: string) =>
  batch({ events: [event('e')], exports: Array.from(keys, (key) => ({ ...line(key), because: 0 })) })

export function contractOfExports(name: string, make: LedgerFactory): void {
  describe(`${name}: exports`, () => {
    it('keeps each line once for each export and dedupe key, in the order of the batch', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const exports = [line('b'), line('a'), line('b', { fields: { other: 'x' } }), line('a', { export: 'clearing' })]
      await ledger.commit(batch({ events: [event('e')], exports: [{ ...line('0'), because: 0 }, ...exports] }))
      await ledger.commit(batch({ exports }))
      const open = await ledger.openExportLines('status', 9)
      expect(open.map(({ fields }) => fields)).toEqual([{ number: '0' }, { number: 'b' }, { number: 'a' }])
      expect(await ledger.openExportLines('status', 1)).toHaveLength(1)
      expect((await ledger.totals()).exports.map(({ export: of, open: count }) => [of, count])).toEqual([
        ['clearing', 1],
        ['status', 3],
      ])
      expect(await ledger.exportLine(line('0').id)).toMatchObject({ because: (await ledger.eventsOf('e'))[0]?.seq })
    })

    it('numbers files without a gap and fixes name and lines at once', async () => {
      await using place = await make()
      await using ledger = await place.open()
      expect(await ledger.takeExport('status', nameOf, 1, 9)).toBeUndefined()
      await ledger.commit(batch({ exports: ['a', 'b', 'c'].map((key) => line(key)) }))
      const first = await ledger.takeExport('status', nameOf, 5000, 2)
      expect(first).toMatchObject({ sequence: 1, name: 'STATUS_1.csv', state: 'writing', takenAt: 5000, lines: 2 })
      const second = await ledger.takeExport('status', nameOf, 5001, 2)
      expect(second).toMatchObject({ sequence: 2, name: 'STATUS_2.csv', lines: 1 })
      expect(await ledger.takeExport('status', nameOf, 5002, 2)).toBeUndefined()
      if (first === undefined || second === undefined) throw new Error('no file')
      expect((await ledger.exportLines(first.id)).map(({ fields }) => fields['number'])).toEqual(['a', 'b'])
      expect((await ledger.exportLines(second.id)).map(({ file }) => file)).toEqual([second.id])
      expect((await ledger.writingExports('status')).map(({ sequence }) => sequence)).toEqual([1, 2])
    })

    it('puts lines of different parts into different files, named after them', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const parts = [
        line('a'),
        line('b', { part: '2026-11' }),
        line('c', { part: '!/f' }),
        line('d', { part: '2026-11' }),
      ]
      await ledger.commit(batch({ exports: [...parts, line('e', { part: '2026-12' })] }))
      const take = async (lines?: LinesToTake): Promise<string | undefined> =>
        (await ledger.takeExport('status', partName, 5000, 9, lines))?.name
      expect(await take({ from: '!', before: '"' })).toBe('1 !/f')
      expect(await take({ from: '!', before: '"' })).toBeUndefined()
      expect(await take({ before: '2026-12' })).toBe('2 ')
      expect(await take({ before: '2026-12' })).toBe('3 2026-11')
      expect(await take({ before: '2026-12' })).toBeUndefined()
      expect(await take()).toBe('4 2026-12')
      const files = (await ledger.exportFiles('status', 9)).toReversed()
      expect(files.map(({ lines }) => lines)).toEqual([1, 1, 2, 1])
      expect((await ledger.totals()).exports).toMatchObject([{ open: 0, lines: 5 }])
    })

    it('tears no posting apart where the file is full, unless it alone is more', async () => {
      await using place = await make()
      await using ledger = await place.open()
      for (const keys of ['ab', 'cde', 'f', 'ghijk', 'l']) await ledger.commit(posting(keys))
      const taken: string[] = []
      for (;;) {
        const file = await ledger.takeExport('status', nameOf, 5000, 4, { whole: true })
        if (file === undefined) break
        const lines = await ledger.exportLines(file.id)
        expect(lines).toHaveLength(file.lines)
        taken.push(lines.map(({ fields }) => fields['number'] as string).join(''))
      }
      expect(taken).toEqual(['ab', 'cdef', 'ghij', 'kl'])
      expect((await ledger.totals()).exports).toMatchObject([{ open: 0, lines: 12, lastSequence: 4 }])
    })

    it('gives the same file with the same lines again after a crash, until it is written or held', async () => {
      await using place = await make()
      const before = await place.open()
      await before.commit(batch({ exports: [line('a'), line('b')] }))
      const taken = await before.takeExport('status', nameOf, 5000, 9)
      await before[Symbol.asyncDispose]()
      await using ledger = await place.open()
      await ledger.commit(batch({ exports: [line('c')] }))
      expect(await ledger.writingExports('status')).toEqual([taken])
      if (taken === undefined) throw new Error('no file')
      expect(await ledger.exportLines(taken.id)).toHaveLength(2)
      const written = { id: taken.id, state: 'written', sha256: 'ff', at: 6000 } as const
      expect(await ledger.commit(batch({ exportFiles: [written] }))).toEqual({ kind: 'committed' })
      expect(await ledger.writingExports('status')).toEqual([])
      expect(await ledger.exportFiles('status', 9)).toEqual([
        { ...taken, state: 'written', sha256: 'ff', finishedAt: 6000 },
      ])
      expect(await ledger.exportFiles(undefined, 9)).toHaveLength(1)
      const unknown = batch({ exportFiles: [{ ...written, id: 'xfl_no' }] })
      expect(await ledger.commit(unknown)).toEqual({ kind: 'conflict', ids: ['xfl_no'] })
      expect((await ledger.totals()).exports).toEqual([
        { export: 'status', open: 1, writing: 0, held: 0, written: 1, lines: 3, voided: 0, lastSequence: 1 },
      ])
    })

    it('voids a line only while it is in no file: once, with its reason and cause; it is in no file then', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await ledger.commit(batch({ exports: [line('a'), line('b')] }))
      expect(await ledger.commit(voided('b'))).toEqual({ kind: 'committed' })
      expect(await ledger.commit(voided('b'))).toEqual({ kind: 'conflict', ids: [line('b').id] })
      expect(await ledger.commit(voided('none'))).toEqual({ kind: 'conflict', ids: [line('none').id] })
      const cause = (await ledger.eventsOf('v'))[0]?.seq
      expect((await ledger.exportLine(line('b').id))?.voided).toEqual({ reason: 'no', because: cause })
      expect(await ledger.openExportLines('status', 9)).toHaveLength(1)
      expect((await ledger.takeExport('status', nameOf, 5000, 9))?.lines).toBe(1)
      expect(await ledger.commit(voided('a'))).toEqual({ kind: 'conflict', ids: [line('a').id] })
      expect(await ledger.eventsOf('v')).toHaveLength(1)
      expect(await ledger.takeExport('status', nameOf, 6000, 9)).toBeUndefined()
      // A line that the same batch writes may be voided, too: it is on record and never leaves.
      await ledger.commit(batch({ exports: [line('c')], voidLines: [{ id: line('c').id, reason: 'no' }] }))
      expect((await ledger.totals()).exports).toMatchObject([{ export: 'status', open: 0, lines: 1, voided: 2 }])
      expect((await ledger.diagnose()).filter(({ ok }) => !ok)).toEqual([])
    })

    it('gives each line to one file when several connections take at once', async () => {
      await using place = await make()
      await using ledger = await place.open()
      await using other = await place.open()
      await ledger.commit(batch({ exports: Array.from({ length: 10 }, (_, i) => line(String(i))) }))
      const taken = await Promise.all(
        [ledger, other, ledger, other, ledger].map((one) => one.takeExport('status', nameOf, 1, 2)),
      )
      expect(taken.map((file) => file?.sequence ?? 0).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
      expect(taken.every((file) => file?.name === nameOf(file?.sequence ?? 0) && file.lines === 2)).toBe(true)
      expect(await ledger.openExportLines('status', 9)).toEqual([])
    })
  })

  describe(`${name}: clock`, () => {
    it('keeps one live timer for each subject and name and gives due ones oldest first', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const timers = [timer('expire', 'ord_a', 500), timer('expire', 'ord_b', 300), timer('remind', 'ord_a', 900)]
      await ledger.commit(batch({ timers }))
      expect((await ledger.dueTimers(500, 9)).map(({ subject }) => subject)).toEqual(['ord_b', 'ord_a'])
      expect(await ledger.nextTimer()).toBe(300)
      await ledger.commit(batch({ timers: [timer('expire', 'ord_b', 700)] }))
      expect(await ledger.nextTimer()).toBe(500)
      expect(await ledger.timersUntil(700, 9)).toEqual([timers[0], timer('expire', 'ord_b', 700)])
      await ledger.commit(batch({ cancelTimers: [{ subject: 'ord_a', name: 'expire' }] }))
      expect((await ledger.timersUntil(9999, 9)).map(({ dueAt }) => dueAt)).toEqual([700, 900])
      expect((await ledger.totals()).timers).toBe(2)
      await ledger.commit(batch({ timers: [timer('expire', 'ord_a', 500)] }))
      expect((await ledger.aboutSubject('ord_a')).timers.map(({ dueAt }) => dueAt)).toEqual([500, 900])
      expect((await ledger.totals()).timers).toBe(3)
    })

    it('cancels and sets the same timer in one batch', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const again = batch({ timers: [timer('t', 'ord_a', 5)], cancelTimers: [{ subject: 'ord_a', name: 't' }] })
      await ledger.commit(again)
      await ledger.commit(again)
      expect(await ledger.dueTimers(5, 9)).toHaveLength(1)
      expect((await ledger.totals()).timers).toBe(1)
    })

    it('lets a timer take effect once: the second batch that fires it is a conflict', async () => {
      await using place = await make()
      await using ledger = await place.open()
      const { id } = timer('t', 'ord_a', 5)
      await ledger.commit(batch({ timers: [timer('t', 'ord_a', 5)] }))
      const fire = batch({ firedTimers: [id], events: [event('ord_a')] })
      expect(await ledger.commit(fire)).toEqual({ kind: 'committed' })
      expect(await ledger.commit(fire)).toEqual({ kind: 'conflict', ids: [id] })
      expect(await ledger.eventsOf('ord_a')).toHaveLength(1)
      expect(await ledger.nextTimer()).toBeUndefined()
      expect((await ledger.totals()).timers).toBe(0)
    })

    it('runs a schedule slot once', async () => {
      await using place = await make()
      await using ledger = await place.open()
      expect(await ledger.lastSlot('s')).toBeUndefined()
      expect(await ledger.commit(run(10))).toEqual({ kind: 'committed' })
      expect(await ledger.commit(run(10))).toEqual({ kind: 'already' })
      expect(await ledger.commit(run(20))).toEqual({ kind: 'committed' })
      expect(await ledger.lastSlot('s')).toBe(20)
      expect(await ledger.eventsOf('s')).toHaveLength(2)
    })
  })
}
