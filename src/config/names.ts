/**
 * The codes that the config defines: what references are checked against.
 *
 * Taken from the raw data, so that an entry with a mistake in it still counts as being there. A section
 * of which a file could not be read is incomplete: nothing is said to be missing from it. Throws nothing.
 */
import type { Finding, Path } from './finding.ts'
import { didYouMean } from './nearest.ts'
import { sections } from './read-folder.ts'
import type { Section } from './read-folder.ts'

export interface Names {
  readonly codes: ReadonlySet<string>
  readonly complete: boolean
}
export type AllNames = Readonly<Record<Section | 'companies', Names>>

type Data = Readonly<Record<string, unknown>>

export function namesIn(data: Data, incomplete: ReadonlySet<Section>): AllNames {
  const own = (data['company'] as Data | undefined)?.['code']
  const companies = { codes: new Set([String(own), ...keysOf(data['companies'])]), complete: true }
  const named = sections.map((name) => [name, { codes: new Set(keysOf(data[name])), complete: !incomplete.has(name) }])
  return { ...(Object.fromEntries(named) as Record<Section, Names>), companies }
}

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : []

const words = {
  imports: 'import',
  exports: 'export',
  workflows: 'workflow',
  stores: 'store',
  channels: 'channel',
  calendars: 'calendar',
  carriers: 'carrier',
  groups: 'group',
  companies: 'company',
} as const

/** A finding for each of the named codes that does not exist. */
export function missingNames(
  names: AllNames,
  section: keyof AllNames,
  named: string | readonly string[] | undefined,
  path: Path,
): readonly Finding[] {
  const { codes, complete } = names[section]
  if (named === undefined || !complete) return []
  return eachOf(named, path).flatMap(([code, place]): readonly Finding[] => {
    if (codes.has(code)) return []
    const near = didYouMean(code, codes)
    const known = [...codes].slice(0, 8).join(', ')
    const hint = near ?? `Add it to ${section}${known === '' ? '' : `; there are: ${known}`}.`
    return [{ code: 'C040', path: place, message: `there is no ${words[section]} "${code}"`, hint }]
  })
}

/** The values of "one or more", each with its path. */
export function eachOf<T extends string>(
  value: T | readonly T[] | undefined,
  path: Path,
): readonly (readonly [T, Path])[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [[value, path]] : value.map((item, i) => [item, [...path, i]] as const)
}
