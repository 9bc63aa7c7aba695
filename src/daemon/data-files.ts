/**
 * Where the ledger lies in a data folder, what the daemon of that folder is called, and which version this program is.
 *
 * Apart from the daemon, so that a command that only looks does not load all of it. Reads package.json
 * when asked, not at import; throws when it is not there.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../platform/files.ts'
import { programFolder } from '../platform/own-files.ts'

/** The ledger in a data folder. */
export const ledgerFile = (dataFolder: string): string => join(dataFolder, 'ledger.db')

/** What the data folder holds is personal: whatever the umask, it is made closed to other users. */
export const dataFolderMode = 0o750

/** A name that the data folder keeps for its daemon: eight hex digits, made once. Claims in shared folders carry it. */
export function ownerOf(dataFolder: string): string {
  const file = join(dataFolder, 'owner')
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (/^[0-9a-f]{8}$/.test(text)) return text
  } catch (error) {
    if (!hasCode(error, ['ENOENT'])) throw error
  }
  const made = randomBytes(4).toString('hex')
  writeFileSync(file, `${made}\n`, { flush: true })
  return made
}

/** The version in package.json. */
export function programVersion(): string {
  const text = readFileSync(join(programFolder, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
