/**
 * Stopping: the first SIGTERM or SIGINT asks, a second one, or ten seconds, forces.
 *
 * The only place that may end the process: everything else sets an exit code and lets the loop empty.
 */
import { startDeadline } from '../dispatch/deadline.ts'

/** Milliseconds from the request to the forced end. */
export const forceAfterMs = 10_000

export interface StopRequest extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
}

/** Listens for SIGTERM and SIGINT until disposed. */
export function listenForStop(onForced: (why: string) => void): StopRequest {
  const controller = new AbortController()
  const force = (why: string): void => {
    onForced(why)
    process.exit(1)
  }
  let deadline: { clear(): void } | undefined
  const onSignal = (): void => {
    if (controller.signal.aborted) return force('second signal')
    controller.abort()
    deadline = startDeadline(forceAfterMs, () => force(`not stopped within ${forceAfterMs} ms`))
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      deadline?.clear()
      process.off('SIGTERM', onSignal)
      process.off('SIGINT', onSignal)
    },
  }
}
