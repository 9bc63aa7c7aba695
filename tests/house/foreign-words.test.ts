import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { filesBelow, projectFolder } from './source-files.ts'

/** What git does not keep (see .gitignore), and what it keeps for itself. */
const notKept = ['.git', 'node_modules', 'dist', 'var', 'exchange', 'coverage']
const files = filesBelow('.', notKept)
  .filter((path) => !/\.(png|gif|jpg|ico|pdf|db|log)$/.test(path))
  .map((path) => ({ path, lines: readFileSync(join(projectFolder, path), 'utf8').split('\n') }))

const linesWith = (expression: RegExp): readonly string[] =>
  files.flatMap(({ path, lines }) =>
    lines.flatMap((line, i) => (expression.test(line) ? [`${path}:${i + 1} ${line.trim().slice(0, 100)}`] : [])),
  )

// Classes such as [w] keep the expressions from finding themselves.
it('names no folder of the machine that it was written on', () => {
  expect(linesWith(/(?<![\w.])\/([w]ork|root|[h]ome\/(?!user|orderly)\w+)\//)).toEqual([])
})

it('names no package registry: the user’s own is used', () => {
  expect(linesWith(/[r]egistry\.[\w-]+\.|[h]ttps?:\/\/[^/\s"']*(npm|registry)[^/\s"']*\/[\w@.-]+\/-\//)).toEqual([])
  const lock = JSON.parse(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly resolved?: string }>>
  }
  const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved?.includes('://'))
  expect(resolved.map(([name, entry]) => `${name} ${entry.resolved}`)).toEqual([])
})

it('speaks of the product, not of how it was written', () => {
  expect(linesWith(/\b[A]I\b|co-[a]uthored-by|\b[l]anguage model/)).toEqual([])
})
