/**
 * Instructions that the ERP was given and has not answered: documents, dispatch, orders for a store (N42).
 *
 * Counted from when the file was written, so that one that waits for its hour is not late. One alarm for each export and
 * oldest instruction: what goes on is told again when another one is the oldest. Clearing files are followed elsewhere.
 */
import type { Export } from '../config/schema.ts'
import { durationOf, type Instant } from '../core/date.ts'
import type { Entity } from '../core/model.ts'
import type { ExportFile, Ledger, RecordFilter } from '../ledger/ledger.ts'
import type { Alarm } from '../workflow/messages/alarm.ts'
import type { Setup } from '../workflow/setup.ts'

/** Most instructions that are looked at for one export; more are as bad. */
const mostLookedAt = 100

type Answered = Extract<Export['kind'], 'invoice' | 'dispatch' | 'orderToStore'>
const asked: { readonly [K in Answered]: { readonly what: string; readonly filter: Omit<RecordFilter, 'limit'> } } = {
  invoice: { what: 'invoice instructions', filter: { kind: 'invoice', where: { state: 'requested' } } },
  dispatch: { what: 'dispatch instructions', filter: { kind: 'dispatch', where: { state: 'created' } } },
  orderToStore: {
    what: 'orders for a store',
    filter: { kind: 'order', named: [{ names: ['atStore'], values: ['pending'] }] },
  },
}

const isAnswered = (kind: Export['kind']): kind is Answered => Object.hasOwn(asked, kind)

export async function unanswered(ledger: Ledger, { config }: Setup, now: Instant): Promise<readonly Alarm[]> {
  const alarms: Alarm[] = []
  for (const [name, { kind, expectAnswer }] of Object.entries(config.exports)) {
    if (expectAnswer === undefined || !isAnswered(kind)) continue
    const until = now - durationOf(expectAnswer)
    const late = await lateOnes(ledger, name, asked[kind].filter, until)
    const [oldest] = late
    if (oldest === undefined) continue
    const count = late.length === mostLookedAt ? `${mostLookedAt} or more` : String(late.length)
    alarms.push({
      key: `unanswered/${name}/${oldest.record.id}`,
      subject: oldest.record.id,
      title: 'An instruction was not answered',
      what: `export ${name}: ${count} ${asked[kind].what} without an answer for ${expectAnswer}, the first of order ${numberOf(oldest.record)} in ${oldest.file.name}`.slice(
        0,
        250,
      ),
      next: 'Look in the ERP whether it took the file; orderly exports repeat writes it again.',
    })
  }
  return alarms
}

interface Late {
  readonly record: Entity
  readonly file: ExportFile
}

async function lateOnes(
  ledger: Ledger,
  name: string,
  filter: Omit<RecordFilter, 'limit'>,
  until: Instant,
): Promise<readonly Late[]> {
  const records = await ledger.records({ ...filter, until, limit: mostLookedAt })
  const waiting = records.filter((record) => record.kind !== 'order' || record.collect?.heard === undefined)
  if (waiting.length === 0) return []
  const files = new Map((await ledger.exportFiles(name, 100_000)).map((file) => [file.id, file]))
  const late: Late[] = []
  for (const record of waiting) {
    const { exportLines } = await ledger.aboutSubject(record.id)
    const line = exportLines.find((each) => each.export === name && each.file !== undefined)
    const file = line?.file === undefined ? undefined : files.get(line.file)
    if (file?.state === 'written' && file.finishedAt !== undefined && file.finishedAt <= until)
      late.push({ record, file })
  }
  return late
}

const numberOf = (record: Entity): string =>
  record.kind === 'order' ? record.number : 'orderNumber' in record ? record.orderNumber : record.id
