/**
 * The tree that `why` answers with: plain values, to be printed or given out as JSON.
 *
 * Texts hold data from outside as it is: whoever prints them must make them harmless. Throws nothing.
 */
import type { Instant } from '../../core/date.ts'
import type { RuleTrace, StoredEvent } from '../../core/event.ts'
import { fromMinor } from '../../core/money.ts'

export interface WhyNode {
  readonly what:
    | 'order'
    | 'payment'
    | 'record'
    | 'message'
    | 'exportLine'
    | 'exportFile'
    | 'file'
    | 'event'
    | 'rule'
    | 'condition'
    | 'timer'
    | 'group'
    | 'note'
  readonly title: string
  readonly id?: string
  readonly state?: string
  readonly reason?: string
  readonly at?: Instant
  /** Who or what stands behind it. */
  readonly by?: string
  /** Hash of the config that was in force. */
  readonly config?: string
  readonly children: readonly WhyNode[]
}

/** A heading with its parts; nothing where there are none. */
export const group = (title: string, children: readonly WhyNode[]): readonly WhyNode[] =>
  children.length === 0 ? [] : [{ what: 'group', title, children }]

export const note = (title: string): WhyNode => ({ what: 'note', title, children: [] })

/** An event with its actor, time and config; what changed is in the reason. `currency`: of the amounts in it. */
export function eventNode(event: StoredEvent, children: readonly WhyNode[], currency?: string): WhyNode {
  const reason = [changeText(event, currency), event.text]
    .filter((text) => text !== undefined && text !== '')
    .join('; ')
  return {
    what: 'event',
    title: event.name,
    at: event.at,
    by: event.actor,
    config: event.configHash,
    ...(reason !== '' && { reason }),
    children: [...(event.trace === undefined ? [] : [ruleNode(event.trace)]), ...children],
  }
}

/** `status received → processing`: what an event changed, for people. */
export function changeText({ before, after }: StoredEvent, currency?: string): string | undefined {
  if (after === undefined) return undefined
  const changes = Object.entries(after).map(([name, value]) => {
    const [old, now] = [before?.[name], value].map((one) => textOf(name, one, currency))
    return old === undefined || old === now ? `${name} ${now ?? ''}` : `${name} ${old} → ${now ?? ''}`
  })
  return changes.join(', ')
}

/** Most values of a list that are shown. */
const mostValues = 3

function textOf(name: string, value: unknown, currency: string | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  if (value === null) return 'none'
  if (Array.isArray(value)) {
    const shown = value.slice(0, mostValues).map(String).join(', ')
    return value.length > mostValues ? `${shown} and ${value.length - mostValues} more` : shown || 'none'
  }
  if (name === 'paid' && typeof value === 'number' && currency !== undefined)
    return `${fromMinor(value, currency)} ${currency}`
  return JSON.stringify(value)
}

/** The rule behind an effect, with the values that its conditions saw (C11). */
export const ruleNode = ({ workflow, rule, conditions }: RuleTrace): WhyNode => ({
  what: 'rule',
  title: `workflow ${workflow}, rule ${rule}`,
  children: conditions.map(conditionNode),
})

export const conditionNode = ({ field, expected, seen }: RuleTrace['conditions'][number]): WhyNode => ({
  what: 'condition',
  title: `${field}: wanted ${expected}, saw ${seen}`,
  children: [],
})
