import { expect, it } from 'vitest'
import { functionsOf } from './functions.ts'
import { importsOf, parseFile, placesOf, tokensOf } from './source-files.ts'

const kinds = (text: string) => tokensOf(text).map((token) => `${token.kind} ${token.text}`)
const file = (text: string) => parseFile('src/core/sample.ts', text)

it('finds every way to import, and nothing in comments and strings', () => {
  const text = `#!/usr/bin/env node
import './effect.ts'
import type { A } from './a.ts' // import x from './comment.ts'
import b, { type C as from } from "./b.ts"
import * as d from 'node:fs'
export { e } from './e.ts'
export type { F } from './f.ts'
export * from './g.ts'
/* import h from './h.ts' */
type I = import('./i.ts').I
const j = await import('./j.ts')
export const from = import.meta.url
const text = "import k from './k.ts'"
const template = \`import l from './l.ts' \${await import('./m.ts')}\`
`
  expect(importsOf(file(text)).map(({ from }) => from)).toEqual([
    './effect.ts',
    './a.ts',
    './b.ts',
    'node:fs',
    './e.ts',
    './f.ts',
    './g.ts',
    './i.ts',
    './j.ts',
    './m.ts',
  ])
})

it('tells a regular expression from a division', () => {
  expect(kinds('a / b / c')).toEqual(['word a', 'mark /', 'word b', 'mark /', 'word c'])
  expect(kinds(String.raw`x = /[/'"]\//u`)).toEqual(['word x', 'mark =', String.raw`regex /[/'"]\//u`])
  expect(kinds('i++ / 2 / f(1) / 3').filter((each) => each.startsWith('regex'))).toEqual([])
  expect(kinds("return /'/")).toEqual(['word return', "regex /'/"])
})

it('follows template literals into their holes and out again', () => {
  const text = 'const a = `x ${ { b: `${c}}` }.b } "y` + setTimeout'
  expect(tokensOf(text).flatMap(({ kind, text: own }) => (kind === 'template' ? [own] : []))).toEqual([
    '`x ${',
    '`${',
    '}}`',
    '} "y`',
  ])
  expect(placesOf([file(text)], /\bsetTimeout\b/g)).toEqual(['src/core/sample.ts:1 setTimeout'])
})

it('looks for forbidden words in code only, and says where', () => {
  const text = `// Date.now()
const a = 'Date.now()' /* Date.now() */

const b = Date.now()
`
  expect(placesOf([file(text)], /\bDate\.now\b/g)).toEqual(['src/core/sample.ts:4 Date.now'])
})

it('throws at a literal without an end', () => {
  expect(() => tokensOf("const a = 'x\n")).toThrow('line 1')
  expect(() => tokensOf('\nconst a = `x')).toThrow('line 2')
})

it('measures functions, methods and arrow functions, and takes no type for one', () => {
  const text = `type Read = (path: string) => { readonly kind: 'read' }
export function plain({ a }: { a: string }): { b: string } {
  if (a === '') {
    return { b: a }
  }
  return { b: a }
}
class Box {
  #open = 1
  get size(): number {
    return this.#open
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
const arrow = async (a: (b: number) => void): Promise<{ c: number }> => {
  return [1].map((b) => {
    return { c: b }
  })[0]!
}
const short = (a: number) => ({ a })
{
  short(1)
}
`
  expect(functionsOf(file(text)).map(({ name, line, lines }) => [name, line, lines])).toEqual([
    ['plain', 2, 6],
    ['size', 10, 3],
    ['[…]', 13, 1],
    ['arrow', 15, 5],
    [undefined, 16, 3],
  ])
})
