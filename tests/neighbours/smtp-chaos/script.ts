/**
 * The language in which a test tells the mail server how to misbehave, one line a message or connection.
 *
 * A line is a list of words `stage:deed`, such as `rcpt:450`, `rcpt2:550` (the second recipient only), `dot:drop`,
 * `dot:delay:300`, `dot:"554 5.2.0 daily quota exceeded"`, or `split` (every answer one byte at a time); an empty
 * line is a server that behaves. Throws at a word that it does not know.
 */
export const stages = [
  'connect',
  'ehlo',
  'starttls',
  'auth',
  'mail',
  'rcpt',
  'data',
  'body',
  'dot',
  'rset',
  'quit',
] as const
export type Stage = (typeof stages)[number]

export type Deed =
  /** Answers this; 421 ends the connection too. */
  | { readonly do: 'answer'; readonly text: string }
  /** Instead of the answer: a reset, an orderly end, or nothing for ever. In `body`: after so many bytes. */
  | { readonly do: 'drop' | 'close' | 'hang'; readonly after: number }
  /** Before the answer: waits so many milliseconds. In `body`: reads nothing for so long. */
  | { readonly do: 'delay'; readonly ms: number }
  /** The answer goes out one byte every so many milliseconds. */
  | { readonly do: 'slow'; readonly ms: number }
  /** Bytes that are no SMTP; a line of so many bytes without an end; a code that there is none of. */
  | { readonly do: 'junk' | 'wrong' }
  | { readonly do: 'endless'; readonly bytes: number }
  /** So many continuation lines before the answer. */
  | { readonly do: 'lines'; readonly count: number }
  /** The answer twice, or as usual and then a reset. */
  | { readonly do: 'double' | 'then-drop' }
  /** `dot` only: the message is taken, and the answer never comes. */
  | { readonly do: 'lost'; readonly how: 'drop' | 'close' | 'hang' }
  /** `rcpt` only: put off until this recipient was first named so many milliseconds ago. */
  | { readonly do: 'greylist'; readonly ms: number }
  /** `starttls` only: not offered. */
  | { readonly do: 'hide' }

interface Scripted {
  readonly stage: Stage
  /** 1-based; only the n-th command of this stage within the message. */
  readonly nth: number | undefined
  readonly deed: Deed
}

export interface Behaviour {
  readonly line: string
  readonly split: boolean
  readonly scripted: readonly Scripted[]
}

const texts: Readonly<Record<string, string>> = {
  '421': '4.7.0 closing the connection',
  '450': '4.2.0 mailbox busy',
  '451': '4.3.0 local trouble, later',
  '452': '4.2.2 mailbox full',
  '454': '4.7.0 not for the moment',
  '502': '5.5.1 not known here',
  '503': '5.5.1 commands out of step',
  '535': '5.7.8 wrong user or password',
  '550': '5.1.1 no such person',
  '552': '5.2.2 over its size',
  '554': '5.6.0 not wanted',
}

export function readBehaviour(line: string): Behaviour {
  const words: readonly string[] = line.match(/[^\s"]+(?:"[^"]*")?/g) ?? []
  const scripted = words.filter((word) => word !== 'split').map(scriptedBy)
  return { line, split: words.includes('split'), scripted }
}

function scriptedBy(word: string): Scripted {
  const match = /^([a-z]+?)(\d+)?:(?:"([^"]+)"|([a-z0-9-]+)(?::(\d+))?)$/.exec(word)
  const stage = stages.find((name) => name === match?.[1])
  if (!match || stage === undefined) throw new Error(`no behaviour of a mail server: ${word}`)
  const [, , nth, quoted, name = '', number] = match
  const deed: Deed =
    quoted === undefined
      ? deedOf(word, name, number === undefined ? undefined : Number(number))
      : { do: 'answer', text: quoted }
  return { stage, nth: nth === undefined ? undefined : Number(nth), deed }
}

function deedOf(word: string, name: string, number: number | undefined): Deed {
  if (/^\d{3}$/.test(name)) return { do: 'answer', text: `${name} ${texts[name] ?? 'as the test says'}` }
  switch (name) {
    case 'drop':
    case 'close':
    case 'hang':
      return { do: name, after: number ?? 64 }
    case 'delay':
    case 'slow':
    case 'greylist':
      return { do: name, ms: number ?? 300 }
    case 'junk':
    case 'wrong':
    case 'double':
    case 'then-drop':
    case 'hide':
      return { do: name }
    case 'endless':
      return { do: name, bytes: number ?? 1_000_000 }
    case 'lines':
      return { do: name, count: number ?? 1_000 }
    case 'lost':
      return { do: 'lost', how: 'drop' }
    case 'lost-close':
      return { do: 'lost', how: 'close' }
    case 'lost-hang':
      return { do: 'lost', how: 'hang' }
    default:
      throw new Error(`no behaviour of a mail server: ${word}`)
  }
}

/** The deeds for the n-th command of a stage. */
export const deedsAt = ({ scripted }: Behaviour, stage: Stage, n = 1): readonly Deed[] =>
  scripted.filter((each) => each.stage === stage && (each.nth ?? n) === n).map(({ deed }) => deed)

export const good: Behaviour = readBehaviour('')
