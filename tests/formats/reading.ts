/**
 * Reads texts and bytes through the readers of formats, in chunks of any size, for tests.
 *
 * `parseFile` gives what an import would see: typed input, and problems with their warnings.
 */
import { ImportFormat } from '../../src/config/schema.ts'
import type { ImportKind } from '../../src/config/schema.ts'
import type { Incoming, RawFields, ReadProblem } from '../../src/core/incoming.ts'
import type { Problem } from '../../src/core/problem.ts'
import { interpreterFor } from '../../src/formats/interpret.ts'
import type { Defaults } from '../../src/formats/defaults.ts'
import type { ReadItem } from '../../src/formats/machine.ts'
import { read } from '../../src/formats/open-format.ts'

export const defaults: Defaults = {
  channel: 'shop',
  company: 'HU01',
  account: 'HU42117730161111101800000000',
  currency: 'HUF',
  country: 'HU',
  zone: 'Europe/Budapest',
}

export type FormatText = Record<string, unknown> & { readonly type: string }

export function chunksOf(content: string | Uint8Array, size: number): Uint8Array[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return chunks
}

export async function readAll(
  content: string | Uint8Array,
  format: FormatText,
  kind: ImportKind = 'orders',
  size = 65_536,
): Promise<ReadItem[]> {
  const items: ReadItem[] = []
  for await (const batch of read(chunksOf(content, size), ImportFormat.parse(format), kind)) items.push(...batch)
  return items
}

/** The fields of the records; fails on any problem. */
export async function fieldsOf(
  content: string | Uint8Array,
  format: FormatText,
  kind: ImportKind = 'orders',
): Promise<RawFields[]> {
  const items = await readAll(content, format, kind)
  return items.map((item) => {
    if (item.kind === 'problem') throw new Error(JSON.stringify(item.problems))
    return item.record.fields
  })
}

/** The problems of the file, record by record. */
export async function problemsOf(
  content: string | Uint8Array,
  format: FormatText,
  kind: ImportKind = 'orders',
  size?: number,
): Promise<ReadProblem[]> {
  const items = await readAll(content, format, kind, size)
  return items.filter((item) => item.kind === 'problem')
}

export interface Parsed {
  readonly records: Incoming[]
  readonly problems: Problem[]
}

export async function parseFile(
  content: string | Uint8Array,
  format: FormatText,
  kind: ImportKind,
  given: Partial<Defaults> = {},
  size = 65_536,
): Promise<Parsed> {
  const interpret = interpreterFor(kind, ImportFormat.parse(format), { ...defaults, ...given })
  const parsed: Parsed = { records: [], problems: [] }
  for (const item of await readAll(content, format, kind, size)) {
    if (item.kind === 'problem') {
      parsed.problems.push(...item.problems)
      continue
    }
    const meaning = interpret(item.record)
    if (meaning.kind === 'incoming') {
      parsed.records.push(meaning.incoming)
      parsed.problems.push(...meaning.warnings)
    } else {
      parsed.problems.push(...meaning.problems)
    }
  }
  return parsed
}
