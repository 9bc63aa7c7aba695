/**
 * Puts an imported file where people look for it: processed/<day>, rejected or duplicate, on the same share.
 *
 * Beside a rejected file stand `NAME.problems.txt` and `.problems.json`; with refused rows,
 * `NAME.rejected.EXT` in the file's own layout, ready to be mended and dropped again. They are written
 * before the file is moved: a crash in between finds the file claimed, and all of it is done again.
 * Done by rename, never overwriting. Throws the system's error; the file is then still claimed.
 */
import { lstat, unlink } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { problemsJson, problemsText } from '../formats/reject-file.ts'
import type { Problem } from '../core/problem.ts'
import { hasCode, replaceAtomic } from '../platform/files.ts'
import { makeFolderFor, moveFile } from '../platform/move-file.ts'
import { refuseLink } from '../platform/refuse-link.ts'
import { type Claim, fittingName } from './claims.ts'
import { isGone } from './look-at.ts'

export interface Findings {
  readonly problems: readonly Problem[]
  /** Records read and refused, for the heading of the problems file. */
  readonly read: number
  readonly refused: number
  /** Refused rows in the file's own layout. */
  readonly rejected?: Uint8Array
}

export type Place =
  | { readonly kind: 'processed'; readonly day: string; readonly delete: boolean }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'duplicate' }

/** Time limit of one step on a share, in milliseconds. */
const deadlineMs = 60_000

export async function putAway(folder: string, claim: Claim, place: Place, findings?: Findings): Promise<void> {
  if (place.kind === 'processed' && place.delete && findings === undefined) {
    // On a share that is away it is not deleted yet.
    await unlink(claim.path).catch((error: unknown) => {
      if (!isGone(claim.path)) throw error
    })
    return
  }
  const target = place.kind === 'processed' ? join(folder, 'processed', place.day) : join(folder, place.kind)
  for (const each of new Set([join(folder, place.kind), target])) refuseLink(each)
  const name =
    findings === undefined ? fittingName(claim.name) : await freeName(claim.path, target, fittingName(claim.name))
  if (findings !== undefined) await writeFindings(target, name, findings)
  const moved = await moveFile(claim.path, target, name, { deadlineMs })
  if (findings === undefined || moved.kind === 'gone' || basename(moved.path) === name) return
  await writeFindings(target, basename(moved.path), findings) // somebody took the name meanwhile
}

/** The first name that the move will find free, or its own of a move that was cut off: the findings are written before it. */
async function freeName(from: string, target: string, name: string): Promise<string> {
  await makeFolderFor(from, target)
  const own = await lstat(from).catch(unlessGone)
  const extension = extname(name)
  for (let clash = 0; ; clash++) {
    const wanted = clash === 0 ? name : `${name.slice(0, name.length - extension.length)}-${clash}${extension}`
    const taken = await lstat(join(target, wanted)).catch(unlessGone)
    if (taken === undefined || (taken.ino === own?.ino && taken.dev === own.dev)) return wanted
  }
}

async function writeFindings(target: string, name: string, findings: Findings): Promise<void> {
  const { problems, rejected } = findings
  await replaceAtomic(target, `${name}.problems.txt`, problemsText(name, findings, problems), { deadlineMs })
  await replaceAtomic(target, `${name}.problems.json`, problemsJson(name, findings, problems), { deadlineMs })
  if (rejected !== undefined) {
    const extension = extname(name)
    await replaceAtomic(target, `${name.slice(0, name.length - extension.length)}.rejected${extension}`, rejected, {
      deadlineMs,
    })
  }
}

/** Removes the done file of an imported file. */
export async function removeCompanion(folder: string, name: string): Promise<void> {
  await unlink(join(folder, name)).catch(unlessGone)
}

function unlessGone(error: unknown): undefined {
  if (!hasCode(error, ['ENOENT'])) throw error
  return undefined
}
