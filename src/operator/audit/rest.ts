/**
 * Goes over everything but the records: the history as a whole, messages, import files, export files and lines.
 *
 * Page by page, in bounded memory. Folders are looked at elsewhere. Reads only.
 */
import { exportFileId, exportLineId } from '../../core/ids.ts'
import type { AuditReads } from '../../ledger/audit-reads.ts'
import type { Numbered } from '../../ledger/audit-rows.ts'
import type { AuditMessageRow, GapRow } from '../../ledger/audit-statements.ts'
import type { TallyRow } from '../../ledger/statements.ts'
import { type Finding, finding } from './finding.ts'
import type { MissingRecords } from './missing.ts'
import type { FileHistories } from './file-history.ts'
import { exportFileFindings, fileFindings } from './file.ts'
import { messageFindings } from './message.ts'

type Found = Generator<Finding, void>

export function* soundnessFindings(reads: AuditReads): Found {
  for (const { check, ok, detail } of reads.soundness()) {
    if (!ok) yield finding('A001', check, { found: detail, expected: 'ok' })
  }
}

/** Totals that are kept and rows that are counted; what is numbered says which numbers have no row. */
export function* tallyFindings(reads: AuditReads): Found {
  const { kept, counted } = reads.tally()
  const found = new Map(counted.map((row) => [keyOf(row), row]))
  const total = new Map(kept.map((row) => [keyOf(row), row]))
  for (const key of new Set([...found.keys(), ...total.keys()])) {
    const [rows, sum] = [found.get(key)?.count ?? 0, total.get(key)?.count ?? 0]
    if (rows !== sum) {
      const without = numbersWithoutRow(reads, (found.get(key) ?? total.get(key))?.what)
      yield finding('A002', key, { found: `${rows} counted${without}`, expected: `${sum} by the totals` })
    }
  }
}

const keyOf = ({ what, name, state }: TallyRow): string => [what, name, state].filter((word) => word !== '').join(' ')

const numbered: Readonly<Record<string, Numbered>> = { message: 'message', line: 'export_line', file: 'file' }

/** A number may also be free because the same message or line was decided twice. */
function numbersWithoutRow(reads: AuditReads, what: string | undefined): string {
  const table = numbered[what ?? '']
  const gaps = table === undefined ? [] : reads.gaps(table)
  return gaps.length === 0 ? '' : `, numbers without a row: ${gaps.slice(0, 10).map(rangeOf).join(', ')}`
}

const rangeOf = ({ first, last }: GapRow): string => (first === last ? String(first) : `${first}–${last}`)

export function* historyFindings(reads: AuditReads): Found {
  for (const gap of reads.gaps('event')) {
    const count = gap.last - gap.first + 1
    yield finding('A003', `event ${rangeOf(gap)}`, { found: 'nothing', expected: `${count} events` })
  }
  for (const { seq, because } of reads.eventsBeforeCause()) {
    yield finding('A004', `event ${seq}`, { found: `because of event ${because}`, expected: 'an earlier one' })
  }
  const codes = { message: 'A040', file: 'A019', exportFile: 'A050' } as const
  for (const what of ['message', 'file', 'exportFile'] as const) {
    for (const { subject, seq, names } of reads.missing(what)) {
      yield finding(codes[what], subject ?? 'unknown', {
        found: `events from ${seq} on: ${names}`,
        expected: 'what they are about',
      })
    }
  }
}

export interface MessageRules {
  readonly missing: MissingRecords
  readonly deep: boolean
  readonly now: number
  readonly patienceMs: number
  readonly onPage: (messages: number) => void
}

export function* allMessages(reads: AuditReads, { missing, deep, now, patienceMs, onPage }: MessageRules): Found {
  for (const { messages, events, parts } of reads.messages()) {
    for (const row of messages) {
      yield* messageFindings(row, events.get(row.id) ?? [], parts.get(row.key) ?? [], deep)
      // An alarm may be about anything: a folder, a server, a number that nobody knows.
      const isAlarm = row.template?.startsWith('alarm/') ?? true
      if (!isAlarm && row.about === 0) missing.add(row.subject, 'messages')
      yield* inFlightFindings(row, now, patienceMs)
    }
    onPage(messages.length)
  }
  for (const { message, part, state, found } of reads.strayReceipts()) {
    yield finding('A046', message, {
      found: `part ${part} ${found ?? 'missing'}`,
      expected: `${state}, by its receipt`,
    })
  }
}

function* inFlightFindings({ id, state, taken_at: takenAt }: AuditMessageRow, now: number, patienceMs: number): Found {
  if (state !== 'sending' || takenAt === null || now - takenAt <= patienceMs) return
  const seconds = Math.round((now - takenAt) / 1000)
  yield finding('A048', id, {
    found: `in flight for ${seconds} s`,
    expected: `a result within ${Math.round(patienceMs / 1000)} s`,
  })
}

export interface FileRules {
  readonly kindOf: (importName: string) => string | undefined
  readonly onFile: () => void
}

export function* allFiles(reads: AuditReads, histories: FileHistories, { kindOf, onFile }: FileRules): Found {
  for (const { files, events } of reads.files()) {
    for (const row of files) {
      yield* fileFindings(row, events.get(row.id) ?? [], histories.of(row.key), kindOf(row.import))
      onFile()
    }
  }
}

export function* allExportFiles(reads: AuditReads, onFile: () => void): Found {
  let [name, expected] = ['', 1]
  for (const { files, events } of reads.exportFiles()) {
    for (const row of files) {
      if (row.export !== name) [name, expected] = [row.export, 1]
      if (expected < row.sequence) {
        const id = exportFileId(name, expected)
        const range = rangeOf({ first: expected, last: row.sequence - 1 })
        yield finding('A050', id, { found: 'nothing', expected: `file ${range} of export ${name}` })
        expected = row.sequence
      }
      yield* exportFileFindings(row, events.get(row.id) ?? [], expected)
      onFile()
      expected = row.sequence + 1
    }
  }
}

/** `deep`: also whether the id of each line is the one of its key, which costs a hash. */
export function* allLines(reads: AuditReads, missing: MissingRecords, deep: boolean): Found {
  for (const { id, because } of reads.causelessLines()) {
    yield finding('A059', id, { found: 'nothing', expected: `event ${because ?? 'unknown'}, its cause` })
  }
  for (const { id, file, because } of reads.wrongVoids()) {
    if (file !== null) yield finding('A052', id, { found: 'voided, and in a file', expected: 'one of the two' })
    else yield finding('A059', id, { found: 'voided', expected: `event ${because ?? 'unknown'}, which voided it` })
  }
  for (const { subject, count } of reads.missingSubjects()) missing.add(subject, 'export lines', count)
  for (const lines of deep ? reads.lines() : []) {
    for (const { id, export: name, dedupe_key: key } of lines) {
      const right = exportLineId(name, key)
      if (id !== right) yield finding('A052', id, { found: `key ${key}`, expected: `id ${right}` })
    }
  }
}
