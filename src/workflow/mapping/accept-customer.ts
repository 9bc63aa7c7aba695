/**
 * Takes a customer of a file, and the answer of an ERP about a customer that Orderly has made for it (N15, N18).
 *
 * The same content again changes nothing. Orders that wait for the customer are tried again. A number that was given
 * stays: another one for the same customer is refused and alarmed. Throws NotLoaded from `known`.
 */
import { customerId, digest } from '../../core/ids.ts'
import type { IncomingAcknowledgement, IncomingCustomer } from '../../core/incoming.ts'
import type { Customer } from '../../core/model.ts'
import type { Taken } from '../accept-order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import type { Draft } from '../draft.ts'
import { runRules } from '../run-rules.ts'
import { awaitedCustomer } from './choose-customer.ts'
import { numberCustomer } from './keep-customer.ts'
import { creditName } from '../collect/check-credit.ts'
import { releaseWaiting } from '../collect/wait-to-start.ts'

export function acceptCustomer(draft: Draft, incoming: IncomingCustomer): Taken {
  const { madeAs, ...content } = incoming
  const { taken, event } = takeCustomer(draft, content)
  const made = madeAs === undefined ? undefined : draft.get('customer', madeAs)
  const isNews = made?.made === 'new' && made.company === incoming.company
  if (isNews) numberCustomer(draft, made, incoming.number, event)
  return isNews && taken === 'repeated' ? 'updated' : taken
}

function takeCustomer(
  draft: Draft,
  incoming: Omit<IncomingCustomer, 'madeAs'>,
): { readonly taken: Taken; readonly event?: number } {
  const id = customerId(incoming.company, incoming.number)
  const known = draft.get('customer', id)
  const contentHash = digest(JSON.stringify(incoming))
  if (known?.contentHash === contentHash) return { taken: 'repeated' }
  const customer = draft.put<Customer>({
    ...incoming,
    id,
    contentHash,
    version: known?.version ?? 0,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: known?.createdAt ?? draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: known ? 'customer.updated' : 'customer.created',
    subject: id,
    text: incoming.number.slice(0, 250),
  })
  if (holdsOrders(draft)) {
    const names = [creditName(id), ...awaitedCustomer(customer), ...(known ? awaitedCustomer(known) : [])]
    releaseWaiting(draft, [...new Set(names)], `customer/${id}`, event)
    runRules(draft)
  }
  return { taken: known ? 'updated' : 'applied', event }
}

/** Files of customers are long: whether an order waits for one is asked only where a workflow lets orders wait. */
const holdsOrders = ({ setup }: Draft): boolean =>
  Object.values(setup.config.workflows).some(
    (each) => each.kind === 'collect' && (each.onUnmapped === 'hold' || each.creditCheck !== undefined),
  )

/** The number that the ERP has given, or why it gave none. `document` is the id as exported. */
export function acknowledgeCustomer(draft: Draft, answer: IncomingAcknowledgement): Taken | 'unknown' {
  const made = answer.document.startsWith('cus_') ? draft.get('customer', answer.document) : undefined
  if (made === undefined) return 'unknown'
  // An update is only taken note of; a number belongs to what is new.
  if (made.made === undefined) return answer.accepted ? 'repeated' : refused(draft, made, answer)
  if (!answer.accepted) return made.made === 'new' ? refused(draft, made, answer) : 'repeated'
  if (answer.number === undefined) return odd(draft, made, 'it names no number')
  if (made.became === customerId(made.company, answer.number)) return 'repeated'
  if (made.made === 'numbered') return odd(draft, made, `it has another number, and now ${answer.number}`)
  numberCustomer(draft, made, answer.number)
  return 'applied'
}

function refused(draft: Draft, customer: Customer, { reason }: IncomingAcknowledgement): Taken {
  if (customer.made === 'new') draft.put<Customer>({ ...customer, made: 'refused', updatedAt: draft.now })
  const text = `refused by the ERP of ${customer.company}: ${reason ?? 'no reason given'}`.slice(0, 250)
  const event = draft.happened({ name: 'customer.updated', subject: customer.id, text })
  tell(draft, customer, 'The ERP refused a customer', `${customer.name ?? customer.number}: ${text}`, event)
  return 'applied'
}

function odd(draft: Draft, customer: Customer, what: string): Taken {
  tell(draft, customer, 'An answer about a customer makes no sense', `${customer.name ?? customer.number}: ${what}`)
  return 'refused'
}

function tell(draft: Draft, customer: Customer, title: string, what: string, because?: number): void {
  raiseAlarm(
    draft,
    {
      key: `customer-answer/${draft.source?.fileId ?? customer.id}`,
      subject: customer.id,
      title,
      what: what.slice(0, 250),
      ...(draft.source?.file !== undefined && { where: draft.source.file }),
      next: 'Make the customer in that ERP by hand, and set its number with: orderly mappings set',
    },
    because,
  )
}
