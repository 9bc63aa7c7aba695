/**
 * Customers of the collecting company as orders bring them: made, brought up to date, and numbered by its ERP (N18).
 *
 * One that is made has a stand-in for a number until its company's ERP has answered the line of the `customers` export;
 * then it becomes the customer of that number, orders that are at a store get the number, and the mapping table learns
 * it. Nothing is made where the workflow does not say so. Throws NotLoaded from `known`.
 */
import type { CollectWorkflow } from '../../config/schema.ts'
import { customerId, digest } from '../../core/ids.ts'
import type { Customer } from '../../core/model.ts'
import type { Order, Party } from '../../core/order.ts'
import type { Because, Draft } from '../draft.ts'
import { customerLine } from './customer-line.ts'
import { rememberCustomer } from './choose-customer.ts'

type Update = CollectWorkflow['customerUpdate']

/** Makes the customer of an order that nobody fits; undefined where the workflow makes none. */
export function makeCustomer(
  draft: Draft,
  order: Order,
  company: string,
  { customerUpdate, customerMapping }: Pick<CollectWorkflow, 'customerUpdate' | 'customerMapping'>,
  because: Because,
): Customer | undefined {
  if (customerUpdate === 'never') return undefined
  const number = standInFor(order, customerMapping === 'none')
  const id = customerId(company, number)
  const known = draft.get('customer', id)
  if (known?.made === 'new') return known
  if (known !== undefined) return undefined
  const source = draft.source ?? { import: draft.cause.actor }
  const customer = draft.put<Customer>({
    kind: 'customer',
    id,
    version: 0,
    company,
    number,
    ...detailsOf(order.customer),
    made: 'new',
    ...(order.customer.number && { knownAs: { from: order.company, key: order.customer.number } }),
    contentHash: digest(JSON.stringify(order.customer)),
    source,
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'customer.created',
    subject: id,
    text: `new at ${company}, from order ${order.number}: its ERP is asked for a number`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  customerLine(draft, customer, order, 'new', { ...because, event })
  return customer
}

/** The same for every order of the customer; with `customerMapping: none` each order has a customer of its own. */
function standInFor({ id, company, customer }: Order, isOfItsOwn: boolean): string {
  const name = customer.number ?? customer.email?.trim().toLowerCase() ?? customer.phone
  const key = isOfItsOwn || name === undefined ? id : `${company}/${name}`
  return `new-${digest('new-customer', key).slice(0, 12)}`
}

/** Brings a customer that was found up to date with what the order says, where the workflow wants it. */
export function refreshCustomer(
  draft: Draft,
  order: Order,
  company: string,
  number: string,
  update: Update,
  because: Because,
): void {
  const known = update === 'always' ? draft.get('customer', customerId(company, number)) : undefined
  if (known === undefined) return
  const details = detailsOf(order.customer)
  const names = Object.keys(details) as (keyof typeof details)[]
  const changed = names.filter((name) => JSON.stringify(known[name]) !== JSON.stringify(details[name]))
  if (changed.length === 0) return
  const customer = draft.put<Customer>({ ...known, ...details, updatedAt: draft.now })
  const event = draft.happened({
    name: 'customer.updated',
    subject: known.id,
    before: Object.fromEntries(changed.map((name) => [name, known[name] ?? null])),
    after: Object.fromEntries(changed.map((name) => [name, details[name]])),
    text: `from order ${order.number}`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  customerLine(draft, customer, order, 'update', { ...because, event })
}

/** What the order says of its customer; what it does not say takes nothing away. */
function detailsOf({ name, email, phone, language, vatId, companyId, address }: Party) {
  const shown = name ?? address?.name
  return {
    ...(shown !== undefined && { name: shown }),
    ...(email !== undefined && email !== '' && { email }),
    ...(phone !== undefined && phone !== '' && { phone }),
    ...(language !== undefined && { language }),
    ...(vatId !== undefined && { vatId }),
    ...(companyId !== undefined && { companyId }),
    ...(address !== undefined && { address }),
  }
}

/** The ERP has given a made customer its number. The customer of that number is made unless a file has brought it. */
export function numberCustomer(draft: Draft, made: Customer, number: string, because?: number): void {
  const id = customerId(made.company, number)
  const { made: _, knownAs, ...rest } = made
  const event = draft.happened({
    name: 'customer.updated',
    subject: made.id,
    before: { number: made.number },
    after: { number, became: id },
    text: `has number ${number} at ${made.company}`.slice(0, 250),
    ...(because !== undefined && { because }),
  })
  draft.put<Customer>({ ...made, made: 'numbered', became: id, updatedAt: draft.now })
  if (draft.get('customer', id) === undefined) {
    draft.put<Customer>({ ...rest, id, version: 0, number, createdAt: draft.now, updatedAt: draft.now })
    draft.happened({ name: 'customer.created', subject: id, text: number.slice(0, 250), because: event })
  }
  if (knownAs !== undefined) {
    rememberCustomer(draft, knownAs, made.company, number, { by: 'answer', how: 'the answer of the ERP' }, { event })
  }
  for (const order of draft.find('order', 'awaits', made.id)) numberOrder(draft, order, number, event)
}

function numberOrder(draft: Draft, order: Order, number: string, because: number): void {
  const { collect } = order
  if (collect === undefined) return
  draft.put({ ...order, collect: { ...collect, customerNumber: number }, updatedAt: draft.now })
  draft.happened({
    name: 'order.updated',
    subject: order.id,
    after: { customerNumber: number },
    text: `its customer has number ${number} at ${collect.toCompany}`.slice(0, 250),
    because,
  })
}
