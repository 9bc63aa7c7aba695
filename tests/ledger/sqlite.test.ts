import { expect, it } from 'vitest'
import { LedgerError } from '../../src/ledger/ledger-errors.ts'
import { isBusy, query, Sqlite } from '../../src/ledger/sqlite.ts'
import type { Bind } from '../../src/ledger/sqlite.ts'
import { temporaryFolder } from './samples.ts'

const create = 'create table t (key integer primary key, n integer, s text) strict'
const insert = query('insert into t (n, s) values (?, ?)')
const select = query<{ n: number | null; s: string | null }>('select n, s from t order by key')

function memory(): Sqlite {
  const db = new Sqlite(':memory:', { readOnly: false, waitMs: 10 })
  db.execute(create)
  return db
}

it.each([
  ['a Date, which would store NULL', new Date(0)],
  ['true, which would store 1', true],
  ['undefined', undefined],
  ['an object', { n: 1 }],
  ['a fraction', 1.5],
  ['a number that is not exact', 2 ** 53],
  ['not a number', Number.NaN],
  ['a bigint', 1n],
])('refuses to bind %s', (_, value) => {
  using db = memory()
  expect(() => db.run(insert, value as Bind, 'x')).toThrow(TypeError)
  expect(db.all(select)).toEqual([])
})

it('refuses too few and too many values, since a missing one would be NULL', () => {
  using db = memory()
  expect(() => db.run(insert, 1)).toThrow('2 values expected, found 1')
  expect(() => db.run(insert, 1, 'x', 'y')).toThrow('2 values expected, found 3')
  expect(db.all(select)).toEqual([])
})

it('refuses a second statement, which would be ignored', () => {
  using db = memory()
  expect(() => db.run(query("insert into t (s) values ('a'); delete from t"))).toThrow('more than one statement')
})

it('refuses text in an integer column and says in which statement', () => {
  using db = memory()
  const run = (): unknown => db.run(insert, 'text', 'x')
  expect(run).toThrow(LedgerError)
  expect(run).toThrow(/cannot store TEXT value in INTEGER column t\.n.*insert into t/)
})

it('throws instead of rounding a stored number beyond 2^53', () => {
  using db = memory()
  db.execute('insert into t (n) values (9007199254740993)')
  expect(() => db.all(select)).toThrow('too large')
})

it('gives the key and the number of changed rows', () => {
  using db = memory()
  expect(db.run(insert, 1, null)).toEqual({ changes: 1, key: 1 })
  expect(db.run(query('update t set n = ? where n = ?'), 2, 9)).toMatchObject({ changes: 0 })
  expect(db.get(query<{ n: number }>('select n from t where n = ?'), 5)).toBeUndefined()
})

it('takes everything back when the work of a transaction throws', () => {
  using db = memory()
  const work = (): never => {
    db.run(insert, 1, 'a')
    throw new Error('stop')
  }
  expect(() => db.transaction(work)).toThrow('stop')
  expect(db.isTransaction).toBe(false)
  expect(db.all(select)).toEqual([])
})

it('writes after another connection has committed, where a deferred transaction would fail at once', async () => {
  await using folder = await temporaryFolder()
  const open = (): Sqlite => new Sqlite(folder.file('x.sqlite'), { readOnly: false, waitMs: 10 })
  using one = open()
  one.execute('pragma journal_mode = wal')
  one.execute(create)
  using two = open()
  // The trap itself: read, another commits, write.
  two.execute('begin')
  two.all(select)
  one.run(insert, 7, null)
  let error: unknown
  try {
    two.run(insert, 8, null)
  } catch (caught) {
    error = caught
  }
  expect(isBusy(error)).toBe(true)
  expect(error).toMatchObject({ cause: { errcode: 517 } })
  two.execute('rollback')
  // The layer's transaction holds the lock from the start.
  two.transaction(() => {
    two.all(select)
    expect(() => one.run(insert, 9, null)).toThrow('locked')
    two.run(insert, 8, null)
  })
  expect(one.all(select).map(({ n }) => n)).toEqual([7, 8])
})

it('sees one state in a snapshot while another connection commits', async () => {
  await using folder = await temporaryFolder()
  const open = (): Sqlite => new Sqlite(folder.file('x.sqlite'), { readOnly: false, waitMs: 10 })
  using one = open()
  one.execute('pragma journal_mode = wal')
  one.execute(create)
  using two = open()
  two.snapshot(() => {
    expect(two.all(select)).toEqual([])
    one.run(insert, 1, null)
    expect(two.all(select)).toEqual([])
  })
  expect(two.all(select)).toHaveLength(1)
})

it('says which file it cannot open', () => {
  expect(() => new Sqlite('/nowhere/at/all.sqlite', { readOnly: false, waitMs: 1 })).toThrow('/nowhere/at/all.sqlite')
})
