/**
 * Values of a view as text: formatted for a language, or raw in canonical form.
 *
 * Money, decimals, dates and times go through cached Intl formats, exactly (decimal text, no floats).
 * Control characters and signs that turn the writing direction are taken out of every text, since it comes
 * from outside. A group, list or flag is never text. Pure; throws RangeError only for a zone that the
 * config check would have refused.
 */
import { assertNever } from '../core/assert-never.ts'
import { isLocalDate, isoIn } from '../core/date.ts'
import type { Instant, LocalDate } from '../core/date.ts'
import { currencyDigits, fromMinor } from '../core/money.ts'
import type { TemplateValue, TemplateView } from '../core/rendering.ts'

type Typed = Extract<TemplateValue, { readonly type: string }>

/** How values are written for one language and purpose. */
export interface ValueFormat {
  readonly locale: string
  /** SMS: plain spaces instead of no-break ones, which would force the dear alphabet. */
  readonly plainSpaces: boolean
}

/** SMS also takes Western digits: others are outside the GSM alphabet. */
export function formatFor(language: string, channel: 'mail' | 'sms'): ValueFormat {
  return cached(caches.formats, `${channel} ${language}`, () => {
    const locale = supported(language)
    return channel === 'sms'
      ? { locale: new Intl.Locale(locale, { numberingSystem: 'latn' }).toString(), plainSpaces: true }
      : { locale, plainSpaces: false }
  })
}

/** A value of a view by its keys; nothing where there is none. Own keys only. */
export function valueAt(view: TemplateValue | undefined, keys: readonly string[]): TemplateValue | undefined {
  let value = view
  for (const key of keys) {
    if (typeof value !== 'object' || isList(value) || !Object.hasOwn(value, key)) return undefined
    value = (value as TemplateView)[key]
  }
  return value
}

/** Whether a section on the value is rendered: false, zero, an empty text, list or group is not (as in mustache). */
export function isPresent(value: TemplateValue | undefined): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true
  if (typeof value === 'string') return value.trim() !== ''
  if (isList(value)) return value.length > 0
  if (!isTyped(value)) return Object.values(value).some((inner) => isPresent(inner))
  if (value.type === 'money') return value.minor !== 0
  return 'decimal' in value ? /[1-9]/.test(value.decimal) : true
}

/** The value as text; undefined when it is missing or is nothing that can be printed. */
export function textOf(value: TemplateValue | undefined, raw: boolean, format: ValueFormat): string | undefined {
  if (value === undefined || typeof value === 'boolean') return undefined
  if (typeof value === 'string') return value.trim() === '' ? undefined : clean(value)
  if (isList(value) || !isTyped(value)) return undefined
  if (raw) return rawText(value)
  const text = formatted(value, format.locale)
  return format.plainSpaces
    ? text.replace(/[\u00a0\u2000-\u200a\u202f\u3000]/g, ' ').replace(/[\u200e\u200f]/g, '')
    : text
}

export const isList = (value: TemplateValue | undefined): value is readonly TemplateView[] => Array.isArray(value)

/** Where the content of a typed value stands; a group of names never has both. */
const contentKeys: ReadonlyMap<string, string> = new Map([
  ['money', 'minor'],
  ['decimal', 'decimal'],
  ['price', 'decimal'],
  ['date', 'date'],
  ['instant', 'instant'],
  ['word', 'word'],
])

function isTyped(value: TemplateView | Typed): value is Typed {
  const key = typeof value.type === 'string' ? contentKeys.get(value.type) : undefined
  return key !== undefined && Object.hasOwn(value, key)
}

/** Control characters but tab and line feed, and the signs that override the writing direction. */
const unwanted = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|[^\P{Cc}\t\n]/gu
const clean = (text: string): string => text.replaceAll('\r\n', '\n').replace(unwanted, '')

