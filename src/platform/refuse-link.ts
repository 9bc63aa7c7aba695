/**
 * Keeps files from being led astray by a link where others may write.
 *
 * Whoever may write in an exchange folder could put a link in the place of one of our folders there, and so lead
 * files into folders that only this service may write to. A look before the deed, not a lock. Throws when it is one.
 */
import { lstatSync } from 'node:fs'

/** A folder that is missing is none. */
export function refuseLink(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return
  throw new Error(`${folder} is a symbolic link; files are moved into real folders only: remove the link`)
}
