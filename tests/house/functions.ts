/**
 * Finds the functions of a file with a block body and how many lines each has.
 *
 * Works on the text with the types taken out (by Node itself, which runs the files the same way), so
 * that a type cannot be taken for a function. Functions within functions count for themselves and for
 * what holds them. Arrow functions without a block are expressions and are not counted.
 */
import { stripTypeScriptTypes } from 'node:module'
import { lineOf, type SourceFile, type Token, tokensOf } from './source-files.ts'

export interface FunctionSize {
  readonly path: string
  readonly line: number
  /** undefined for a callback that stands in a call. */
  readonly name: string | undefined
  /** From the line of the parameters to the line of the closing brace. */
  readonly lines: number
}

export function functionsOf({ path, text }: SourceFile): readonly FunctionSize[] {
  const code = tokensOf(stripTypeScriptTypes(text)).filter(({ kind }) => kind !== 'comment')
  const partners = partnersOf(code)
  return code.flatMap((token, open) => {
    const close = token.text === '{' && !opensLine(text, token.start) ? partners.get(open) : undefined
    const head = close === undefined ? undefined : headOf(code, partners, open)
    if (close === undefined || head === undefined) return []
    const line = lineOf(text, code[head.start]?.start ?? 0)
    const lines = lineOf(text, code[close]?.start ?? 0) - line + 1
    return [{ path, line, name: head.name, lines }]
  })
}

/** A brace that is the first on its line opens a bare block after a complete statement. */
const opensLine = (text: string, offset: number): boolean =>
  text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).trim() === ''

/** For each bracket the index of the other one of its pair. */
function partnersOf(code: readonly Token[]): ReadonlyMap<number, number> {
  const partners = new Map<number, number>()
  const open: number[] = []
  for (const [i, { kind, text }] of code.entries()) {
    if (kind !== 'mark') continue
    if ('([{'.includes(text)) open.push(i)
    if (!')]}'.includes(text)) continue
    const other = open.pop()
    if (other === undefined) continue
    partners.set(other, i)
    partners.set(i, other)
  }
  return partners
}

interface Head {
  /** Index of the first token: the parameters, or the word before them. */
  readonly start: number
  readonly name: string | undefined
}

const controls = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'await'])

/** What stands before the `{` of a function; undefined when the brace opens something else. */
function headOf(code: readonly Token[], partners: ReadonlyMap<number, number>, open: number): Head | undefined {
  const isArrow = code[open - 1]?.text === '=>'
  const last = isArrow ? open - 2 : open - 1
  const start = code[last]?.text === ')' ? partners.get(last) : isArrow ? last : undefined
  if (start === undefined) return undefined
  if (isArrow) return { start, name: assignedName(code, start - 1) }
  const before = code[start - 1]
  if (before === undefined || controls.has(before.text)) return undefined
  const name =
    before.kind === 'word' && before.text !== 'function' ? before.text : ']*'.includes(before.text) ? '[…]' : undefined
  return { start: start - 1, name }
}

/** The name that an arrow function gets: `const name = async (…) =>`, `name: (…) =>`. */
function assignedName(code: readonly Token[], last: number): string | undefined {
  const at = code[last]?.text === 'async' ? last - 1 : last
  const isNamed = code[at]?.text === '=' || code[at]?.text === ':'
  const name = code[at - 1]
  return isNamed && name?.kind === 'word' ? name.text : undefined
}
