/**
 * Names of export files: `{export}_{date}_{seq:6}.{ext}` filled in. Deterministic: the same sequence and
 * instant give the same name. Values from the config only; never a path.
 */
import type { Export } from '../../config/schema.ts'
import { dateIn, type Instant, timeIn } from '../../core/date.ts'
import { periodIn } from '../../core/file-part.ts'
import { safeName } from '../../platform/files.ts'

export interface NameValues {
  readonly export: string
  readonly config: Export
  readonly sequence: number
  readonly at: Instant
  readonly zone: string
  readonly company: string
  /** The part of the lines; a period stands in for the day. */
  readonly part?: string
}

const extensions = { csv: 'csv', json: 'json', xml: 'xml', text: 'txt' } as const

export function exportName({ export: name, config, sequence, at, zone, company, part = '' }: NameValues): string {
  const { format } = config
  const templateExtension =
    format.type === 'text' ? /\.([a-z0-9]{1,5})\.mustache$/i.exec(format.template)?.[1] : undefined
  const values: Record<string, string> = {
    export: name,
    date: dateIn(at, zone),
    time: timeIn(at, zone).replace(':', ''),
    company: config.company ?? company,
    period: periodIn(part) ?? dateIn(at, zone),
    ext: templateExtension ?? extensions[format.type],
  }
  const filled = config.file.replace(/\{(\w+)(?::(\d{1,2}))?\}/g, (whole, key: string, width: string | undefined) => {
    if (key === 'seq') return String(sequence).padStart(Number(width ?? 1), '0')
    return Object.hasOwn(values, key) ? (values[key] ?? whole) : whole
  })
  return safeName(filled)
}

/** Name of the companion that says "complete". */
export const doneName = (pattern: string, name: string): string => safeName(pattern.replaceAll('{name}', () => name))
