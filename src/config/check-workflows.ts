/**
 * Settings within one workflow that contradict each other, and notices that would send nothing.
 *
 * pos with postOn: processing is refused (N40); fixedCustomer belongs to customerMapping: fixed (N15); a switch
 * without a template is a warning (N13); conditions ask for fields that orders have, and can hold. Throws nothing.
 */
import { conditionFields, isConditionField } from '../core/condition-fields.ts'
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { eachOf } from './names.ts'
import { nearest } from './nearest.ts'
import { noticesOf } from './notices.ts'
import type { PlacedNotice } from './notices.ts'
import { stepsOf } from './steps.ts'
import type { CollectWorkflow, Condition, Conditions, Workflow } from './schema.ts'

export const checkWorkflows = ({ config }: Pick<CheckContext, 'config'>): readonly Finding[] =>
  Object.entries(config.workflows).flatMap(([code, workflow]) => {
    const path = ['workflows', code]
    return [
      ...(workflow.kind === 'collect' ? collect(workflow, path) : []),
      ...(workflow.kind === 'payment' && stepsOf(workflow).length === 0 ? [noSteps(path)] : []),
      ...noticesOf(workflow, path).flatMap(notice),
      ...conditionsOf(workflow, path).flatMap(([conditions, place]) => checkConditions(conditions, place)),
    ]
  })

const noSteps = (path: Path): Finding => ({
  code: 'C088',
  path,
  at: 'key',
  message: 'the workflow has no steps',
  hint: 'Name them under steps, or under on with their occasion.',
})

function collect(workflow: CollectWorkflow, path: Path): readonly Finding[] {
  const { clearing, customerMapping, fixedCustomer } = workflow
  const findings: Finding[] = []
  if (clearing.billVia === 'pos' && clearing.postOn === 'processing') {
    const message = 'billVia: pos needs postOn: delivery, since a till posts what it hands over'
    findings.push({ code: 'C080', path: [...path, 'clearing', 'postOn'], message, expected: 'delivery' })
  }
  if (customerMapping === 'fixed' && fixedCustomer === undefined) {
    const message = 'customerMapping: fixed needs fixedCustomer'
    findings.push({ code: 'C081', path: [...path, 'fixedCustomer'], at: 'key', message })
  }
  if (customerMapping !== 'fixed' && fixedCustomer !== undefined) {
    const message = `fixedCustomer does not belong to customerMapping: ${customerMapping}`
    findings.push({ code: 'C081', path: [...path, 'fixedCustomer'], at: 'key', message })
  }
  return [
    ...findings,
    ...(['store', 'customer'] as const).flatMap((side) => emptySide(workflow, side, path)),
    ...workflow.reminders.flatMap((_, i) => idleReminder(workflow, i, [...path, 'reminders', i])),
  ]
}

function idleReminder({ reminders, expiry }: CollectWorkflow, i: number, path: Path): readonly Finding[] {
  const reminder = reminders[i]
  if (reminder === undefined) return []
  if (reminder.mail === undefined && reminder.sms === undefined) return [nothing(path)]
  if (expiry[reminder.of] !== undefined) return []
  const message = `it is never sent: expiry.${reminder.of} is not set`
  return [{ code: 'C082', path: [...path, 'of'], message, hint: `Set expiry.${reminder.of}.` }]
}

function emptySide(workflow: CollectWorkflow, side: 'store' | 'customer', path: Path): readonly Finding[] {
  const notices = workflow[side]
  if (!notices) return []
  const media = (['mail', 'sms'] as const).filter((name) => notices[name] !== undefined)
  if (media.length === 0) return [nothing([...path, side])]
  return media.flatMap((name) => {
    const named = Object.values(notices[name] ?? {}).some((template) => template !== undefined)
    return named ? [] : [nothing([...path, side, name])]
  })
}

const nothing = (place: Path): Finding => ({
  code: 'C082',
  path: place,
  at: 'key',
  severity: 'warning',
  message: `"${place.at(-1)}" is switched on without any template: nothing will be sent`,
})

function notice({ notice, path }: PlacedNotice): readonly Finding[] {
  if (notice.mail === undefined && notice.sms === undefined) {
    return [{ code: 'C082', path, at: 'key', message: 'neither mail nor sms is named: there is nothing to send' }]
  }
  if (notice.mail !== undefined) return []
  return eachOf(notice.to, [...path, 'to']).flatMap(([to, place]): readonly Finding[] =>
    to.includes('@') || to === 'operators'
      ? [{ code: 'C085', path: place, message: 'an SMS cannot go there', hint: 'Name a mail template.' }]
      : [],
  )
}

function conditionsOf(workflow: Workflow, path: Path): readonly (readonly [Conditions, Path])[] {
  const steps = workflow.kind === 'payment' ? stepsOf(workflow) : []
  const placed: readonly (readonly [Conditions | undefined, Path])[] = [
    [workflow.if, [...path, 'if']],
    ...steps.map(({ step, path: place }) => [step.if, [...path, ...place, 'if']] as const),
    ...noticesOf(workflow, path).map(({ notice, path: place }) => [notice.if, [...place, 'if']] as const),
  ]
  return placed.flatMap(([conditions, place]) => (conditions ? [[conditions, place] as const] : []))
}

/** Fields that orders have, and conditions that can hold. */
export const checkConditions = (conditions: Conditions, path: Path): readonly Finding[] => [
  ...unknownFields(conditions, path),
  ...neverHolds(conditions, path),
]

/** A mistyped field is missing in every order, so its condition would never hold, and nobody would see why. */
const unknownFields = (conditions: Conditions, path: Path): readonly Finding[] =>
  Object.keys(conditions).flatMap((field): readonly Finding[] => {
    if (isConditionField(field)) return []
    const name = field.replace(/^order\./, '')
    const near = nearest(name, Object.keys(conditionFields))
    const hint =
      near === undefined
        ? 'See docs/fields.md; own fields of the import are fields.NAME.'
        : `Did you mean "order.${near}"?`
    return [{ code: 'C087', path: [...path, field], at: 'key', message: `an order has no field "${name}"`, hint }]
  })

const neverHolds = (conditions: Conditions, path: Path): readonly Finding[] =>
  Object.entries(conditions).flatMap(([field, condition]): readonly Finding[] => {
    const why = contradiction(condition)
    return why === undefined ? [] : [{ code: 'C086', path: [...path, field], at: 'key', message: why }]
  })

function contradiction(condition: Condition): string | undefined {
  if (typeof condition !== 'object' || Array.isArray(condition)) return undefined
  const { eq, ne, in: among, notIn, gte, lt, exists } = condition
  const all = [eq, ne, among, notIn, gte, lt, exists]
  if (all.every((part) => part === undefined)) return 'the condition says nothing'
  if (among?.length === 0) return 'no value is in an empty list'
  if (eq !== undefined && eq === ne) return 'eq and ne name the same value'
  if (exists === false && [eq, among, gte, lt].some((part) => part !== undefined)) {
    return 'exists: false cannot go with a value'
  }
  return typeof gte === 'number' && typeof lt === 'number' && gte >= lt
    ? 'no number is as large and as small'
    : undefined
}
