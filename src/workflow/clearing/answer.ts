/**
 * What an ERP says to a clearing file, or to one entry of it: booked, or refused (N43).
 *
 * A file answers for all of its entries, an entry for itself. What is refused waits for `orderly clearing correct`, and
 * is alarmed. Two valid copies never come about unseen: a refused entry that is accepted after all loses its corrected
 * copy while that is not written yet, and is alarmed after that. The same answer again changes nothing. Pure; throws
 * NotLoaded from `known`.
 */
import type { IncomingAcknowledgement } from '../../core/incoming.ts'
import { compareDecimals, fromMinor } from '../../core/money.ts'
import type { Clearing, ClearingFile } from '../../core/clearing.ts'
import { type Alarm, raiseAlarm } from '../messages/alarm.ts'
import { askTogether } from '../ask-together.ts'
import { copyId } from './line.ts'
import type { Draft } from '../draft.ts'
import { answerTimer, stateOf } from './written.ts'

export type Answer = Pick<IncomingAcknowledgement, 'accepted' | 'number' | 'reason' | 'count' | 'amount' | 'currency'>
export type Answered =
  | { readonly kind: 'applied' }
  | { readonly kind: 'repeated' }
  /** Nothing of that name was written, or several were. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** It booked something else than was in the file: nothing is taken as answered. */
  | { readonly kind: 'refused'; readonly reason: string }

export type Meant =
  | { readonly kind: 'file'; readonly file: ClearingFile }
  | { readonly kind: 'entry'; readonly entry: Clearing }
  | { readonly kind: 'unknown'; readonly reason: string }

/** By the id of an entry or a file, the name of a file, or `EXPORT/NUMBER`. */
export function meantBy(draft: Draft, document: string): Meant {
  if (document.startsWith('clr_')) {
    const entry = draft.get('clearing', document)
    // Whoever knows its id has read the file, be it recorded as written by now or not.
    return entry === undefined ? { kind: 'unknown', reason: `there is no entry ${document}` } : { kind: 'entry', entry }
  }
  const id = /^(?:clf|xfl)_/.test(document) ? `clf_${document.slice(4)}` : undefined
  const known = id === undefined ? undefined : draft.get('clearingFile', id)
  const found = known ? [known] : draft.find('clearingFile', 'number', document)
  const [file, ...others] = found
  if (file === undefined) return { kind: 'unknown', reason: `no clearing file of the name "${document}" was written` }
  if (others.length === 0) return { kind: 'file', file }
  const names = found.map((each) => `${each.export}/${each.sequence}`).join(', ')
  return { kind: 'unknown', reason: `several clearing files are called "${document}": ${names}` }
}

export function answerClearing(draft: Draft, document: string, answer: Answer): Answered {
  const meant = meantBy(draft, document)
  if (meant.kind === 'unknown') return meant
  const wrong = meant.kind === 'file' && answer.accepted ? otherFigures(meant.file, answer) : undefined
  if (meant.kind === 'file' && wrong !== undefined) return refuseFigures(draft, meant.file, wrong)
  const file = meant.kind === 'file' ? meant.file : fileOf(draft, meant.entry)
  const entries = meant.kind === 'file' ? entriesIn(draft, meant.file) : [meant.entry]
  const news = entries.filter((entry) => isNews(entry, answer))
  if (meant.kind === 'file' && answer.accepted) tellTwoCopies(draft, meant.file, entries)
  if (news.length === 0) return { kind: 'repeated' }
  for (const entry of news) answerEntry(draft, entry, file, answer)
  if (file !== undefined) countAnswers(draft, file, news, answer, meant.kind === 'file')
  return { kind: 'applied' }
}

/** The ERP's own figures for a file, where it tells them and they are not ours. */
function otherFigures({ entries, sums }: ClearingFile, { count, amount, currency }: Answer): string | undefined {
  if (count !== undefined && compareDecimals(count, String(entries.length)) !== 0) {
    return `it booked ${count} entries, the file has ${entries.length}`
  }
  if (amount === undefined) return undefined
  const totals = sums.filter((sum) => sum.type === undefined && (currency === undefined || sum.currency === currency))
  const ours = currency ?? totals[0]?.currency
  if (ours === undefined || totals.some((sum) => sum.currency !== ours)) return `it tells ${amount} without a currency`
  const total = fromMinor(
    totals.reduce((sum, { gross }) => sum + gross, 0),
    ours,
  )
  return compareDecimals(amount, total) === 0 ? undefined : `it booked ${amount} ${ours}, the file has ${total} ${ours}`
}

function refuseFigures(draft: Draft, file: ClearingFile, reason: string): Answered {
  raiseAlarm(draft, {
    key: `clearing-figures/${file.id}/${draft.source?.fileId ?? String(draft.now)}`,
    subject: file.id,
    title: 'The ERP booked other figures than a clearing file has',
    what: `${file.name}: ${reason}`.slice(0, 250),
    where: `export ${file.export}`,
    next: `Compare: orderly clearing show ${file.name}; then have the answer corrected, or: orderly clearing accept ${file.name}`.slice(
      0,
      250,
    ),
  })
  return { kind: 'refused', reason }
}

const fileOf = (draft: Draft, { file }: Clearing): ClearingFile | undefined =>
  file === undefined ? undefined : draft.get('clearingFile', file)

/** Those of which this file is the last that was written. */
export const entriesIn = (draft: Draft, { id, entries }: ClearingFile): readonly Clearing[] =>
  askTogether(entries.map((each) => () => draft.get('clearing', each)))
    .filter((entry) => entry !== undefined)
    .filter(({ file }) => file === id)

