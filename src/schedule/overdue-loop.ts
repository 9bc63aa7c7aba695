/**
 * Looks for what did not happen: files that did not come, parked input and held messages that wait too long.
 *
 * One alarm for each trouble and day, so that what goes on is told again, and not more often.
 */
import { dateIn, durationOf, formatDuration } from '../core/date.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, startLoop } from '../platform/loop.ts'
import { type Alarm, decideAlarms } from '../workflow/messages/alarm.ts'
import type { Setup } from '../workflow/setup.ts'
import { unanswered } from './unanswered.ts'

export interface OverdueTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** When this run began: an import that never had a file is late from then on. */
  readonly startedAt: number
  /** Keys of the alarms that this run has raised. */
  readonly raised: Set<string>
}

export const startOverdueLoop = (tools: OverdueTools): Loop =>
  startLoop({
    name: 'overdue',
    everyMs: 60_000,
    signal: tools.signal,
    run: async () => {
      await raiseOverdue(tools)
      return 'idle'
    },
    onError: (error) => tools.log.error({ err: error }, 'look for overdue things failed'),
  })

/** Raises the alarms that are due now. */
export async function raiseOverdue(tools: Omit<OverdueTools, 'log' | 'signal'>): Promise<void> {
  const { ledger, setup, clock, raised } = tools
  const found = [
    ...(await missingFiles(tools)),
    ...(await parkedTooLong(tools)),
    ...(await waitingTooLong(tools)),
    ...(await heldTooLong(tools)),
    ...(await unanswered(ledger, setup, clock.now())),
  ]
  const alarms = found.filter(({ key }) => !raised.has(key))
  if (alarms.length === 0) return
  await ledger.commit(
    decideAlarms(setup, { kind: 'clock', actor: 'daemon', configHash: setup.configHash }, clock.now(), alarms),
  )
  for (const { key } of alarms) raised.add(key)
}

type Tools = Omit<OverdueTools, 'log' | 'signal'>
const today = ({ clock, setup }: Tools): string => dateIn(clock.now(), setup.config.timeZone)

/** Milliseconds after a start in which files that wait in the folders can come in. */
const settleMs = 300_000

async function missingFiles(tools: Tools): Promise<readonly Alarm[]> {
  const { ledger, setup, clock, startedAt } = tools
  const alarms: Alarm[] = []
  if (clock.now() - startedAt < settleMs) return alarms
  for (const [name, source] of Object.entries(setup.config.imports)) {
    if (source.expectEvery === undefined) continue
    const last = (await ledger.lastFileAt(name)) ?? startedAt
    if (clock.now() - last < durationOf(source.expectEvery)) continue
    alarms.push({
      key: `missing-file/${name}/${today(tools)}`,
      subject: name,
      title: 'A file did not come',
      what: `import ${name}: no file for ${source.expectEvery}`,
      where: source.folder,
      next: 'Look at the sender; the folder is watched all the same.',
    })
  }
  return alarms
}

async function parkedTooLong(tools: Tools): Promise<readonly Alarm[]> {
  const { ledger, setup, clock } = tools
  const after = setup.config.alarms?.parkedAfter
  if (after === undefined) return []
  const until = clock.now() - durationOf(after)
  const parked = await ledger.records({ kind: 'parked', where: { state: 'waiting' }, until, limit: 100 })
  const payments = await ledger.records({ kind: 'payment', where: { state: 'unmatched' }, until, limit: 100 })
  const waiting = [...parked, ...payments]
  if (waiting.length === 0) return []
  return [
    {
      key: `parked/${today(tools)}`,
      subject: waiting[0]?.id ?? 'parked',
      title: 'Input waits for an order that does not come',
      what: `${parked.length} status rows and ${payments.length} payments have waited longer than ${after}`,
      next: 'List them with: orderly payments list --state unmatched, and: orderly status',
    },
  ]
}

/** Orders that are not at their store, since a customer, an item or a store is lacking (N16). */
async function waitingTooLong(tools: Tools): Promise<readonly Alarm[]> {
  const { ledger, setup, clock } = tools
  const after = setup.config.alarms?.parkedAfter
  if (after === undefined) return []
  const until = clock.now() - durationOf(after)
  const waiting = await ledger.records({
    kind: 'order',
    named: [{ names: ['awaits'], values: ['*'] }],
    until,
    limit: 100,
  })
  const [first] = waiting
  if (first === undefined) return []
  return [
    {
      key: `waiting/${today(tools)}`,
      subject: first.id,
      title: 'Orders wait and are at no store',
      what: `${waiting.length}${waiting.length === 100 ? ' or more' : ''} orders have waited longer than ${after}`,
      next: 'List them with: orderly orders list --waiting',
    },
  ]
}

async function heldTooLong(tools: Tools): Promise<readonly Alarm[]> {
  const { ledger, setup, clock } = tools
  const after = setup.config.alarms?.heldAfter
  if (after === undefined) return []
  const { messages } = await ledger.totals()
  const held = messages.filter(({ state, oldest }) => state === 'held' && clock.now() - oldest > durationOf(after))
  return held.map(({ channel, count, oldest }) => ({
    key: `held/${channel}/${today(tools)}`,
    subject: channel,
    title: 'Messages are held',
    what: `${count} ${channel} held, the oldest for ${formatDuration(Math.floor((clock.now() - oldest) / 3_600_000) * 3_600_000)}`,
    next: `See: orderly messages list --state held`,
  }))
}
