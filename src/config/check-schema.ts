/**
 * Checks the raw config against the schema and keeps of it what is sound.
 *
 * Every mistake is found at once. Where only entries of sections (an import, a store, a workflow) are wrong,
 * these are left out and the rest still goes through the cross checks, so that one typing error hides
 * nothing else; such a config is never run. Throws nothing.
 */
import { explainIssues } from './explain-issues.ts'
import type { Finding } from './finding.ts'
import type { Issue } from './pick-branch.ts'
import { sections } from './read-folder.ts'
import { Config } from './schema.ts'

export interface SchemaCheck {
  readonly findings: readonly Finding[]
  /** With defaults filled in; without the entries that are wrong. Absent when more is wrong than entries. */
  readonly config?: Config
}

type Data = Readonly<Record<string, unknown>>

export function checkSchema(data: Data): SchemaCheck {
  const parsed = Config.safeParse(data, { reportInput: true })
  if (parsed.success) return { findings: [], config: parsed.data }
  const findings = explainIssues(parsed.error.issues, data)
  const sound = Config.safeParse(withoutWrongEntries(data, parsed.error.issues))
  return sound.success ? { findings, config: sound.data } : { findings }
}

function withoutWrongEntries(data: Data, issues: readonly Issue[]): Data {
  const rest: Record<string, unknown> = { ...data }
  for (const { path, code, ...issue } of issues) {
    const [section, entry] = path
    const map = sections.find((name) => name === section)
    if (map !== undefined && entry !== undefined) {
      rest[map] = Object.fromEntries(Object.entries(rest[map] as Data).filter(([key]) => key !== String(entry)))
    }
    // an unknown key at the top harms nothing else
    if (path.length === 0 && code === 'unrecognized_keys' && 'keys' in issue) {
      for (const key of issue.keys as readonly string[]) delete rest[key]
    }
  }
  return rest
}
