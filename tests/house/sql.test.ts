import { expect, it } from 'vitest'
import { importsOf, lineOf, sourceFiles } from './source-files.ts'

const outside = sourceFiles('src').filter(({ room, path }) => room !== 'ledger' && path !== 'src/platform/lock.ts')
const statement =
  /\b(select\b[^.]*\bfrom\s+\w+\s*(where|join|order by|limit|$)|insert\s+(or\s+\w+\s+)?into|update\s+\w+\s+set\b|delete\s+from|(create|drop|alter)\s+(unique\s+)?(table|index|view|trigger)|pragma\s+\w+|begin\s+(immediate|exclusive|deferred)|savepoint\s)/i

it('keeps SQL under ledger; the lock of the data folder is the one exception', () => {
  const found = outside.flatMap(({ path, text, tokens }) =>
    tokens
      .filter(({ kind, text: own }) => (kind === 'string' || kind === 'template') && statement.test(own))
      .map(({ start, text: own }) => `${path}:${lineOf(text, start)} ${own.slice(0, 60)}`),
  )
  expect(found).toEqual([])
})

it('opens databases there only', () => {
  const database = /^(node:sqlite|better-sqlite3|kysely|pg)(\/|$)/
  const found = outside.flatMap((file) =>
    importsOf(file)
      .filter(({ from }) => database.test(from))
      .map(({ from, line }) => `${file.path}:${line} ${from}`),
  )
  expect(found).toEqual([])
})
