/**
 * What an order for a store must know of the collecting company before it goes there: its customer and its items.
 *
 * Either all is found, and customers and mappings are kept as the workflow says (N15–N18), or the order waits, with the
 * reason and the names of what would decide it. A store of the same company shares customers and items: there only the
 * rule of customers is asked. Throws NotLoaded from `known`.
 */
import type { CollectWorkflow } from '../../config/schema.ts'
import type { Collect, Order } from '../../core/order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import { askTogether } from '../ask-together.ts'
import type { Because, Draft } from '../draft.ts'
import { type ChosenCustomer, chooseCustomer, learnCustomer } from './choose-customer.ts'
import { findItems, type FoundItems } from './find-items.ts'
import { makeCustomer, refreshCustomer } from './keep-customer.ts'

export type MappedForStore =
  | ({ readonly kind: 'ready' } & Pick<Collect, 'customerNumber' | 'newCustomer' | 'items'>)
  | { readonly kind: 'waits'; readonly reason: string; readonly awaits: readonly string[] }

export function mapForStore(
  draft: Draft,
  order: Order,
  workflow: CollectWorkflow,
  company: string,
  because: Because,
): MappedForStore {
  const isForOther = company !== order.company
  const { itemMapping } = workflow
  const [chosen, items] = askBoth(
    () => chooseCustomer(draft, order, workflow, company),
    () => (isForOther && itemMapping ? findItems(order, itemMapping, company, draft) : undefined),
  )
  const lacks = [
    ...(chosen.kind === 'failed' && workflow.onUnmapped === 'hold' ? [chosen] : []),
    ...(items !== undefined && items.missing.length > 0 ? [lackOf(items, company)] : []),
  ]
  if (lacks.length > 0) {
    const reason = lacks.map((lack) => lack.reason).join('; ')
    return { kind: 'waits', reason: reason.slice(0, 200), awaits: lacks.flatMap(({ awaits }) => awaits) }
  }
  const customer = keep(draft, order, workflow, company, chosen, isForOther, because)
  return { kind: 'ready', ...customer, ...(items && { items: items.items }) }
}

/** One load of the ledger for both. */
function askBoth<A, B>(first: () => A, second: () => B): readonly [A, B] {
  askTogether<unknown>([first, second])
  return [first(), second()]
}

const lackOf = ({ missing, awaits }: FoundItems, company: string) => ({
  reason: `not mapped for ${company}: ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`,
  awaits,
})

function keep(
  draft: Draft,
  order: Order,
  workflow: CollectWorkflow,
  company: string,
  chosen: ChosenCustomer,
  isForOther: boolean,
  because: Because,
): Pick<Collect, 'customerNumber' | 'newCustomer'> {
  switch (chosen.kind) {
    case 'mapped':
      if (isForOther) {
        learnCustomer(draft, order, company, chosen, because)
        refreshCustomer(draft, order, company, chosen.number, workflow.customerUpdate, because)
      }
      return { customerNumber: chosen.number }
    case 'made':
      return { newCustomer: chosen.customer.id }
    case 'new': {
      const made = isForOther ? makeCustomer(draft, order, company, workflow, because) : undefined
      return made === undefined ? {} : { newCustomer: made.id }
    }
    case 'failed':
      tellFailure(draft, order, workflow, company, chosen.reason, because)
      return {}
  }
}

function tellFailure(
  draft: Draft,
  order: Order,
  { customerMapping }: CollectWorkflow,
  company: string,
  reason: string,
  because: Because,
): void {
  raiseAlarm(
    draft,
    {
      key: `map-customer/${draft.source?.fileId ?? order.id}`,
      subject: order.id,
      title: 'A customer could not be mapped',
      what: `order ${order.number}: ${reason}`.slice(0, 250),
      where: `company ${company}, customerMapping: ${customerMapping}`,
      next: 'Mend the customer records, or set a mapping with: orderly mappings set. The store must choose the customer by hand for this order.',
    },
    because.event,
  )
}
