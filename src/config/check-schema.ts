/**
 * Checks the raw config against the schema and keeps of it what is sound.
 *
 * Every mistake is found at once: entries of sections that are wrong (an import, a store, a workflow) are left out,
 * other keys of the main file are replaced by harmless ones, and the rest still goes through the cross checks, so
 * that one typing error hides nothing else. Such a config is never run. Throws nothing.
 */
import { explainIssues } from './explain-issues.ts'
import type { Finding } from './finding.ts'
import type { Issue } from './pick-branch.ts'
import { sections } from './read-folder.ts'
import { Config } from './schema.ts'

export interface SchemaCheck {
  readonly findings: readonly Finding[]
  /** With defaults filled in; with what was wrong left out or replaced. Absent when that cannot be done. */
  readonly config?: Config
  /** Keys of the main file that are not what was written. */
  readonly replaced: ReadonlySet<string>
}

type Data = Readonly<Record<string, unknown>>

/** What stands in for required keys. */
const harmless: Data = {
  version: 1,
  company: { code: 'X', name: 'X' },
  languages: ['en'],
  timeZone: 'UTC',
  currency: 'EUR',
  country: 'HU',
  mail: { transport: 'none', from: { address: 'x@example.com' } },
}

export function checkSchema(data: Data): SchemaCheck {
  const parsed = Config.safeParse(data, { reportInput: true })
  if (parsed.success) return { findings: [], config: parsed.data, replaced: new Set() }
  const findings = explainIssues(parsed.error.issues, data)
  const { rest, replaced } = withoutWrongParts(data, parsed.error.issues)
  const sound = Config.safeParse(rest)
  return sound.success ? { findings, config: sound.data, replaced } : { findings, replaced }
}

/** Whether a finding of a cross check may come from a key that was replaced, not from what was written. */
export function restsOn({ path, code }: Finding, replaced: ReadonlySet<string>): boolean {
  const source: Readonly<Record<string, string>> = { C044: 'languages', C085: 'operators' }
  return replaced.has(String(path[0])) || replaced.has(source[code] ?? '')
}

function withoutWrongParts(
  data: Data,
  issues: readonly Issue[],
): { readonly rest: Data; readonly replaced: Set<string> } {
  const rest: Record<string, unknown> = { ...data }
  const replaced = new Set<string>()
  for (const issue of issues) {
    const [key, entry] = issue.path.map(String)
    const section = sections.find((name) => name === key)
    if (issue.code === 'unrecognized_keys' && key === undefined) for (const name of issue.keys) delete rest[name]
    if (key === undefined) continue
    if (section !== undefined && entry !== undefined) {
      rest[section] = Object.fromEntries(Object.entries(rest[section] as Data).filter(([name]) => name !== entry))
      continue
    }
    replaced.add(key)
    if (Object.hasOwn(harmless, key)) rest[key] = harmless[key]
    else delete rest[key]
  }
  return { rest, replaced }
}
