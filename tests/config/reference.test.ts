import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkFolders } from '../../src/config/check-folders.ts'
import { wordsOfPattern } from '../../src/config/expected-words.ts'
import { importField, importFields } from '../../src/config/import-fields.ts'
import { loadConfig } from '../../src/config/load.ts'
import { configCodes } from '../../src/config/problem-codes.ts'
import { referenceSections } from '../../src/config/reference-rows.ts'
import { referenceFiles, staleReference, writeReference } from '../../src/config/reference.ts'
import { configSchema } from '../../src/config/schema-walk.ts'
import { sections } from '../../src/config/read-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** docs/problems.md also holds the tables of other rooms; its rows for the config are looked at below. */
test('the generated files are those that would be written now (else: npm run docs)', async () => {
  const stale = await staleReference(root)
  expect(stale.filter((name) => name !== 'docs/problems.md')).toEqual([])
})

test('docs/problems.md holds every config code as it is now', async () => {
  const written = await readFile(join(root, 'docs/problems.md'), 'utf8')
  const rows = (referenceFiles().get('docs/problems.md') ?? '').split('\n').filter((line) => line.startsWith('| `C'))
  expect(rows).toHaveLength(Object.keys(configCodes).length)
  for (const row of rows) expect(written).toContain(row)
})

test('writing makes them fresh, and a change makes them stale', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orderly-reference-'))
  const more = [{ D001: { title: 'A title', cause: 'A cause.', todo: 'Do it.' } }] as const
  expect(await writeReference(folder, more)).toHaveLength(5)
  expect(await staleReference(folder, more)).toEqual([])
  expect(await staleReference(folder)).toEqual(['docs/problems.md'])
  await writeFile(join(folder, 'docs/config.md'), '')
  expect(await writeReference(folder, more)).toEqual(['docs/config.md'])
  await rm(folder, { recursive: true })
})

test('every key has a description, every pattern has words', () => {
  const rows = referenceSections().flatMap(({ name, groups }) =>
    groups.flatMap((group) => group.rows.map((row) => ({ ...row, at: `${name}.${row.key}` }))),
  )
  // the discriminators of formats and workflows and the steps are described by their section
  const described = new Set(['kind', 'type', 'send', 'invoice', 'setStatus', 'stock', 'dispatch', 'if'])
  const bare = rows.filter(({ about, key }) => about === '' && !described.has(key)).map(({ at }) => at)
  expect(bare.filter((at) => !at.startsWith('Condition.'))).toEqual([])
  const patterns = [...JSON.stringify(configSchema()).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
    (match) => JSON.parse(match[1] ?? '""') as string,
  )
  expect(patterns.length).toBeGreaterThan(20)
  expect(
    [...new Set(patterns)].filter((pattern) => !pattern.startsWith('^[a-z]') && wordsOfPattern(pattern) === undefined),
  ).toEqual([])
})

test('the JSON Schema names no host but that of its own dialect, and passwords are write-only', () => {
  const schema = referenceFiles().get('config/orderly.schema.json') ?? ''
  const hosts = [...schema.matchAll(/https?:\/\/([\w.-]+)/g)].map((match) => match[1])
  expect([...new Set(hosts)].filter((host) => !host?.endsWith('example.com'))).toEqual(['json-schema.org'])
  expect(schema).toContain('"writeOnly": true')
  expect(schema).not.toContain('"$id"')
})

test.each([
  ['as it is', (text: string) => text],
  // fixedCustomer goes with one mapping only; some settings of exports with clearing, or with what is answered
  [
    'with every setting taken in',
    (text: string) => text.replaceAll(/^( *)# (?!yaml-language|fixedCustomer|expectAnswer|period)/gm, '$1'),
  ],
])('the example file loads %s', async (_, change) => {
  const folder = await mkdtemp(join(tmpdir(), 'orderly-example-'))
  const file = join(folder, 'orderly.yaml')
  await writeFile(file, change(referenceFiles().get('config/orderly.example.yaml') ?? ''))
  const read = await loadConfig(file, { env: { PASSWORD: 'x' } })
  expect(read.kind === 'bad' ? read.problems : []).toEqual([])
  await rm(folder, { recursive: true })
})

test('the config that ships loads without a warning, and its folders can be made', async () => {
  const read = await loadConfig(join(root, 'config/orderly.yaml'), { env: {} })
  if (read.kind === 'bad') expect(read.problems).toEqual([])
  else {
    const { config } = read.loaded
    expect(read.loaded.warnings).toEqual([])
    expect(sections.map((section) => Object.keys(config[section]).length)).toEqual([10, 9, 7, 2, 2, 1, 0, 0])
    expect(config.stores['KOS01']?.company).not.toBe(config.company.code)
    expect((await checkFolders(read.loaded)).filter(({ severity }) => severity === 'error')).toEqual([])
  }
})

test('own fields are free where the kind has them, and nowhere else', () => {
  expect(importField('orders', 'fields.giftWrap')).toMatchObject({ type: 'text' })
  expect(importField('orders', 'lines.fields.colour')).toMatchObject({ type: 'text' })
  expect(importField('orders', 'fields.')).toBeUndefined()
  expect(importField('orders', '__proto__')).toBeUndefined()
  expect(importField('payments', 'fields.x')).toBeUndefined()
  expect(importField('payments', 'amount')).toBe(importFields.payments['amount'])
})
