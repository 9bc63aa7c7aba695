/**
 * Is everything durable before somebody is told of it? Reads the calls of a run and names each that came too early.
 *
 * Pure. What a commit says is found in the pages that are written to the ledger's log (ledger.db-wal): a text counts as
 * said with the first page that holds it, and as committed when a sync of the log that began after it is over.
 */
import { basename, dirname } from 'node:path'
import type { Call } from './strace-log.ts'

export interface Violation {
  readonly rule: Rule
  readonly what: string
}

export const rules = {
  renamedUnsynced: 'a file is written, fsynced, and only then given its name',
  exportUnrecorded: 'the hash of an export is committed before the file is placed',
  exportUnsynced: 'the folder of a placed export is fsynced before a commit says that it is written',
  doneTooEarly: 'the done file comes after the export is durable, and is durable itself before the commit',
  claimUnsynced: 'a claim is durable before what it says of the file is committed',
  movedUncommitted: 'an import file is put away after what is in it was committed',
  moveUnsynced: 'both folders are fsynced after a file was put away',
  folderUnsynced: 'the name of a new folder is fsynced before a file is moved into it for good',
  sentUncommitted: 'a mail leaves after the commit that leases it, and after the one that queued it',
  resultUncommitted: 'what came of a mail is committed after it',
  smsUncommitted: 'an SMS leaves when nothing of the ledger is unconfirmed',
  receiptUncommitted: 'a receipt is answered after it was committed',
} as const
export type Rule = keyof typeof rules

/** Everything that is wrong with the order of a run's calls; `folder` is the world's. */
export function orderViolations(all: readonly Call[], folder: string): readonly Violation[] {
  const calls = all.filter(({ failed }) => !failed)
  const run = new Run(calls, folder)
  return [...renames(run), ...exports(run), ...imports(run), ...mails(run), ...sms(run), ...receipts(run)]
}

const writes = new Set(['write', 'pwrite64', 'writev'])
const syncs = new Set(['fsync', 'fdatasync'])
const places = new Set(['rename', 'renameat2', 'link'])

class Run {
  readonly calls: readonly Call[]
  readonly folder: string
  readonly places: readonly Call[]
  readonly #syncs: readonly Call[]
  readonly #walWrites: readonly Call[]
  readonly #walSyncs: readonly Call[]

  constructor(calls: readonly Call[], folder: string) {
    const wal = `${folder}/var/ledger.db-wal`
    this.calls = calls
    this.folder = folder
    this.places = calls.filter(({ name, path }) => places.has(name) && path.startsWith(folder))
    this.#syncs = calls.filter(({ name }) => syncs.has(name))
    this.#walWrites = calls.filter(({ name, path }) => writes.has(name) && path === wal)
    this.#walSyncs = this.#syncs.filter(({ path }) => path === wal)
  }

  /** The name under which a file was written that was renamed to this one. */
  firstName(path: string): string {
    return this.places.find(({ to }) => to === path)?.path ?? path
  }

  /** The first sync of a path that began after a line; its end, or undefined. */
  syncedAfter(path: string, line: number): number | undefined {
    return this.#syncs.find((call) => call.path === path && call.begin > line)?.end
  }

  /** The first page of the ledger's log, after a line, that holds the text. */
  said(text: string, after: number): Call | undefined {
    return this.#walWrites.find(({ begin, args }) => begin > after && args.includes(text))
  }

  /** When the page is confirmed: the end of the first sync of the log that began after it. */
  committed(page: Call | undefined): number {
    return this.#walSyncs.find(({ begin }) => page !== undefined && begin > page.end)?.end ?? Number.POSITIVE_INFINITY
  }

  /** The last page before a line; with a text: the last that holds it. */
  lastPage(before: number, text = ''): Call | undefined {
    return this.#walWrites.findLast(({ begin, args }) => begin < before && args.includes(text))
  }

  commitsBetween(after: number, before: number): number {
    return this.#walSyncs.filter(({ begin, end }) => begin > after && end < before).length
  }
}

/** Rebuilt at each start, and nothing depends on it. */
const rebuildable = new Set(['status.json'])

function renames({ calls, places: named }: Run): readonly Violation[] {
  return named.flatMap((place) => {
    if (rebuildable.has(basename(place.to))) return []
    const last = calls.findLast(
      ({ name, path, begin }) => writes.has(name) && path === place.path && begin < place.begin,
    )
    if (last === undefined) return []
    const synced = calls.some(
      ({ name, path, begin, end }) => syncs.has(name) && path === place.path && begin > last.end && end < place.begin,
    )
    return synced ? [] : [{ rule: 'renamedUnsynced' as const, what: `${place.path} to ${place.to}` }]
  })
}

