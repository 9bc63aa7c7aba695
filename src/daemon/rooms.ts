/**
 * Everything that runs under one config: import loops, dispatchers, export loops, timers.
 *
 * A reload opens a new set under the new config after the old one has closed; the lock and the
 * ledger stay. Closing starts nothing new and lets what is in flight come to its end.
 */
import { resolve } from 'node:path'
import { smsAccounts, smsRoutes } from '../config/sms-accounts.ts'
import { durationOf } from '../core/date.ts'
import { importSource } from '../intake/import-source.ts'
import { type ImportState, startImportLoop } from '../intake/import-loop.ts'
import { type Dispatcher, recordInterrupted, startDispatcher } from '../dispatch/dispatcher.ts'
import { exportTarget } from '../dispatch/exports/file.ts'
import { type ExportLoopTools, startExportLoop } from '../dispatch/exports/loop.ts'
import type { MailTransport } from '../dispatch/mail/pool.ts'
import { openLastLook } from '../dispatch/before-leaving.ts'
import type { SmsAccount } from '../dispatch/sms/account.ts'
import { takeIncoming } from '../dispatch/sms/take-incoming.ts'
import {
  earlyIds,
  type ReceiptTools,
  takeEarlyReceipts,
  takeLeftReceipts,
  takeReceipt,
} from '../dispatch/sms/take-receipt.ts'
import { openWays } from '../dispatch/sms/ways.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, startLoop } from '../platform/loop.ts'
import { type MountMemory, mountMemory } from '../platform/mount-memory.ts'
import { startTicker } from '../platform/ticker.ts'
import { startOverdueLoop } from '../schedule/overdue-loop.ts'
import { startTimerLoop } from '../schedule/timer-loop.ts'
import { tellAwayAndBack } from './away-and-back.ts'
import { startCommandLoop } from './command-loop.ts'
import { ownerOf } from './data-files.ts'
import { hintAfterCommits } from './hints.ts'
import type { LoadedSetup } from './load-setup.ts'
import type { Health } from './health.ts'
import { startTroubleLoop } from './trouble.ts'
import type { TransportStatus } from './status-document.ts'
import { mailDispatch, mailStatus, openMail, openSms, smsDispatch, smsStatus } from './transports.ts'

export interface RoomTools {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly startedAt: number
  readonly dataFolder: string
}

export interface Rooms extends AsyncDisposable {
  readonly setup: LoadedSetup
}

/** Milliseconds that a transport may take to let what is in flight come to its end. */
const graceMs = 8_000

/** Throws when a transport cannot be made of the config; nothing runs then. */
export async function openRooms(current: LoadedSetup, tools: RoomTools): Promise<Rooms> {
  const { ledger, clock, log, health } = tools
  const stop = new AbortController()
  const hints = hintAfterCommits(ledger)
  const mounts = mountMemory(tools.dataFolder)
  const shared = { ledger: hints.ledger, setup: current.setup, clock, log, mounts, signal: stop.signal }
  const owner = ownerOf(tools.dataFolder)
  health.begin()
  await recordLeftInFlight(shared)
  const receipts = { ...shared, early: earlyIds() }
  const transports = openTransports(current, receipts)
  const dispatchers = startDispatchers(transports, receipts, health)
  for (const dispatcher of dispatchers.values()) hints.onCommit(() => dispatcher.nudge())
  health.show(() => statusOf(transports, dispatchers))
  const timed = [
    ...startExports(current, shared, health, (wake) => hints.onCommit(wake)),
    startTimerLoop({ ...shared, documents: documentsFolder(current), onPass: () => health.passed('timers') }),
  ]
  const loops = [
    ...timed,
    // What has a time is looked at each second; without the ticks it is found at the loops' own next pass.
    startTicker(() => timed.forEach((loop) => loop.nudge()), stop.signal),
    startOverdueLoop({ ...shared, startedAt: tools.startedAt, raised: new Set() }),
    ...startImports(current, { ...shared, owner }, health),
    ...(takesCommands(current) ? [startCommandLoop(shared)] : []),
    watchOtherProcesses(shared, hints),
    startTroubleLoop({ ...shared, health, dataFolder: tools.dataFolder }),
  ]
  const closeTransports = async (): Promise<void> => {
    const open = [...(transports.mail ? [transports.mail] : []), ...transports.sms.values()]
    await Promise.all(open.map((transport) => transport.close({ graceMs })))
    await closeAll([...dispatchers.values()])
  }
  return {
    setup: current,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      // At the same time: a slow share must not use up the time that an answer may take.
      await Promise.all([closeAll(loops), closeTransports()])
    },
  }
}

/** Only files of commands leave any behind that wait. */
const takesCommands = ({ loaded }: LoadedSetup): boolean =>
  Object.values(loaded.config.imports).some(({ kind }) => kind === 'commands')

const documentsFolder = ({ loaded }: LoadedSetup): string | undefined =>
  loaded.config.documents.folder === undefined ? undefined : resolve(loaded.folder, loaded.config.documents.folder)

async function recordLeftInFlight(shared: Shared): Promise<void> {
  for (const channel of ['mail', 'sms'] as const) {
    const count = await recordInterrupted(channel, shared)
    if (count > 0) shared.log.warn({ channel, count }, 'messages of an earlier run have an unknown result')
  }
  for (const { name } of smsAccounts(shared.setup.config.sms)) await takeLeftReceipts(shared, name)
}

