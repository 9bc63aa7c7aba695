/**
 * Tells systemd how the service is (sd_notify): ready, status, reloading, stopping, alive.
 *
 * Node has no unix datagram sockets, so the small program systemd-notify is started for each message, one after the
 * other; the unit needs `NotifyAccess=all`. A no-op when NOTIFY_SOCKET is unset. Does not decide when the service is
 * healthy: ping only after a good pass of the work itself, never from a bare timer. Never throws, never rejects;
 * the first failure is logged, later ones are not.
 */
import { execFile } from 'node:child_process'
import type { Duration } from '../core/date.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

export interface Notifier {
  /** READY=1: start-up (or a reload) is finished; with a line for `systemctl status`. */
  ready(status?: string): Promise<void>
  /** STATUS=…: one line for `systemctl status`. */
  status(text: string): Promise<void>
  /** RELOADING=1, with the time that Type=notify-reload asks for; say ready() when done. */
  reloading(): Promise<void>
  /** STOPPING=1; with a line for `systemctl status`. */
  stopping(status?: string): Promise<void>
  /** WATCHDOG=1: still doing its work. Dropped, with its line, while an earlier one is under way. */
  watchdog(status?: string): Promise<void>
}

export type Environment = Readonly<Record<string, string | undefined>>

export interface NotifierOptions {
  /** The service's environment: NOTIFY_SOCKET, and PATH to find systemd-notify. */
  readonly env: Environment
  readonly log: Pick<Log, 'warn'>
  readonly clock?: Clock
}

export function notifySystemd({ env, log, clock = systemClock }: NotifierOptions): Notifier {
  const send = sender(env, log)
  let alive: Promise<void> | undefined
  return {
    ready: (status) => send('READY=1', ...statusLine(status)),
    status: (text) => send(...statusLine(text)),
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${Math.floor(clock.monotonic() * 1000)}`),
    stopping: (status) => send('STOPPING=1', ...statusLine(status)),
    watchdog: (status) => {
      alive ??= send('WATCHDOG=1', ...statusLine(status)).finally(() => {
        alive = undefined
      })
      return alive
    },
  }
}

/** Whether anybody listens: without, all of this does nothing. */
export const isNotified = (env: Environment): boolean => (env['NOTIFY_SOCKET'] ?? '') !== ''

/**
 * How long systemd waits for a watchdog(), in milliseconds (sd_watchdog_enabled(3)).
 * Undefined when systemd asks for none, or asks another process (WATCHDOG_PID).
 */
export function watchdogPatience(env: Environment, pid: number = process.pid): Duration | undefined {
  const microseconds = env['WATCHDOG_USEC'] ?? ''
  if (!/^[1-9]\d{0,15}$/.test(microseconds)) return undefined
  const wanted = env['WATCHDOG_PID']
  if (wanted !== undefined && wanted !== '' && wanted !== String(pid)) return undefined
  return Math.max(1, Math.floor(Number(microseconds) / 1000))
}

/** How often to say watchdog(): a third, so that a ping that is late by its process still comes within half. */
export const watchdogInterval = (patience: Duration): Duration => Math.max(1, Math.floor(patience / 3))

const patienceMs = 5000

/** Sends messages in the order they were given; resolves when the message is out, or was given up. */
function sender(env: Environment, log: Pick<Log, 'warn'>): (...message: readonly string[]) => Promise<void> {
  const socket = env['NOTIFY_SOCKET']
  if (!socket) return async () => undefined
  let complained = false
  let last = Promise.resolve()
  const options = { env: { NOTIFY_SOCKET: socket, PATH: env['PATH'] }, timeout: patienceMs }
  const run = (message: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      execFile('systemd-notify', [...message], options, (err, _out, stderr) => {
        if (err && !complained) {
          complained = true
          log.warn({ err, reason: stderr.trim() }, 'systemd could not be notified; further failures are not logged')
        }
        resolve()
      })
    })
  return (...message) => {
    last = last.then(() => run(message))
    return last
  }
}

const statusLine = (text: string | undefined): readonly string[] =>
  text === undefined ? [] : [`STATUS=${oneLine(text)}`]

/** Fields of the notify protocol end at a line break. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 250)
}
