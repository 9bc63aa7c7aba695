/**
 * Why an order is as it is: its file and row, every event with what followed from it, and what did not happen.
 *
 * Each message and export line stands under the event that led to it. Only reads.
 */
import type { RuleTrace, StoredEvent } from '../../core/event.ts'
import type { Message } from '../../core/message.ts'
import type { Order } from '../../core/order.ts'
import type { Ledger, StoredExportLine } from '../../ledger/ledger.ts'
import type { Setup } from '../../workflow/setup.ts'
import { chainNodes, chainOf, sourceNode } from './chain.ts'
import { filesOf, lineNode, messageNode, recordNode, timerNode } from './effects.ts'
import { eventNode, group, note, ruleNode, type WhyNode } from './node.ts'
import { idleRules, ruleKey } from './rules.ts'

interface Effect {
  /** Sequence number of the order's event under which it stands; undefined when none led to it. */
  readonly under: number | undefined
  readonly node: WhyNode
  readonly traces: readonly RuleTrace[]
}

export async function whyOrder(ledger: Ledger, setup: Setup, order: Order): Promise<WhyNode> {
  const events = await ledger.eventsOf(order.id)
  const about = await ledger.aboutSubject(order.id)
  const own = new Set(events.map(({ seq }) => seq))
  const effects = [
    ...(await Promise.all(about.messages.map((message) => messageEffect(ledger, message, own)))),
    ...(await lineEffects(ledger, about.exportLines, own)),
  ]
  const history = await Promise.all(events.map((event) => historyNode(ledger, event, effects, own, order.currency)))
  const traces = [...events.flatMap(({ trace }) => trace ?? []), ...effects.flatMap(({ traces }) => traces)]
  const notSent = about.messages.filter(({ state }) => state === 'suppressed' || state === 'held')
  return recordNode(order, [
    ...group('came from', [await sourceNode(ledger, order.source)]),
    ...group('what happened', history),
    ...group(
      'also',
      effects.filter(({ under }) => under === undefined).map(({ node }) => node),
    ),
    ...group('belongs to it', await Promise.all(about.records.map((record) => belonging(ledger, record)))),
    ...group('timers', about.timers.map(timerNode)),
    ...group('was not sent', notSent.map(shortMessage)),
    ...group('rules that did nothing', idleRules(setup, order, new Set(traces.map(ruleKey)))),
  ])
}

/** An event of the order; what led to it, where that is not an event of the order; what followed. */
async function historyNode(
  ledger: Ledger,
  event: StoredEvent,
  effects: readonly Effect[],
  own: ReadonlySet<number>,
  currency: string,
): Promise<WhyNode> {
  const foreign = event.because !== undefined && !own.has(event.because)
  const cause = foreign ? group('because', await chainNodes(ledger, await chainOf(ledger, event.because))) : []
  const followed = effects.filter(({ under }) => under === event.seq).map(({ node }) => node)
  return eventNode(event, [...cause, ...followed, ...undoneNodes(event)], currency)
}

/** All that a roll back undid, by id, and what it had to leave. */
function undoneNodes({ name, after }: StoredEvent): readonly WhyNode[] {
  if (name !== 'order.rolledBack') return []
  return [
    ...group('undone', textsIn(after?.['undone']).map(note)),
    ...group('stays', textsIn(after?.['stays']).map(note)),
  ]
}

const textsIn = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

async function messageEffect(ledger: Ledger, message: Message, own: ReadonlySet<number>): Promise<Effect> {
  const chain = await chainOf(ledger, message.because)
  const node = await messageNode(ledger, message)
  const traces = message.trace === undefined ? [] : [message.trace]
  return {
    under: chain.find(({ seq }) => own.has(seq))?.seq,
    node: { ...node, children: [...traces.map(ruleNode), ...node.children] },
    traces,
  }
}

async function lineEffects(
  ledger: Ledger,
  lines: readonly StoredExportLine[],
  own: ReadonlySet<number>,
): Promise<readonly Effect[]> {
  const files = await filesOf(ledger, lines)
  return await Promise.all(
    lines.map(async (line): Promise<Effect> => {
      const chain = await chainOf(ledger, (await ledger.exportLine(line.id))?.because)
      const traces = chain.flatMap(({ trace }) => trace ?? [])
      return { under: chain.find(({ seq }) => own.has(seq))?.seq, node: lineNode(line, files), traces }
    }),
  )
}

async function belonging(ledger: Ledger, record: Parameters<typeof recordNode>[0]): Promise<WhyNode> {
  const { exportLines } = await ledger.aboutSubject(record.id)
  const files = await filesOf(ledger, exportLines)
  return recordNode(record, [
    ...(await ledger.eventsOf(record.id)).map((event) => eventNode(event, [])),
    ...exportLines.map((line) => lineNode(line, files)),
  ])
}

const shortMessage = ({ id, channel, template, state, reason }: Message): WhyNode => ({
  what: 'message',
  id,
  title: `${channel} ${template}`,
  state,
  ...(reason !== undefined && { reason }),
  children: [],
})
