/**
 * Checks one record against its own content and its events: identity, beginning, chain of states, number of changes.
 *
 * Pure comparisons; the rows and events are read elsewhere. Throws nothing: content that cannot be read is a finding.
 */
import { assertNever } from '../../core/assert-never.ts'
import { customerId, mappingId, optOutId, orderId, paymentId, stockLevelId, storeId } from '../../core/ids.ts'
import type { Entity } from '../../core/model.ts'
import { referencesOf } from '../../core/references.ts'
import type { Order } from '../../core/order.ts'
import type { AuditEvent } from '../../ledger/audit-rows.ts'
import type { AuditRecordRow } from '../../ledger/audit-statements.ts'
import { stateOf } from '../../ledger/state-of.ts'
import { chainFindings, type Step, stepOf, type Values } from './chain.ts'
import { clearingFileFindings } from './clearing.ts'
import { type Finding, finding, shown } from './finding.ts'

/** The record as stored; undefined when its content is none. */
export function entityIn({ data }: Pick<AuditRecordRow, 'data'>): Entity | undefined {
  try {
    const value = JSON.parse(data) as Entity | null
    return value === null || typeof value !== 'object' ? undefined : value
  } catch {
    return undefined
  }
}

/** `deep`: also whether the id is the one of the business key, which costs a hash. */
export function recordFindings(
  row: AuditRecordRow,
  entity: Entity | undefined,
  events: readonly AuditEvent[],
  deep: boolean,
): readonly Finding[] {
  if (entity === undefined || entity.kind !== row.kind) {
    return [finding('A021', row.id, { found: 'content that is no record', expected: `the content of a ${row.kind}` })]
  }
  const contradiction = identityFindings(row, entity, deep)
  if (contradiction.length > 0) return contradiction
  const beginning = birthFindings(entity, events)
  return [
    ...beginning,
    ...chainOf(entity, events),
    ...(entity.kind === 'order' ? changeFindings(entity, events) : []),
    ...(entity.kind === 'clearingFile' ? clearingFileFindings(entity) : []),
  ]
}

function identityFindings(row: AuditRecordRow, entity: Entity, deep: boolean): readonly Finding[] {
  const pairs: readonly (readonly [what: string, column: unknown, content: unknown])[] = [
    ['id', row.id, entity.id],
    ['id by its key', row.id, deep ? idByKey(entity) : row.id],
    ['version', row.version, entity.version],
    ['state', row.state, stateOf(entity)],
    ['created at', row.created_at, entity.createdAt],
    ['names', row.refs, JSON.stringify(referencesOf(entity))],
  ]
  return pairs
    .filter(([, column, content]) => column !== content)
    .slice(0, 1)
    .map(([what, column, content]) =>
      finding('A021', row.id, { found: `${what} ${shown(column)}`, expected: `${shown(content)} as in its content` }),
    )
}

/** The id that follows from the business key, where the key stands in the record. */
function idByKey(entity: Entity): string {
  switch (entity.kind) {
    case 'order':
      return orderId(entity.channel, entity.number)
    case 'payment':
      return paymentId(entity.account, entity.bankKey)
    case 'customer':
      return customerId(entity.company, entity.number)
    case 'store':
      return storeId(entity.code)
    case 'optOut':
      return optOutId(entity.channel, entity.address)
    case 'mapping':
      return mappingId(entity.about, entity.company, entity.from, entity.key)
    case 'stockLevel':
      return stockLevelId(entity.location, entity.sku, entity.variant ?? '')
    case 'invoice':
    case 'clearing':
    case 'clearingFile':
    case 'movement':
    case 'dispatch':
    case 'shipment':
    case 'parked':
    case 'statement':
    case 'run':
    case 'command':
      return entity.id
    default:
      return assertNever(entity, 'record')
  }
}

