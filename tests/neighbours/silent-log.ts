/** A Log that keeps its entries in a list instead of writing them. */
import type { Log, LogFields } from '../../src/platform/log.ts'

export interface Entry {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: LogFields
  readonly message: string
}

export function listLog(entries: Entry[] = []): Log & { readonly entries: Entry[] } {
  const at = (level: Entry['level']) => (fields: LogFields, message: string) =>
    void entries.push({ level, fields, message })
  return {
    entries,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => listLog(entries),
  }
}
