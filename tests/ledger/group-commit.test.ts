import { expect, it } from 'vitest'
import { startWriter } from '../../src/ledger/group-commit.ts'
import type { Writer } from '../../src/ledger/group-commit.ts'
import { query, Sqlite } from '../../src/ledger/sqlite.ts'
import { temporaryFolder } from './samples.ts'

const insert = query('insert into t (n) values (?)')
const select = query<{ n: number }>('select n from t order by n')

async function place() {
  const folder = await temporaryFolder()
  const open = (): Sqlite => new Sqlite(folder.file('x.sqlite'), { readOnly: false, waitMs: 5 })
  const db = open()
  db.execute('pragma journal_mode = wal')
  db.execute('create table t (n integer not null) strict')
  const writer = startWriter(db, 2000)
  const put = (n: number, weight = 1): Promise<number> =>
    writer.write(weight, () => {
      db.run(insert, n)
      return { keep: true, value: n }
    })
  return {
    db,
    open,
    writer,
    put,
    rows: () => db.all(select).map(({ n }) => n),
    async [Symbol.asyncDispose]() {
      await writer.drained()
      db[Symbol.dispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** How many commits happened, as another connection sees them. */
function commitsSeen(db: Sqlite): () => number {
  let last = db.pragma('data_version')
  let seen = 0
  return () => {
    const now = db.pragma('data_version')
    if (now !== last) seen += 1
    last = now
    return seen
  }
}

it('shares one commit among all jobs of one turn', async () => {
  await using at = await place()
  const writes: string[] = []
  const job = (n: number) => () => {
    writes.push(at.db.isTransaction ? `in ${n}` : `out ${n}`)
    at.db.run(insert, n)
    return { keep: true, value: n }
  }
  using other = at.open()
  const before = other.pragma('data_version')
  const first = at.writer.write(1, job(1))
  const second = at.writer.write(1, () => {
    expect(other.pragma('data_version')).toBe(before)
    expect(other.all(select)).toEqual([])
    return job(2)()
  })
  expect(await Promise.all([first, second])).toEqual([1, 2])
  expect(writes).toEqual(['in 1', 'in 2'])
  expect(other.all(select)).toHaveLength(2)
})

it('resolves a job only when another connection can read what it wrote', async () => {
  await using at = await place()
  using other = at.open()
  await Promise.all(
    [1, 2, 3].map(async (n) => {
      await at.put(n)
      expect(other.all(select).map((row) => row.n)).toContain(n)
    }),
  )
})

it('takes back what a job does not want to keep and lets the others stand', async () => {
  await using at = await place()
  const undone = at.writer.write(1, () => {
    at.db.run(insert, 99)
    return { keep: false, value: 'no' }
  })
  expect(await Promise.all([at.put(1), undone, at.put(2)])).toEqual([1, 'no', 2])
  expect(at.rows()).toEqual([1, 2])
})

it('rejects a job that throws with its own error and lets the others stand', async () => {
  await using at = await place()
  const broken = at.writer.write(1, () => {
    at.db.run(insert, 99)
    throw new Error('mine')
  })
  const results = await Promise.allSettled([at.put(1), broken, at.put(2)])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  await expect(broken).rejects.toThrow('mine')
  expect(at.rows()).toEqual([1, 2])
})

it('rejects the whole group when the transaction itself is lost', async () => {
  await using at = await place()
  const lost = at.writer.write(1, () => {
    at.db.execute('rollback')
    throw new Error('disk full')
  })
  const results = await Promise.allSettled([at.put(1), lost, at.put(2)])
  const reasons = results.map((result) => result.status === 'rejected' && String(result.reason))
  expect(reasons).toEqual(Array.from({ length: 3 }, () => 'Error: disk full'))
  expect(at.rows()).toEqual([])
  await at.put(3)
  expect(at.rows()).toEqual([3])
})

it('gives heavy jobs a commit of their own, in order', async () => {
  await using at = await place()
  using other = at.open()
  const seen = commitsSeen(other)
  const counted: number[] = []
  const heavy = (writer: Writer, n: number) =>
    writer.write(1500, () => {
      counted.push(seen())
      at.db.run(insert, n)
      return { keep: true, value: n }
    })
  await Promise.all([1, 2, 3].map((n) => heavy(at.writer, n)))
  expect(counted).toEqual([0, 1, 2])
  expect(at.rows()).toEqual([1, 2, 3])
})

it('finishes what is queued before it says that it is drained', async () => {
  await using at = await place()
  const jobs = [at.put(1, 3000), at.put(2, 3000)]
  await at.writer.drained()
  expect(at.rows()).toEqual([1, 2])
  await Promise.all(jobs)
})
