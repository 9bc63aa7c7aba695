import { expect, it } from 'vitest'
import * as statements from '../../src/ledger/audit-statements.ts'
import { migrate } from '../../src/ledger/migrate.ts'
import { query, Sqlite } from '../../src/ledger/sqlite.ts'

/** Asked once for each page: a million rows must not be gone through for each. */
const forEachPage: ReadonlySet<string> = new Set([
  'recordPage',
  'eventsAbout',
  'eventsOfSubjects',
  'belongingTo',
  'linesAbout',
  'liveTimersOf',
  'messagePage',
  'partsBetween',
  'filePage',
  'linePage',
  'exportPage',
  'fieldsOfFile',
  'ordersCalled',
  'causeByKey',
  'fileKey',
  'filesById',
  'isWriting',
])

const all = Object.entries(statements).filter(([, each]) => typeof each === 'object')

function planOf(sql: string): readonly string[] {
  using db = new Sqlite(':memory:', { readOnly: false, waitMs: 0 })
  migrate(db)
  const marks = Array.from({ length: sql.split('?').length - 1 }, () => '[]')
  return db.all(query<{ detail: string }>(`explain query plan ${sql}`), ...marks).map(({ detail }) => detail)
}

const isScan = (detail: string): boolean => detail.startsWith('SCAN') && !detail.startsWith('SCAN json_each')

it.each(all.filter(([name]) => forEachPage.has(name)))(
  '%s finds its page through an index and sorts no table for it',
  (name, { sql }) => {
    const plan = planOf(sql)
    expect(plan.filter(isScan)).toEqual([])
    // What a few subjects have may be sorted; a page of a whole table comes in its order.
    if (name.endsWith('Page') || name === 'eventsAbout') {
      expect(plan.filter((detail) => detail.includes('TEMP B-TREE'))).toEqual([])
    }
  },
)

it('knows every statement that is asked for each page by its name', () => {
  const names = new Set(all.map(([name]) => name))
  expect([...forEachPage].filter((name) => !names.has(name))).toEqual([])
})

it.each(all)('%s can be asked', (_, { sql }) => {
  expect(planOf(sql).length).toBeGreaterThan(0)
})
