import { expect, it } from 'vitest'
import { placesOf, sourceFiles } from './source-files.ts'

const files = sourceFiles('src')
const outside = (...paths: readonly string[]) =>
  files.filter(({ path, room }) => !paths.includes(path) && !paths.includes(room))

it('ends the process in daemon/stop.ts only', () => {
  expect(placesOf(outside('src/daemon/stop.ts'), /\bprocess\s*\.\s*(exit|abort|reallyExit)\b/g)).toEqual([])
})

it('sets the exit code in cli only', () => {
  expect(placesOf(outside('cli'), /\bprocess\s*\.\s*exitCode\b/g)).toEqual([])
})

it('prints in cli only', () => {
  expect(placesOf(outside('cli'), /(?<![\w.])console\s*\.\s*\w+|\bprocess\s*\.\s*(stdout|stderr)\b/g)).toEqual([])
})

it('reads the environment, arguments and working folder in cli only', () => {
  expect(placesOf(outside('cli'), /\bprocess\s*\.\s*(env|argv|cwd|chdir|stdin)\b/g)).toEqual([])
})
