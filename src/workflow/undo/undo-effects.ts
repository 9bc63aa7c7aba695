/**
 * Takes back what a stretch of an order's history told the ERP: stock, clearing, documents, dispatch (F37).
 *
 * A line that is in no file yet is voided; for one that is, a counter-line is written. The counter-record is made in
 * either case, so that the books balance; where the line never left, its counter-line is voided, too. Which records are
 * concerned is decided in roll-back.ts. Pure; throws NotLoaded from `known`.
 */
import type { Clearing } from '../../core/clearing.ts'
import type { Dispatch, Invoice, Movement } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import { dispatchLine, invoiceLine, stockLine } from '../export-lines.ts'
import { clearingLine } from '../clearing/line.ts'
import { voidRefused } from '../collect/settle.ts'
import type { Because, Draft } from '../draft.ts'
import { documentId } from '../documents/instruct-invoice.ts'
import { takenBack } from '../instruct.ts'
import { movementChangedLevel } from '../stock/change-level.ts'
import type { WrittenLine } from './order-records.ts'
import { cancelInvoice } from '../documents/cancel-invoice.ts'

export const voidReason = 'rolled back before it was written'
const neverLeft = 'the line that it takes back never left'

/** Voids the lines that still wait; those that the counter-lines about `subject` answer to none of are voided at once. */
function settleLines(
  draft: Draft,
  lines: readonly WrittenLine[],
  subject: string,
  before: ReadonlySet<string>,
  event: number,
): void {
  for (const { id, file, voided } of lines) {
    if (file === undefined && voided === undefined) draft.voidLine({ id, reason: voidReason, because: event })
  }
  const left = new Set(lines.filter(({ file }) => file !== undefined).map((line) => line.export))
  for (const { id, export: name } of draft.linesAbout(subject)) {
    if (!before.has(id) && !left.has(name)) draft.voidLine({ id, reason: neverLeft, because: event })
  }
}

const idsAbout = (draft: Draft, subject: string): ReadonlySet<string> =>
  new Set(draft.linesAbout(subject).map(({ id }) => id))

const opposite = {
  issue: 'return',
  return: 'issue',
  reserve: 'release',
  release: 'reserve',
  transfer: 'transfer',
} as const

export function undoMovement(
  draft: Draft,
  order: Order,
  movement: Movement,
  lines: readonly WrittenLine[],
  because: Because,
): void {
  const { kind, line: number, sku, quantity } = movement
  const back: Movement = draft.put({
    kind,
    order: order.id,
    orderNumber: order.number,
    line: number,
    sku,
    quantity,
    id: takenBack(movement.id),
    version: 0,
    move: opposite[movement.move],
    ...(movement.to !== undefined && { from: movement.to }),
    ...(movement.from !== undefined && { to: movement.from }),
    reverses: movement.id,
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'stock.moved',
    subject: back.id,
    text: `${back.move} ${back.quantity} × ${back.sku} for order ${order.number}: takes ${movement.id} back`.slice(
      0,
      250,
    ),
    because: because.event,
  })
  const line = order.lines.find((each) => each.number === number) ?? { number, sku, quantity }
  stockLine(draft, order, line, back, { event })
  movementChangedLevel(draft, order, line, back, false, { event })
  settleLines(draft, lines, back.id, new Set(), event)
}

/** `entry` counters `counted`, whose lines are given: its reversal, or the same again after a reversal. */
export function counterClearing(
  draft: Draft,
  order: Order,
  entry: Clearing,
  { record: counted, lines }: { readonly record: Clearing | undefined; readonly lines: readonly WrittenLine[] },
  because: Because,
): void {
  const neverLeft = lines.length > 0 && lines.every(({ file }) => file === undefined)
  const isRefused = counted?.state === 'rejected' && counted.gross === -entry.gross
  const isVoid = neverLeft || isRefused
  draft.put(isVoid ? { ...entry, state: 'void' as const } : entry)
  if (isVoid && counted) draft.put({ ...counted, state: 'void' as const, updatedAt: draft.now })
  clearingLine(draft, order, entry, because)
  settleLines(draft, lines, entry.id, new Set(), because.event)
  if (isRefused && !neverLeft) voidRefused(draft, entry, counted, because.event)
}

/** What was asked for is cancelled; an invoice that the ERP has issued is credited as a whole. */
export function undoInvoice(
  draft: Draft,
  order: Order,
  invoice: Invoice,
  lines: readonly WrittenLine[],
  because: Because,
): void {
  const { cancelled, event } = cancelInvoice(draft, invoice, 'rolled back', because)
  if (invoice.state === 'issued' && invoice.type === 'invoice') {
    creditInvoice(draft, order, invoice, { event })
    return settleLines(draft, lines, invoice.id, new Set(), event)
  }
  const before = idsAbout(draft, invoice.id)
  invoiceLine(draft, order, cancelled, { action: 'cancel' }, { event })
  settleLines(draft, lines, invoice.id, before, event)
}

function creditInvoice(draft: Draft, order: Order, invoice: Invoice, because: Because): void {
  const notes = draft.find('invoice', 'order', order.id).filter(({ type }) => type === 'creditNote')
  const note: Invoice = draft.put({
    kind: 'invoice',
    id: documentId(order, 'creditNote', notes.length),
    version: 0,
    type: 'creditNote',
    order: order.id,
    orderNumber: order.number,
    state: 'requested',
    amount: invoice.amount,
    currency: invoice.currency,
    refersTo: invoice.id,
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'invoice.requested',
    subject: note.id,
    text: `credit note for ${invoice.number ?? invoice.id}, rolled back`.slice(0, 250),
    because: because.event,
  })
  invoiceLine(draft, order, note, { action: 'issue', refersTo: invoice }, { event })
}

export function undoDispatch(
  draft: Draft,
  order: Order,
  dispatch: Dispatch,
  lines: readonly WrittenLine[],
  because: Because,
): void {
  const cancelled = draft.put({ ...dispatch, state: 'cancelled' as const, updatedAt: draft.now })
  const event = draft.happened({
    name: 'dispatch.cancelled',
    subject: dispatch.id,
    before: { state: dispatch.state },
    after: { state: 'cancelled' },
    text: 'rolled back',
    because: because.event,
  })
  dispatchLine(draft, order, cancelled, { event }, 'cancel')
  settleLines(draft, lines, dispatch.id, new Set(), event)
}
