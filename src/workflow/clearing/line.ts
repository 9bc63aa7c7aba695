/**
 * Export lines of clearing entries: for each company's ERP, and once more after a refusal.
 *
 * Amounts are those of the entry, accounts those of the day. A corrected copy goes to the export of the refused file
 * only, in a file of its own. Pure; throws NotLoaded from `known`.
 */
import type { ExportFields } from '../../core/batch.ts'
import { dateIn, type LocalDate } from '../../core/date.ts'
import { copyPart } from '../../core/file-part.ts'
import { type ExportLineId, exportLineId } from '../../core/ids.ts'
import type { Clearing, ClearingFile } from '../../core/clearing.ts'
import { fromMinor, type Minor } from '../../core/money.ts'
import type { Order } from '../../core/order.ts'
import type { Because, Draft } from '../draft.ts'
import { writeLine } from '../write-line.ts'
import { effectiveBillVia } from './entries.ts'
import { accountOf } from './terms.ts'
import { storeOf } from '../collect/store-of.ts'

export function clearingLine(draft: Draft, order: Order, entry: Clearing, because: Because): void {
  const date = dateIn(draft.now, draft.setup.config.timeZone)
  writeLine(
    draft,
    'clearing',
    { channel: order.channel, company: entry.company },
    { key: entry.id, subject: entry.id, fields: fieldsOf(draft, order, entry, date), date },
    because,
  )
}

/** Writes a refused entry again; `entry` counts this copy already. */
export function copyLine(draft: Draft, order: Order, entry: Clearing, refused: ClearingFile, because: Because): void {
  const date = dateIn(entry.createdAt, draft.setup.config.timeZone)
  draft.exportLine({
    id: copyId(entry, refused),
    export: refused.export,
    dedupeKey: copyKey(entry),
    subject: entry.id,
    fields: { ...fieldsOf(draft, order, entry, date), replaces: refused.name },
    part: copyPart(refused.period ?? '', refused.id),
    because: because.event,
  })
}

const copyKey = ({ id, copies = 0 }: Clearing): string => `${id}/copy/${copies}`

/** The line of the entry's last copy. */
export const copyId = (entry: Clearing, refused: Pick<ClearingFile, 'export'>): ExportLineId =>
  exportLineId(refused.export, copyKey(entry))

function fieldsOf(draft: Draft, order: Order, entry: Clearing, date: LocalDate): ExportFields {
  const { config } = draft.setup
  const { collect } = order
  const amount = (minor: Minor): string => fromMinor(minor, entry.currency)
  const store = storeOf(draft, collect?.store ?? order.store)
  // Money that came since the start may have changed how it is billed (N40).
  const billed = collect && effectiveBillVia(order, collect.settings.billVia)
  const prepaid =
    entry.position === 'prepaymentTransfer' ? (order.prepaymentAccount ?? store?.prepaymentAccount) : undefined
  return {
    id: entry.id,
    order: order.number,
    externalNumber: order.externalNumber,
    channel: order.channel,
    type: entry.type,
    company: entry.company,
    counterCompany: entry.counterCompany,
    store: collect?.store,
    net: amount(entry.net),
    vat: amount(entry.vat),
    gross: amount(entry.gross),
    currency: entry.currency,
    netDue: amount(entry.netDue),
    position: entry.position,
    basis: entry.position === 'goods' ? (entry.basis ?? 'sales') : undefined,
    event: entry.event,
    lines: entry.lines,
    reason: entry.reason,
    billTo: store?.billTo,
    customer: collect?.customerNumber,
    billVia: billed?.billVia,
    billViaReason: billed?.reason ?? collect?.settings.billViaReason,
    account: accountOf(config, entry, collect?.toCompany ?? '') ?? prepaid,
    documentType: collect?.documentType,
    documentNumber: collect?.documentNumber,
    date,
    reverses: entry.reverses,
  }
}
