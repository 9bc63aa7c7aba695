/**
 * Reads what a mail server answered: code, enhanced code, and a text fit for reasons and logs.
 * Guarantees: no control or invisible characters, no secret of ours, at most 500 characters.
 * Decides nothing about messages. Pure; throws nothing.
 */

export interface Answer {
  /** Three digits of RFC 5321 section 4.2; 0 when the line had none. */
  readonly code: number
  /** RFC 3463, e.g. `4.3.2`. */
  readonly enhanced?: string
}

/** Longest text of a server that goes into a reason or a log, in characters. */
const LONGEST = 500

/** One line without control, invisible and direction characters (they could forge log lines), cut at 500. */
export function cleanText(text: string, secrets: readonly string[] = []): string {
  let line = text
    .slice(0, LONGEST * 8)
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  for (const secret of secrets) line = line.replaceAll(secret, '***')
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** All forms in which a server could echo the login back at us (PLAIN and LOGIN are base64). */
export function secretsOf(auth: { readonly user: string; readonly password: string } | undefined): readonly string[] {
  if (auth === undefined || auth.password === '') return []
  const plain = base64(`\u0000${auth.user}\u0000${auth.password}`)
  const forms = [plain, base64(auth.password), auth.password]
  return forms.flatMap((form) => [form, form.replace(/=+$/, '')]).filter((form) => form.length >= 4)
}

/** Code and enhanced code at the head of an answer. */
export function readAnswer(text: string): Answer {
  const match = /^([2-5]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3}))?(?![\d.])/.exec(text)
  if (!match) return { code: 0 }
  return { code: Number(match[1]), ...(match[2] === undefined ? {} : { enhanced: match[2] }) }
}

export type Meaning = 'taken' | 'later' | 'never' | 'pace' | 'nonsense'

/** About limits, whatever the code says (Exchange answers 554 5.2.0 when a daily quota is used up). */
const aboutLimits = /quota|limit|exceed|too many|throttl/i

/**
 * What an answer means for the message (RFC 5321 4.2.1): 2xx taken, 4xx later, 5xx never, but
 * 421, 432 and 4.3.2 speak of our pace, as does 554 5.2.0 about a limit; and 503 (commands out of step),
 * 530, 535 and 538 (not logged in) speak of the connection or the account, not of the message.
 */
export function meaningOf(text: string): Meaning {
  const { code, enhanced } = readAnswer(text)
  if (code >= 200 && code < 300) return 'taken'
  if (code === 421 || code === 432 || (code < 500 && code >= 400 && enhanced === '4.3.2')) return 'pace'
  if (code === 554 && enhanced === '5.2.0' && aboutLimits.test(text)) return 'pace'
  if (code === 530 || code === 535 || code === 538) return 'pace'
  if (code === 503 || (code >= 400 && code < 500)) return 'later'
  return code >= 500 && code < 600 ? 'never' : 'nonsense'
}
