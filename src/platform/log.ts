/**
 * The log: one JSON line per entry on standard output, written at once, for journald.
 *
 * Level as a word, time in ISO 8601. The message is a fixed sentence, everything variable is a field. Every secret
 * is replaced by `[secret]` wherever it turns up (also in error messages and stacks, and in its JSON, URL and
 * base64 form); what comes from outside can neither break a line nor steer a terminal. Does not rotate or ship
 * files. Throws only when the log cannot be made.
 */
import { pino, stdSerializers } from 'pino'
import type { Logger } from 'pino'
import { isoInstant } from '../core/date.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { withErrorName } from './system-errors.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** What varies: names, ids, counts; an Error under `err`. */
export type LogFields = Readonly<Record<string, unknown>>
export type LogWrite = (fields: LogFields, message: string) => void

export interface Log {
  readonly debug: LogWrite
  readonly info: LogWrite
  readonly warn: LogWrite
  readonly error: LogWrite
  /** A log whose lines all carry these fields. */
  child(fields: LogFields): Log
}

export interface LogOptions {
  readonly level: LogLevel
  /** Values that must never appear: passwords and the like. Empty ones are ignored. */
  readonly secrets: readonly string[]
  /** Takes each finished line with its line end; standard output, unbuffered, when left out. */
  readonly destination?: { write(line: string): void }
  readonly clock?: Clock
}

export function createLog({ level, secrets, destination, clock = systemClock }: LogOptions): Log {
  const redact = redactor(secrets)
  const logger = pino(
    {
      level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${isoInstant(clock.now())}"`,
      serializers: { err: readable, error: readable },
      hooks: { streamWrite: (line) => harmless(redact(line)) },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  )
  return wrap(logger)
}

/** An error as the log shows it: with names for errors of the system that Node knows by number only. */
function readable(error: Error): unknown {
  const shown: unknown = stdSerializers.err(error)
  if (typeof shown !== 'object' || shown === null) return shown
  return Object.fromEntries(
    Object.entries(shown).map(([key, value]) => [key, typeof value === 'string' ? withErrorName(value, error) : value]),
  )
}

function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  }
}

const mask = '[secret]'

/** Works on the finished line, so no path or serializer can be forgotten. */
function redactor(secrets: readonly string[]): (line: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length)
  const needles = forms.map(inJson)
  const clean = (text: string): string => forms.reduce((rest, form) => rest.replaceAll(form, mask), text)
  return (line) => (needles.some((needle) => line.includes(needle)) ? cleanLine(line, clean) : line)
}

/** A secret as it may stand in a text: plain, trimmed, in JSON, in a URL, in base64. */
function formsOf(secret: string): readonly string[] {
  const plain = [secret, secret.trim()].filter((text) => text !== '')
  const wellFormed = plain.map((text) => text.toWellFormed())
  return [
    ...plain,
    ...plain.map(inJson),
    ...wellFormed.map((text) => encodeURIComponent(text)),
    ...wellFormed.filter((text) => text.length >= 4).map((text) => Buffer.from(text).toString('base64')),
  ]
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

/** Parsed and written again, so that a short secret ("1", "level") cannot break the line it is cut out of. */
function cleanLine(line: string, clean: (text: string) => string): string {
  const entry = JSON.parse(line) as Record<string, unknown>
  const cleaned = cleanValue(entry, clean) as Record<string, unknown>
  return `${JSON.stringify({ ...cleaned, level: entry['level'], time: entry['time'] })}\n`
}

function cleanValue(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value)
  if (typeof value === 'number') return clean(String(value)) === String(value) ? value : mask
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, clean))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleanValue(item, clean)]))
}

// JSON escapes what is below U+0020 and leaves these: DEL and C1 (terminal control), U+2028/9 (line ends to some
// readers), direction marks (they make a line read otherwise than it is).
const unruly = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

function harmless(line: string): string {
  return line.replace(unruly, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
