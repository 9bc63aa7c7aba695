/**
 * Reads the typed values of one record and collects every problem of it.
 *
 * Each reader returns undefined where the field is absent or wrong; a wrong value is noted with
 * its line, path, what was found and what was expected. So an interpreter goes on to the end and
 * tells all problems at once. Texts of one line lose line breaks (a blank instead); keys with
 * line breaks are refused. Throws nothing.
 */
import type { LocalDate } from '../core/date.ts'
import type { RawFields, RawRecord, RawValue } from '../core/incoming.ts'
import { isCurrency, toMinor } from '../core/money.ts'
import type { DecimalText, Minor } from '../core/money.ts'
import type { Problem } from '../core/problem.ts'
import { dataProblem, quoted } from './data-problem.ts'
import type { FormatProblemCode } from './problem-codes.ts'
import { parseDecimal, parseFlag } from './values.ts'
import type { NumberDialect } from './values.ts'

export interface Dialect extends NumberDialect {
  /** The patterns of dates, for messages. */
  readonly dates: string
  /** A date, or local date and time, as `parseDate` gives it. */
  readonly readDate: (text: string) => string | undefined
  /** Canonical field → its name in the file, for messages. */
  readonly sources: Readonly<Record<string, string>>
}

const longest = { key: 200, line: 1000, text: 20_000 }
const breaks = /\s*[\r\n\t\u0085\u2028\u2029]+\s*/g
const controlButBreaks = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/ // eslint-disable-line no-control-regex

export class RecordFields {
  readonly problems: Problem[]
  readonly #fields: RawFields
  /** What the fields stand in, and the step from there: `customer`, `lines[2]`. */
  readonly #parent: RecordFields | undefined
  readonly #step: string
  readonly #index: number
  readonly #dialect: Dialect
  readonly #row: number
  readonly #line: number | undefined

  constructor(
    fields: RawFields,
    dialect: Dialect,
    row: number,
    line: number | undefined,
    parent?: RecordFields,
    step = '',
    index = -1,
  ) {
    this.problems = parent === undefined ? [] : parent.problems
    this.#fields = fields
    this.#dialect = dialect
    this.#row = row
    this.#line = line
    this.#parent = parent
    this.#step = step
    this.#index = index
  }

  static of(record: RawRecord, dialect: Dialect): RecordFields {
    return new RecordFields(record.fields, dialect, record.row, record.line)
  }

  get failed(): boolean {
    return this.problems.length > 0 && this.problems.some((problem) => problem.severity === 'error')
  }

  /** Whether the field has any value. */
  has(name: string): boolean {
    return this.#fields[name] !== undefined
  }

  /** The fields of a group such as `customer`; empty when it is absent. */
  group(name: string): RecordFields {
    const value = this.#fields[name]
    return this.#under(isGroup(value) ? value : noFields, this.#line, name, -1)
  }

