/**
 * Which collect workflow an order at a store is under, and what the store has told otherwise about it (N05).
 *
 * A store that names no workflow leaves it to the workflows; one that names some has the first of its list that fits
 * the order. What it says of notices goes before what the workflow says. Pure.
 */
import type { CollectWorkflow } from '../../config/schema.ts'
import type { CollectSettings, Order, SideTemplates } from '../../core/order.ts'
import { evaluate } from '../conditions.ts'
import type { Draft } from '../draft.ts'
import type { StoreLike } from './store-of.ts'

type Relation = NonNullable<StoreLike['workflows']>[number]
type OwnNotices = Relation['store']

/** The relation under which the workflow may have the order; undefined when it may not. */
export function relationFor(draft: Draft, order: Order, store: StoreLike, code: string): Relation | undefined {
  const { workflows, workflow } = store
  if (workflow !== undefined && workflow !== code) return undefined
  if (workflows === undefined) return { use: code }
  if (workflow !== undefined) return workflows.find(({ use }) => use === code) ?? { use: code }
  const at = workflows.findIndex(({ use }) => use === code)
  const isLater = workflows.slice(0, Math.max(at, 0)).some(({ use }) => fits(draft, order, use))
  return isLater ? undefined : workflows[at]
}

function fits(draft: Draft, order: Order, code: string): boolean {
  const rules = draft.setup.rules.get('collectable') ?? []
  return rules.some((rule) => rule.workflow === code && evaluate(rule, order).holds)
}

/** The templates of the workflow with those of the store in their place. */
export function noticesFor(
  { store, customer, print: slips }: Pick<CollectWorkflow, 'store' | 'customer' | 'print'>,
  relation: Relation,
): Pick<CollectSettings, 'store' | 'customer' | 'print'> {
  const print = templates(slips, relation.print)
  const own = { store: merged(store, relation.store), customer: merged(customer, relation.customer) }
  return {
    ...(own.store && { store: own.store }),
    ...(own.customer && { customer: own.customer }),
    ...(print && { print }),
  }
}

function merged(side: SideTemplates | undefined, own: OwnNotices): SideTemplates | undefined {
  if (own === undefined) return side
  const mail = templates(side?.mail, own.mail)
  const sms = templates(side?.sms, own.sms)
  return { ...(mail && { mail }), ...(sms && { sms }), ...(side?.review && { review: side.review }) }
}

type Templates = SideTemplates['mail']

const templates = (theirs: Templates, own: Templates | false): Templates =>
  own === false || own === undefined ? (own ?? theirs) || undefined : { ...theirs, ...own }
