/**
 * Recognises a line of the bank that was taken already from another kind of statement (mechanisms 1.8).
 *
 * A booked line comes as camt.054 or .052 today and as camt.053 or MT940 tomorrow, under another key and worded
 * otherwise. Account, day, direction and amount must be the same, something else must agree, and nothing may
 * contradict. Each known payment is claimed once by each kind of statement, so that two equal payments of a
 * day stay two. Two files of the same kind are told apart by key alone. Throws NotLoaded from the draft.
 */
import type { Config } from '../../config/schema.ts'
import type { IncomingPayment } from '../../core/incoming.ts'
import type { Payment, SeenAs } from '../../core/model.ts'
import { normaliseReference, originOf, sameDayNames } from '../../core/references.ts'
import { askTogether } from '../ask-together.ts'
import type { Draft } from '../draft.ts'
import { given } from './match-search.ts'

export interface SameLine {
  readonly payment: Payment
  /** How this kind of statement names it; absent where that is known already. */
  readonly as?: SeenAs
}

export function sameLine(draft: Draft, incoming: IncomingPayment): SameLine | undefined {
  const importName = draft.source?.import ?? ''
  const names = namesElsewhere(draft.setup.config, incoming, importName)
  if (names.length === 0) return undefined
  const origin = originOf(incoming, importName)
  const found = askTogether(names.map((name) => () => draft.findElsewhere(name, origin)))
  if (found.every((payments) => payments.length === 0)) return undefined
  const as: SeenAs = { origin, key: incoming.bankKey }
  const free: Payment[] = []
  for (const payment of new Set(found.flat())) {
    const same = payment.alsoAs?.find(({ origin }) => origin === as.origin)
    if (same?.key === as.key) return { payment }
    if (same === undefined) free.push(payment)
  }
  const [best] = free.map((payment) => ({ payment, as, score: agreement(payment, incoming) })).sort(byScore)
  return best === undefined || best.score === 0 ? undefined : { payment: best.payment, as }
}

/** Names under which other kinds of statement may have the line; one of the two must be a bank statement. */
export function namesElsewhere(config: Config, incoming: IncomingPayment, importName: string): readonly string[] {
  const own = originOf(incoming, importName)
  const { statements, imports } = originsIn(config)
  const others = incoming.origin === undefined ? statements : [...statements, ...imports]
  return others.flatMap((origin) => (origin === own ? [] : sameDayNames(incoming, origin)))
}

interface Origins {
  readonly statements: readonly string[]
  readonly imports: readonly string[]
}
const origins = new WeakMap<Config, Origins>()

/** What payments may come by under this config. */
export function originsIn(config: Config): Origins {
  let found = origins.get(config)
  if (found === undefined) {
    const payments = Object.entries(config.imports).filter(([, { kind }]) => kind === 'payments')
    const kinds = payments.map(([, { format }]) => statementKinds[format.type] ?? [])
    found = {
      statements: [...new Set(kinds.flat())],
      imports: payments.filter((_, i) => kinds[i]?.length === 0).map(([name]) => originOf({}, name)),
    }
    origins.set(config, found)
  }
  return found
}

/** The kinds of statement that each format reads. */
const statementKinds: Readonly<Record<string, readonly string[]>> = {
  camt: ['camt.052', 'camt.053', 'camt.054'],
  mt940: ['mt940'],
  coda: ['coda'],
  bai2: ['bai2'],
  ofx: ['ofx'],
}

/** The best first; of equal ones the older, since sorting is stable. */
const byScore = (a: { readonly score: number }, b: { readonly score: number }): number => b.score - a.score

/** How much agrees besides account, day and amount; 0 when nothing does, or something contradicts. */
function agreement(a: Payment, b: IncomingPayment): number {
  const signs = [sameId(a, b), sameReference(a, b), sameParty(a, b), sameText(a, b)]
  if (signs.includes('other')) return 0
  return signs.filter((sign) => sign === 'same').length + (sameKey(a.bankKey, b.bankKey) ? 1 : 0)
}

/** `unknown` where one of the two says nothing. */
type Sign = 'same' | 'other' | 'unknown'
type Line = Payment | IncomingPayment

const compared = (a: string, b: string): Sign => (a === '' || b === '' ? 'unknown' : a === b ? 'same' : 'other')

const sameId = (a: Line, b: Line): Sign => {
  const [one = '', other = ''] = [a, b].map(({ endToEndId }) => (given(endToEndId) ? compact(endToEndId) : ''))
  return compared(one, other)
}

/** A structured reference stands in its own field, or somewhere in the text of the other. */
function sameReference(a: Line, b: Line): Sign {
  const [one = '', other = ''] = [a, b].map(({ reference }) => (reference ? normaliseReference(reference) : ''))
  if (one === other) return one === '' ? 'unknown' : 'same'
  const within = (reference: string, line: Line): boolean => reference.length >= 4 && wording(line).includes(reference)
  if (within(one, b) || within(other, a)) return 'same'
  return one === '' || other === '' ? 'unknown' : 'other'
}

/** Accounts contradict only where both are IBANs: others are written in many ways. */
function sameParty(a: Line, b: Line): Sign {
  const [one = '', other = ''] = [a, b].map(({ counterAccount }) => compact(counterAccount ?? ''))
  const sign = compared(one, other)
  return sign === 'other' && !(iban.test(one) && iban.test(other)) ? 'unknown' : sign
}

const iban = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/

/** Texts agree where one holds the other, and contradict where each has numbers and none is in the other. */
function sameText(a: Line, b: Line): Sign {
  const [one, other] = [compact(a.message ?? ''), compact(b.message ?? '')]
  if (one === '' || other === '') return 'unknown'
  const [short, long] = one.length <= other.length ? [one, other] : [other, one]
  if (short === long || (short.length >= 6 && long.includes(short))) return 'same'
  const [mine, theirs] = [numbersIn(a), numbersIn(b)]
  const shares = mine.some((number) => other.includes(number)) || theirs.some((number) => one.includes(number))
  if (shares || mine.length === 0 || theirs.length === 0) return 'unknown'
  return 'other'
}

const numbersIn = ({ message }: Line): readonly string[] => message?.match(/\d{3,}/g) ?? []

const wording = ({ reference, endToEndId, message }: Line): string =>
  compact([reference, endToEndId, message].filter((text) => text !== undefined).join(' '))

/** Letters and digits only, without accents: banks change case, blanks and what they cannot print. */
const compact = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toUpperCase()

/** The bank's own reference under the day, whatever a statement adds to it. */
function sameKey(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  return short === long || long.startsWith(`${short}/`)
}

const words = ['counterName', 'counterAccount', 'reference', 'endToEndId', 'message', 'bookedOn', 'valueOn'] as const

/** What the later statement says and the first did not; a message that goes on is taken whole. */
export function completed(payment: Payment, incoming: IncomingPayment): Payment {
  const added: Partial<Record<(typeof words)[number], string>> = {}
  for (const word of words) {
    const [now, then] = [incoming[word], payment[word]]
    const longer = word === 'message' && now !== undefined && then !== undefined && goesOn(then, now)
    if (now !== undefined && (then === undefined || longer)) added[word] = now
  }
  return Object.keys(added).length === 0 ? payment : { ...payment, ...added }
}

const goesOn = (then: string, now: string): boolean =>
  now.length > then.length && compact(now).length > compact(then).length && compact(now).includes(compact(then))
