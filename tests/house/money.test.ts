import { expect, it } from 'vitest'
import { placesOf, sourceFiles } from './source-files.ts'

it('turns amounts into text and back in core/money.ts only', () => {
  const files = sourceFiles('src').filter(({ path }) => path !== 'src/core/money.ts')
  expect(placesOf(files, /\btoFixed\b|\btoPrecision\b|\bparseFloat\b/g)).toEqual([])
})
