import { expect, it } from 'vitest'
import { functionsOf } from './functions.ts'
import { sourceFiles } from './source-files.ts'

/** Longer than 300 lines for a reason: lists, not programs. */
const longLists = new Set([
  'src/config/schema.ts', // the one schema of the config
  'src/ledger/statements.ts', // the SQL
])

const files = sourceFiles('src')
const functions = files.flatMap(functionsOf).toSorted((a, b) => b.lines - a.lines)
const share = (part: number): number => functions[Math.floor(functions.length * (1 - part))]?.lines ?? 0

it('keeps functions small: median at most 12 lines, nine of ten at most 45, none over 60', () => {
  const worst = functions
    .slice(0, 5)
    .map(({ path, line, name, lines }) => `  ${lines} ${name ?? 'callback'} ${path}:${line}`)
  const figures = `${functions.length} functions, median ${share(0.5)}, p90 ${share(0.9)} lines; the longest:`
  process.stdout.write([figures, ...worst, ''].join('\n'))
  expect(share(0.5)).toBeLessThanOrEqual(12)
  expect(share(0.9)).toBeLessThanOrEqual(45)
  expect(
    functions.filter(({ lines }) => lines > 60).map(({ path, line, lines }) => `${path}:${line} ${lines}`),
  ).toEqual([])
})

it('keeps files at 300 lines or less, but for two lists', () => {
  const sizes = files.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
  const longest = sizes.toSorted((a, b) => b.lines - a.lines).slice(0, 5)
  process.stdout.write(['the longest files:', ...longest.map(({ path, lines }) => `  ${lines} ${path}`), ''].join('\n'))
  expect(sizes.filter(({ path, lines }) => lines > 300 && !longLists.has(path))).toEqual([])
})
