import { expect, test } from 'vitest'
import { plantedBugs } from './planted-bugs.ts'
import { plant } from './program.ts'

test.each(plantedBugs)('the bug $name can still be planted: its text is in the sources once', ({ replacements }) => {
  expect(plant(replacements).size).toBeGreaterThan(0)
})