function exports(run: Run): readonly Violation[] {
  const wrong: Violation[] = []
  const out = `${run.folder}/out/`
  for (const place of run.places.filter(
    ({ to }) => to.startsWith(out) && !to.endsWith('.done') && !basename(to).startsWith('.'),
  )) {
    const what = place.to
    const first = run.firstName(place.path)
    const lastWrite = run.calls.findLast(
      ({ name, path, begin }) => writes.has(name) && path === first && begin < place.begin,
    )
    const staged = run.syncedAfter(first, lastWrite?.end ?? 0) ?? Number.POSITIVE_INFINITY
    if (run.commitsBetween(staged, place.begin) === 0) wrong.push({ rule: 'exportUnrecorded', what })
    const placed = run.syncedAfter(dirname(place.to), place.end) ?? Number.POSITIVE_INFINITY
    const said = run.said(`${basename(place.to)}, `, place.end)
    if (said === undefined || placed > said.begin) wrong.push({ rule: 'exportUnsynced', what })
    const done = run.places.find(({ to }) => to === `${place.to}.done`)
    if (done === undefined) continue
    const doneSynced = run.syncedAfter(dirname(done.to), done.end) ?? Number.POSITIVE_INFINITY
    if (done.begin < placed || said === undefined || doneSynced > said.begin) wrong.push({ rule: 'doneTooEarly', what })
  }
  return wrong
}

function imports(run: Run): readonly Violation[] {
  const wrong: Violation[] = []
  const claims = run.places.filter(({ to }) => to.includes('/.orderly/'))
  for (const claim of claims) {
    const what = claim.path
    const said = run.said(basename(claim.path), claim.end)
    const durable = Math.max(
      run.syncedAfter(dirname(claim.to), claim.end) ?? Number.POSITIVE_INFINITY,
      run.syncedAfter(dirname(claim.path), claim.end) ?? Number.POSITIVE_INFINITY,
    )
    if (said === undefined || durable > said.begin) wrong.push({ rule: 'claimUnsynced', what })
    const away = run.places.find(({ path }) => path === claim.to)
    if (away === undefined) continue
    if (run.committed(said) > away.begin) wrong.push({ rule: 'movedUncommitted', what })
    const gone =
      run.calls.find(({ name, path, begin }) => name === 'unlink' && path === claim.to && begin > away.end) ?? away
    for (const folder of [dirname(away.to), dirname(away.path)])
      if (run.syncedAfter(folder, gone.end) === undefined)
        wrong.push({ rule: 'moveUnsynced', what: `${what}: ${folder}` })
    for (const made of run.calls.filter(({ name, path }) => name === 'mkdir' && away.to.startsWith(`${path}/`)))
      if ((run.syncedAfter(dirname(made.path), made.end) ?? Number.POSITIVE_INFINITY) > gone.begin)
        wrong.push({ rule: 'folderUnsynced', what: `${what}: ${made.path}` })
  }
  return wrong
}

const onSocket = ({ name, args }: Call): boolean => writes.has(name) && /^\d+<TCP/.test(args)

function mails(run: Run): readonly Violation[] {
  return run.calls.filter(onSocket).flatMap((send) => {
    const id = /Message-ID: <(msg_\w+)@/i.exec(send.args)?.[1]
    if (id === undefined) return []
    const wrong: Violation[] = []
    const queued = run.said(id, 0)
    const leased = run.lastPage(send.begin, id)
    const both = queued === undefined ? 0 : run.commitsBetween(queued.end, send.begin)
    if (run.committed(leased) > send.begin || both < 2) wrong.push({ rule: 'sentUncommitted', what: id })
    if (run.committed(run.said(id, send.end)) === Number.POSITIVE_INFINITY)
      wrong.push({ rule: 'resultUncommitted', what: id })
    return wrong
  })
}

/** submit_sm: four bytes of length, then the command 4 (SMPP 3.4, 4.4.1). */
const isSubmit = (call: Call): boolean =>
  onSocket(call) && /, "(?:\\0){2}(?:\\\d{1,3}|[^\\])(?:\\\d{1,3}|\\?[^\\])\\0\\0\\0\\4/.test(call.args)

function sms(run: Run): readonly Violation[] {
  return run.calls
    .filter(isSubmit)
    .filter((send) => run.committed(run.lastPage(send.begin)) > send.begin)
    .map(() => ({ rule: 'smsUncommitted', what: 'submit_sm' }))
}

/** deliver_sm_resp: command 0x80000005; the receipt that it answers was read before on the same socket. */
function receipts(run: Run): readonly Violation[] {
  const answers = run.calls.filter((call) => onSocket(call) && call.args.includes('\\200\\0\\0\\5'))
  return answers.flatMap((answer) => {
    const socket = /^\d+<[^>]*>+/.exec(answer.args)?.[0] ?? ''
    const read = run.calls.findLast(
      ({ name, args, begin }) =>
        name === 'read' && begin < answer.begin && args.startsWith(socket) && args.includes('stat:'),
    )
    if (read !== undefined && run.commitsBetween(read.end, answer.begin) > 0) return []
    return [{ rule: 'receiptUncommitted' as const, what: 'deliver_sm_resp' }]
  })
}

/** The calls without those that the filter names: a log of a program that forgot them. */
export const without = (calls: readonly Call[], forgotten: (call: Call) => boolean): readonly Call[] =>
  calls.filter((call) => !forgotten(call))

export const isSync = ({ name }: Call): boolean => syncs.has(name)
