import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { runProgram } from '../../src/cli/program.ts'
import { referenceSections, type Row } from '../../src/config/reference-rows.ts'
import { exportKinds, importKinds, Import } from '../../src/config/schema.ts'
import { messageStates } from '../../src/core/message.ts'

const project = new URL('../../', import.meta.url).pathname
const page = readFileSync(join(project, 'docs/from-np-retail.md'), 'utf8')
const commands = readFileSync(join(project, 'docs/commands.md'), 'utf8')
const fieldsPage = readFileSync(join(project, 'docs/fields.md'), 'utf8')

const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind = '', text = '']) => ({ kind, text }))
const csvNames = [...page.matchAll(/, `([\w-]+\.csv)`/g)].map(([, name = '']) => name)
/** Each block with the file that it says it is. */
const files = new Map([
  ...blocks
    .filter(({ kind }) => kind !== 'csv')
    .map(({ text }): [string, string] => [/^(?:# |\{\{! )(\S+)/.exec(text)?.[1] ?? '', text]),
  ...blocks.filter(({ kind }) => kind === 'csv').map(({ text }, i): [string, string] => [csvNames[i] ?? '', text]),
])

const isVariable = (name: string): boolean => fieldsPage.includes(`| \`${name}\` |`)

const isPlace = (word: string): boolean =>
  [...importKinds, ...exportKinds].some((kind) => kind === word) || word in Import.shape

/** A command that there is, with options that it has. */
function isCommand(line: string): boolean {
  const words = line.split(' ')
  const texts = [words.slice(0, 3), words.slice(0, 2)].map((name) => usageOf(name.join(' ')))
  const text = texts.find((found) => found !== undefined)
  return text !== undefined && (line.match(/--[a-z-]+/g) ?? []).every((option) => text.includes(option))
}

function usageOf(command: string): string | undefined {
  const start = commands.search(new RegExp(`^##+ ${command}$`, 'm'))
  const text = start < 0 ? '' : (commands.slice(start).split(/\n##/, 1)[0] ?? '')
  return text.includes('Usage:') ? text : undefined
}

describe('the example', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-from-np-retail-'))
  const path = (...names: readonly string[]): string => join(folder, ...names)
  const env = { SMTP_PASSWORD: 'one', SMPP_PASSWORD: 'two' }

  async function orderly(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
    const lines: string[] = []
    const write = (text: string): number => lines.push(text)
    const code = await runProgram(['-c', path('config/orderly.yaml'), '--actor', 'anna', ...words], {
      out: { write },
      err: { write },
      input: (async function* () {})(),
      env,
      folder,
    })
    return { code, text: lines.join('') }
  }
  const rowsOf = async (...words: readonly string[]): Promise<readonly Record<string, unknown>[]> =>
    (await orderly('--json', ...words)).text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  beforeAll(() => {
    for (const [name, text] of files) {
      mkdirSync(dirname(path(name)), { recursive: true, mode: 0o750 })
      writeFileSync(path(name), text)
    }
    const named = [...page.matchAll(/folder: \.\.\/(\S+?)[,\n]/g)].map(([, name = '']) => name)
    for (const name of [...named, 'var-rehearsal']) mkdirSync(path(name), { recursive: true, mode: 0o750 })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('says of each block which file it is', () => {
    expect(files.size).toBe(blocks.length)
    expect([...files.keys()].filter((name) => !/^(config|templates)\/|\.csv$/.test(name))).toEqual([])
  })

  test('is accepted by orderly check, without a warning', async () => {
    const { code, text } = await orderly('check')
    expect(text).toMatch(/in order, 0 warnings; 6 imports, 7 exports, 3 workflows, 2 stores, 1 channels, 1 calendars/)
    expect(code).toBe(0)
  })

  test('uses the text of its own SMS template', async () => {
    const { text } = await orderly('preview', 'customer/ready', '--channel', 'sms', '--language', 'hu')
    expect(text).toContain('Rendelése (100245)')
    expect(text).not.toContain('Fizetendő') // which stands in the packaged one
  })

  test(
    'takes over what is at a store: told to nobody, written nowhere, and then worked as ever',
    { timeout: 60_000 },
    async () => {
      renameSync(path('config/exports.yaml'), path('exports.away'))
      for (const [name, ...options] of [['stores.csv'], ['ORD-open.csv', '--no-send'], ['answers.csv', '--no-send']]) {
        expect(await orderly('import', path(name ?? ''), ...options)).toMatchObject({ code: 0 })
      }
      renameSync(path('exports.away'), path('config/exports.yaml'))
      expect(await rowsOf('messages', 'list', '--state', 'queued')).toEqual([])
      expect((await rowsOf('messages', 'list', '--state', 'suppressed')).length).toBeGreaterThan(2)
      expect(await rowsOf('orders', 'list', '--processing', 'pending')).toMatchObject([{ number: '100245' }])
      expect(await rowsOf('orders', 'list', '--delivery', 'ready')).toMatchObject([{ number: '100246' }])
      expect((await rowsOf('status')).at(0)).toMatchObject({ books: { balanced: true, exports: [] } })

      const told = await orderly('orders', 'confirm', '100245')
      expect(told.code).toBe(0)
      const messages = await rowsOf('messages', 'list', '--state', 'queued')
      expect(messages.map(({ template }) => template)).toEqual(['customer/ready', 'customer/ready'])
      const redirected = messages.flatMap(({ recipients }) => recipients as { readonly address: string }[])
      expect(redirected.map(({ address }) => address).toSorted()).toEqual(['+36301234567', 'it@example.com'])

      expect(await orderly('orders', 'deliver', '100246', '--document-number', 'R-1')).toMatchObject({ code: 0 })
      const [{ books }] = (await rowsOf('status')) as [{ books: { exports: { export: string; open: number }[] } }]
      const open = Object.fromEntries(books.exports.map(({ export: name, open: lines }) => [name, lines]))
      // goods, prepayment passed on, taken at the till, fee: one line each for each of the two companies
      expect(open).toEqual({ 'clearing-hu': 4, 'clearing-sk': 4, invoices: 1, status: 2, 'status-for-sk': 2 })
      expect(await orderly('audit')).toMatchObject({ code: 0 })
    },
  )
})

describe('the tables', () => {
  const sections = new Map(
    referenceSections().map(({ name, groups }) => [name, groups.flatMap(({ rows }) => rows)] as const),
  )
  const collect = referenceSections()
    .find(({ name }) => name === 'Workflow')
    ?.groups.filter(({ variant }) => variant === undefined || variant === 'kind: collect')
    .flatMap(({ rows }) => rows)

  /** Whether the key is one of these rows, or one of the section that its first part leads to. */
  function isKey(rows: readonly Row[] | undefined, key: string): boolean {
    if (rows?.some((row) => row.key === key)) return true
    const [first = '', ...rest] = key.split('.')
    const section = /^\[(\w+)\]/.exec(rows?.find((row) => row.key === first)?.type ?? '')?.[1]
    return section !== undefined && rest.length > 0 && isKey(sections.get(section), rest.join('.'))
  }
  const checkers: Readonly<Record<string, (word: string) => boolean>> = {
    'Key of the workflow': (key) => isKey(collect, key),
    'Key of the store': (key) => isKey(sections.get('Store'), key),
    'Key of the rule': (key) => isKey(sections.get('CalendarRule'), key),
    Key: (key) => isKey(sections.get('Config'), key),
    State: (word) => messageStates.some((state) => state === word),
    Variable: isVariable,
    Command: isCommand,
    Where: isPlace,
  }

  const tables = [...page.matchAll(/^\| NP Retail \| (.+?) \| Remark \|\n.*\n((?:\|.*\n)+)/gm)].map(
    ([, head = '', body = '']) => ({
      head,
      rows: body
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
        .map(([, theirs = '', ours = '', remark = '', ...rest]) => ({ theirs, ours, remark, cells: rest.length + 3 })),
    }),
  )

  test('are all read, each with its head', () => {
    expect(tables).toHaveLength((page.match(/^\| ---/gm) ?? []).length)
    expect(tables.map(({ head }) => head).filter((head) => checkers[head] === undefined)).toEqual([])
    expect(tables.flatMap(({ rows }) => rows.filter(({ cells }) => cells !== 4))).toEqual([])
    const wrong = Object.entries(checkers).filter(([, isThere]) => isThere('sms.maximumAge'))
    expect(wrong).toEqual([])
  })

  test.each(tables.map(({ head, rows }, i) => [`${i + 1} (${head})`, head, rows] as const))(
    'name what is there: table %s',
    (_, head, rows) => {
      const named = rows.flatMap(({ ours }) => [...ours.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word))
      expect(named.length).toBeGreaterThan(3)
      expect(named.filter((word) => !(checkers[head]?.(word) ?? false))).toEqual([])
    },
  )

  test('say of each field that has nothing of ours why', () => {
    const bare = tables.flatMap(({ rows }) => rows.filter(({ ours }) => !ours.includes('`')))
    expect(bare.length).toBeGreaterThan(20)
    const silent = bare.filter(({ ours, remark }) => ours !== '—' || !/^\*\*(Not|Other|Partly)\b/.test(remark))
    expect(silent.map(({ theirs }) => theirs)).toEqual([])
  })

  test('leave out no key of a collect workflow, a store or a calendar rule', () => {
    const named = new Set([...page.matchAll(/`([a-z][\w.]*)`/gi)].map(([, word = '']) => word.split('.')[0]))
    const keys = [collect, sections.get('Store'), sections.get('CalendarRule')].flatMap((rows) => rows ?? [])
    const missing = keys.map(({ key }) => key.split('.')[0]).filter((key) => !named.has(key))
    expect(new Set(missing)).toEqual(new Set(['kind', 'enabled']))
  })

  test('speak of commands that there are, with options that they have', () => {
    const lines = [...page.matchAll(/`(orderly [^`]+)`/g)].map(([, line = '']) => line)
    expect(lines.length).toBeGreaterThan(30)
    expect(lines.filter((line) => !isCommand(line))).toEqual([])
    expect(['orderly orders print', 'orderly status --loud', 'orderly orders'].filter(isCommand)).toEqual([])
  })
})

test('the import of stores in the example maps every field that a store can have by a file', () => {
  const { stores } = parse(files.get('config/imports.yaml') ?? '') as {
    readonly stores: { readonly format: { readonly fields: Readonly<Record<string, string>> } }
  }
  const [head = ''] = (files.get('stores.csv') ?? '').split('\n')
  expect(Object.values(stores.format.fields)).toEqual(head.split(';'))
})
