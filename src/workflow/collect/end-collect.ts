/**
 * What the ERP of the collecting company is told after it got the order: that it has changed, or is to be taken back.
 *
 * It ends there without being handed over when it is rejected, or nobody answers or comes in time (N29, N30): goods that
 * were moved to a local store go back then, too, and what was reserved is free again. Of an order that was handed over
 * in part, only what is left. Throws NotLoaded from `known`.
 */
import { compareDecimals } from '../../core/money.ts'
import type { Collect, Order } from '../../core/order.ts'
import type { Because, Draft } from '../draft.ts'
import { orderToStoreLines } from '../export-lines.ts'
import { moveBack } from '../instruct.ts'
import { keyedLines } from '../line-keys.ts'
import { quantitiesOf } from './hand-over.ts'

export function endCollect(draft: Draft, order: Order & { readonly collect: Collect }, because: Because): void {
  const { fromCompany, toCompany } = order.collect
  const left = quantitiesOf(order)
    .filter(({ open }) => compareDecimals(open, '0') > 0)
    .map(({ key, line, open }) => ({ key, line, quantity: open }))
  if (fromCompany !== toCompany) orderToStoreLines(draft, order, because, { action: 'cancel', lines: left })
  moveBack(draft, order, left, because)
}

/** A file changed the order while it is at the store: all of its lines as they are now, and those that it lost with quantity 0. */
export function changeAtStore(draft: Draft, before: Order, order: Order, because: Because): void {
  const { collect } = order
  if (collect === undefined || collect.fromCompany === collect.toCompany) return
  if (collect.processing !== 'pending' && collect.delivery !== 'ready') return
  if (sameForStore(before) === sameForStore(order)) return
  const now = keyedLines(order.lines).map(({ line, key }) => ({ line, key, quantity: line.quantity }))
  const kept = new Set(now.map(({ key }) => key))
  const lost = keyedLines(before.lines).filter(({ key }) => !kept.has(key))
  const lines = [...now, ...lost.map(({ line, key }) => ({ line, key, quantity: '0' }))]
  orderToStoreLines(draft, order, because, { action: 'change', lines })
}

const sameForStore = ({ lines, customer, gross, prepaid, date, note }: Order): string =>
  JSON.stringify([lines, customer, gross, prepaid, date, note])
