/**
 * One YAML file of the config, read safely: bytes → document with positions, or problems.
 *
 * Guarantees: at most 1 MB, strict UTF-8, one document, no value within itself, no alias flood, no
 * key twice; numbers that would lose zeros (`0123`) are problems. Every syntax error and warning is
 * reported, none hides another. Knows nothing of the schema. Throws only on unexpected I/O errors.
 */
import { isUtf8 } from 'node:buffer'
import { readFile, stat } from 'node:fs/promises'
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { Alias, Document, Node, Scalar, YAMLError } from 'yaml'
import type { Place, Problem } from '../core/problem.ts'
import { hasCode } from '../platform/files.ts'
import type { Path } from './finding.ts'
import type { ConfigCode } from './problem-codes.ts'

export interface YamlSource {
  /** As shown to people: the path that was given for the main file decides how it begins. */
  readonly file: string
  readonly document: Document
  readonly lines: LineCounter
  /** The content as plain values. */
  readonly data: unknown
}
/** A file and the place of its content in the whole config. */
export interface Part {
  readonly path: Path
  readonly source: YamlSource
}
export interface SourceRead {
  /** Absent when the file cannot be used at all. */
  readonly source?: YamlSource
  readonly problems: readonly Problem[]
}

/** Largest config file, in bytes: 1 MB takes the YAML reader some seconds. */
export const maxFileBytes = 1_000_000

/** Reads and parses one file; `path` is opened, `file` is shown. */
export async function readSource(path: string, file: string): Promise<SourceRead> {
  const read = await readBytes(path, file)
  return 'problem' in read ? { problems: [read.problem] } : parseSource(read.bytes, file)
}

/** Parses the bytes of one file. */
export function parseSource(bytes: Uint8Array, file: string): SourceRead {
  if (!isUtf8(bytes)) return { problems: [notUtf8(bytes, file)] }
  const text = new TextDecoder('utf-8').decode(bytes)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const at = (offset: number): Place => placeAt(file, lines, offset)
  const problems = [...document.errors, ...document.warnings].map((error) => syntaxProblem(error, at))
  if (problems.length > 0) return { problems }
  const circle = findCircle(document)
  if (circle) {
    const what = `"*${circle.source}" stands inside the value that it names`
    return { problems: [problem('C006', at(circle.range?.[0] ?? 0), what, 'Write the value out.')] }
  }
  const data = plainValues(document)
  if (data.kind === 'tooMany') {
    return { problems: [problem('C006', at(firstAlias(document)), 'too many aliases', 'Write the values out.')] }
  }
  return { source: { file, document, lines, data: data.value }, problems: lossyNumbers(document, at) }
}

/** Line and column (1-based) of an offset; the end of the file for an offset beyond it. */
export function placeAt(file: string, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
}

type Bytes = { readonly bytes: Uint8Array } | { readonly problem: Problem }

async function readBytes(path: string, file: string): Promise<Bytes> {
  try {
    const { size } = await stat(path)
    if (size > maxFileBytes) {
      const found = `${Math.ceil(size / 1000)} kB`
      return {
        problem: { ...problem('C003', { file }, 'the file is too large'), found, expected: 'at most 1 MB' },
      }
    }
    return { bytes: await readFile(path) }
  } catch (error) {
    return { problem: unreadable(error, file) }
  }
}

function unreadable(error: unknown, file: string): Problem {
  if (hasCode(error, ['ENOENT', 'ENOTDIR'])) {
    return problem('C001', { file }, 'there is no such file', 'Name the config with --config, or run `orderly init`.')
  }
  if (hasCode(error, ['EACCES', 'EPERM'])) {
    return problem('C001', { file }, 'the file may not be read', 'Let the user of the service read it.')
  }
  if (hasCode(error, ['EISDIR'])) return problem('C001', { file }, 'this is a folder, not a file')
  throw new Error(`${file} could not be read`, { cause: error })
}

function notUtf8(bytes: Uint8Array, file: string): Problem {
  let line = 1
  let start = 0
  for (let end = bytes.indexOf(10); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    start = end + 1
    line++
  }
  const place = { file, line, column: 1 }
  return problem('C002', place, 'the line holds bytes that are no UTF-8', 'Save the file as UTF-8.')
}

const syntaxHints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces; YAML forbids tabs there.',
  DUPLICATE_KEY: 'Keep one of the two.',
  MULTIPLE_DOCS: 'Put each document into a file of its own.',
  BAD_SCALAR_START: 'Put the value in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'Check the indentation; put values that hold ": " in quotes.',
  BAD_INDENT: 'Keys of one map start in the same column.',
  MISSING_CHAR: 'Check quotes, brackets and colons.',
}

function syntaxProblem(error: YAMLError, at: (offset: number) => Place): Problem {
  const code: ConfigCode =
    error.code === 'DUPLICATE_KEY'
      ? 'C008'
      : error.code === 'MULTIPLE_DOCS'
        ? 'C007'
        : error.name === 'YAMLWarning'
          ? 'C005'
          : 'C004'
  const text = error.message.replace(/\s+/g, ' ').trim()
  const message = text.slice(0, 1).toLowerCase() + text.slice(1)
  return problem(code, at(error.pos[0]), message, syntaxHints[error.code])
}

/** The first alias that stands inside the node that it names. */
function findCircle(document: Document): Alias | undefined {
  const open = new Set<unknown>()
  let circle: Alias | undefined
  const walk = (node: unknown): void => {
    if (circle) return
    if (isAlias(node)) {
      if (open.has(node.resolve(document))) circle = node
    } else if (isMap(node) || isSeq(node)) {
      open.add(node)
      for (const item of node.items) {
        if (isNodePair(item)) [item.key, item.value].forEach(walk)
        else walk(item)
      }
      open.delete(node)
    }
  }
  walk(document.contents)
  return circle
}

const isNodePair = (item: unknown): item is { readonly key: unknown; readonly value: unknown } =>
  typeof item === 'object' && item !== null && 'key' in item && 'value' in item && !isScalar(item)

function firstAlias(document: Document): number {
  let offset = 0
  visit(document, {
    Alias: (_, alias) => {
      offset = alias.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}

function plainValues(
  document: Document,
): { readonly kind: 'ok'; readonly value: unknown } | { readonly kind: 'tooMany' } {
  try {
    return { kind: 'ok', value: document.toJS({ maxAliasCount: 100 }) as unknown }
  } catch (error) {
    if (error instanceof ReferenceError) return { kind: 'tooMany' }
    throw error
  }
}

/** Numbers whose text would not survive: `0123` (read as 123), `0x1F`, `0o17`, more than 15 digits. */
function lossyNumbers(document: Document, at: (offset: number) => Place): readonly Problem[] {
  const problems: Problem[] = []
  visit(document, {
    Scalar: (_, node: Scalar & Node) => {
      const { source, value } = node
      if (typeof value !== 'number' || source === undefined || !isLossy(source, value)) return
      const about = problem('C013', at(node.range?.[0] ?? 0), 'YAML reads this as another number', `Write "${source}".`)
      problems.push({ ...about, found: `${source}, read as ${value}`, expected: 'text in quotes' })
    },
  })
  return problems
}

const isLossy = (source: string, value: number): boolean =>
  /^[+-]?0[\dxo]/i.test(source) || (/^[+-]?\d+$/.test(source) && !Number.isSafeInteger(value))

function problem(code: ConfigCode, place: Place, message: string, hint?: string): Problem {
  return { code, severity: 'error', place, message, ...(hint === undefined ? {} : { hint }) }
}
