import { expect, it } from 'vitest'
import { importsOf, placesOf, sourceFiles } from './source-files.ts'

const files = sourceFiles('src')

it('reads the time in platform/clock.ts only; everybody else is told', () => {
  const others = files.filter(({ path }) => path !== 'src/platform/clock.ts')
  expect(
    placesOf(
      others,
      /\bDate\.now\b|\bnew\s+Date\b(?!\s*\(\s*[^\s)])|\bperformance\.now\b|\bhrtime\b|\bTemporal\.Now\b/g,
    ),
  ).toEqual([])
})

it('keeps timers in the one loop, and those of protocols in dispatch/deadline.ts', () => {
  const timers = files.filter(({ path }) => path !== 'src/platform/loop.ts' && path !== 'src/dispatch/deadline.ts')
  const [promised, others] = [timers.filter(usesPromisedTimers), timers.filter((file) => !usesPromisedTimers(file))]
  expect(placesOf(others, /(?<![\w.])(setTimeout|setInterval)\b/g)).toEqual([])
  expect(placesOf(promised, /(?<![\w.])(setTimeout|setInterval)\s*\((?![^\n]*\bsignal\b)[^\n]*/g)).toEqual([])
})

const usesPromisedTimers = (file: (typeof files)[number]): boolean =>
  importsOf(file).some(({ from }) => from === 'node:timers/promises')
