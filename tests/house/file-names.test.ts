import { basename } from 'node:path/posix'
import { expect, it } from 'vitest'
import { importsOf, sourceFiles } from './source-files.ts'

const source = sourceFiles('src')
const files = [...source, ...sourceFiles('tests'), ...sourceFiles('bench')]
const sayNothing = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'types', 'index', 'misc', 'shared', 'lib'])

it('names files in kebab-case', () => {
  const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.ts$/
  expect(files.map(({ path }) => path).filter((path) => !name.test(basename(path)))).toEqual([])
})

it('names files by their job', () => {
  const empty = files.map(({ path }) => path).filter((path) => sayNothing.has(basename(path).replace(/\..*$/, '')))
  expect(empty).toEqual([])
})

it('has no barrels: files that only hand on what others export', () => {
  const barrels = source.filter((file) => {
    const imports = importsOf(file).length
    const own = file.code.replace(/\b(import|export)\s[^\n]*?(\bfrom\b|\{[^}]*\}\s*from\b)/g, '').trim()
    return imports > 0 && own === ''
  })
  expect(barrels.map(({ path }) => path)).toEqual([])
})
