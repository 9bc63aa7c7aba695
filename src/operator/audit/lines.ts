/**
 * Which export lines an order, its records and a payment must have, and which of them are missing.
 *
 * Only what was decided under the config of now is judged: an export may have been added, or meant other
 * channels, before. Keys are those of workflow/export-lines. Pure; throws nothing.
 */
import type { Config, Export } from '../../config/schema.ts'
import { exportLineId } from '../../core/ids.ts'
import type { Entity, Payment } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import type { AuditEvent } from '../../ledger/audit-rows.ts'
import type { LineHead } from '../../ledger/audit-statements.ts'
import { keyedLines } from '../../workflow/line-keys.ts'
import { type Finding, finding } from './finding.ts'
import { isChange } from './record.ts'

/** The config of now and its version. */
export interface AuditConfig {
  readonly config: Pick<Config, 'exports'>
  readonly hash: string
}

interface Told {
  readonly kind: Export['kind']
  readonly company?: string
  readonly channel?: string
  readonly key: string
}

export function orderLineFindings(
  order: Order,
  events: readonly AuditEvent[],
  belongings: readonly Entity[],
  lines: readonly LineHead[],
  current: AuditConfig,
): readonly Finding[] {
  const told = [...statusLines(order, events, current.hash)]
  if (events.every(({ configHash }) => configHash === current.hash)) {
    told.push(...storeLines(order, events), ...belongings.flatMap((each) => recordLines(order, each)))
  }
  return missingLines(told, lines, current)
}

function statusLines(order: Order, events: readonly AuditEvent[], hash: string): readonly Told[] {
  const bySeq = new Map(events.map((event) => [event.seq, event]))
  return events.filter(isChange).flatMap((event, index) => {
    if (event.configHash !== hash || isWordOfErp(event, bySeq)) return []
    return [
      { kind: 'orderStatus' as const, company: order.company, channel: order.channel, key: `${order.id}/${index + 1}` },
    ]
  })
}

/** What the ERP itself reported is not told to it again. */
function isWordOfErp({ name, because }: AuditEvent, bySeq: ReadonlyMap<number, AuditEvent>): boolean {
  const cause = because === null ? undefined : bySeq.get(because)
  return name === 'order.statusChanged' && cause?.name === 'order.updated' && cause.after === undefined
}

function storeLines(order: Order, events: readonly AuditEvent[]): readonly Told[] {
  const { collect } = order
  const isSame = collect === undefined || collect.fromCompany === collect.toCompany
  // What went to the store before a roll back was taken back with it.
  if (
    isSame ||
    order.round !== undefined ||
    events.some(({ name, after }) => name === 'order.updated' && after !== undefined)
  )
    return []
  return keyedLines(order.lines).map(({ key }) => ({
    kind: 'orderToStore',
    company: collect.toCompany,
    channel: order.channel,
    key: `${order.id}/${key}`,
  }))
}

const kinds = { clearing: 'clearing', movement: 'stock', dispatch: 'dispatch', invoice: 'invoice' } as const

function recordLines(order: Order, record: Entity): readonly Told[] {
  if (!(record.kind in kinds) || (record.kind === 'invoice' && record.source !== undefined)) return []
  const company = record.kind === 'clearing' ? record.company : order.company
  const kind = kinds[record.kind as keyof typeof kinds]
  return [{ kind, company, channel: order.channel, key: record.id }]
}

const paymentEvents = /^payment\.(matched|ambiguous|unmatched|ignored|inDetail|reversed|unmatchedByHand)$/

/** At least one line for each state that a payment came to, in exports of all channels and companies. */
export function paymentLineFindings(
  payment: Payment,
  events: readonly AuditEvent[],
  lines: readonly LineHead[],
  { config, hash }: AuditConfig,
): readonly Finding[] {
  const least = events.filter(({ name, configHash }) => configHash === hash && paymentEvents.test(name)).length
  return Object.entries(config.exports).flatMap(([name, { kind, channel, company }]) => {
    if (kind !== 'payments' || channel !== undefined || company !== undefined) return []
    const count = lines.filter((line) => line.export === name).length
    if (count >= least) return []
    return [finding('A053', payment.id, { found: `${count} lines in export ${name}`, expected: `at least ${least}` })]
  })
}

function missingLines(told: readonly Told[], lines: readonly LineHead[], { config }: AuditConfig): readonly Finding[] {
  if (told.length === 0) return []
  const there = new Set(lines.map(({ export: name, dedupe_key: key }) => `${name}\u0000${key}`))
  return Object.entries(config.exports).flatMap(([name, target]) =>
    told
      .filter((each) => each.kind === target.kind && wanted(target, each) && !there.has(`${name}\u0000${each.key}`))
      .map(({ key }) =>
        finding('A053', exportLineId(name, key), { found: 'nothing', expected: `line ${key} in export ${name}` }),
      ),
  )
}

function wanted(target: Export, { company, channel }: Told): boolean {
  if (target.company !== undefined && target.company !== company) return false
  const channels: readonly string[] | undefined = typeof target.channel === 'string' ? [target.channel] : target.channel
  return channels === undefined || (channel !== undefined && channels.includes(channel))
}
