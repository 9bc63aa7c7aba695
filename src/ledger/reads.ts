/**
 * Everything that only reads, as the interface of `ledger.ts` wants it.
 *
 * Each call sees one state of the ledger. Nothing here writes or waits for a writer of this process.
 */
import { optOutId } from '../core/ids.ts'
import type { EntityKind, EntityOf } from '../core/model.ts'
import { loadSnapshot } from './load.ts'
import { diagnose } from './diagnose.ts'
import { findMessages } from './find-messages.ts'
import { findRecords } from './find-records.ts'
import type { Ledger } from './ledger.ts'
import { entityOf, eventOf, exportFileOf, fileOf, lineOf, messageOf, partOf, receiptOf, timerOf } from './rows.ts'
import { sentAddress } from './sent.ts'
import * as sql from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import { normaliseSmscId } from './store-parts.ts'
import { interruptedMessages } from './take-messages.ts'
import { readTotals } from './totals.ts'

type Writes = 'commit' | 'take' | 'takeExport' | 'backup' | 'checkpoint' | typeof Symbol.asyncDispose
export type LedgerReads = Omit<Ledger, Writes>

/** Runs synchronous work on one state of the ledger. */
export type Read = <T>(work: () => T) => Promise<T>

export const ledgerReads = (db: Sqlite, read: Read): LedgerReads => ({
  ...recordReads(db, read),
  ...messageReads(db, read),
  ...smsReads(db, read),
  ...historyReads(db, read),
  ...clockReads(db, read),
  ...importReads(db, read),
  ...exportReads(db, read),
  totals: () => read(() => readTotals(db)),
  changeStamp: () => read(() => db.get(sql.selectMeta, 'commits')?.value ?? 0),
  diagnose: async () => diagnose(db),
})

const recordReads = (db: Sqlite, read: Read): Pick<Ledger, 'load' | 'record' | 'records'> => ({
  load: (lookups) => read(() => loadSnapshot(db, lookups)),
  record: <K extends EntityKind>(kind: K, id: string): Promise<EntityOf<K> | undefined> =>
    read(() => db.all(sql.selectRecord, id, kind).map(entityOf)[0] as EntityOf<K> | undefined),
  records: (filter) => read(() => findRecords(db, filter)),
})

const messageReads = (
  db: Sqlite,
  read: Read,
): Pick<Ledger, 'interrupted' | 'nextDue' | 'sentSince' | 'sentSinceTo' | 'optedOut' | 'message' | 'messages'> => ({
  interrupted: (channel) => read(() => interruptedMessages(db, channel)),
  nextDue: (channel) => read(() => db.get(sql.minDue, channel)?.due ?? undefined),
  sentSince: (channel, since, address) =>
    read(() =>
      address === undefined
        ? (db.get(sql.countSentTotal, channel, since)?.n ?? 0)
        : (db.get(sql.countSent, channel, sentAddress(address), since)?.n ?? 0),
    ),
  sentSinceTo: (channel, since, addresses) =>
    read(() => {
      const rows = db.all(sql.countSentTo, channel, JSON.stringify(addresses.map(sentAddress)), since)
      return new Map(rows.map(({ address, n }) => [address, n]))
    }),
  optedOut: (channel, addresses) =>
    read(() => {
      // Most have none: then no id is made for it.
      if ((db.get(sql.countRecords, 'optOut', 'active')?.count ?? 0) === 0) return new Set()
      const byId = new Map(addresses.map((address) => [optOutId(channel, address) as string, address]))
      const rows = byId.size === 0 ? [] : db.all(sql.selectOptedOut, JSON.stringify([...byId.keys()]))
      return new Set(rows.flatMap(({ id }) => byId.get(id) ?? []))
    }),
  message: (id) => read(() => db.all(sql.selectMessage, id).map(messageOf)[0]),
  messages: (filter) => read(() => findMessages(db, filter)),
})

const smsReads = (
  db: Sqlite,
  read: Read,
): Pick<Ledger, 'parts' | 'partsBySmscId' | 'partsSince' | 'unmatchedReceipts'> => ({
  partsSince: (since, prefixes) =>
    read(() => {
      const rows = db.all(sql.countPartsSince, JSON.stringify(prefixes), since)
      return new Map(rows.flatMap(({ prefix, n }) => (prefix === null ? [] : [[prefix, n] as const])))
    }),
  parts: (id) => read(() => db.all(sql.selectParts, id).map(partOf)),
  partsBySmscId: (account, candidates) =>
    read(() => db.all(sql.selectPartsBySmscId, compared(candidates), account).map(partOf)),
  unmatchedReceipts: (account, candidates) =>
    read(() => db.all(sql.selectUnmatched, compared(candidates), account).map(receiptOf)),
})

const compared = (ids: readonly string[]): string => JSON.stringify(ids.map(normaliseSmscId).filter((id) => id !== ''))

const historyReads = (db: Sqlite, read: Read): Pick<Ledger, 'eventsOf' | 'event' | 'aboutSubject'> => ({
  eventsOf: (subject) => read(() => db.all(sql.selectEvents, subject, subject).map(eventOf)),
  event: (seq) => read(() => db.all(sql.selectEvent, seq).map(eventOf)[0]),
  aboutSubject: (subject) =>
    read(() => ({
      messages: db.all(sql.selectMessagesAbout, subject).map(messageOf),
      exportLines: db.all(sql.selectLinesAbout, subject).map(lineOf),
      timers: db.all(sql.selectTimersOf, subject).map(timerOf),
      records: db.all(sql.selectBelonging, subject).map(entityOf),
    })),
})

const clockReads = (db: Sqlite, read: Read): Pick<Ledger, 'dueTimers' | 'nextTimer' | 'timersUntil' | 'lastSlot'> => ({
  dueTimers: (now, limit) => read(() => db.all(sql.selectTimersUntil, now, limit).map(timerOf)),
  nextTimer: () => read(() => db.get(sql.minTimer)?.due ?? undefined),
  timersUntil: (until, limit) => read(() => db.all(sql.selectTimersUntil, until, limit).map(timerOf)),
  lastSlot: (schedule) => read(() => db.get(sql.maxSlot, schedule)?.due ?? undefined),
})

const importReads = (db: Sqlite, read: Read): Pick<Ledger, 'file' | 'files' | 'lastFileAt'> => ({
  file: (id) => read(() => db.all(sql.selectFile, id).map(fileOf)[0]),
  files: (name, limit) =>
    read(() =>
      (name === undefined ? db.all(sql.selectFiles, limit) : db.all(sql.selectFilesOf, name, limit)).map(fileOf),
    ),
  lastFileAt: (name) => read(() => db.get(sql.maxFileAt, name)?.at ?? undefined),
})

const exportReads = (
  db: Sqlite,
  read: Read,
): Pick<Ledger, 'writingExports' | 'exportLines' | 'openExportLines' | 'exportFiles' | 'exportLine'> => ({
  writingExports: (name) => read(() => db.all(sql.selectWriting, name).map(exportFileOf)),
  exportLines: (file) => read(() => db.all(sql.selectLinesOfFile, file).map(lineOf)),
  openExportLines: (name, limit) => read(() => db.all(sql.selectOpenLines, name, limit).map(lineOf)),
  exportFiles: (name, limit) =>
    read(() =>
      (name === undefined ? db.all(sql.selectExportFiles, limit) : db.all(sql.selectExportFilesOf, name, limit)).map(
        exportFileOf,
      ),
    ),
  exportLine: (id) => read(() => db.all(sql.selectLine, id).map(lineOf)[0]),
})