/** The event that makes a record; clearing entries are made by an event of their order. */
const births: { readonly [K in Entity['kind']]?: string } = {
  order: 'order.imported',
  payment: 'payment.received',
  customer: 'customer.created',
  store: 'store.imported',
  optOut: 'optOut.added',
  invoice: 'invoice.requested',
  movement: 'stock.moved',
  dispatch: 'dispatch.created',
  clearingFile: 'clearing.exported',
  shipment: 'shipment.reported',
  statement: 'statement.received',
  parked: 'status.parked',
  run: 'run.begun',
}
/** The same event also says that it was asked for, or came, again. */
const repeatable: ReadonlySet<string> = new Set(['store.imported', 'optOut.added', 'invoice.requested'])

function birthFindings(entity: Entity, events: readonly AuditEvent[]): readonly Finding[] {
  const unasked = entity.kind === 'invoice' && entity.source !== undefined
  const birth = unasked ? 'invoice.issued' : births[entity.kind]
  if (birth === undefined) return []
  const count = events.filter(({ name }) => name === birth).length
  if (events[0]?.name === birth && (count === 1 || repeatable.has(birth))) return []
  const found = `${count} × ${birth}${count > 0 ? `, the first event is ${events[0]?.name ?? 'none'}` : ''}`
  return [finding('A022', entity.id, { found, expected: `${birth} once, as the first event` })]
}

function chainOf(entity: Entity, events: readonly AuditEvent[]): readonly Finding[] {
  switch (entity.kind) {
    case 'order': {
      const { status, paymentStatus, paid, collect } = entity
      const end = { status, paymentStatus, paid, processing: collect?.processing, delivery: collect?.delivery }
      return chainFindings(entity.id, { paid: 0 }, events.map(stepOf), end)
    }
    case 'payment':
      return chainFindings(entity.id, {}, events.map(paymentStep), { state: entity.state })
    case 'invoice':
      return chainFindings(entity.id, {}, withState(events, { 'invoice.requested': 'requested' }), stateIn(entity))
    case 'dispatch':
      return chainFindings(entity.id, {}, withState(events, { 'dispatch.created': 'created' }), stateIn(entity))
    case 'clearingFile':
    case 'shipment':
    case 'statement':
      return chainFindings(entity.id, {}, events.map(stepOf), stateIn(entity))
    case 'customer':
    case 'store':
    case 'optOut':
    case 'mapping':
    case 'stockLevel':
    case 'clearing':
    case 'movement':
    case 'parked':
    case 'run':
    case 'command':
      return []
    default:
      return assertNever(entity, 'record')
  }
}

const stateIn = ({ state }: { readonly state: string }): Values => ({ state })

/** Events that say by their name which state they lead to. */
function withState(events: readonly AuditEvent[], states: Readonly<Record<string, string>>): readonly Step[] {
  return events.map((event) => {
    const state = states[event.name]
    const step = stepOf(event)
    return state === undefined ? step : { ...step, after: { state, ...step.after } }
  })
}

const paymentStates: Readonly<Record<string, string>> = {
  'payment.received': 'unmatched',
  'payment.ambiguous': 'ambiguous',
  'payment.unmatched': 'unmatched',
  'payment.matched': 'matched',
}
function paymentStep(event: AuditEvent): Step {
  const step = stepOf(event)
  const state = paymentStates[event.name]
  return state === undefined ? step : { ...step, after: { state, ...step.after } }
}

const paymentChanges: ReadonlySet<string> = new Set([
  'order.paid',
  'payment.partial',
  'payment.overpaid',
  'payment.reversed',
  'payment.unmatchedByHand',
])

/** Whether the event of an order counts as a change, which the ERP is told of. */
export const isChange = ({ name, after = {} }: AuditEvent): boolean =>
  name === 'order.statusChanged' ||
  name === 'order.rolledBack' ||
  paymentChanges.has(name) ||
  name.startsWith('collect.') ||
  (name === 'order.updated' && 'paymentStatus' in after)

function changeFindings(order: Order, events: readonly AuditEvent[]): readonly Finding[] {
  const changes = events.filter(isChange).length
  if (changes === order.transition) return []
  const expected = `${changes}, as many as events of changes`
  return [finding('A024', order.id, { found: `change number ${order.transition}`, expected })]
}
