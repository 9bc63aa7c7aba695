/**
 * Where the ledger lies in a data folder, and which version this program is.
 *
 * Apart from the daemon, so that a command that only looks does not load all of it. Reads package.json
 * when asked, not at import; throws when it is not there.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The ledger in a data folder. */
export const ledgerFile = (dataFolder: string): string => join(dataFolder, 'ledger.db')

/** The version in package.json, from `src/` and from `dist/` alike. */
export function programVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
