import { expect, it } from 'vitest'
import { placesOf, sourceFiles } from './source-files.ts'

it('tests with real neighbours: no module is replaced', () => {
  expect(placesOf(sourceFiles('tests'), /\bvi\s*\.\s*(mock|doMock|hoisted|importMock)\b/g)).toEqual([])
})

it('has no test that is skipped, or that keeps the others from running', () => {
  expect(placesOf(sourceFiles('tests'), /\b(it|test|describe)\s*\.\s*(only|skip|todo|fails)\b/g)).toEqual([])
})

it('has no switch for tests in the program', () => {
  const found = sourceFiles('src').filter(({ text }) => /\bVITEST\b|\bNODE_ENV\b|__test\b/.test(text))
  expect(found.map(({ path }) => path)).toEqual([])
})
