import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { formatProblemCodes } from '../../src/formats/problem-codes.ts'

const folders = ['formats', 'intake'].map((room) => join(import.meta.dirname, '../../src', room))
const source = folders
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((file) => !file.endsWith('problem-codes.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')

test('every code of the table is used, and every used code is in the table', () => {
  const used = new Set(source.match(/'[DX]\d{3}'/g)?.map((code) => code.slice(1, -1)))
  expect([...used].toSorted()).toEqual(Object.keys(formatProblemCodes).toSorted())
})

test('every code has a title, a cause and advice, written as sentences of a table', () => {
  for (const [code, { title, cause, todo }] of Object.entries(formatProblemCodes)) {
    expect(title, code).toMatch(/^[a-zA-Z].*[^.]$/)
    expect(cause, code).not.toMatch(/\.$/)
    expect(todo, code).toMatch(/\.$/)
  }
})
