/**
 * Numbers, dates and flags as the dialect of a file writes them, to canonical text.
 *
 * Strict: a number must fit the decimal and grouping marks that are set, since `1.234` cannot be
 * told from one value (formats differ between banks and days). Anything else is undefined, never
 * a guess. Two-digit years: 00–69 are 2000–2069, 70–99 are 1970–1999. Throws RangeError on a
 * date pattern that the config check should have refused.
 */
import { isLocalDate } from '../core/date.ts'
import { isDecimal } from '../core/money.ts'
import type { DecimalText } from '../core/money.ts'

export interface NumberDialect {
  readonly decimal: '.' | ','
  readonly thousands: '' | '.' | ',' | ' ' | "'"
}

const blanks = /[\u0020\u00a0\u2007\u2009\u202f]/g

/**
 * `1.234,56` `-10,7` `9,` `,5` `+3` `5.00-` `1 234` to decimal text; undefined when it is no such
 * number. Blank grouping also takes the no-break and thin blanks that spreadsheets write.
 */
export function parseDecimal(text: string, dialect: NumberDialect): DecimalText | undefined {
  const mark = markOf(text, dialect.decimal === '.' ? 46 : 44)
  if (mark !== notPlain) {
    return mark === noMark || dialect.decimal === '.' ? text : `${text.slice(0, mark)}.${text.slice(mark + 1)}`
  }
  const trimmed = text.trim()
  const match = /^([+-]?)\s*(.*?)\s*([+-]?)$/s.exec(trimmed)
  const [, before = '', body = '', after = ''] = match ?? []
  if (before !== '' && after !== '') return undefined
  const dot = body.indexOf(dialect.decimal)
  const whole = ungrouped(dot < 0 ? body : body.slice(0, dot), dialect.thousands)
  const fraction = dot < 0 ? '' : body.slice(dot + 1)
  if (whole === undefined || !/^\d*$/.test(fraction) || whole + fraction === '') return undefined
  const sign = before === '-' || after === '-' ? '-' : ''
  const plain = `${sign}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`
  const cut = plain.replace(/(\.\d{8})0+$/, '$1')
  return isDecimal(cut) ? canonical(cut) : undefined
}

const noMark = -1
const notPlain = -2

/** Index of the decimal mark in a number that is canonical but for it; `noMark` without one, `notPlain` when it is not. */
function markOf(text: string, mark: number): number {
  const first = text.charCodeAt(0) === 45 ? 1 : 0
  let at = noMark
  let zero = true
  for (let i = first; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === mark && at === noMark && i > first) at = i
    else if (isDigit(code)) zero &&= code === 48
    else return notPlain
  }
  const digits = (at === noMark ? text.length : at) - first
  if (digits < 1 || digits > 18 || (digits > 1 && text.charCodeAt(first) === 48) || (zero && first === 1))
    return notPlain
  const fraction = at === noMark ? 1 : text.length - at - 1
  return fraction < 1 || fraction > 8 ? notPlain : at
}

/** Digits without their grouping marks; every group but the first must have three. */
function ungrouped(text: string, mark: NumberDialect['thousands']): string | undefined {
  if (/^\d*$/.test(text)) return text
  if (mark === '') return undefined
  const groups = (mark === ' ' ? text.replace(blanks, ' ') : text).split(mark)
  const fits = groups.every((group, i) => (i === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(group))
  return fits ? groups.join('') : undefined
}

/** No leading zeros and no negative zero. */
function canonical(text: string): DecimalText {
  const plain = /^-?0\d/.test(text) ? text.replace(/^(-?)0+(?=\d)/, '$1') : text
  return plain.charCodeAt(0) === 45 && /^-[0.]+$/.test(plain) ? plain.slice(1) : plain
}

/** A JSON number as written, exponent and all (`1.5e3`), to decimal text; undefined beyond the range of decimals. */
export function plainNumber(source: string): DecimalText | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,3})$/.exec(source)
  if (!match) return isDecimal(source) ? source : undefined
  const [, sign = '', whole = '', fraction = '', power = '0'] = match
  const digits = whole + fraction
  const point = whole.length + Number(power)
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const at = point <= 0 ? 1 : point
  const rest = padded.slice(at).replace(/0+$/, '')
  const text = canonical(`${sign}${padded.slice(0, at)}${rest === '' ? '' : `.${rest}`}`)
  return isDecimal(text) ? text : undefined
}

type Unit = 'y' | 'M' | 'd' | 'H' | 'm' | 's'
type Token = { readonly unit: Unit; readonly length: number } | { readonly literal: string }
export interface DatePattern {
  readonly text: string
  readonly tokens: readonly Token[]
}

