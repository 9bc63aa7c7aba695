/**
 * A document counts no more: it was asked for anew, or taken back.
 *
 * Records it with its reason. What the ERP is told of it is the caller's. Throws nothing.
 */
import type { Invoice } from '../../core/model.ts'
import type { Because, Draft } from '../draft.ts'

export function cancelInvoice(
  draft: Draft,
  invoice: Invoice,
  text: string,
  because: Because,
): { readonly cancelled: Invoice; readonly event: number } {
  const cancelled = draft.put({ ...invoice, state: 'cancelled' as const, updatedAt: draft.now })
  const event = draft.happened({
    name: 'invoice.cancelled',
    subject: invoice.id,
    before: { state: invoice.state },
    after: { state: 'cancelled' },
    text,
    because: because.event,
  })
  return { cancelled, event }
}
