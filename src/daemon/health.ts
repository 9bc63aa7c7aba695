/**
 * How the daemon is: the last passes of its loops, its transports, its last errors.
 *
 * Feeds the status document and the watchdog: systemd is told that the daemon lives only while the
 * work itself goes on, never from a bare timer.
 */
import type { ImportState } from '../intake/import-loop.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log, LogFields } from '../platform/log.ts'
import { isoInstant } from '../core/date.ts'
import type { StatusDocument, TransportStatus } from './status-document.ts'

/** By name: `mail`, `sms`, or `sms NAME` for each of several accounts. */
type Transports = () => Readonly<Record<string, TransportStatus>>

export interface Health {
  passed(loop: string): void
  imported(state: ImportState): void
  exported(state: { readonly export: string; readonly ok: boolean; readonly reason?: string }): void
  failed(message: string): void
  /** A new config begins: what the old one watched is forgotten. */
  begin(): void
  show(transports: Transports): void
  /** Milliseconds since the work last went on. */
  silentFor(): number
  snapshot(): Pick<StatusDocument, 'imports' | 'exports' | 'transports' | 'errors'>
}

const keptErrors = 20

export function watchHealth(clock: Clock): Health {
  let lastPass = clock.monotonic()
  let transports: Transports | undefined
  const imports = new Map<string, StatusDocument['imports'][string]>()
  const exports = new Map<string, StatusDocument['exports'][string]>()
  const errors: { at: string; message: string }[] = []
  const alive = (): void => {
    lastPass = clock.monotonic()
  }
  return {
    passed: alive,
    imported: ({ import: name, at, online, reason, waiting }) => {
      alive()
      imports.set(name, { lastLook: isoInstant(at), online, ...(reason !== undefined && { reason }), waiting })
    },
    exported: ({ export: name, ok, reason }) => {
      exports.set(name, { ok, ...(reason !== undefined && { reason }), at: isoInstant(clock.now()) })
    },
    failed: (message) => {
      errors.push({ at: isoInstant(clock.now()), message: message.slice(0, 300) })
      if (errors.length > keptErrors) errors.shift()
    },
    begin: () => {
      imports.clear()
      exports.clear()
      transports = undefined
    },
    show: (shown) => {
      transports = shown
    },
    silentFor: () => clock.monotonic() - lastPass,
    snapshot: () => ({
      imports: Object.fromEntries(imports),
      exports: Object.fromEntries(exports),
      transports: transports?.() ?? {},
      errors: [...errors],
    }),
  }
}

/** The same log, whose errors are told to the health too: their fixed sentence and whom it is about, nothing from outside. */
export function heard(log: Log, health: Health): Log {
  return {
    ...log,
    error: (fields, message) => {
      health.failed([message, subjectOf(fields)].filter((part) => part !== '').join(': '))
      log.error(fields, message)
    },
    child: (fields) => heard(log.child(fields), health),
  }
}

const subjectOf = ({ import: name, export: target, channel, message }: LogFields): string =>
  [name, target, channel, message].filter((part) => typeof part === 'string').join(' ')
