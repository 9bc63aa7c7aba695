import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { filesBelow, projectFolder } from './source-files.ts'

interface Link {
  readonly page: string
  readonly text: string
  readonly target: string
}

const pages = filesBelow('.', ['.git', 'node_modules', 'dist', 'var', 'exchange', 'coverage']).filter((path) =>
  path.endsWith('.md'),
)
const linksOf = (page: string): readonly Link[] =>
  [...withoutCode(read(page)).matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, text = '', target = '']) => ({
    page,
    text,
    target,
  }))
const read = (page: string): string => readFileSync(join(projectFolder, page), 'utf8')
const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '')

it('has no link in a page that leads nowhere', () => {
  const broken = pages
    .flatMap(linksOf)
    .filter(({ target }) => !/^(\w+:|#)/.test(target))
    .filter(({ page, target }) => !existsSync(join(projectFolder, dirname(page), target.replace(/#.*$/, ''))))
  expect(broken.map(({ page, target }) => `${page}: ${target}`)).toEqual([])
})

it('links every term of the glossary to the file where it lives', () => {
  const rows = read('docs/glossary.md')
    .split('\n')
    .filter((line) => line.startsWith('| **'))
  expect(rows.length).toBeGreaterThan(30)
  expect(rows.filter((row) => !/\]\(\.\.\/(src|config|docs|templates)\/[^)]+\)/.test(row))).toEqual([])
})

it('has each term in the glossary once', () => {
  const terms = [...read('docs/glossary.md').matchAll(/^\| \*\*([^*]+)\*\*/gm)].map(([, term]) => term)
  expect(terms.filter((term, i) => terms.indexOf(term) !== i)).toEqual([])
})
