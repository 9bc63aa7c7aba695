/**
 * Clearing for people: entries, files with their control sums, and both sides of each pair of companies.
 *
 * As CSV amounts are decimals with a point, and cells are guarded against being taken for formulas. Throws nothing.
 */
import { isoIn } from '../core/date.ts'
import type { Clearing, ClearingFile, ControlSum } from '../core/clearing.ts'
import { fromMinor, isDecimal } from '../core/money.ts'
import type { OneSided, PairRow, Reconciliation } from '../workflow/clearing/reconcile.ts'
import type { Column, Output } from './print.ts'
import { printFacts } from './print-facts.ts'

const amount = (minor: number, currency: string): string => `${fromMinor(minor, currency)} ${currency}`

export const entryColumns = (zone: string): readonly Column<Clearing>[] => [
  { head: 'order', of: ({ orderNumber }) => orderNumber },
  { head: 'company', of: ({ company }) => company },
  { head: 'with', of: ({ counterCompany }) => counterCompany },
  { head: 'type', of: ({ type, position }) => (type === 'reversal' ? `reversal of ${position}` : type) },
  { head: 'gross', of: ({ gross, currency }) => amount(gross, currency), right: true },
  { head: 'state', of: (entry) => stateText(entry) },
  { head: 'number', of: ({ postedNumber }) => postedNumber },
  { head: 'when', of: ({ createdAt }) => isoIn(createdAt, zone) },
  { head: 'reason', of: ({ refusal, reason }) => (refusal ?? reason)?.slice(0, 60) },
  { head: 'id', of: ({ id }) => id },
]

const stateText = ({ state, file }: Clearing): string =>
  state === 'open' && file !== undefined ? 'open, written again' : state

const totalsOf = ({ sums }: ClearingFile): readonly ControlSum[] => sums.filter(({ type }) => type === undefined)

export const fileColumns = (zone: string): readonly Column<ClearingFile>[] => [
  { head: 'file', of: ({ name }) => name },
  { head: 'number', of: ({ sequence }) => sequence, right: true },
  { head: 'period', of: ({ period, from, to }) => period ?? (from === to ? from : `${from} to ${to}`) },
  { head: 'entries', of: ({ entries }) => entries.length, right: true },
  {
    head: 'sums',
    of: (file) =>
      totalsOf(file)
        .map(
          ({ company, counterCompany, gross, currency }) => `${company}/${counterCompany} ${amount(gross, currency)}`,
        )
        .join(', '),
  },
  { head: 'state', of: ({ state }) => state },
  { head: 'booked', of: ({ accepted }) => accepted, right: true },
  { head: 'refused', of: ({ refused }) => refused, right: true },
  { head: 'written', of: ({ createdAt }) => isoIn(createdAt, zone) },
  { head: 'reason', of: ({ reason }) => reason?.slice(0, 60) },
  { head: 'id', of: ({ id }) => id },
]

export function printEntry(out: Output, entry: Clearing, zone: string): void {
  printFacts(out, [
    ['entry', entry.type],
    ['id', entry.id],
    ['order', entry.orderNumber],
    ['company', entry.company],
    ['with', entry.counterCompany],
    ['net', amount(entry.net, entry.currency)],
    ['VAT', amount(entry.vat, entry.currency)],
    ['gross', amount(entry.gross, entry.currency)],
    ['net due', amount(entry.netDue, entry.currency)],
    ['valued at', entry.basis],
    ['lines', entry.lines],
    ['event', entry.event],
    ['reverses', entry.reverses],
    ['reason', entry.reason],
    ['state', stateText(entry)],
    ['number', entry.postedNumber],
    ['refused', entry.refusal],
    ['file', entry.file],
    ['posted', isoIn(entry.createdAt, zone)],
  ])
}

