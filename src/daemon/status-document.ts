/**
 * The node's own small status document (`var/status.json`), for `orderly status` and monitoring.
 *
 * Written by the daemon only, at most once a second, by lowdb (whole file, temporary name, rename).
 * It can be rebuilt at any time, so nothing depends on it; a cut file is started anew.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Low } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import { hasCode } from '../platform/files.ts'

export interface TransportStatus {
  readonly state: string
  readonly reason?: string
  /** It does not mend itself: a certificate that is not trusted. */
  readonly needsPerson?: boolean
  readonly inFlight: number
}

export interface StatusDocument {
  readonly version: string
  readonly state: 'starting' | 'running' | 'stopping' | 'stopped'
  readonly pid: number
  readonly startedAt: string
  readonly updatedAt: string
  readonly config: {
    readonly hash: string
    readonly file: string
    readonly loadedAt: string
    readonly rejected?: string
  }
  readonly imports: Readonly<
    Record<
      string,
      { readonly lastLook: string; readonly online: boolean; readonly reason?: string; readonly waiting: number }
    >
  >
  readonly exports: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string; readonly at: string }>>
  readonly transports: Readonly<Record<string, TransportStatus>>
  readonly queue: readonly {
    readonly channel: string
    readonly state: string
    readonly count: number
    readonly oldest: string
  }[]
  readonly errors: readonly { readonly at: string; readonly message: string }[]
}

export const statusFile = (dataFolder: string): string => join(dataFolder, 'status.json')

export interface StatusWriter {
  write(document: StatusDocument): Promise<void>
}

export function statusWriter(dataFolder: string, first: StatusDocument): StatusWriter {
  const low = new Low<StatusDocument>(new JSONFile<StatusDocument>(statusFile(dataFolder)), first)
  return {
    write: async (document) => {
      low.data = document
      await low.write()
    },
  }
}

/** What the daemon wrote last; undefined when there is none or it is cut. */
export async function readStatus(dataFolder: string): Promise<StatusDocument | undefined> {
  try {
    return JSON.parse(await readFile(statusFile(dataFolder), 'utf8')) as StatusDocument
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, ['ENOENT'])) return undefined
    throw error
  }
}
