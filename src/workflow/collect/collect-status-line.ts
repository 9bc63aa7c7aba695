/**
 * What the company of a store tells the company that took the order, change by change (N34, export kind `collectStatus`).
 *
 * Numbered for each order without gaps, so that the other side can tell what is old or missing. It is written in the
 * words that an import of kind `collectStatus` reads. Nothing is written about orders whose state comes from there.
 */
import { isoIn } from '../../core/date.ts'
import type { CollectWord } from '../../core/collect-words.ts'
import type { Collect, LineQuantity, Order } from '../../core/order.ts'
import type { Because, Draft } from '../draft.ts'
import { writeLine } from '../write-line.ts'
import { linesText } from './hand-over.ts'

export function collectStatusLine(
  draft: Draft,
  order: Order & { readonly collect: Collect },
  status: CollectWord,
  because: Because,
  lines: readonly LineQuantity[] = [],
): void {
  const { collect } = order
  if (collect.settings.elsewhere) return
  writeLine(
    draft,
    'collectStatus',
    { channel: order.channel, company: collect.fromCompany, collectedBy: collect.toCompany },
    {
      key: `${order.id}/${collect.sequence}`,
      subject: order.id,
      fields: {
        order: order.number,
        externalNumber: order.externalNumber,
        channel: order.channel,
        sender: collect.toCompany,
        company: collect.fromCompany,
        store: collect.store,
        sequence: String(collect.sequence),
        status,
        quantities: linesText(lines),
        documentType: collect.documentType,
        documentNumber: collect.documentNumber,
        reason: collect.reason,
        by: draft.cause.actor,
        at: isoIn(draft.now, draft.setup.config.timeZone),
      },
    },
    because,
  )
}

/** The word for where an order stands at its store. */
export function wordOf({ processing, delivery }: Pick<Collect, 'processing' | 'delivery'>): CollectWord {
  if (delivery === 'delivered') return 'delivered'
  if (delivery === 'expired') return 'deliveryExpired'
  return processing
}