export function printFile(out: Output, file: ClearingFile, entries: readonly Clearing[], zone: string): void {
  printFacts(out, [
    ['file', file.name],
    ['id', file.id],
    ['export', file.export],
    ['number', file.sequence],
    ['period', file.period],
    ['days', file.from === file.to ? file.from : `${file.from} to ${file.to}`],
    ['state', file.state],
    ['booked', file.accepted],
    ['refused', file.refused],
    ['number there', file.number],
    ['reason', file.reason],
    ['replaces', file.replaces],
    ['written', isoIn(file.createdAt, zone)],
    ['answer by', file.answerBy && isoIn(file.answerBy, zone)],
  ])
  out.line('')
  out.rows(file.sums, [
    { head: 'company', of: ({ company }) => company },
    { head: 'with', of: ({ counterCompany }) => counterCompany },
    { head: 'type', of: ({ type }) => type ?? 'all' },
    { head: 'entries', of: ({ count }) => count, right: true },
    { head: 'net', of: ({ net, currency }) => amount(net, currency), right: true },
    { head: 'VAT', of: ({ vat, currency }) => amount(vat, currency), right: true },
    { head: 'gross', of: ({ gross, currency }) => amount(gross, currency), right: true },
  ])
  out.line('')
  out.rows(entries, entryColumns(zone))
}

export function printReconciliation(out: Output, { rows, oneSided }: Reconciliation, csv: boolean): void {
  if (csv) return printCsv(out, rows)
  if (out.json) {
    for (const row of rows) out.value({ kind: 'pair', ...row })
    for (const { entry, mirror } of oneSided) out.value({ kind: 'oneSided', entry, mirror: mirror ?? null })
    return
  }
  out.rows(rows, pairColumns, 'no entries')
  if (oneSided.length === 0) return
  out.line('')
  out.line('Booked by one side only, or refused:')
  out.rows(oneSided, oneSidedColumns)
}

const pairColumns: readonly Column<PairRow>[] = [
  { head: 'company', of: ({ company }) => company },
  { head: 'with', of: ({ counterCompany }) => counterCompany },
  { head: 'entries', of: ({ position }) => position },
  { head: 'own books', of: ({ own, currency }) => amount(own.gross, currency), right: true },
  { head: 'its books', of: ({ other, currency }) => amount(other.gross, currency), right: true },
  { head: 'difference', of: ({ difference, currency }) => amount(difference, currency), right: true },
  { head: 'booked here', of: ({ own, currency }) => amount(own.acknowledged, currency), right: true },
  { head: 'booked there', of: ({ other, currency }) => amount(other.acknowledged, currency), right: true },
  { head: 'not booked', of: ({ own, other }) => `${unbooked(own.states)} / ${unbooked(other.states)}`, right: true },
]

const unbooked = ({ open, exported, rejected }: PairRow['own']['states']): number => open + exported + rejected

const oneSidedColumns: readonly Column<OneSided>[] = [
  { head: 'order', of: ({ entry }) => entry.orderNumber },
  { head: 'company', of: ({ entry }) => entry.company },
  { head: 'with', of: ({ entry }) => entry.counterCompany },
  { head: 'type', of: ({ entry }) => entry.type },
  { head: 'gross', of: ({ entry }) => amount(entry.gross, entry.currency), right: true },
  { head: 'state', of: ({ entry }) => stateText(entry) },
  { head: 'there', of: ({ mirror }) => (mirror === undefined ? 'missing' : stateText(mirror)) },
  { head: 'reason', of: ({ entry }) => entry.refusal?.slice(0, 60) },
  { head: 'id', of: ({ entry }) => entry.id },
]

const csvColumns: readonly (readonly [head: string, of: (row: PairRow) => string | number])[] = [
  ['company', ({ company }) => company],
  ['counterCompany', ({ counterCompany }) => counterCompany],
  ['currency', ({ currency }) => currency],
  ['entries', ({ position }) => position],
  ['own', ({ own, currency }) => fromMinor(own.gross, currency)],
  ['other', ({ other, currency }) => fromMinor(other.gross, currency)],
  ['difference', ({ difference, currency }) => fromMinor(difference, currency)],
  ['ownAcknowledged', ({ own, currency }) => fromMinor(own.acknowledged, currency)],
  ['otherAcknowledged', ({ other, currency }) => fromMinor(other.acknowledged, currency)],
  ...(['open', 'exported', 'acknowledged', 'rejected'] as const).flatMap((state) => [
    [`own.${state}`, ({ own }: PairRow) => own.states[state]] as const,
    [`other.${state}`, ({ other }: PairRow) => other.states[state]] as const,
  ]),
]

function printCsv(out: Output, rows: readonly PairRow[]): void {
  out.line(csvColumns.map(([head]) => head).join(','))
  for (const row of rows) out.line(csvColumns.map(([, of]) => cell(String(of(row)))).join(','))
}

const cell = (text: string): string => {
  const safe = /^[=+\-@]/.test(text) && !isDecimal(text) ? `'${text}` : text
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
