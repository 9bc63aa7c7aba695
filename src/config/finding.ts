/**
 * A finding: a config problem that knows its path in the config, not yet its file and line.
 *
 * The checks make findings, so they need no YAML; locate.ts turns them into problems. A finding
 * never holds a secret: `found` is left to locate.ts unless the check has something better to say.
 * Throws nothing.
 */
import type { ConfigCode } from './problem-codes.ts'

/** Keys and 0-based list positions from the top of the whole config. */
export type Path = readonly (string | number)[]

export interface Finding {
  readonly code: ConfigCode
  readonly path: Path
  /** `key`: the place is that of the key, not of the value, and what was found is not shown. */
  readonly at?: 'key' | 'value'
  readonly severity?: 'warning'
  readonly message: string
  /** Absent: the value as written. */
  readonly found?: string
  readonly expected?: string
  readonly hint?: string
}

/** `['lines', 2, 'qty']` → `lines[2].qty`; keys that hold a dot or space are quoted. */
export function pathText(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w-]+$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `["${part}"]`
  }
  return text
}
