/**
 * Tells an unmounted share from an empty folder.
 *
 * When a share goes, its mount point reads as an ordinary empty folder of the disk below. The guard remembers the
 * file system that the folder was first seen on (st_dev) and where that is mounted: a folder that now lies on the
 * file system below the mount point is offline, a share mounted anew (under another number) is online again. A share
 * that is away at the start is recognised by the memory of where it was mounted, or by its missing marker file.
 * Never throws for a share's sake.
 */
import { lstat, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Duration } from '../core/date.ts'
import { hasCode, withDeadline } from './files.ts'
import type { MountMemory } from './mount-memory.ts'
import { offlineReason } from './scan.ts'

export type ShareState =
  | { readonly kind: 'online'; readonly device: number }
  | { readonly kind: 'offline'; readonly reason: string }

export interface ShareGuard {
  /** Looks now. Costs two or three stats; call it before a scan's result is believed and before a file is written. */
  look(): Promise<ShareState>
}

export interface ShareGuardOptions {
  /** Name of a file in the folder that only the mounted share holds. */
  readonly marker?: string
  /** Knows where the folder's share was mounted in earlier runs. */
  readonly memory?: MountMemory
  /** Milliseconds for one look; without it a hung share hangs the look. */
  readonly deadlineMs?: Duration
}

interface Home {
  readonly device: number
  /** The folder that holds the mount point; undefined when the folder lies on the root file system. */
  readonly below: string | undefined
  /** The mount point itself. */
  readonly mount: string | undefined
}

export function shareGuard(folder: string, options: ShareGuardOptions = {}): ShareGuard {
  let home: Home | undefined

  async function check(): Promise<ShareState> {
    const { device } = await identify(folder)
    const missing = home === undefined ? await missingMount(folder, options.memory) : undefined
    if (missing !== undefined) return offline(missing)
    if (home !== undefined && home.device !== device && (await fellThrough(home, device))) {
      return offline(
        `${folder}: the share is unmounted (device ${home.device} is gone, found ${device}); mount it again`,
      )
    }
    if (options.marker !== undefined && (await isMissing(join(folder, options.marker)))) {
      return offline(`${folder}: marker file ${options.marker} is missing; mount the share, or make the file on it`)
    }
    if (home?.device !== device) {
      const found = { device, ...(await mountBelow(folder, device)) }
      await options.memory?.remember(folder, found.mount)
      home = found
    }
    return { kind: 'online', device }
  }

  async function look(): Promise<ShareState> {
    try {
      return await withDeadline(check(), options.deadlineMs, `look at ${folder}`)
    } catch (error) {
      const reason = offlineReason(error)
      if (reason === undefined) throw error
      return offline(reason)
    }
  }

  return { look }
}

const offline = (reason: string): ShareState => ({ kind: 'offline', reason })

async function identify(folder: string): Promise<{ device: number }> {
  const found = await stat(folder)
  if (!found.isDirectory()) throw Object.assign(new Error(`${folder}: is no folder`), { code: 'ENOTDIR' })
  return { device: found.dev }
}

/** The folder now lies on the very file system that its mount point stands on. */
async function fellThrough(home: Home, device: number): Promise<boolean> {
  return home.below !== undefined && (await stat(home.below)).dev === device
}

/** Walks up to the first folder on another file system: the one that holds the mount point. */
async function mountBelow(folder: string, device: number): Promise<Pick<Home, 'below' | 'mount'>> {
  let path = await realpath(folder)
  while (dirname(path) !== path) {
    const mount = path
    path = dirname(path)
    if ((await stat(path)).dev !== device) return { below: path, mount }
  }
  return { below: undefined, mount: undefined }
}

/** Why the folder is no place to work in: in an earlier run it lay on a share that is not mounted now. */
async function missingMount(folder: string, memory: MountMemory | undefined): Promise<string | undefined> {
  const mount = await memory?.mountOf(folder)
  if (memory === undefined || mount === undefined) return undefined
  const [here, above] = await Promise.all([stat(mount), stat(dirname(mount))])
  if (here.dev !== above.dev) return undefined
  return `${folder}: nothing is mounted on ${mount}, where its share was; mount it (for a local folder from now on: remove the line in ${memory.file} and start again)`
}

async function isMissing(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return false
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return true
    throw error
  }
}
