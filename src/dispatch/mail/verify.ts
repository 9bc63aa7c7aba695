/**
 * Tries the mail account step by step for `orderly test mail` (P07): reach, TLS, login, sign of life.
 * Guarantees: sends no mail; each step says what happened in plain words, without secrets.
 * Does not prove that a sender address is allowed: only a mail does. Throws nothing.
 */
import { openMailConnection } from './connection.ts'
import type { SessionStep } from './failures.ts'
import type { MailSettings } from './settings.ts'

export interface MailCheck {
  readonly step: SessionStep
  readonly result: 'ok' | 'failed' | 'skipped'
  readonly detail: string
}

export interface MailReport {
  readonly ok: boolean
  readonly checks: readonly MailCheck[]
}

const steps: readonly SessionStep[] = ['reach', 'tls', 'login', 'session']

/** Opens a connection of its own, asks for a sign of life (RSET) and closes it. */
export async function verifyMail(settings: MailSettings, signal: AbortSignal): Promise<MailReport> {
  const opened = await openMailConnection(settings, signal)
  if (opened.kind === 'failed') return failedAt(opened.failure.step, opened.failure.reason, settings)
  const { connection } = opened
  const trouble = await connection.probe()
  connection.quit()
  if (trouble !== undefined) return failedAt('session', trouble, settings, connection.secured)
  return { ok: true, checks: steps.map((step) => passed(step, settings, connection.secured)) }
}

function failedAt(at: SessionStep, reason: string, settings: MailSettings, secured?: string): MailReport {
  const index = steps.indexOf(at)
  const checks = steps.map((step, i): MailCheck => {
    if (i < index) return passed(step, settings, secured)
    return i === index ? { step, result: 'failed', detail: reason } : { step, result: 'skipped', detail: 'not tried' }
  })
  return { ok: false, checks }
}

function passed(step: SessionStep, settings: MailSettings, secured: string | undefined): MailCheck {
  if (step === 'tls' && settings.security === 'none') {
    return { step, result: 'skipped', detail: 'security: none; everything is sent in clear' }
  }
  if (step === 'login' && settings.auth === undefined) return { step, result: 'skipped', detail: 'no login is set' }
  const details: Readonly<Record<SessionStep, string>> = {
    reach: `${settings.host}:${settings.port} answers`,
    tls: secured ?? 'secured',
    login: `logged in as ${settings.auth?.user ?? ''}`,
    session: 'the server takes commands',
  }
  return { step, result: 'ok', detail: details[step] }
}
