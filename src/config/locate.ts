/**
 * From a path in the config to file, line and column, and to what is written there.
 *
 * Values, keys (for unknown ones), and the nearest parent (for missing ones); through aliases,
 * merges (`<<`) and files of sections. Secrets are not shown: for their paths `found` is absent.
 * Turns findings into problems, in the order of files and lines, each place and code once.
 * Throws nothing.
 */
import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Document, Node, Pair } from 'yaml'
import type { Place, Problem } from '../core/problem.ts'
import { pathText } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import { placeAt } from './yaml-source.ts'
import type { Part } from './yaml-source.ts'

export interface Locator {
  /** Place of a value or key; of the nearest parent when it is not there. */
  readonly place: (path: Path, at?: 'key' | 'value') => Place
  /** What is written there, shortened, in the form of the file; undefined when nothing is, or it is secret. */
  readonly written: (path: Path) => string | undefined
  readonly toProblem: (finding: Finding) => Problem
}

interface Found {
  readonly part: Part
  /** How many steps of the path are there. */
  readonly depth: number
  readonly key?: Node
  readonly value?: Node
}

/** `isSecret` tells paths whose value must not be shown. */
export function locate(parts: readonly Part[], isSecret: (path: Path) => boolean): Locator {
  const find = (path: Path): Found | undefined =>
    parts
      .filter((part) => part.path.every((step, i) => i >= path.length || step === path[i]))
      .filter((part) => part.path.length <= path.length)
      .map((part) => walk(part, path))
      .reduce<Found | undefined>((best, found) => (best && best.depth >= found.depth ? best : found), undefined)
  const place = (path: Path, at: 'key' | 'value' = 'value'): Place => {
    const found = find(path)
    return found ? { ...nodePlace(found, path, at), path: pathText(path) } : { path: pathText(path) }
  }
  const written = (path: Path): string | undefined => {
    const found = find(path)
    return found?.depth === path.length && !isSecret(path) ? sourceText(found) : undefined
  }
  return { place, written, toProblem: (finding) => toProblem(finding, { place, written }) }
}

/** Place of a path of the whole config within one of its files. */
export const placeIn = (part: Part, path: Path, at: 'key' | 'value' = 'value'): Place => ({
  ...nodePlace(walk(part, path), path, at),
  path: pathText(path),
})

/** Sorts by file (in the order given), line and column; keeps one of each place and code. */
export function inOrder(problems: readonly Problem[], files: readonly string[]): readonly Problem[] {
  const seen = new Set<string>()
  const rank = ({ place }: Problem): number => {
    const index = files.indexOf(place.file ?? '')
    return index < 0 ? files.length : index
  }
  return problems
    .toSorted(
      (a, b) =>
        rank(a) - rank(b) ||
        (a.place.line ?? 0) - (b.place.line ?? 0) ||
        (a.place.column ?? 0) - (b.place.column ?? 0) ||
        a.code.localeCompare(b.code),
    )
    .filter(({ code, place: { file, line, column }, message }) => {
      const key = JSON.stringify([code, file, line, column, line === undefined ? message : ''])
      return !seen.has(key) && seen.add(key)
    })
}

function walk(part: Part, path: Path): Found {
  const { document } = part.source
  let found: Found = { part, depth: part.path.length, ...nodeIn(document.contents) }
  for (const step of path.slice(part.path.length)) {
    const next = child(document, found.value, step)
    if (next === undefined) break
    found = { part, depth: found.depth + 1, ...next }
  }
  return found
}

const nodeIn = (node: unknown): { readonly value?: Node } => (node ? { value: node as Node } : {})

interface Child {
  readonly key?: Node
  readonly value?: Node
}

function child(document: Document, parent: Node | undefined, step: string | number): Child | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent
  if (isSeq(node) && typeof step === 'number') return step < node.items.length ? nodeIn(node.items[step]) : undefined
  if (!isMap(node)) return undefined
  const pair = node.items.find(({ key }) => keyText(key) === String(step))
  if (pair) return { ...keyIn(pair), ...nodeIn(pair.value) }
  for (const { key, value } of node.items) {
    const merged = keyText(key) === '<<' ? childOfMerge(document, value, step) : undefined
    if (merged) return merged
  }
  return undefined
}

function childOfMerge(document: Document, value: unknown, step: string | number): Child | undefined {
  const sources = isSeq(value) ? value.items : [value]
  for (const source of sources) {
    const found = child(document, source as Node, step)
    if (found) return found
  }
  return undefined
}

const keyIn = (pair: Pair): { readonly key?: Node } => (pair.key ? { key: pair.key as Node } : {})
const keyText = (key: unknown): string | undefined => {
  if (!isScalar(key)) return undefined
  return typeof key.value === 'symbol' ? '<<' : String(key.value)
}

function nodePlace({ part, depth, key, value }: Found, path: Path, at: 'key' | 'value'): Place {
  const { file, lines } = part.source
  const missing = depth < path.length
  const isEmpty = value?.range && value.range[0] === value.range[1]
  const node = at === 'key' || missing || isEmpty ? (key ?? value) : (value ?? key)
  const offset = node?.range?.[0]
  return offset === undefined ? { file, line: 1, column: 1 } : placeAt(file, lines, offset)
}

function sourceText({ part, value }: Found): string {
  const node = isAlias(value) ? value.resolve(part.source.document) : value
  if (isMap(node)) return 'a map'
  if (isSeq(node)) return node.items.length === 0 ? 'an empty list' : 'a list'
  if (!isScalar(node) || node.value === null) return 'nothing'
  if (typeof node.value === 'string') return quoted(node.value)
  return shorten(node.source ?? JSON.stringify(node.value))
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)
/** Text in quotes, on one line, at most 60 characters. */
export const quoted = (text: string): string => JSON.stringify(shorten(text))

function toProblem(finding: Finding, locator: Pick<Locator, 'place' | 'written'>): Problem {
  const { code, path, at, message, expected, hint } = finding
  const found = finding.found ?? (at === 'key' ? undefined : locator.written(path))
  return {
    code,
    severity: finding.severity ?? 'error',
    place: locator.place(path, at),
    message,
    ...(found === undefined ? {} : { found }),
    ...(expected === undefined ? {} : { expected }),
    ...(hint === undefined ? {} : { hint }),
  }
}