interface Transports {
  readonly mail: MailTransport | undefined
  /** By name; none where SMS is off. */
  readonly sms: ReadonlyMap<string, SmsAccount>
}

/** Mail opens no line before there is something to send: when SMS refuses its settings, nothing is left behind. */
function openTransports({ loaded }: LoadedSetup, shared: SharedWithReceipts): Transports {
  const mail = openMail(loaded, shared)
  const sms = openSms(loaded, shared, {
    onReceipt: (receipt) => takeReceipt(shared, receipt),
    onIncoming: (incoming) => takeIncoming(shared, incoming),
  })
  return { mail, sms }
}

/** By the names of `transportNames`. */
function startDispatchers(
  { mail, sms }: Transports,
  shared: SharedWithReceipts,
  health: Health,
): ReadonlyMap<string, Dispatcher> {
  const { ledger, setup, clock } = shared
  const { config } = setup
  const tools = { ...shared, onPass: () => health.passed('dispatch') }
  const look = openLastLook('sms', ledger, setup)
  const ways = openWays(sms, smsRoutes(config.sms), durationOf(config.sms.fallBackAfter), clock)
  const dispatchers = new Map<string, Dispatcher>()
  if (mail) dispatchers.set('mail', startDispatcher('mail', mailDispatch(mail), tools))
  for (const [name, account] of sms) {
    const transport = smsDispatch(name, account, {
      afterRecorded: (message, attempt) => takeEarlyReceipts(shared, name, message, attempt),
      ...(sms.size > 1 && { lane: () => ways.laneOf(name) }),
    })
    dispatchers.set(statusName(sms, name), startDispatcher('sms', transport, tools, look))
  }
  return dispatchers
}

/** `sms`, or `sms NAME` where there are several. */
const statusName = (sms: ReadonlyMap<string, unknown>, name: string): string => (sms.size > 1 ? `sms ${name}` : 'sms')

function statusOf(
  { mail, sms }: Transports,
  dispatchers: ReadonlyMap<string, Dispatcher>,
): Readonly<Record<string, TransportStatus>> {
  const accounts = [...sms].map(([name, account]) => [statusName(sms, name), smsStatus(account)] as const)
  const all = [['mail', mailStatus(mail)] as const, ...(accounts.length === 0 ? [smsOff] : accounts)]
  return Object.fromEntries(all.map(([name, status]) => [name, transportStatus(status, dispatchers.get(name))]))
}

const smsOff = ['sms', { state: 'off' }] as const

type SharedWithReceipts = Shared & Required<Pick<ReceiptTools, 'early'>>

type Shared = {
  readonly ledger: Ledger
  readonly setup: LoadedSetup['setup']
  readonly clock: Clock
  readonly log: Log
  readonly mounts: MountMemory
  readonly signal: AbortSignal
}

function startImports({ loaded }: LoadedSetup, shared: Shared & { readonly owner: string }, health: Health): Loop[] {
  const tell = tellAwayAndBack(shared.log)
  const onPass = (state: ImportState): void => {
    tell('import', state.import, state.online ? undefined : (state.reason ?? 'unknown'))
    health.imported(state)
  }
  return Object.keys(loaded.config.imports).flatMap((name) => {
    const source = importSource(loaded.config, loaded.folder, name)
    return source === undefined ? [] : [startImportLoop(source, { ...shared, onPass })]
  })
}

function startExports(
  current: LoadedSetup,
  shared: Shared,
  health: Health,
  onCommit: (hint: () => void) => void,
): Loop[] {
  const { loaded, templates } = current
  const tell = tellAwayAndBack(shared.log)
  const onPass: ExportLoopTools['onPass'] = (state) => {
    tell('export', state.export, state.ok ? undefined : (state.reason ?? 'unknown'))
    health.exported(state)
  }
  return Object.entries(loaded.config.exports).map(([name, config]) => {
    const { format } = config
    const text = format.type === 'text' ? templates.exports.get(format.template)?.text : undefined
    const target = exportTarget(name, config, loaded.folder, text)
    const loop = startExportLoop(target, { ...shared, onPass })
    onCommit(() => loop.nudge())
    return loop
  })
}

/** Commits of the command line are seen by the ledger's change stamp: a hint, like all others. */
function watchOtherProcesses({ ledger, log, signal }: Shared, hints: ReturnType<typeof hintAfterCommits>): Loop {
  let last: number | undefined
  return startLoop({
    name: 'changes',
    everyMs: 500,
    signal,
    run: async () => {
      const stamp = await ledger.changeStamp()
      if (last !== undefined && stamp !== last) hints.ring()
      last = stamp
      return 'idle'
    },
    onError: (error) => log.error({ err: error }, 'look for changes failed'),
  })
}

const transportStatus = (
  status: Omit<TransportStatus, 'inFlight'>,
  dispatcher: Dispatcher | undefined,
): TransportStatus => ({
  ...status,
  inFlight: status.state === 'off' ? 0 : (dispatcher?.inFlight() ?? 0),
})

async function closeAll(loops: readonly AsyncDisposable[]): Promise<void> {
  await Promise.all(loops.map((loop) => loop[Symbol.asyncDispose]()))
}
