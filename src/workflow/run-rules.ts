/**
 * Runs the rules whose triggers fired: conditions first, then the action, in config order.
 *
 * A rule sees the order as earlier rules left it; what a rule's action fires runs after the
 * rules of the present trigger. Each effect carries the workflow, the rule and the conditions
 * with the values seen.
 */
import { assertNever } from '../core/assert-never.ts'
import type { RuleTrace } from '../core/event.ts'
import type { Order } from '../core/order.ts'
import { collectRules, type Rule } from './compile.ts'
import { evaluate } from './conditions.ts'
import type { Because, Draft, Firing } from './draft.ts'
import { instructInvoice } from './documents/instruct-invoice.ts'
import { instructDispatch, moveStock } from './instruct.ts'
import { send } from './messages/send.ts'
import { setStatus } from './set-status.ts'
import { startCollect } from './collect/start-collect.ts'

/** Runs until nothing is left that fired. */
export function runRules(draft: Draft): void {
  for (let firing = draft.nextFiring(); firing !== undefined; firing = draft.nextFiring()) {
    const first = draft.get('order', firing.order)
    if (first === undefined) continue
    const { muted } = draft
    draft.muted = firing.muted
    runInOrder(draft, rulesFor(draft, first, firing), () => firing)
    draft.muted = muted
  }
  draft.forgetChanges()
}

/** Of the rules that exclude each other on an occasion (rows of `documents.rules`), the first that holds. */
export function runInOrder(draft: Draft, rules: readonly Rule[], firingOf: (rule: Rule) => Firing): void {
  if (rules.length === 0) return
  const taken = new Set<string>()
  const stopped = new Map<string, string>()
  for (const rule of rules) {
    const list = `${rule.workflow} ${rule.trigger}`
    const stop = stopped.get(list)
    if (stop !== undefined) {
      leaveOut(draft, rule, firingOf(rule), stop)
      continue
    }
    draft.outcome = { done: 0, failed: [] }
    const group = rule.oneOf === undefined ? undefined : `${rule.oneOf} ${rule.trigger}`
    if (group !== undefined && taken.has(group)) continue
    if (runRule(draft, rule, firingOf(rule)) && group !== undefined) taken.add(group)
    const [reason] = draft.outcome.failed
    if (rule.stops && reason !== undefined && draft.outcome.done === 0)
      stopped.set(list, `${rule.name} could not be done (${reason})`)
  }
}

/** A step behind one that could not be done and says `onError: stop`. */
function leaveOut(draft: Draft, rule: Rule, { order, because }: Firing, stop: string): void {
  draft.happened({
    name: 'step.skipped',
    subject: order,
    text: `${stop}, and stops what comes after it`.slice(0, 250),
    because,
    trace: { workflow: rule.workflow, rule: rule.name, conditions: [] },
  })
}

/** Notices of a collect state come from the settings that the document keeps, all other rules from the config. */
export function rulesFor(draft: Draft, order: Order, { trigger }: Firing): readonly Rule[] {
  const state = /^collect:(pending|confirmed|rejected|expired|partlyDelivered|delivered|returned)$/.exec(trigger)?.[1]
  const own = draft.setup.rules.get(trigger) ?? []
  if (state === undefined || order.collect === undefined) return own
  return [...collectRules(order.collect.settings, state as Parameters<typeof collectRules>[1]), ...own]
}

/** One rule for one firing: its conditions, then its action; whether the conditions held. */
function runRule(draft: Draft, rule: Rule, firing: Firing): boolean {
  const order = draft.get('order', firing.order)
  if (order === undefined) return false
  const { holds, seen } = evaluate(rule, order)
  if (!holds) return false
  const trace: RuleTrace = { workflow: rule.workflow, rule: rule.name, conditions: seen }
  act(draft, order, rule, firing, { event: firing.because, trace })
  return true
}

function act(draft: Draft, order: Order, rule: Rule, firing: Firing, because: Because): void {
  const { action } = rule
  switch (action.do) {
    case 'send':
      return send(draft, order, {
        notice: action.notice,
        sendFrom: action.sendFrom,
        sentBy: action.sentBy,
        state: action.state,
        occurrence: firing.occurrence,
        because,
        extras: {
          ...(firing.payment && { payment: firing.payment }),
          ...(firing.document && { document: firing.document }),
          ...(firing.shipment && { shipment: firing.shipment }),
        },
      })
    case 'setStatus':
      return void setStatus(draft, order, action.status, because)
    case 'invoice':
      return instructInvoice(draft, order, action, because)
    case 'stock':
      return moveStock(draft, order, action.move, because, {
        ...(action.taken && { taken: true }),
        ...(action.part && { part: true }),
      })
    case 'dispatch':
      return instructDispatch(draft, order, action.to, because)
    case 'collect':
      return startCollect(draft, order, rule.workflow, action.workflow, because)
    default:
      return assertNever(action, 'action')
  }
}
