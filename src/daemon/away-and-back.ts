/**
 * One line in the log when a folder goes away, when the reason changes, and when it is back.
 *
 * The loops tell their state after each pass; here it is known what of it is new. Throws nothing.
 */
import type { Log } from '../platform/log.ts'

/** `reason`: why it is away; undefined: it is there. */
export type FolderState = (kind: 'import' | 'export', name: string, reason: string | undefined) => void

export function tellAwayAndBack(log: Log): FolderState {
  const away = new Map<string, string>()
  return (kind, name, reason) => {
    const key = `${kind} ${name}`
    const before = away.get(key)
    if (before === reason) return
    if (reason === undefined) {
      away.delete(key)
      log.info({ [kind]: name }, 'the folder is back')
    } else {
      away.set(key, reason)
      log.warn({ [kind]: name, reason }, 'the folder cannot be used now')
    }
  }
}
