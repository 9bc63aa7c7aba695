/**
 * Everything that runs under one config: import loops, dispatchers, export loops, timers.
 *
 * A reload opens a new set under the new config after the old one has closed; the lock and the
 * ledger stay. Closing stops the intake first, then lets what is in flight come to its end.
 */
import { resolve } from 'node:path'
import { importSource } from '../intake/import-source.ts'
import { type ImportState, startImportLoop } from '../intake/import-loop.ts'
import { type Dispatcher, recordInterrupted, startDispatcher } from '../dispatch/dispatcher.ts'
import { exportTarget } from '../dispatch/export-file.ts'
import { startExportLoop } from '../dispatch/export-loop.ts'
import { takeEarlyReceipts, takeReceipt } from '../dispatch/take-receipt.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, startLoop } from '../platform/loop.ts'
import { startOverdueLoop } from '../schedule/overdue-loop.ts'
import { startTimerLoop } from '../schedule/timer-loop.ts'
import { hintAfterCommits } from './hints.ts'
import type { LoadedSetup } from './load-setup.ts'
import type { Health } from './health.ts'
import { startTroubleLoop } from './trouble.ts'
import type { TransportStatus } from './status-document.ts'
import { mailDispatch, mailStatus, openMail, openSms, smsAccountName, smsDispatch, smsStatus } from './transports.ts'

export interface RoomTools {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly startedAt: number
}

export interface Rooms extends AsyncDisposable {
  readonly setup: LoadedSetup
}

/** Milliseconds that a transport may take to let what is in flight come to its end. */
const graceMs = 8_000

export async function openRooms(current: LoadedSetup, tools: RoomTools): Promise<Rooms> {
  const { ledger, clock, log, health } = tools
  const { setup, loaded } = current
  const stop = new AbortController()
  const { signal } = stop
  const hints = hintAfterCommits(ledger)
  const shared = { ledger: hints.ledger, setup, clock, log, signal }

  for (const channel of ['mail', 'sms'] as const) {
    const count = await recordInterrupted(channel, shared)
    if (count > 0) log.warn({ channel, count }, 'messages of an earlier run have an unknown result')
  }
  const mail = openMail(loaded, tools)
  const sms = openSms(loaded, tools, (receipt) => takeReceipt(shared, receipt))
  const dispatchers: Dispatcher[] = []
  const dispatch = (dispatcher: Dispatcher): void => {
    dispatchers.push(dispatcher)
    hints.onCommit(() => dispatcher.nudge())
  }
  const passed = { ...shared, onPass: () => health.passed('dispatch') }
  if (mail) dispatch(startDispatcher('mail', mailDispatch(mail), passed))
  if (sms) {
    const early = smsDispatch(sms, (_, attempt) => takeEarlyReceipts(shared, smsAccountName, attempt))
    dispatch(startDispatcher('sms', early, passed))
  }
  const exports = startExports(current, shared, health, hints.onCommit)
  const timers = [startTimerLoop(shared), startOverdueLoop({ ...shared, startedAt: tools.startedAt, raised: new Set() })]
  const imports = startImports(current, shared, health)
  const watch = watchOtherProcesses(shared, hints)
  health.show({
    mail: () => transportStatus(mailStatus(mail), dispatchers[0]),
    sms: () => transportStatus(smsStatus(sms), dispatchers.at(-1)),
  })
  const trouble = startTroubleLoop({ ...shared, health, dataFolder: resolve(loaded.folder, loaded.config.data) })
  return {
    setup: current,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await closeAll([...imports, ...timers, ...exports, watch, trouble])
      await Promise.all([mail?.close({ graceMs }), sms?.close({ graceMs })])
      await Promise.all(dispatchers.map((dispatcher) => dispatcher[Symbol.asyncDispose]()))
    },
  }
}

type Shared = { readonly ledger: Ledger; readonly setup: LoadedSetup['setup']; readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal }

function startImports({ loaded }: LoadedSetup, shared: Shared, health: Health): Loop[] {
  const onPass = (state: ImportState): void => health.imported(state)
  return Object.keys(loaded.config.imports).flatMap((name) => {
    const source = importSource(loaded.config, loaded.folder, name)
    return source === undefined ? [] : [startImportLoop(source, { ...shared, onPass })]
  })
}

function startExports(current: LoadedSetup, shared: Shared, health: Health, onCommit: (hint: () => void) => void): Loop[] {
  const { loaded, templates } = current
  return Object.entries(loaded.config.exports).map(([name, config]) => {
    const { format } = config
    const text = format.type === 'text' ? templates.exports.get(format.template)?.text : undefined
    const target = exportTarget(name, config, loaded.folder, text)
    const loop = startExportLoop(target, { ...shared, onPass: (state) => health.exported(state) })
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

const transportStatus = (status: Omit<TransportStatus, 'inFlight'>, dispatcher: Dispatcher | undefined): TransportStatus => ({
  ...status,
  inFlight: status.state === 'off' ? 0 : (dispatcher?.inFlight() ?? 0),
})

async function closeAll(loops: readonly AsyncDisposable[]): Promise<void> {
  await Promise.all(loops.map((loop) => loop[Symbol.asyncDispose]()))
}
