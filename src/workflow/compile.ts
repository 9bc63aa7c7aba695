/**
 * Compiles the workflows of the config into rules: on this trigger, if these conditions hold, do this.
 *
 * Triggers: `imported`, `collectable` (an order that may be for a store is new or changed), `status:<word>`
 * (an order enters a status), `paid`, `partlyPaid`, `overpaid`, `paymentReversed`, `linesCancelled`,
 * `document:issued|failed[.<type>]`, `shipment:<state>`, `collect:<state>`. Rules of a trigger run in the order of the
 * config, the rows of `documents.rules` first. Nothing is evaluated here.
 */
import type {
  CollectWorkflow,
  Conditions,
  Config,
  DocumentRule,
  Notice,
  PaymentStep,
  Scope,
  Workflow,
} from '../config/schema.ts'
import { stepsOf } from '../config/steps.ts'
import { assertNever } from '../core/assert-never.ts'
import type { CollectSettings, CollectState, SideTemplates } from '../core/order.ts'

export type Action =
  | {
      readonly do: 'send'
      readonly notice: Notice
      readonly state?: string
      readonly sendFrom: 'store' | 'origin'
      /** Company whose own Orderly sends it, when not this one. */
      readonly sentBy?: string
    }
  | { readonly do: 'setStatus'; readonly status: string }
  | {
      readonly do: 'invoice'
      readonly action: 'issue' | 'update' | 'ignore'
      readonly type: 'invoice' | 'proforma' | 'creditNote'
    }
  | {
      readonly do: 'stock'
      readonly move: 'issue' | 'reserve' | 'release' | 'return'
      /** Only what was taken is brought back. */
      readonly taken?: true
      /** Of each line only what was cancelled of it. */
      readonly part?: true
    }
  | { readonly do: 'dispatch'; readonly to: string }
  | { readonly do: 'collect'; readonly workflow: CollectWorkflow }

export interface Rule {
  readonly workflow: string
  /** Place in the workflow, e.g. `steps[2].invoice`, `on.ready[0]`, `customer.mail.pending`. */
  readonly name: string
  readonly trigger: string
  readonly scope?: Scope
  readonly conditions: readonly Conditions[]
  readonly action: Action
  /** A step that cannot do its work keeps those after it from theirs. */
  readonly stops?: true
  /** Of the rules of one occasion with the same word here, only the first that holds counts. */
  readonly oneOf?: string
}

export type Rules = ReadonlyMap<string, readonly Rule[]>

export function compileRules(config: Config): Rules {
  const rules = new Map<string, Rule[]>()
  const workflows = Object.entries(config.workflows).filter(([, { enabled }]) => enabled)
  const all = [
    ...config.documents.rules.map(documentRule),
    ...stockRules(config),
    ...workflows.flatMap(([code, workflow]) => rulesOf(code, workflow)),
  ]
  for (const rule of all) {
    const list = rules.get(rule.trigger)
    if (list) list.push(rule)
    else rules.set(rule.trigger, [rule])
  }
  return rules
}

/** What stands for the workflow in the trace of a row of `documents.rules`. */
export const documentRules = 'documents'

/** F17: a row of `documents.rules`; `none` takes its orders away from the rows below. */
function documentRule(row: DocumentRule, i: number): Rule {
  const type = row.issue === 'none' ? 'invoice' : row.issue
  return {
    workflow: documentRules,
    name: `rules[${i}].${row.issue}`,
    trigger: triggerOf(row.on),
    ...(row.for && { scope: row.for }),
    conditions: row.if ? [row.if] : [],
    action: { do: 'invoice', action: row.issue === 'none' ? 'ignore' : row.action, type },
    oneOf: documentRules,
  }
}

const deductions = {
  import: ['imported'],
  payment: ['paid'],
  delivery: ['shipment:delivered', 'collect:delivered'],
} as const

