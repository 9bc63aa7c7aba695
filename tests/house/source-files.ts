/**
 * Reads the project's TypeScript files and cuts them into tokens, for the house rules.
 *
 * The compiler has no programming interface any more, so this is a scanner of its own: comments,
 * strings, template literals with their `${…}` and regular expressions are told from code, no more.
 * Paths are relative to the project and written with `/`. Throws when a string or template literal has no end.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export type TokenKind = 'comment' | 'string' | 'template' | 'regex' | 'word' | 'number' | 'mark'

export interface Token {
  readonly kind: TokenKind
  /** As written; of a template literal one piece between its `${…}`. */
  readonly text: string
  readonly start: number
}

export interface SourceFile {
  /** e.g. `src/core/ids.ts`. */
  readonly path: string
  /** First folder below `src`, or ''. */
  readonly room: string
  readonly text: string
  readonly tokens: readonly Token[]
  /** The text with comments and the contents of literals blanked; same length, same lines. */
  readonly code: string
}

export const projectFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Every `.ts` file below a folder of the project, in the order of their names. */
export function sourceFiles(folder: string): readonly SourceFile[] {
  return filesBelow(folder)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => parseFile(path, readFileSync(join(projectFolder, path), 'utf8')))
}

/** Paths of all files below a folder of the project. */
export function filesBelow(folder: string, skip: readonly string[] = []): readonly string[] {
  const walk = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      if (skip.includes(entry.name)) return []
      const child = join(path, entry.name)
      if (entry.isDirectory()) return walk(child)
      return entry.isFile() ? [relative(projectFolder, child).replaceAll('\\', '/')] : []
    })
  return walk(join(projectFolder, folder)).toSorted()
}

export function parseFile(path: string, text: string): SourceFile {
  const tokens = tokensOf(text)
  const [, room = ''] = /^src\/([^/]+)\//.exec(path) ?? []
  return { path, room, text, tokens, code: blanked(text, tokens) }
}

/** 1-based line of an offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

/** `path:line what` for each place in the code (not in comments or literals) that the expression finds. */
export function placesOf(files: readonly SourceFile[], expression: RegExp): readonly string[] {
  return files.flatMap(({ path, text, code }) =>
    [...code.matchAll(expression)].map((match) => `${path}:${lineOf(text, match.index)} ${match[0].trim()}`),
  )
}

export interface Import {
  /** As written: `./ids.ts`, `node:fs`, `zod`. */
  readonly from: string
  readonly line: number
}

/** What a file imports or re-exports, types and dynamic imports included. */
export function importsOf({ text, tokens }: SourceFile): readonly Import[] {
  const code = tokens.filter(({ kind }) => kind !== 'comment')
  return code.flatMap((token, i) => {
    const source = token.kind === 'word' && code[i - 1]?.text !== '.' ? sourceOf(code, i) : undefined
    return source === undefined ? [] : [{ from: source.text.slice(1, -1), line: lineOf(text, token.start) }]
  })
}

function sourceOf(code: readonly Token[], at: number): Token | undefined {
  const next = code[at + 1]
  if (code[at]?.text === 'import') {
    if (next?.kind === 'string') return next
    if (next?.text === '(') return code[at + 2]?.kind === 'string' ? code[at + 2] : undefined
    if (next?.text === '.') return undefined
    return afterFrom(code, at + 1)
  }
  if (code[at]?.text !== 'export') return undefined
  const list = next?.text === 'type' ? code[at + 2] : next
  return list?.text === '{' || list?.text === '*' ? afterFrom(code, at + 1) : undefined
}

/** The string after `from`, within the one statement: names, commas, braces and `*` only. */
function afterFrom(code: readonly Token[], start: number): Token | undefined {
  for (let i = start; i < code.length; i++) {
    const token = code[i]
    if (token?.text === 'from' && code[i + 1]?.kind === 'string') return code[i + 1]
    if (token?.kind !== 'word' && !['{', '}', ',', '*'].includes(token?.text ?? '')) return undefined
  }
  return undefined
}

const keywordsBeforeRegex = new Set(
  'return typeof case in of new delete void throw await yield else do instanceof default'.split(' '),
)
const word = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy
const number = /\d[\w.]*/y
const string = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y
const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|^#![^\n]*/y
const regex = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
/** A piece of a template literal: from the back tick or `}` to the next `${` or the closing back tick. */
const template = /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y
const mark = /=>|\+\+|--|[^\s'"`]/y

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  /** For each open `${` the number of braces open within it. */
  const holes: number[] = []
  let before: Token | undefined
  for (let at = afterBlanks(text, 0); at < text.length;) {
    const token = tokenAt(text, at, before, holes.at(-1) === 0)
    tokens.push(token)
    countHoles(holes, token)
    if (token.kind !== 'comment') before = token
    at = afterBlanks(text, at + token.text.length)
  }
  return tokens
}

function afterBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1
  return at
}

function tokenAt(text: string, start: number, before: Token | undefined, holeMayEnd: boolean): Token {
  const read = (kind: TokenKind, expression: RegExp): Token | undefined => {
    expression.lastIndex = start
    const match = expression.exec(text)
    return match === null ? undefined : { kind, text: match[0], start }
  }
  const piece = text[start] === '`' || (text[start] === '}' && holeMayEnd)
  const token = piece
    ? read('template', template)
    : (read('comment', comment) ??
      read('string', string) ??
      read('word', word) ??
      read('number', number) ??
      (regexMayFollow(before) ? read('regex', regex) : undefined) ??
      read('mark', mark))
  if (token === undefined) throw new Error(`literal without an end in line ${lineOf(text, start)}`)
  return token
}

function regexMayFollow(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'word') return keywordsBeforeRegex.has(before.text)
  if (before.kind === 'template') return before.text.endsWith('${')
  return before.kind === 'mark' && ![')', ']', '++', '--'].includes(before.text)
}

function countHoles(holes: number[], { kind, text }: Token): void {
  if (kind === 'template') {
    if (text.startsWith('}')) holes.pop()
    if (text.endsWith('${')) holes.push(0)
  }
  const open = holes.at(-1)
  if (kind !== 'mark' || open === undefined) return
  if (text === '{') holes[holes.length - 1] = open + 1
  if (text === '}') holes[holes.length - 1] = open - 1
}

function blanked(text: string, tokens: readonly Token[]): string {
  let code = ''
  let at = 0
  for (const { kind, text: own, start } of tokens) {
    code += text.slice(at, start)
    code += ['word', 'number', 'mark'].includes(kind) ? own : own.replace(/[^\n]/g, ' ')
    at = start + own.length
  }
  return code + text.slice(at)
}
