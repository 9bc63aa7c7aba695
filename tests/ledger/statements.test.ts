import { expect, it } from 'vitest'
import { migrate } from '../../src/ledger/migrate.ts'
import { query, Sqlite } from '../../src/ledger/sqlite.ts'
import * as statements from '../../src/ledger/statements.ts'

/** Read whole tables on purpose: the recount of `doctor`, the small tally, a page of the newest rows by key. */
const mayScan = new Set(['recount', 'selectTally', 'selectNewestMessages', 'selectFiles', 'selectExportFiles'])

const planned = Object.entries(statements)
  .map(([name, { sql }]) => ({ name, sql }))
  .filter(({ sql }) => /^\s*(select|update|delete)/i.test(sql))

function planOf(sql: string): readonly string[] {
  using db = new Sqlite(':memory:', { readOnly: false, waitMs: 0 })
  migrate(db)
  const marks = Array.from({ length: sql.split('?').length - 1 }, () => '[]')
  return db.all(query<{ detail: string }>(`explain query plan ${sql}`), ...marks).map(({ detail }) => detail)
}

const isScan = (detail: string): boolean =>
  detail.startsWith('SCAN') && !detail.startsWith('SCAN json_each') && detail !== 'SCAN CONSTANT ROW'

it.each(planned)('$name reads no whole table, unless it is meant to', ({ name, sql }) => {
  expect(planOf(sql).some(isScan)).toBe(mayScan.has(name))
})

const paged = new Set([
  'selectDue',
  'selectTimersUntil',
  'selectOpenLines',
  'selectMessagesInState',
  'selectNewestMessages',
  'selectFiles',
])

it.each(planned.filter(({ name }) => paged.has(name)))('$name needs no sorting for its page', ({ sql }) => {
  expect(planOf(sql).filter((detail) => detail.includes('TEMP B-TREE'))).toEqual([])
})
