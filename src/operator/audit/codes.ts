/**
 * The codes of what an audit finds: title, cause and what to do, as they stand in docs/problems.md.
 *
 * A code never changes its meaning. Grouped by tens: ledger, import files, records, money and goods, messages,
 * exports. Throws nothing.
 */
import type { CodeEntry, CodeTable } from '../../config/problem-codes.ts'

const code = (title: string, cause: string, todo: string): CodeEntry => ({ title, cause, todo })
const restore = 'Stop the daemon, keep a copy of the data folder, and restore the newest backup without the finding.'
const report = 'Keep a copy of the data folder and report it with the output of the audit.'

const ledgerCodes = {
  A001: code('Ledger file is damaged', 'Pages, indexes or references of the database file are not sound.', restore),
  A002: code('Totals do not agree', 'The totals that are kept and the rows that are counted differ.', restore),
  A003: code('History has a gap', 'The number of an event was given and the event is not there.', restore),
  A004: code('Effect before its cause', 'An event names a later one, or itself, as its cause.', report),
  A005: code(
    'Name of a record does not agree',
    'A record is found under a name that it has not, or not under one it has.',
    restore,
  ),
} as const satisfies CodeTable

const fileCodes = {
  A010: code(
    'Records of a file do not add up',
    'Records read and records applied, repeated, updated, parked and refused differ.',
    restore,
  ),
  A011: code('Rows of a file are not accounted for', 'The position in the file and the records read differ.', restore),
  A012: code('End of a file is not explained', 'The state of the file and the events of its end differ.', restore),
  A013: code('Records of a file are missing', 'The file counts other records than the history has of it.', restore),
  A014: code(
    'Import stopped and the file is gone',
    'The file was imported in part and lies in no folder of its import.',
    'Drop the file again: the import goes on where it stopped.',
  ),
  A015: code(
    'Claimed file does not go on',
    'A file was claimed and neither imported nor put away for too long.',
    'Look at the log and the rights of the file; a claim of another daemon: start that one.',
  ),
  A016: code(
    'Copy of an imported file is missing',
    'It was put into processed/ and is not there, while others of that day are.',
    'Take it from a backup of the share, if it is to be kept.',
  ),
  A017: code(
    'Copy is not the imported file',
    'A file in processed/ has bytes that were never imported.',
    'Compare it with a backup; drop it into the import folder if it was never imported.',
  ),
  A018: code(
    'Duplicate of nothing',
    'A file in duplicate/ has bytes that were never imported.',
    'Drop it into the import folder again.',
  ),
  A019: code('Import file is missing', 'Events or records name an import file that the ledger does not have.', restore),
} as const satisfies CodeTable

const recordCodes = {
  A020: code('Record is missing', 'Events are about it, or others name it, and it is not there.', restore),
  A021: code('Record contradicts itself', 'The columns of a record and its content differ.', restore),
  A022: code('Record has no beginning', 'The event that made the record is missing, or there are several.', restore),
  A023: code(
    'State is not explained by its history',
    'Before and after of the events do not join, or do not end in the state.',
    restore,
  ),
  A024: code('Changes of an order do not count up', 'The number of changes and the events of changes differ.', restore),
  A025: code('Parked input waits for what is there', 'The order that a parked row waits for is in the ledger.', report),
  A027: code('Timer is missing', 'An order is to expire and no timer stands for it.', report),
  A028: code('Timer without purpose', 'A timer stands for nothing that is to happen.', report),
} as const satisfies CodeTable

const moneyCodes = {
  A030: code(
    'Paid amount and allocations differ',
    'What an order counts as paid is not the sum of the allocations to it.',
    restore,
  ),
  A031: code('Payment is spent twice', 'The allocations of a payment are more than its amount.', report),
  A032: code(
    'State of a payment and its allocations differ',
    'It is matched without an allocation, or has one without being matched.',
    restore,
  ),
  A033: code(
    'Payment status does not follow from the amounts',
    'Amounts and payment status of an order differ.',
    restore,
  ),
  A034: code('Clearing does not sum to zero', 'The entries of an order leave a rest between the companies.', restore),
  A035: code('Clearing entries of an order differ', 'The order names other entries than there are.', restore),
  A036: code('Goods move twice', 'A movement, invoice or dispatch is not the one of its order, line and kind.', report),
  A039: code(
    'Handovers of an order contradict it',
    'More went over the counter than was ordered, came back than went, or the state does not follow.',
    restore,
  ),
  A037: code('Clearing is taken back twice', 'The reversals of an entry are more than it is.', restore),
  A038: code('Clearing file contradicts itself', 'Its figures, answers and state do not agree.', restore),
} as const satisfies CodeTable

const messageCodes = {
  A040: code('Message is missing', 'Events are about a message that is not there.', restore),
  A041: code('Message has no beginning', 'The event that planned it is missing, or there are several.', restore),
  A042: code(
    'State of a message is not explained',
    'The results that were recorded do not lead to its state.',
    restore,
  ),
  A043: code('Attempts do not agree', 'The attempts counted and the results recorded differ.', restore),
  A044: code(
    'Times of a message do not agree',
    'It is finished without a time, open with one, or in flight since never.',
    restore,
  ),
  A045: code('Content of a message is missing', 'Text or recipients of a message are not there.', restore),
  A046: code('Parts of an SMS do not add up', 'Parts or receipts are missing, or do not lead to its state.', restore),
  A048: code(
    'Message is in flight for too long',
    'It was taken for sending and has no result.',
    'Restart the daemon: what is in flight is then recorded as unknown.',
  ),
  A049: code(
    'Message is not under its own key',
    'Its id is not the one of its dedupe key: it might be sent twice.',
    report,
  ),
} as const satisfies CodeTable

const exportCodes = {
  A050: code(
    'Sequence of an export is broken',
    'A number is missing or stands twice, or a file that events tell of is missing.',
    restore,
  ),
  A051: code('Lines of an export file do not add up', 'The file counts other lines than there are for it.', restore),
  A052: code(
    'Line is in a wrong place',
    'A line is in the file of another export, in a file although it was voided, or not under its own key.',
    report,
  ),
  A053: code('Line is missing', 'What happened was to be told to the ERP and no line says so.', restore),
  A054: code('State of an export file is not explained', 'Its events do not lead to its state.', restore),
  A055: code(
    'Export file was changed',
    'The file in the folder has not the hash that was recorded.',
    'Ask who changed it; the right content is that of: orderly exports show ID.',
  ),
  A056: code('Lines do not make the file', 'The lines in the ledger give other bytes than were written.', restore),
  A057: code(
    'Export file that was never written',
    'A file named like ours is in the folder and the ledger does not know it.',
    'Find out who wrote it, e.g. an older ledger before a restore; keep the ERP from reading it.',
  ),
  A058: code(
    'Export file is not in its folder',
    'It was placed and nobody is said to take files from there.',
    'Ask who took it; the content is that of: orderly exports show ID.',
  ),
  A059: code('Line without its cause', 'The event behind a line, or behind its voiding, is missing.', restore),
  A060: code(
    'Left-over of a crash',
    'A temporary file belongs to nothing that is being written.',
    'It can be removed.',
  ),
} as const satisfies CodeTable

export const auditCodes = {
  ...ledgerCodes,
  ...fileCodes,
  ...recordCodes,
  ...moneyCodes,
  ...messageCodes,
  ...exportCodes,
} as const satisfies CodeTable
export type AuditCode = keyof typeof auditCodes
