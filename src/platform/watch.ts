/**
 * Wakes a scan early when something appears in a folder.
 *
 * A hint is only a hint: events are lost when the system's queue overflows, on network shares and for odd names, so
 * the regular scan is what finds files. Guarantees that a hint carries no meaning but "look now" and that trouble
 * goes to onError. Takes the raw events: what the library makes of them needs a look at every file of the folder for
 * each that we claim, hours for a backlog of many. Does not look into sub-folders. Never throws.
 */
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { watch } from 'chokidar'
import type { FSWatcher } from 'chokidar'
import type { Duration } from '../core/date.ts'
import { sleep } from './loop.ts'

/** A file that is being written gives an event for each write: one hint in so many milliseconds is enough. */
const changesMs = 50

/**
 * Calls onHint once when the watch has begun (what came since the last scan would give no event), and when a file is
 * added to the folder or changed, until the signal aborts or it is disposed. The folder may be missing, and may come
 * and go.
 */
export function watchFolder(
  folder: string,
  onHint: () => void,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): AsyncDisposable {
  const watcher = open(folder, onError)
  if (!watcher) return { [Symbol.asyncDispose]: async () => undefined }
  const stop = new AbortController()
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    signal.removeEventListener('abort', onAbort)
    stop.abort()
    closed ??= watcher.close().catch(onError)
    return closed
  }
  const onAbort = (): void => void close()
  const hint = (): void => {
    if (!signal.aborted && !stop.signal.aborted) onHint()
  }
  const appeared = onAppearance(folder, hint)
  const changed = atMostEvery(changesMs, stop.signal, hint)
  watcher
    .on('raw', (event, name, from) => {
      const { watchedPath } = from as { readonly watchedPath?: string }
      // While the folder is missing, those above it are watched.
      if (watchedPath !== folder || name?.startsWith('.') === true) return
      if (event === 'change') changed()
      else if (name === null) hint()
      else appeared(name)
    })
    .on('addDir', hint)
    .on('ready', hint)
    .on('error', onError)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  return { [Symbol.asyncDispose]: close }
}

function open(folder: string, onError: (error: unknown) => void): FSWatcher | undefined {
  try {
    return watch(folder, { ignoreInitial: true, ignored: (path) => path !== folder })
  } catch (error) {
    onError(error)
    return undefined
  }
}

/**
 * Takes names that came or went, and calls `hint` where one is a file that is there. Removals are left out: they are
 * mostly our own claims, and would wake the scan that made them.
 */
function onAppearance(folder: string, hint: () => void): (name: string) => void {
  const names = new Set<string>()
  let looking = false
  const look = async (): Promise<void> => {
    for (const name of names) {
      names.delete(name)
      if (!(await mayBeFile(join(folder, name)))) continue
      // One scan finds all that came until now.
      names.clear()
      hint()
    }
    looking = false
  }
  return (name) => {
    names.add(name)
    if (!looking) void look()
    looking = true
  }
}

async function mayBeFile(path: string): Promise<boolean> {
  // Not the name on the disk but what could be shown of it.
  if (path.includes('\ufffd')) return true
  try {
    return !(await lstat(path)).isDirectory()
  } catch {
    return false // gone, or for the regular scan to tell
  }
}

/** At once, and once more after the pause when it was called meanwhile. */
function atMostEvery(pauseMs: Duration, signal: AbortSignal, call: () => void): () => void {
  let isPaused = false
  let again = false
  const now = async (): Promise<void> => {
    again = false
    isPaused = true
    call()
    await sleep(pauseMs, signal)
    isPaused = false
    if (again) await now()
  }
  return () => {
    if (isPaused) again = true
    else void now()
  }
}