function formatted(value: Typed, locale: string): string {
  switch (value.type) {
    case 'money':
      return minorText(value, locale)
    case 'price':
      return moneyText(value.decimal, value.currency, locale, 0)
    case 'decimal':
      return numbers(locale).format(value.decimal as `${number}`)
    case 'date':
      return isLocalDate(value.date) ? dates(locale, 'UTC', false).format(epochOf(value.date)) : clean(value.date)
    case 'instant':
      return dates(locale, value.zone, true).format(value.instant)
    case 'word':
      return clean(nameOf(value.names, locale) ?? value.word)
    default:
      return assertNever(value, 'type of a template value')
  }
}

function rawText(value: Typed): string {
  switch (value.type) {
    case 'money':
      return fromMinor(value.minor, value.currency)
    case 'decimal':
    case 'price':
      return value.decimal
    case 'date':
      return value.date
    case 'instant':
      return isoIn(value.instant, value.zone)
    case 'word':
      return clean(value.word)
    default:
      return assertNever(value, 'type of a template value')
  }
}

/** The name in the language, else in its base language (de for de-AT), else the one for all. */
const nameOf = (names: Readonly<Record<string, string>>, locale: string): string | undefined =>
  [locale, locale.split('-', 1)[0] ?? '', '*'].flatMap((key) => (Object.hasOwn(names, key) ? [names[key]] : []))[0]

/** Where usage leaves out the fraction (HUF), one that is there is still shown: an amount is never rounded. */
function minorText({ minor, currency }: { readonly minor: number; readonly currency: string }, locale: string): string {
  const decimal = fromMinor(minor, currency)
  return moneyText(decimal, currency, locale, /\.\d*[1-9]/.test(decimal) ? currencyDigits(currency) : undefined)
}

/** `least`: fraction digits shown at least, up to eight where there are more; undefined: as is usual. */
function moneyText(decimal: string, currency: string, locale: string, least: number | undefined): string {
  if (!/^[A-Z]{3}$/.test(currency)) return `${numbers(locale).format(decimal as `${number}`)} ${clean(currency)}`
  return moneys(locale, currency, least).format(decimal as `${number}`)
}

const epochOf = (date: LocalDate): Instant => Date.parse(`${date}T00:00:00Z`)

const caches = {
  formats: new Map<string, ValueFormat>(),
  numbers: new Map<string, Intl.NumberFormat>(),
  dates: new Map<string, Intl.DateTimeFormat>(),
}

/** Bounded by what the config and the files can name; the limit guards against a stream of odd currencies. */
function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key)
  if (known !== undefined) return known
  if (cache.size >= 500) cache.clear()
  const made = make()
  cache.set(key, made)
  return made
}

function numbers(locale: string): Intl.NumberFormat {
  return cached(caches.numbers, locale, () => new Intl.NumberFormat(locale, { maximumFractionDigits: 8 }))
}

/** `fine`: prices of one piece keep all their decimals. */
function moneys(locale: string, currency: string, least: number | undefined): Intl.NumberFormat {
  return cached(caches.numbers, `${locale} ${currency} ${String(least)}`, () => {
    const options: Intl.NumberFormatOptions = { style: 'currency', currency }
    const usual = new Intl.NumberFormat(locale, options)
    if (least === undefined) return usual
    const minimumFractionDigits = Math.max(least, usual.resolvedOptions().minimumFractionDigits ?? 0)
    return new Intl.NumberFormat(locale, { ...options, minimumFractionDigits, maximumFractionDigits: 8 })
  })
}

function dates(locale: string, timeZone: string, withTime: boolean): Intl.DateTimeFormat {
  return cached(caches.dates, `${locale} ${timeZone} ${String(withTime)}`, () => {
    const options: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeZone }
    return new Intl.DateTimeFormat(locale, withTime ? { ...options, timeStyle: 'short' } : options)
  })
}

function supported(language: string): string {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(language)[0] ?? 'en'
  } catch (error) {
    if (error instanceof RangeError) return 'en'
    throw error
  }
}
