import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { ImportKind } from '../../src/config/schema.ts'
import { parseFile } from './reading.ts'
import type { FormatText } from './reading.ts'

interface Expected {
  readonly import: { readonly kind: ImportKind; readonly format: FormatText }
  readonly records: readonly unknown[]
  readonly problems: readonly object[]
}

const folder = join(import.meta.dirname, 'fixtures')
const ending = '.expected.json'
const names = readdirSync(folder)
  .filter((name) => name.endsWith(ending))
  .map((name) => name.slice(0, -ending.length))

test.each(names.flatMap((name) => [65_536, 7, 1].map((size) => [name, size] as const)))(
  '%s gives what its expected file says, read in chunks of %i bytes',
  async (name, size) => {
    const expected = JSON.parse(readFileSync(join(folder, name + ending), 'utf8')) as Expected
    const bytes = readFileSync(join(folder, name))
    const parsed = await parseFile(bytes, expected.import.format, expected.import.kind, {}, size)
    expect(parsed.records).toEqual(expected.records)
    expect(parsed.problems).toMatchObject(expected.problems)
    expect(parsed.problems).toHaveLength(expected.problems.length)
  },
)

test('every fixture has its expected file and the other way round', () => {
  const files = readdirSync(folder).filter((name) => !name.endsWith(ending))
  expect(files.toSorted()).toEqual(names.toSorted())
  expect(names.length).toBeGreaterThanOrEqual(9)
})