const maxLength: Record<Unit, number> = { y: 4, M: 2, d: 2, H: 2, m: 2, s: 2 }

/** `dd.MM.yyyy HH:mm` to tokens. A single letter (`d.M.yyyy`) stands for one or two digits. */
export function compileDatePattern(text: string): DatePattern {
  const tokens: Token[] = []
  for (const [run] of text.matchAll(/([A-SU-Za-z])\1*|[^A-SU-Za-z]/g)) {
    const letter = run[0] === 'h' ? 'H' : (run[0] ?? '')
    if (!(letter in maxLength)) {
      if (/[A-SU-Za-z]/.test(letter))
        throw new RangeError(`date pattern "${text}" has "${run}", which is no part of a date`)
      tokens.push({ literal: run })
      continue
    }
    const unit = letter as Unit
    if (run.length > maxLength[unit] || (unit === 'y' && run.length % 2 === 1)) {
      throw new RangeError(`date pattern "${text}" has "${run}"; use yyyy, yy, MM, dd, HH, mm, ss`)
    }
    tokens.push({ unit, length: run.length })
  }
  return { text, tokens }
}

/**
 * A date (`yyyy-MM-dd`) or, when the pattern has hours, a local date and time (`yyyy-MM-ddTHH:mm:ss`,
 * with the offset of the text if there is one). Undefined when no pattern fits or there is no such day.
 */
export function parseDate(text: string, patterns: readonly DatePattern[]): string | undefined {
  for (const pattern of patterns) {
    const date = parseByPattern(text, pattern)
    if (date !== undefined) return date
  }
  return undefined
}

function parseByPattern(text: string, pattern: DatePattern): string | undefined {
  const parts: Partial<Record<Unit, string>> = {}
  let at = 0
  for (const token of pattern.tokens) {
    if ('literal' in token) {
      if (text[at] !== token.literal) return undefined
      at += 1
      continue
    }
    const digits = digitsAt(text, at, token)
    if (digits === undefined) return undefined
    parts[token.unit] = digits
    at += digits.length
  }
  const rest = text.slice(at)
  if (rest === '') return assemble(parts, '')
  if (parts.H === undefined) return undefined
  const zone = /^(?:[.,]\d{1,9})?\s?(Z|[+-]\d{2}:?\d{2})?$/.exec(rest)
  return zone ? assemble(parts, zone[1] ?? '') : undefined
}

function digitsAt(
  text: string,
  at: number,
  token: { readonly unit: Unit; readonly length: number },
): string | undefined {
  const most = token.length === 1 ? 2 : token.length
  let end = at
  while (end < text.length && end - at < most && isDigit(text.charCodeAt(end))) end++
  return end - at >= token.length ? text.slice(at, end) : undefined
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

function assemble(parts: Partial<Record<Unit, string>>, zone: string): string | undefined {
  const { y, M, d, H } = parts
  if (y === undefined || M === undefined || d === undefined) return undefined
  const year = y.length === 4 ? y : `${Number(y) < 70 ? '20' : '19'}${y}`
  const date = `${year}-${M.padStart(2, '0')}-${d.padStart(2, '0')}`
  if (!isLocalDate(date) || year < '1900' || year > '2199') return undefined
  if (H === undefined) return date
  const [hour, minute, second] = [H, parts.m ?? '00', parts.s ?? '00'].map((part) => part.padStart(2, '0'))
  if ((hour ?? '') > '23' || (minute ?? '') > '59' || (second ?? '') > '59') return undefined
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone
  return `${date}T${hour}:${minute}:${second}${offset}`
}

/** Writes `yyyy-MM-dd[THH:mm[:ss]]…` by a pattern; parts that the value lacks are 00. Undefined when it is no date. */
export function formatDate(value: string, pattern: DatePattern): string | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?/.exec(value)
  if (!match) return undefined
  const parts: Record<Unit, string> = {
    y: match[1] ?? '',
    M: match[2] ?? '',
    d: match[3] ?? '',
    H: match[4] ?? '00',
    m: match[5] ?? '00',
    s: match[6] ?? '00',
  }
  return pattern.tokens
    .map((token) => {
      if ('literal' in token) return token.literal
      const digits = parts[token.unit]
      return token.length === 1 ? String(Number(digits)) : digits.slice(-token.length)
    })
    .join('')
}

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  y: true,
  t: true,
  1: true,
  false: false,
  no: false,
  n: false,
  f: false,
  0: false,
}

/** true/false, yes/no, y/n, t/f, 1/0 in any case; undefined for any other word. */
export function parseFlag(text: string): boolean | undefined {
  const word = text.toLowerCase()
  return Object.hasOwn(flags, word) ? flags[word] : undefined
}
