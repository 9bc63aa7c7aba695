/**
 * Looks up the remembered mapping of a customer or an item (N16).
 *
 * Rows of the sending store go before those of the company that took the order, and those before rows for all (`*`); of
 * several keys the first goes before the others. Rows that were taken away do not count. Throws NotLoaded from `known`.
 */
import { type MappingId, mappingId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import type { Mapping } from '../../core/mapping.ts'
import type { Order } from '../../core/order.ts'
import { askTogether } from '../ask-together.ts'

type Sender = Pick<Order, 'company' | 'fromStore'>

export function findMapping(
  known: Known,
  about: Mapping['about'],
  company: string,
  sender: Sender,
  keys: readonly string[],
): Mapping | undefined {
  const ids = mappingIds(about, company, sender, keys)
  return askTogether(ids.map((id) => () => known.get('mapping', id))).find((mapping) => mapping?.state === 'active')
}

/** The rows that could say it, best first: what an order waits for that none of them fits. */
export const mappingIds = (
  about: Mapping['about'],
  company: string,
  sender: Sender,
  keys: readonly string[],
): readonly MappingId[] => keys.flatMap((key) => sendersOf(sender).map((from) => mappingId(about, company, from, key)))

const sendersOf = ({ company, fromStore }: Sender): readonly string[] => [
  ...(fromStore === undefined ? [] : [fromStore]),
  company,
  '*',
]
