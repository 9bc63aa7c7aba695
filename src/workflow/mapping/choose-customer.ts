/**
 * Which customer of the collecting company an order is for (N15, N16, N18).
 *
 * The mapping table goes before the rule of the workflow; what a rule that compares contact data finds is remembered
 * there, so that the customer keeps the number when the data changes. A row that a file or a person has set or taken
 * away is never touched. Customers are made and brought up to date in keep-customer.ts. Throws NotLoaded from `known`.
 */
import type { CollectWorkflow } from '../../config/schema.ts'
import { customerId, mappingId } from '../../core/ids.ts'
import type { Customer } from '../../core/model.ts'
import type { Mapping } from '../../core/mapping.ts'
import type { Order } from '../../core/order.ts'
import type { Because, Draft } from '../draft.ts'
import { findMapping, mappingIds } from './find-mapping.ts'
import { type CustomerMapping, contactNames, mapCustomer, type MappedBy } from './map-customer.ts'

export type ChosenCustomer =
  | { readonly kind: 'mapped'; readonly number: string; readonly by: MappedBy | 'map' }
  /** One that was made before and has no number yet. */
  | { readonly kind: 'made'; readonly customer: Customer }
  | { readonly kind: 'new' }
  /** `awaits`: names of what would decide it. */
  | { readonly kind: 'failed'; readonly reason: string; readonly awaits: readonly string[] }

export function chooseCustomer(draft: Draft, order: Order, workflow: CollectWorkflow, company: string): ChosenCustomer {
  const { number } = order.customer
  const keys = number === undefined || number === '' ? [] : [number]
  const remembered = findMapping(draft, 'customer', company, order, keys)
  if (remembered !== undefined) return { kind: 'mapped', number: remembered.target, by: 'map' }
  const { country } = draft.setup.config
  const { customerMapping: rule, fixedCustomer } = workflow
  const mapped = mapCustomer(order, rule, fixedCustomer, company, draft, country)
  switch (mapped.kind) {
    case 'mapped':
      return numbered(draft, company, mapped)
    case 'failed':
      return {
        ...mapped,
        awaits: [...mappingIds('customer', company, order, keys), ...ruleAwaits(draft, order, workflow, company)],
      }
    case 'new':
      return mapped
  }
}

/** A customer that Orderly made has only a stand-in for a number. */
function numbered(draft: Draft, company: string, mapped: Extract<CustomerMapping, { kind: 'mapped' }>): ChosenCustomer {
  const customer = draft.get('customer', customerId(company, mapped.number))
  return customer?.made === 'new' ? { kind: 'made', customer } : mapped
}

/** Names of the customers that the rule would have taken: of a number, or of contact data. */
function ruleAwaits(draft: Draft, order: Order, workflow: CollectWorkflow, company: string): readonly string[] {
  const number = workflow.customerMapping === 'fixed' ? workflow.fixedCustomer : order.customer.number
  const isByNumber = workflow.customerMapping === 'fixed' || workflow.customerMapping === 'source'
  if (isByNumber) return number === undefined || number === '' ? [] : [customerId(company, number)]
  return contactNames(company, order.customer, draft.setup.config.country)
}

/** Orders that wait for a customer wait under these names. */
export const awaitedCustomer = (customer: Customer): readonly string[] => [
  customer.id,
  ...contactNames(customer.company, customer, undefined),
]

const remembers: ReadonlySet<string> = new Set(['email', 'phone', 'emailAndPhone'])

/** Remembers what a rule has found, for the customer numbers of the company that took the order. */
export function learnCustomer(
  draft: Draft,
  order: Order,
  company: string,
  chosen: Extract<ChosenCustomer, { kind: 'mapped' }>,
  because: Because,
): void {
  const { number } = order.customer
  if (number === undefined || number === '' || !remembers.has(chosen.by)) return
  rememberCustomer(
    draft,
    { from: order.company, key: number },
    company,
    chosen.number,
    { by: 'rule', how: chosen.by },
    because,
  )
}

/** Puts the row unless there is one already. */
export function rememberCustomer(
  draft: Draft,
  { from, key }: { readonly from: string; readonly key: string },
  company: string,
  target: string,
  { by, how }: { readonly by: Mapping['by']; readonly how: string },
  because: Because,
): void {
  const id = mappingId('customer', company, from, key)
  if (draft.get('mapping', id) !== undefined) return
  draft.put<Mapping>({
    kind: 'mapping',
    id,
    version: 0,
    about: 'customer',
    company,
    from,
    key,
    target,
    by,
    state: 'active',
    actor: draft.cause.actor,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  draft.happened({
    name: 'mapping.learned',
    subject: id,
    after: { target },
    text: `customer ${key} of ${from} is ${target} of ${company}, by ${how}`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
}