  /** The elements of `lines`; `lineAt` tells where each stands in the file. */
  elements(name: string, lineAt: readonly number[] | undefined): readonly RecordFields[] {
    const value = this.#fields[name]
    if (!isList(value)) return []
    return value.map((each, i) => this.#under(isGroup(each) ? each : noFields, lineAt?.[i] ?? this.#line, name, i))
  }

  /** A name by which records are found: one line, at most 200 characters. */
  key(name: string): string | undefined {
    const text = this.#one(name)
    if (text === undefined || (text.length <= longest.key && isPrintable(text))) return text
    this.note('D035', name, text, `one line of at most ${longest.key} characters`)
    return undefined
  }

  /** A key that must be there; '' with a problem noted when it is not. */
  requiredKey(name: string): string {
    const text = this.key(name)
    if (text === undefined && !this.has(name)) this.note('D030', name)
    return text ?? ''
  }

  /** One line of text; line breaks become blanks. */
  text(name: string): string | undefined {
    const text = this.#one(name)
    if (text === undefined) return undefined
    const plain = isPrintable(text)
    const line = plain ? text : text.replace(breaks, ' ').trim()
    if (line.length <= longest.line && (plain || isPrintable(line))) return line
    this.note('D035', name, text, `at most ${longest.line} characters, without control characters`)
    return undefined
  }

  /** Text of several lines. */
  longText(name: string): string | undefined {
    const text = this.#one(name)
    if (text === undefined || (text.length <= longest.text && !controlButBreaks.test(text))) return text
    this.note('D035', name, text, `at most ${longest.text} characters, without control characters`)
    return undefined
  }

  decimal(name: string): DecimalText | undefined {
    const text = this.#one(name)
    if (text === undefined) return undefined
    const value = parseDecimal(text, this.#dialect)
    if (value === undefined) this.note('D031', name, text, this.#numberExample())
    return value
  }

  /** Minor units of the currency. */
  money(name: string, currency: string): Minor | undefined {
    const decimal = this.decimal(name)
    if (decimal === undefined) return undefined
    try {
      return toMinor(decimal, currency)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.note('D037', name, decimal)
      return undefined
    }
  }

  /** A date; the time of day, if the file has one, is left out. */
  date(name: string): LocalDate | undefined {
    return this.dateTime(name)?.slice(0, 10)
  }

  /** A date, or local date and time, as `parseDate` gives it. */
  dateTime(name: string): string | undefined {
    const text = this.#one(name)
    if (text === undefined) return undefined
    const value = this.#dialect.readDate(text)
    if (value === undefined) this.note('D032', name, text, this.#dialect.dates)
    return value
  }

  flag(name: string): boolean | undefined {
    const text = this.#one(name)
    if (text === undefined) return undefined
    const value = parseFlag(text)
    if (value === undefined) this.note('D033', name, text)
    return value
  }

  /** One of the words; case does not matter. */
  word<W extends string>(name: string, words: readonly W[]): W | undefined {
    const text = this.#one(name)
    if (text === undefined) return undefined
    const word = words.find((each) => each.toLowerCase() === text.toLowerCase())
    if (word === undefined) this.note('D034', name, text, words.join(', '))
    return word
  }

  /** An ISO 4217 code; the default where the file has none. */
  currency(name: string, fallback: string): string {
    const text = this.#one(name)?.toUpperCase()
    if (text === undefined) return fallback
    if (isCurrency(text)) return text
    this.note('D038', name, text)
    return fallback
  }

  /** A list, or one text with `,` or `;` between the words. */
  list(name: string): readonly string[] {
    const value = this.#fields[name]
    if (value === undefined || value === '') return []
    const texts = isList(value) ? value.filter((each) => typeof each === 'string') : [this.#one(name) ?? '']
    const words = texts.flatMap((text) => text.split(/[,;]/)).map((word) => word.trim())
    return words.filter((word) => word !== '' && word.length <= longest.key && isPrintable(word))
  }

  /** The own fields under `fields.`; undefined when there are none. */
  own(): Readonly<Record<string, string>> | undefined {
    const value = this.#fields['fields']
    if (!isGroup(value)) return undefined
    const group = this.group('fields')
    const entries = Object.keys(value).map((name) => [name, group.longText(name)] as const)
    const filled = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined)
    return filled.length === 0 ? undefined : Object.fromEntries(filled)
  }

  /** Notes a problem or warning about a field. */
  note(code: FormatProblemCode, name: string, found?: string, expected?: string, hint?: string): void {
    const path = this.#base() + name
    const source = this.#dialect.sources[path.replace(/\[\d+\]/g, '')]
    this.problems.push(
      dataProblem(code, {
        place: { ...(this.#line === undefined ? {} : { line: this.#line }), record: this.#row, path },
        found: found === undefined ? undefined : quoted(found) + (source === undefined ? '' : ` in ${quoted(source)}`),
        expected:
          expected ?? (found === undefined && source !== undefined ? `a value in ${quoted(source)}` : undefined),
        hint,
      }),
    )
  }

  #one(name: string): string | undefined {
    const value = this.#fields[name]
    if (value === undefined || typeof value === 'string') return value === '' ? undefined : value
    this.note('D036', name, undefined, isList(value) ? `one value, not ${value.length}` : 'one value, not a group')
    return undefined
  }

  #under(fields: RawFields, line: number | undefined, step: string, index: number): RecordFields {
    return new RecordFields(fields, this.#dialect, this.#row, line, this, step, index)
  }

  /** The path to these fields, with a dot at its end; '' for those of the record itself. */
  #base(): string {
    if (this.#parent === undefined) return ''
    return `${this.#parent.#base()}${this.#step}${this.#index < 0 ? '' : `[${this.#index}]`}.`
  }

  #numberExample(): string {
    const { thousands, decimal } = this.#dialect
    return `a number such as 1${thousands}234${decimal}50`
  }
}

const noFields: RawFields = {}
const isList = (value: RawValue | undefined): value is readonly RawValue[] => Array.isArray(value)
const isGroup = (value: RawValue | undefined): value is RawFields =>
  typeof value === 'object' && value !== null && !isList(value)

/** No control characters (C0, DEL). */
function isPrintable(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 || code === 127) return false
  }
  return true
}

/** The same object without the properties that are undefined. */
export function compact<T extends object>(value: {
  [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K]
}): T {
  const kept: Partial<T> = {}
  for (const key in value) {
    const each = value[key]
    if (each !== undefined) kept[key] = each
  }
  return kept as T
}
