/**
 * What an entry (`Ntry`) of a camt file says of itself when it stands for several payments.
 *
 * Its details may be in the same file, in another one, or come later; by these fields the two are known to be the
 * same money. Throws nothing.
 */
import type { RawFields } from '../core/incoming.ts'
import { all, first, textAt } from './xml-tree.ts'
import type { XmlElement } from './xml-tree.ts'

/** Number of payments by all the batches of the entry. */
export function statedCount(element: XmlElement): number | undefined {
  const stated = all(element, 'NtryDtls', 'Btch', 'NbOfTxs').map((each) => Number(each.text.trim()))
  return stated.length === 0 ? undefined : stated.reduce((a, b) => a + b, 0)
}

/** What the entry says of itself as a whole. */
export function entryFields(element: XmlElement, reference: string | undefined, total: string | undefined): RawFields {
  const batch = first(element, 'NtryDtls', 'Btch')
  const count = statedCount(element)
  return {
    reference,
    batch: textAt(batch, 'PmtInfId') ?? textAt(batch, 'MsgId'),
    count: count === undefined ? undefined : String(count),
    total,
  }
}

/** An entry that stands for several payments and shows none of them. */
export function sumFields(whole: RawFields, detail: XmlElement | undefined, key: string): RawFields {
  const stated = Number(whole['count'] ?? 0)
  const isSum = stated > 1 || (detail === undefined && stated !== 1 && whole['batch'] !== undefined)
  return isSum ? { entry: { ...whole, part: 'sum', key } } : {}
}
