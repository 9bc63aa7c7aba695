/**
 * One JSON object to the fields of a record: exact numbers, dotted paths, lists of lines.
 *
 * Numbers keep their decimal value: where a binary number could lose digits, their source text is
 * taken (`12345678901234567890.12`). A path may go through lists (`line_items.sku`, also written
 * `line_items[].sku`, or `codes.0.code` for one element); the first list on the way of the line
 * fields gives the lines. Throws SyntaxError on text that is not JSON.
 */
import type { RawFields, RawValue } from '../core/incoming.ts'
import type { Problem } from '../core/problem.ts'
import { dataProblem, quoted } from './data-problem.ts'
import { build, leafText, withLines } from './mapping.ts'
import type { Leaf, Mapping } from './mapping.ts'
import { plainNumber } from './values.ts'

type Steps = readonly string[]
export interface JsonFields {
  readonly fields: RawFields
  readonly problems: readonly Problem[]
}

/** 16 digits in a row may not survive as a binary number. */
const longNumber = /[\d.]{16}|\d[eE]/

/** Parses with numbers as numbers, or as text where digits could be lost. Throws SyntaxError. */
export function parseExact(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text)
  return JSON.parse(text, sourceText as (this: unknown, key: string, value: unknown) => unknown)
}

/** A number of which the source is kept: told from text by its shape. */
class ExactNumber {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

function sourceText(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  return typeof value === 'number' && context.source !== undefined ? new ExactNumber(context.source) : value
}

export class JsonMapper {
  readonly #mapping: Mapping
  readonly #decimal: '.' | ','
  readonly #head: readonly (Steps | undefined)[]
  readonly #lines: readonly (Steps | undefined)[]

  constructor(mapping: Mapping, decimal: '.' | ',') {
    this.#mapping = mapping
    this.#decimal = decimal
    this.#head = mapping.head.leaves.map(stepsOf)
    this.#lines = mapping.lines.leaves.map(stepsOf)
  }

  map(record: object): JsonFields {
    const { head, lines, hasLines } = this.#mapping
    const values = head.leaves.map((leaf, i) => this.#leaf(leaf, record, this.#head[i]))
    const fields = build(head.plan, values)
    if (!hasLines) return { fields: withLines(fields, undefined), problems: [] }
    const list = this.#list(record)
    if (list === 'several') return { fields: fields ?? {}, problems: [severalLists()] }
    const elements: readonly unknown[] = list ?? [record]
    const rests = list && this.#lines.map((steps) => steps && restInList(record, steps))
    const made = elements.map((element) => this.#line(lines.leaves, record, element, rests))
    const kept = list === undefined ? made.filter((line) => line !== undefined) : made.map((line) => line ?? {})
    return { fields: withLines(fields, kept), problems: [] }
  }

  /** `rests`: the steps of each leaf within an element of the list, where it leads through the list. */
  #line(leaves: readonly Leaf[], record: object, element: unknown, rests: readonly (Steps | undefined)[] | undefined) {
    let found = false
    const values = leaves.map((leaf, i) => {
      const steps = this.#lines[i]
      const rest = rests?.[i]
      const value = rest ? this.#leaf(leaf, element, rest) : this.#leaf(leaf, record, steps)
      if (steps !== undefined && value !== undefined && value !== leaf.constant) found = true
      return value
    })
    return found || rests ? build(this.#mapping.lines.plan, values) : undefined
  }

  /** The list that the line fields lead through; undefined when there is none. */
  #list(record: object): readonly unknown[] | 'several' | undefined {
    let list: readonly unknown[] | undefined
    for (const steps of this.#lines) {
      const found = steps === undefined ? undefined : firstList(record, steps)?.list
      if (found === undefined) continue
      if (list !== undefined && list !== found) return 'several'
      list = found
    }
    return list
  }

  #leaf(leaf: Leaf, value: unknown, steps: Steps | undefined): RawValue | undefined {
    const found = steps === undefined ? undefined : this.#resolve(value, steps, 0)
    return found === undefined || typeof found === 'string' ? leafText(leaf, found) : found
  }

  #resolve(value: unknown, steps: Steps, at: number): RawValue | undefined {
    if (Array.isArray(value)) {
      const step = steps[at]
      if (step !== undefined && /^\d+$/.test(step)) return this.#resolve(value[Number(step)], steps, at + 1)
      const all = value.map((element) => this.#resolve(element, steps, at)).filter((each) => each !== undefined)
      return all.length > 1 ? all : all[0]
    }
    const step = steps[at]
    if (step === undefined) return this.#text(value)
    if (!isObject(value)) return undefined
    return Object.hasOwn(value, step) ? this.#resolve(value[step], steps, at + 1) : undefined
  }

  #text(value: unknown): RawValue | undefined {
    if (typeof value === 'string') return value
    if (typeof value === 'boolean') return String(value)
    if (value === null || value === undefined) return undefined
    if (typeof value !== 'number' && !(value instanceof ExactNumber)) return {}
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
    const source = typeof value === 'number' ? String(value) : value.source
    const text = plainNumber(source) ?? source
    return this.#decimal === ',' ? text.replace('.', ',') : text
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !(value instanceof ExactNumber)

const stepsOf = (leaf: Leaf): Steps | undefined =>
  leaf.source?.replace(/\[(\d*)\]/g, (_, index: string) => (index === '' ? '' : `.${index}`)).split('.')

function firstList(
  record: object,
  steps: Steps,
): { readonly list: readonly unknown[]; readonly rest: Steps } | undefined {
  let value: unknown = record
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] ?? ''
    if (Array.isArray(value)) {
      if (!/^\d+$/.test(step)) return { list: value, rest: steps.slice(i) }
      value = value[Number(step)]
    } else if (isObject(value) && Object.hasOwn(value, step)) {
      value = value[step]
    } else {
      return undefined
    }
  }
  return Array.isArray(value) ? { list: value, rest: [] } : undefined
}

const restInList = (record: object, steps: Steps): Steps | undefined => firstList(record, steps)?.rest

const severalLists = (): Problem =>
  dataProblem('D036', { place: { path: 'lines' }, message: 'the fields of lines come from different lists' })

/** The problem of text that JSON.parse refused. */
export function notJson(text: string, line: number, error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error)
  return dataProblem('D016', { place: { line }, found: quoted(text), message: `this is not JSON (${quoted(message)})` })
}
