/**
 * The rules that have done nothing for an order, each with the reason: what did not happen, and why not.
 *
 * They are evaluated again on the order as it is now: a condition that fails is shown with the value seen; a
 * rule that holds waits for its trigger. Pure; throws nothing.
 */
import type { RuleTrace } from '../../core/event.ts'
import { collectStates } from '../../core/order.ts'
import type { CollectState, Order } from '../../core/order.ts'
import { collectRules, type Rule } from '../../workflow/compile.ts'
import { evaluate } from '../../workflow/conditions.ts'
import type { Setup } from '../../workflow/setup.ts'
import { conditionNode, type WhyNode } from './node.ts'

export const ruleKey = ({ workflow, rule }: Pick<RuleTrace, 'workflow' | 'rule'>): string => `${workflow} ${rule}`

/** `ran`: keys of the rules that have had an effect. */
export function idleRules(setup: Setup, order: Order, ran: ReadonlySet<string>): readonly WhyNode[] {
  const own = order.collect === undefined ? [] : collectStates.flatMap((state) => kept(order, state))
  return [...[...setup.rules.values()].flat(), ...own]
    .filter((rule) => !ran.has(ruleKey({ workflow: rule.workflow, rule: rule.name })))
    .map((rule) => idleRule(rule, order))
}

/** A running document keeps the settings that it started with (decision 5). */
const kept = (order: Order, state: CollectState): readonly Rule[] =>
  order.collect === undefined ? [] : collectRules(order.collect.settings, state)

function idleRule(rule: Rule, order: Order): WhyNode {
  const { holds, seen } = evaluate(rule, order)
  const failed = seen.at(-1)
  const reason = holds || failed === undefined ? triggerText(rule.trigger) : `${failed.field} does not fit`
  return {
    what: 'rule',
    title: `workflow ${rule.workflow}, rule ${rule.name}`,
    state: holds ? 'waits' : 'does not hold',
    reason,
    children: seen.map(conditionNode),
  }
}

const triggerTexts: Readonly<Record<string, string>> = {
  imported: 'it runs only when an order is new',
  collectable: 'it runs when an order for a store is new, or changes its store',
  paid: 'it runs when the order becomes paid',
  partlyPaid: 'it runs when a part of the order is paid',
  overpaid: 'it runs when more is paid than was owed',
  paymentReversed: 'it runs when the bank takes a payment back',
  linesCancelled: 'it runs when lines of the order are cancelled',
}

function triggerText(trigger: string): string {
  const [kind = '', word = ''] = trigger.split(/:(.*)/s)
  if (kind === 'status') return `it runs when the status becomes "${word}"`
  if (kind === 'collect') return `it runs when the store's document becomes ${word}`
  if (kind === 'document') return `it runs when the ERP says that a document is ${word}`
  if (kind === 'shipment') return `it runs when a shipment becomes ${word}`
  return triggerTexts[kind] ?? `it runs on ${trigger}`
}