/** F29: taken on the occasion that the config names, brought back when the order is cancelled. */
function stockRules({ stock }: Config): readonly Rule[] {
  const { deductOn, returnOn } = stock
  if (deductOn === undefined) return []
  const head = { workflow: 'stock', conditions: [], ...(stock.for && { scope: stock.for }) }
  return [
    ...deductions[deductOn].map((trigger) => ({
      ...head,
      name: `deductOn.${deductOn}`,
      trigger,
      action: { do: 'stock' as const, move: 'issue' as const },
    })),
    {
      ...head,
      name: 'returnOn.linesCancelled',
      trigger: 'linesCancelled',
      action: { do: 'stock' as const, move: 'return' as const, taken: true as const, part: true as const },
    },
    ...returnOn.map((status) => ({
      ...head,
      name: `returnOn.${status}`,
      trigger: `status:${status}`,
      action: { do: 'stock' as const, move: 'return' as const, taken: true as const },
    })),
  ]
}

/** Words of the config have a dot where a kind of trigger and its word are told apart by a colon here. */
const triggerOf = (on: string): string => on.replace('.', ':')

function rulesOf(code: string, workflow: Workflow): readonly Rule[] {
  const head = { workflow: code, ...(workflow.for && { scope: workflow.for }) }
  const conditions = workflow.if ? [workflow.if] : []
  switch (workflow.kind) {
    case 'notification':
      return Object.entries(workflow.on).flatMap(([state, notices]) =>
        listOf(notices).map((notice, i) => ({
          ...head,
          name: `on.${state}[${i}]`,
          trigger: `status:${state}`,
          conditions: notice.if ? [...conditions, notice.if] : conditions,
          action: { do: 'send' as const, notice, state, sendFrom: 'origin' as const },
        })),
      )
    case 'payment':
      return stepsOf(workflow).map(({ step, on, path }): Rule => {
        const action = stepAction(step, on)
        return {
          ...head,
          name: `${path.slice(0, -1).join('.')}[${path.at(-1)}].${action.do}`,
          trigger: triggerOf(on),
          conditions: step.if ? [...conditions, step.if] : conditions,
          action,
          ...(step.onError === 'stop' && { stops: true }),
        }
      })
    case 'collect':
      return [{ ...head, name: 'start', trigger: 'collectable', conditions, action: { do: 'collect', workflow } }]
    default:
      return assertNever(workflow, 'workflow')
  }
}

function stepAction(step: PaymentStep, on: string): Action {
  if ('send' in step) return { do: 'send', notice: step.send, state: stateOf(on), sendFrom: 'origin' }
  if ('invoice' in step) return { do: 'invoice', ...step.invoice }
  if ('setStatus' in step) return { do: 'setStatus', status: step.setStatus }
  if ('stock' in step) {
    const isPart = step.stock === 'return' && on === 'linesCancelled'
    return { do: 'stock', move: step.stock, ...(isPart && { taken: true, part: true }) }
  }
  return { do: 'dispatch', to: step.dispatch }
}

/** What the customer may have asked to be told of (P18): `paid`, the word of the status, `shipment.delivered`. */
const stateOf = (on: string): string => on.replace(/^status\./, '')

/** The rules of one state of a running collect document, from the settings that it keeps (decision 5). */
export function collectRules(settings: CollectSettings, state: CollectState): readonly Rule[] {
  const rules: Rule[] = []
  const add = (side: 'store' | 'customer', templates: SideTemplates | undefined): void => {
    for (const channel of ['mail', 'sms'] as const) {
      const template = templates?.[channel]?.[state]
      if (template === undefined) continue
      const notice: Notice = {
        to: side,
        [channel]: template,
        send: 'always',
        review: templates?.review?.includes(state) ?? false,
      }
      rules.push({
        workflow: settings.workflow,
        name: `${side}.${channel}.${state}`,
        trigger: `collect:${state}`,
        conditions: [],
        action: {
          do: 'send',
          notice,
          sendFrom: settings.sendFrom,
          ...(settings.sentBy !== undefined && { sentBy: settings.sentBy }),
        },
      })
    }
  }
  add('store', settings.store)
  add('customer', settings.customer)
  return rules
}

export const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T])