/** What is void stays so, and what is to be written again was refused: more of the same is no news. */
function isNews(entry: Clearing, { accepted, number }: Answer): boolean {
  const { state, postedNumber } = entry
  if (state === 'void') return false
  if (!accepted) return state !== 'rejected' && !waitsForCopy(entry)
  return state !== 'acknowledged' || (number !== undefined && number !== postedNumber)
}

const waitsForCopy = ({ state, file }: Clearing): boolean => state === 'open' && file !== undefined

/** Its corrected copy is written: of those entries nobody knows which copy counts. */
function tellTwoCopies(draft: Draft, file: ClearingFile, own: readonly Clearing[]): void {
  const copied = file.entries.length - own.length
  if (copied === 0 || file.state !== 'corrected') return
  raiseAlarm(draft, {
    key: `clearing-twice/${file.id}`,
    subject: file.id,
    title: 'The ERP booked a clearing file that it had refused',
    what: `${file.name}: ${copied} entries were written again since; they may be booked twice`.slice(0, 250),
    where: `export ${file.export}`,
    next: 'Ask the ERP which copy counts, and have the other one taken back there.',
  })
}

function answerEntry(draft: Draft, entry: Clearing, file: ClearingFile | undefined, answer: Answer): void {
  const { accepted, number, reason } = answer
  const { refusal: _, ...said } = entry
  const state = accepted ? ('acknowledged' as const) : ('rejected' as const)
  draft.put({
    ...said,
    state,
    ...(accepted && number !== undefined && { postedNumber: number }),
    ...(!accepted && { refusal: (reason ?? 'no reason given').slice(0, 250) }),
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: accepted ? 'clearing.acknowledged' : 'clearing.rejected',
    subject: entry.id,
    before: { state: entry.state },
    after: { state, ...(number !== undefined && { number }) },
    ...(reason !== undefined && { text: reason.slice(0, 250) }),
  })
  if (waitsForCopy(entry) && file !== undefined) {
    draft.voidLine({ id: copyId(entry, file), reason: 'the ERP booked the first copy after all', because: event })
  } else if (!accepted && entry.state === 'acknowledged') {
    raiseAlarm(draft, unbooked(entry, answer), event)
  }
}

function countAnswers(
  draft: Draft,
  file: ClearingFile,
  news: readonly Clearing[],
  answer: Answer,
  isWhole: boolean,
): void {
  const was = (states: readonly Clearing['state'][]): number =>
    news.filter((entry) => states.includes(waitsForCopy(entry) ? 'rejected' : entry.state)).length
  const again = was([answer.accepted ? 'acknowledged' : 'rejected'])
  const fresh = news.length - again
  const other = was([answer.accepted ? 'rejected' : 'acknowledged'])
  const accepted = answer.accepted ? file.accepted + fresh : file.accepted - other
  const refused = answer.accepted ? file.refused - other : file.refused + fresh
  const state = stateNow(draft, { ...file, accepted, refused })
  const { reason: _, ...said } = file
  draft.put({
    ...said,
    accepted,
    refused,
    state,
    ...(isWhole && answer.number !== undefined && { number: answer.number }),
    ...(!answer.accepted && { reason: (answer.reason ?? 'no reason given').slice(0, 250) }),
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: answer.accepted ? 'clearing.acknowledged' : 'clearing.rejected',
    subject: file.id,
    before: { state: file.state },
    after: { state, accepted, refused },
    text: `${answer.accepted ? 'booked' : 'refused'}: ${isWhole ? file.name : `${news.length} entry of ${file.name}`}`.slice(
      0,
      250,
    ),
  })
  if (state !== 'exported') draft.cancelTimer(file.id, answerTimer)
  if (!answer.accepted) raiseAlarm(draft, refusedAlarm(draft, file, news, answer), event)
}

/** Once every entry is answered: `rejected` while one that is refused is not written again. Entries are as they are now. */
export function stateNow(draft: Draft, file: ClearingFile): ClearingFile['state'] {
  const state = stateOf(file, file.entries.length)
  if (state !== 'rejected') return state
  return entriesIn(draft, file).some((entry) => entry.state === 'rejected') ? 'rejected' : 'corrected'
}

/** An entry of it has become void: whether a refused one is left is looked at anew. */
export function closeFile(draft: Draft, file: ClearingFile, because: number): void {
  const state = stateNow(draft, file)
  if (state === file.state) return
  draft.put({ ...file, state, updatedAt: draft.now })
  draft.happened({
    name: 'clearing.corrected',
    subject: file.id,
    before: { state: file.state },
    after: { state },
    text: 'no refused entry is left',
    because,
  })
}

const refusedAlarm = (draft: Draft, file: ClearingFile, news: readonly Clearing[], { reason }: Answer): Alarm => ({
  key: `clearing-refused/${file.id}/${draft.source?.fileId ?? String(draft.now)}`,
  subject: file.id,
  title: 'The ERP refused clearing entries',
  what: `${file.name}: ${news.length} of ${file.entries.length} entries: ${reason ?? 'no reason given'}`.slice(0, 250),
  where: `export ${file.export}`,
  next: `Mend the cause (accounts: clearing.pairs), then write them again: orderly clearing correct ${file.name}`,
})

const unbooked = ({ id, orderNumber }: Clearing, { reason }: Answer): Alarm => ({
  key: `clearing-unbooked/${id}`,
  subject: id,
  title: 'The ERP refuses a clearing entry that it had booked',
  what: `${id} of order ${orderNumber}: ${reason ?? 'no reason given'}`.slice(0, 250),
  next: 'Ask the ERP which of the two is true, before you write it again.',
})
