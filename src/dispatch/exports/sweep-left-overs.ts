/**
 * Removes the hidden temporary files that a kill left in an export folder, when they are ours and a day old.
 *
 * Ours are those of this export's newest files that are no longer being written, and of their done
 * files; anything else is left alone. Trouble is logged and forgotten: nothing depends on it.
 */
import { lstat, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type ExportTarget, type ExportTools } from './file.ts'
import { doneName } from './name.ts'

const dayMs = 86_400_000
/** Files of the export that are looked at, from the newest on. */
const mostFiles = 1_000

export async function sweepLeftOvers(tools: ExportTools, target: ExportTarget): Promise<void> {
  try {
    const hidden = (await readdir(target.folder)).filter((name) => /^\..+\.tmp(-[0-9a-f]{12})?$/.test(name))
    if (hidden.length === 0) return
    const ours = await leftOverStems(tools, target)
    for (const name of hidden) if (ours.has(stemOf(name))) await removeWhenOld(tools, target, name)
  } catch (error) {
    tools.log.warn({ export: target.name, err: error }, 'left-over temporary files could not be removed')
  }
}

/** `.xfl_….tmp`, what that is written under, and `.NAME.done.tmp-0123456789ab`, without dots and endings. */
const stemOf = (name: string): string => name.replace(/^\.+/, '').replace(/(\.tmp(-[0-9a-f]{12})?)+$/, '')

async function leftOverStems({ ledger }: ExportTools, { name, config }: ExportTarget): Promise<ReadonlySet<string>> {
  const files = await ledger.exportFiles(name, mostFiles)
  const { doneFile } = config
  return new Set(
    files
      .filter(({ state }) => state !== 'writing')
      .flatMap((file) => [file.id, ...(doneFile === undefined ? [] : [doneName(doneFile, file.name)])]),
  )
}

async function removeWhenOld({ clock, log }: ExportTools, target: ExportTarget, name: string): Promise<void> {
  const path = join(target.folder, name)
  if (clock.now() - (await lstat(path)).mtimeMs < dayMs) return
  await unlink(path)
  log.info({ export: target.name, file: name }, 'left-over temporary file removed')
}
