/**
 * Keeps one bind to the gateway up: a new session after each end, with back-off; one session at a time.
 *
 * Guarantees that a gateway that refuses our name or password is not hammered: the link stops, state `refused`,
 * until the process is started again. Anything else (away, already bound, TLS, silence) is tried for ever, at
 * growing intervals. Does not decide what is sent. Throws nothing.
 */
import type { Clock } from '../../platform/clock.ts'
import { backoffMs, sleep } from '../../platform/loop.ts'
import type { Backoff } from '../../platform/loop.ts'
import { statusName } from './results.ts'
import { SmsSession } from './session.ts'
import type { Bind, SessionHandlers, SessionSettings } from './session.ts'

export type LinkState =
  /** No session yet, or the last one ended for `reason`; the next try is on its way. */
  | { readonly kind: 'connecting'; readonly reason?: string; readonly needsPerson?: boolean }
  | { readonly kind: 'bound' }
  /** The gateway does not know our name, password or system type: a person has to mend the settings. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'closed' }

export interface LinkSettings extends SessionSettings {
  /** Pauses between sessions. */
  readonly reconnect: Backoff
}

export interface SmsLink {
  state(): LinkState
  /** The bound session, if there is one. */
  session(): SmsSession | undefined
  /** Ends the session so that a new one is bound. */
  rebind(): void
  /** The state after the next try: at once when bound, refused or closed. */
  tried(): Promise<LinkState>
  close(graceMs: number): Promise<void>
}

/** ESME_RBINDFAIL, RINVPASWD, RINVSYSID, RINVSYSTYP: trying again cannot help (Kannel stops at these, too). */
const hopeless: ReadonlySet<number> = new Set([0x0d, 0x0e, 0x0f, 0x53])
/** A session that lived this long, in milliseconds, shows that the line is good: the back-off starts anew. */
const goodSession = 10_000

export function openLink(settings: LinkSettings, bind: Bind, clock: Clock, handlers: SessionHandlers): SmsLink {
  const { log } = handlers
  const stop = new AbortController()
  let state: LinkState = { kind: 'connecting' }
  let session: SmsSession | undefined
  let waiting: ((state: LinkState) => void)[] = []

  const enter = (next: LinkState): void => {
    state = next
    for (const tell of waiting) tell(next)
    waiting = []
  }
  const run = async (): Promise<void> => {
    let failures = 0
    while (!stop.signal.aborted) {
      const started = clock.monotonic()
      session = new SmsSession(settings, bind, handlers)
      const { reason, needsPerson = false } = await live(session)
      session = undefined
      if (state.kind === 'refused' || stop.signal.aborted) return
      failures = clock.monotonic() - started >= goodSession ? 1 : failures + 1
      const pause = backoffMs(settings.reconnect, failures)
      log.warn({ bind, reason, retryInMs: pause }, 'no session with the SMS gateway')
      enter({ kind: 'connecting', reason, ...(needsPerson && { needsPerson }) })
      await sleep(pause, stop.signal)
    }
  }
  const live = async (current: SmsSession): Promise<{ readonly reason: string; readonly needsPerson?: boolean }> => {
    const result = await current.bound
    if (result.kind === 'failed') return result
    if (result.kind === 'answered') {
      const reason = `the gateway refused the bind: ${statusName(result.status)}`
      if (!hopeless.has(result.status)) return { reason }
      log.error({ bind, reason }, 'the SMS gateway refuses this account; not tried again')
      enter({ kind: 'refused', reason })
      return { reason }
    }
    log.info({ bind }, 'bound to the SMS gateway')
    enter({ kind: 'bound' })
    return { reason: await current.ended }
  }
  const running = run()

  return {
    state: () =>
      state.kind === 'bound' && !session?.isOpen() ? { kind: 'connecting', reason: 'it has ended' } : state,
    // A session that is over or closing must not be handed out until this link has noticed.
    session: () => (state.kind === 'bound' && session?.isOpen() ? session : undefined),
    rebind: () => void session?.close(1000),
    tried: async () => (state.kind === 'connecting' ? await new Promise((resolve) => waiting.push(resolve)) : state),
    close: async (graceMs) => {
      stop.abort()
      await session?.close(graceMs)
      await running
      enter({ kind: 'closed' })
    },
  }
}
