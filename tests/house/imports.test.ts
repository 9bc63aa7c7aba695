import { dirname, join } from 'node:path/posix'
import { expect, it } from 'vitest'
import { importsOf, sourceFiles } from './source-files.ts'

/** Level of each room: a file imports its own room or one on a lower level. */
const levels: Readonly<Record<string, number>> = {
  cli: 6,
  demo: 6,
  daemon: 5,
  intake: 4,
  dispatch: 4,
  schedule: 4,
  operator: 4,
  formats: 3,
  workflow: 3,
  templates: 3,
  ledger: 3,
  config: 2,
  platform: 1,
  core: 0,
}

const files = sourceFiles('src')
const rooms = new Map(files.map(({ path, room }) => [path, room]))
const inner = files.flatMap((file) =>
  importsOf(file)
    .filter(({ from }) => from.startsWith('.'))
    .map(({ from, line }) => ({ file, line, from, target: join(dirname(file.path), from) })),
)

it('knows the level of every room', () => {
  expect([...new Set(rooms.values())].filter((room) => levels[room] === undefined)).toEqual([])
})

it('keeps rooms without rooms inside: only like things are put together in a folder', () => {
  const folders = new Set(files.map(({ path }) => dirname(path).split('/').slice(1).join('/')))
  const allowed = new Set([
    ...Object.keys(levels),
    'cli/commands',
    'dispatch/exports',
    'dispatch/mail',
    'dispatch/sms',
    'ledger/migrations',
    'operator/audit',
    'operator/why',
    'workflow/clearing',
    'workflow/collect',
    'workflow/commands',
    'workflow/documents',
    'workflow/mapping',
    'workflow/messages',
    'workflow/payments',
    'workflow/shipping',
    'workflow/stock',
    'workflow/undo',
  ])
  expect([...folders].filter((folder) => !allowed.has(folder))).toEqual([])
})

it('imports files that are there, by their whole name', () => {
  expect(
    inner.filter(({ target }) => !rooms.has(target)).map(({ file, line, from }) => `${file.path}:${line} ${from}`),
  ).toEqual([])
})

it('imports point down: the own room or a lower level', () => {
  const wrong = inner.filter(({ file, target }) => !mayImport(file.room, rooms.get(target) ?? ''))
  expect(wrong.map(({ file, line, target }) => `${file.path}:${line} imports ${target}`)).toEqual([])
})

function mayImport(room: string, other: string): boolean {
  if (room === other) return true
  if (room === 'cli' && other === 'demo') return true
  return (levels[other] ?? 9) < (levels[room] ?? 0)
}

it('has the daemon imported by the command line and the demo only', () => {
  const wrong = inner.filter(({ file, target }) => {
    const other = rooms.get(target)
    return other === 'daemon' && !['daemon', 'cli', 'demo'].includes(file.room)
  })
  expect(wrong.map(({ file, target }) => `${file.path} imports ${target}`)).toEqual([])
})

it('has no circles of files, types included', () => {
  const targets = new Map(files.map(({ path }) => [path, new Set<string>()]))
  for (const { file, target } of inner) targets.get(file.path)?.add(target)
  expect(circlesOf(targets)).toEqual([])
})

/** Takes away, again and again, what imports nothing that is left or is imported by nothing: circles remain, and what joins two. */
function circlesOf(targets: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const left = new Map(targets)
  for (let before = -1; before !== left.size;) {
    before = left.size
    const imported = new Set([...left.values()].flatMap((each) => [...each]))
    for (const [path, own] of left) {
      if (!imported.has(path) || ![...own].some((each) => left.has(each))) left.delete(path)
    }
  }
  return [...left].map(([path, own]) => `${path} → ${[...own].filter((each) => left.has(each)).join(', ')}`)
}
