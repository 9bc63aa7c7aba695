/**
 * Zones, currencies, countries and languages must be known ones.
 *
 * Asked of Intl, which knows IANA zones, ISO 4217, ISO 3166-1 and CLDR languages. The language of a store,
 * channel or alarm must be one of `languages`, for which templates are checked. Throws nothing.
 */
import { isTimeZone } from '../core/date.ts'
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { didYouMean } from './nearest.ts'

export function checkLocale({ config }: Pick<CheckContext, 'config'>): readonly Finding[] {
  const { languages } = config
  return [
    ...zone(config.timeZone, ['timeZone']),
    ...currency(config.currency),
    ...country(config.country, ['country']),
    ...languages.flatMap((tag, i) => language(tag, ['languages', i])),
    ...twice(languages),
    ...listed(config.alarms?.language, languages, ['alarms', 'language']),
    ...Object.entries(config.stores).flatMap(([code, store]) => [
      ...zone(store.timeZone, ['stores', code, 'timeZone']),
      ...country(store.address?.country, ['stores', code, 'address', 'country']),
      ...listed(store.language, languages, ['stores', code, 'language']),
    ]),
    ...Object.entries(config.channels).flatMap(([code, channel]) =>
      listed(channel.language, languages, ['channels', code, 'language']),
    ),
  ]
}

function zone(name: string | undefined, path: Path): readonly Finding[] {
  if (name === undefined || (isTimeZone(name) && !/^[+-]/.test(name))) return []
  const hint = didYouMean(name, Intl.supportedValuesOf('timeZone')) ?? 'See the list of tz database time zones.'
  return [{ code: 'C041', path, message: 'there is no such time zone', expected: 'e.g. Europe/Budapest', hint }]
}

function currency(code: string): readonly Finding[] {
  const known = Intl.supportedValuesOf('currency')
  if (known.includes(code)) return []
  const hint = didYouMean(code, known)
  const finding: Finding = { code: 'C042', path: ['currency'], message: 'there is no such currency in ISO 4217' }
  return [{ ...finding, ...(hint ? { hint } : {}) }]
}

/** Regions that Intl names and that are no countries: unions, unknown, pseudo. */
const noCountries = new Set(['EU', 'EZ', 'UN', 'QO', 'XA', 'XB', 'ZZ', 'UK'])

function country(code: string | undefined, path: Path): readonly Finding[] {
  if (code === undefined || (!noCountries.has(code) && nameOf('region', code) !== undefined)) return []
  const hint = code === 'UK' ? { hint: 'Did you mean "GB"?' } : {}
  return [{ code: 'C043', path, message: 'there is no such country in ISO 3166-1', ...hint }]
}

function language(tag: string, path: Path): readonly Finding[] {
  if (nameOf('language', tag) !== undefined) return []
  return [{ code: 'C044', path, message: 'there is no such language', expected: 'a code such as en, hu or pt-BR' }]
}

function nameOf(type: 'region' | 'language', code: string): string | undefined {
  try {
    return new Intl.DisplayNames(['en'], { type, fallback: 'none' }).of(code)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const twice = (languages: readonly string[]): readonly Finding[] =>
  languages.flatMap((tag, i): readonly Finding[] =>
    languages.indexOf(tag) === i
      ? []
      : [{ code: 'C044', path: ['languages', i], message: 'the language stands twice' }],
  )

function listed(tag: string | undefined, languages: readonly string[], path: Path): readonly Finding[] {
  if (tag === undefined || languages.includes(tag)) return []
  const expected = `one of languages: ${languages.join(', ')}`
  return [{ code: 'C044', path, message: 'this language is not in languages', expected, hint: 'Add it there.' }]
}
