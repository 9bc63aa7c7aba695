/**
 * Wakes a scan early when something appears in a folder.
 *
 * A hint is only a hint: events are lost when the system's queue overflows, on network shares and for odd names, so
 * the regular scan is what finds files. Guarantees that a hint carries no meaning but "look now" and that trouble
 * goes to onError. Does not look into sub-folders, does not report what was there before. Never throws.
 */
import { basename } from 'node:path'
import { watch } from 'chokidar'
import type { FSWatcher } from 'chokidar'

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
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    signal.removeEventListener('abort', onAbort)
    closed ??= watcher.close().catch(onError)
    return closed
  }
  const onAbort = (): void => void close()
  const hint = (path: string): void => {
    if (!signal.aborted && !basename(path).startsWith('.')) onHint()
  }
  const begun = (): void => {
    if (!signal.aborted) onHint()
  }
  // Removals are left out: they are mostly our own claims, and would wake the scan that made them.
  watcher.on('add', hint).on('change', hint).on('addDir', hint).on('ready', begun).on('error', onError)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  return { [Symbol.asyncDispose]: close }
}

function open(folder: string, onError: (error: unknown) => void): FSWatcher | undefined {
  try {
    return watch(folder, {
      ignoreInitial: true,
      atomic: false, // else names ending in ~ or .swp are dropped
      // Instead of `depth: 0`, which goes deaf when the folder is removed and made again.
      ignored: (path, stats) => stats?.isDirectory() === true && path !== folder,
    })
  } catch (error) {
    onError(error)
    return undefined
  }
}
