/**
 * A look at one file of an import folder, without following links.
 *
 * Undefined for what is gone, may not be looked at or is no plain file (folders, links, pipes). Throws
 * the system's error where the whole folder is in trouble.
 */
import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasCode } from '../platform/files.ts'
import type { Look } from './readiness.ts'

const ofThisFile = ['ENOENT', 'EACCES', 'EPERM', 'ENAMETOOLONG', 'EBUSY']

export function lookAt(path: string): Look | undefined {
  try {
    const stat = lstatSync(path)
    return stat.isFile() ? { size: stat.size, mtimeMs: stat.mtimeMs, ino: stat.ino } : undefined
  } catch (error) {
    if (hasCode(error, ofThisFile)) return undefined
    throw error
  }
}

/** When the name or the rights of a file last changed, epoch milliseconds (a claim is such a change). */
export const changedAt = (path: string): number | undefined => lstatSync(path, { throwIfNoEntry: false })?.ctimeMs

/** Whether a claimed file was taken away: its folder is there, it is not. What may not be looked at, or lies on a share that is away, is not gone. */
export function isGone(path: string): boolean {
  try {
    return !isThere(path) && isThere(dirname(path))
  } catch {
    return false // whoever opens it is told why
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Whether somebody wrote to the file between two looks. */
export const hasChanged = (before: Look | undefined, after: Look | undefined): boolean =>
  before !== undefined && after !== undefined && (before.size !== after.size || before.mtimeMs !== after.mtimeMs)
