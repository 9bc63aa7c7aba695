import { expect, it } from 'vitest'
import type { Batch } from '../../src/core/batch.ts'
import { NotLoaded } from '../../src/core/known.ts'
import type { Known, Lookup } from '../../src/core/known.ts'
import { decideAndCommit, decideOnly } from '../../src/ledger/decide-and-commit.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { batch, event, order, slice, temporaryFolder } from './samples.ts'

async function place() {
  const folder = await temporaryFolder()
  const ledger = await openLedger(folder.file('ledger.sqlite'), { busyTimeoutMs: 1000 })
  return {
    ledger,
    async [Symbol.asyncDispose]() {
      await ledger[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const nameOf = (lookup: Lookup): string => (lookup.by === 'id' ? lookup.id : lookup.value)

/** The ledger, and what was loaded from it. */
function watched(ledger: Ledger): Pick<Ledger, 'load' | 'commit'> & { readonly loads: string[][] } {
  const loads: string[][] = []
  return {
    loads,
    load: (lookups) => {
      loads.push(lookups.map(nameOf))
      return ledger.load(lookups)
    },
    commit: (one, basis) => ledger.commit(one, basis),
  }
}

const one = order('1')
const firstSlice = (): Batch => batch({ files: [slice(0, 1)], events: [event('x')] })
const pay = (known: Known): Batch => {
  const found = known.get('order', one.id)
  if (found === undefined) return batch({ events: [event('nobody')] })
  return batch({ put: [{ ...found, paid: found.paid + 1 }] })
}

it('loads what the decision asks for, round by round, and only what is new', async () => {
  await using at = await place()
  await at.ledger.commit(batch({ put: [order('1', { externalNumber: '2' }), order('2')] }))
  const ledger = watched(at.ledger)
  const result = await decideAndCommit(ledger, [{ by: 'id', kind: 'order', id: one.id }], (known) => {
    const next = known.get('order', one.id)?.externalNumber ?? 'none'
    const [second] = known.find('order', 'number', next)
    return batch({ put: second === undefined ? [] : [{ ...second, status: 'paid' }] })
  })
  expect(result.kind).toBe('committed')
  expect(ledger.loads).toEqual([[one.id], ['2']])
  expect((await at.ledger.record('order', order('2').id))?.status).toBe('paid')
})

it('does not use a run that caught NotLoaded for one of its items', async () => {
  await using at = await place()
  await at.ledger.commit(batch({ put: [order('1'), order('2'), order('3')] }))
  const ledger = watched(at.ledger)
  const ids = ['1', '2', '3'].map((number) => order(number).id)
  let runs = 0
  const result = await decideAndCommit(ledger, [], (known) => {
    runs += 1
    const found = ids.flatMap((id) => {
      try {
        return [known.get('order', id)]
      } catch (error) {
        if (error instanceof NotLoaded) return []
        throw error
      }
    })
    return batch({ put: found.flatMap((item) => (item === undefined ? [] : [{ ...item, status: 'seen' }])) })
  })
  expect(result).toMatchObject({ kind: 'committed', batch: { put: [{}, {}, {}] } })
  expect([runs, ledger.loads]).toEqual([2, [[], ids]])
  expect((await at.ledger.totals()).records).toEqual([{ kind: 'order', state: 'seen', count: 3 }])
})

it('decides again on what is true now after a conflict', async () => {
  await using at = await place()
  await at.ledger.commit(batch({ put: [one] }))
  let meddled = false
  const ledger = {
    load: (lookups: readonly Lookup[]) => at.ledger.load(lookups),
    commit: async (...args: Parameters<Ledger['commit']>) => {
      if (!meddled) await at.ledger.commit(batch({ put: [{ ...one, version: 1, paid: 10 }] }))
      meddled = true
      return await at.ledger.commit(...args)
    },
  }
  expect((await decideAndCommit(ledger, [], pay)).kind).toBe('committed')
  expect((await at.ledger.record('order', one.id))?.paid).toBe(11)
})

it('gives up after the attempts that it was allowed and names what was in conflict', async () => {
  await using at = await place()
  await at.ledger.commit(batch({ put: [one] }))
  let commits = 0
  const ledger = {
    load: (lookups: readonly Lookup[]) => at.ledger.load(lookups),
    commit: async (...args: Parameters<Ledger['commit']>) => {
      commits += 1
      await at.ledger.commit(batch({ put: [{ ...one, version: commits }] }))
      return await at.ledger.commit(...args)
    },
  }
  expect(await decideAndCommit(ledger, [], pay, { attempts: 3 })).toEqual({ kind: 'conflict', ids: [one.id] })
  expect(commits).toBe(3)
  expect((await at.ledger.record('order', one.id))?.paid).toBe(0)
})

it('loads all anew when something changed between two rounds of loading', async () => {
  await using at = await place()
  await at.ledger.commit(batch({ put: [order('1'), order('2')] }))
  let round = 0
  const ledger = {
    load: async (lookups: readonly Lookup[]) => {
      round += 1
      if (round === 3)
        await at.ledger.commit(
          batch({ put: [order('1', { version: 1, paid: 5 }), order('2', { version: 1, paid: 5 })] }),
        )
      return await at.ledger.load(lookups)
    },
  }
  const seen: (readonly number[])[] = []
  await decideOnly(ledger, [], (known) => {
    const first = known.get('order', order('1').id)?.paid ?? 0
    seen.push([first, known.get('order', order('2').id)?.paid ?? 0])
    return batch()
  })
  expect(seen).toEqual([[5, 5]])
})

it('answers already for a slice that was committed before, with the batch', async () => {
  await using at = await place()
  expect((await decideAndCommit(at.ledger, [], firstSlice)).kind).toBe('committed')
  expect(await decideAndCommit(at.ledger, [], firstSlice)).toEqual({ kind: 'already', batch: firstSlice() })
  expect(await at.ledger.eventsOf('x')).toHaveLength(1)
})

it('changes nothing when it only decides, and decides what would be committed', async () => {
  await using at = await place()
  await at.ledger.commit(batch({ put: [one] }))
  const stamp = await at.ledger.changeStamp()
  const planned = await decideOnly(at.ledger, [], pay)
  expect(planned.put).toMatchObject([{ id: one.id, version: 1, paid: 1 }])
  expect(await at.ledger.changeStamp()).toBe(stamp)
  expect(await decideAndCommit(at.ledger, [], pay)).toEqual({ kind: 'committed', batch: planned })
})

it('throws what the decision throws, but only once everything is loaded', async () => {
  await using at = await place()
  await at.ledger.commit(batch({ put: [one] }))
  let runs = 0
  const decide = (known: Known): Batch => {
    runs += 1
    try {
      known.get('order', one.id)
    } catch {
      throw new Error('does not know')
    }
    throw new Error('knows and cannot')
  }
  await expect(decideAndCommit(at.ledger, [], decide)).rejects.toThrow('knows and cannot')
  expect(runs).toBe(2)
})

it('stops a decision that asks for ever new things', async () => {
  await using at = await place()
  let n = 0
  const decide = (known: Known): Batch => {
    known.find('order', 'number', String(n++))
    return batch()
  }
  await expect(decideOnly(at.ledger, [], decide)).rejects.toThrow('still asks for more')
})

const secondSlice = (): Batch => batch({ files: [slice(1, 2)], events: [event('y')] })

it('hands a later slice of a file over before the one before it, and commits it behind that one', async () => {
  await using at = await place()
  const before = Promise.withResolvers<unknown>()
  const asked = Promise.withResolvers<unknown>()
  const kinds: string[] = []
  const ledger = {
    load: (lookups: readonly Lookup[]) => at.ledger.load(lookups),
    commit: async (...args: Parameters<Ledger['commit']>) => {
      const result = await at.ledger.commit(...args)
      kinds.push(result.kind)
      asked.resolve(undefined)
      return result
    },
  }
  const second = decideAndCommit(ledger, [], secondSlice, { after: before.promise })
  await asked.promise
  expect(kinds).toEqual(['early'])
  before.resolve(await at.ledger.commit(firstSlice()))
  expect((await second).kind).toBe('committed')
  expect(kinds).toEqual(['early', 'committed'])
  expect(await at.ledger.eventsOf('y')).toHaveLength(1)
})

it('commits nothing behind what failed', async () => {
  await using at = await place()
  const after = Promise.reject(new Error('the disk is full'))
  after.catch(() => undefined)
  for (const slice of [secondSlice, firstSlice])
    await expect(decideAndCommit(at.ledger, [], slice, { after })).rejects.toThrow('the disk is full')
  expect(await at.ledger.file(firstSlice().files[0]?.id ?? 'fil_')).toBeUndefined()
})

it('says which records are missing when nothing that is waited for brings them', async () => {
  await using at = await place()
  const gap = 'begins after record 1, the ledger has 0 records of the file. Import it again from the start'
  await expect(decideAndCommit(at.ledger, [], secondSlice)).rejects.toThrow(gap)
})
