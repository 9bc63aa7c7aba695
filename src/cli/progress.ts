/**
 * A progress bar for long work, where a person looks on: on a terminal only, on standard error.
 *
 * Draws at most one hundred times and leaves nothing behind. Elsewhere it does nothing. Throws nothing.
 */
import { printable, type Sink } from './print.ts'

export interface Progress {
  update(done: number, total: number): void
  /** Removes the bar. */
  end(): void
}

const cells = 30

export function startProgress(label: string, err: Sink & { readonly isTTY?: boolean | undefined }): Progress {
  if (err.isTTY !== true) return { update: () => undefined, end: () => undefined }
  let shown = -1
  return {
    update: (done, total) => {
      const percent = total <= 0 ? 100 : Math.min(100, Math.floor((done / total) * 100))
      if (percent === shown) return
      shown = percent
      const full = Math.round((percent / 100) * cells)
      err.write(
        `\r${'█'.repeat(full)}${'░'.repeat(cells - full)} ${String(percent).padStart(3)} %  ${printable(label)}`,
      )
    },
    end: () => {
      if (shown >= 0) err.write('\r\u001b[K')
    },
  }
}
