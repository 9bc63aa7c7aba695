/**
 * The daemon's life, top to bottom: lock, ledger, config, rooms, ready; then reloads until it is stopped.
 *
 * Guarantees one daemon for a data folder. A reload checks the whole candidate first and keeps the
 * old config on any error. Returns why it ended; prints nothing and sets no exit code.
 */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Env } from '../config/secrets.ts'
import { isoInstant } from '../core/date.ts'
import { formatProblem, type Problem } from '../core/problem.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { takeLock } from '../platform/lock.ts'
import { createLog, type Log } from '../platform/log.ts'
import { type Loop, sleep, startLoop } from '../platform/loop.ts'
import { type Notifier, notifySystemd, watchdogInterval } from '../platform/systemd.ts'
import { decideAlarms } from '../workflow/alarm.ts'
import { ledgerFile, programVersion } from './data-files.ts'
import { type Health, watchHealth } from './health.ts'
import { type LoadedSetup, loadSetup } from './load-setup.ts'
import { openRooms, type Rooms } from './rooms.ts'
import { type StatusDocument, statusWriter } from './status-document.ts'

export interface DaemonOptions {
  /** Path of orderly.yaml. */
  readonly configFile: string
  readonly env: Env
  readonly signal: AbortSignal
  readonly clock?: Clock
  /** Gets each log line; stdout when absent. */
  readonly logTo?: { write(line: string): void }
  /** Called when everything runs. */
  readonly onReady?: () => void
}

export type DaemonEnd =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'badConfig'; readonly problems: readonly Problem[] }
  | { readonly kind: 'alreadyRunning'; readonly dataFolder: string }

export async function runDaemon(options: DaemonOptions): Promise<DaemonEnd> {
  const clock = options.clock ?? systemClock
  const first = await loadSetup(options.configFile, options.env)
  if (first.kind === 'bad') return { kind: 'badConfig', problems: first.problems }
  const { loaded } = first.value
  const log = createLog({
    level: loaded.config.logLevel,
    secrets: loaded.secrets.values(),
    ...(options.logTo && { destination: options.logTo }),
    clock,
  })
  const dataFolder = resolve(loaded.folder, loaded.config.data)
  mkdirSync(dataFolder, { recursive: true })
  using lock = asDisposable(takeLock(dataFolder))
  if (lock.kind === 'held') return { kind: 'alreadyRunning', dataFolder }
  await using ledger = await openLedger(ledgerFile(dataFolder), { busyTimeoutMs: 30_000 })
  const health = watchHealth(clock)
  const life = new Life({ ...options, clock, log, ledger, health, dataFolder })
  await life.run(first.value)
  return { kind: 'stopped' }
}

interface LifeTools extends DaemonOptions {
  readonly clock: Clock
  readonly log: Log
  readonly ledger: Ledger
  readonly health: Health
  readonly dataFolder: string
}

/** The running daemon: its rooms, and what is told about them. */
class Life {
  readonly #tools: LifeTools
  readonly #systemd: Notifier
  readonly #startedAt: number
  #rooms: Rooms | undefined
  #loadedAt: number
  #rejected: string | undefined

  constructor(tools: LifeTools) {
    this.#tools = tools
    this.#systemd = notifySystemd({ env: tools.env, log: tools.log, clock: tools.clock })
    this.#startedAt = tools.clock.now()
    this.#loadedAt = this.#startedAt
  }

  async run(first: LoadedSetup): Promise<void> {
    const { log, signal, onReady } = this.#tools
    for (const warning of first.warnings) log.warn({ problem: formatProblem(warning) }, 'config warning')
    await this.#open(first)
    const loops = [this.#statusLoop(), this.#watchdogLoop()].filter((loop) => loop !== undefined)
    const onHangup = (): void => void this.#reload()
    process.on('SIGHUP', onHangup)
    await this.#systemd.ready()
    log.info({ config: first.loaded.hash, data: this.#tools.dataFolder }, 'orderly is running')
    onReady?.()
    await aborted(signal)
    process.off('SIGHUP', onHangup)
    log.info({}, 'orderly is stopping')
    await this.#systemd.stopping()
    await this.#reloading
    await this.#rooms?.[Symbol.asyncDispose]()
    await Promise.all(loops.map((loop) => loop[Symbol.asyncDispose]()))
    await this.#tools.ledger.checkpoint()
    await statusWriter(this.#tools.dataFolder, this.#document('stopped', [])).write(this.#document('stopped', []))
    log.info({}, 'orderly has stopped')
  }

  async #open(current: LoadedSetup): Promise<void> {
    const { ledger, clock, log, health } = this.#tools
    this.#rooms = await openRooms(current, { ledger, clock, log, health, startedAt: this.#startedAt })
  }

  #reloading: Promise<void> = Promise.resolve()

  /** Reloads one after the other; a broken candidate changes nothing but what is told (features 8). */
  #reload(): Promise<void> {
    this.#reloading = this.#reloading
      .then(() => this.#tryReload())
      .catch((error: unknown) => this.#tools.log.error({ err: error }, 'reload failed'))
    return this.#reloading
  }

  async #tryReload(): Promise<void> {
    const { log, configFile, env, clock, signal } = this.#tools
    if (signal.aborted) return
    await this.#systemd.reloading()
    const candidate = await loadSetup(configFile, env)
    if (candidate.kind === 'bad') await this.#keepOld(candidate.problems)
    else if (this.#needsRestart(candidate.value)) await this.#keepOld([restartNeeded])
    else {
      await this.#rooms?.[Symbol.asyncDispose]()
      this.#rejected = undefined
      this.#loadedAt = clock.now()
      await this.#open(candidate.value)
      log.info({ config: candidate.value.loaded.hash }, 'config reloaded')
    }
    await this.#systemd.ready()
  }

  #needsRestart({ loaded }: LoadedSetup): boolean {
    return resolve(loaded.folder, loaded.config.data) !== this.#tools.dataFolder
  }

  async #keepOld(problems: readonly Problem[]): Promise<void> {
    const { log, ledger, clock } = this.#tools
    const errors = problems.filter(({ severity }) => severity === 'error').map(formatProblem)
    this.#rejected = errors[0] ?? 'unknown problem'
    for (const problem of errors) log.error({ problem }, 'config rejected, the old one stays')
    const setup = this.#rooms?.setup.setup
    if (setup === undefined) return
    const cause = { kind: 'person', actor: 'daemon', configHash: setup.configHash } as const
    const alarm = {
      key: `config-rejected/${clock.now()}`,
      subject: 'config',
      title: 'A changed config was rejected',
      what: `${errors.length} problems; the old config goes on`,
      details: errors.slice(0, 20).join('\n'),
      next: 'Mend it, look with: orderly check, then reload again.',
    }
    await ledger.commit(decideAlarms(setup, cause, clock.now(), [alarm]))
  }

  #statusLoop(): Loop {
    const { ledger, log, dataFolder } = this.#tools
    const writer = statusWriter(dataFolder, this.#document('starting', []))
    return startLoop({
      name: 'status',
      everyMs: 2_000,
      signal: this.#tools.signal,
      run: async () => {
        const { messages } = await ledger.totals()
        const queue = messages.map(({ oldest, ...depth }) => ({ ...depth, oldest: isoInstant(oldest) }))
        await writer.write(this.#document('running', queue))
        return 'idle'
      },
      onError: (error) => log.error({ err: error }, 'status could not be written'),
    })
  }

  /** Pings while the work goes on; a daemon whose loops are silent is restarted by systemd. */
  #watchdogLoop(): Loop | undefined {
    const { env, health, log, signal } = this.#tools
    const every = watchdogInterval(env)
    if (every === undefined) return undefined
    return startLoop({
      name: 'watchdog',
      everyMs: every,
      signal,
      run: async () => {
        if (health.silentFor() < every * 2) await this.#systemd.watchdog()
        else log.error({ silentMs: health.silentFor() }, 'no loop has finished a pass; the watchdog is not pinged')
        return 'idle'
      },
      onError: (error) => log.error({ err: error }, 'watchdog failed'),
    })
  }

  #document(state: StatusDocument['state'], queue: StatusDocument['queue']): StatusDocument {
    const { clock, health, configFile } = this.#tools
    return {
      version: programVersion(),
      state,
      pid: process.pid,
      startedAt: isoInstant(this.#startedAt),
      updatedAt: isoInstant(clock.now()),
      config: {
        hash: this.#rooms?.setup.loaded.hash ?? '',
        file: configFile,
        loadedAt: isoInstant(this.#loadedAt),
        ...(this.#rejected !== undefined && { rejected: this.#rejected }),
      },
      ...health.snapshot(),
      queue,
    }
  }
}

const restartNeeded: Problem = {
  code: 'C900',
  severity: 'error',
  place: { path: 'data' },
  message: 'the data folder can only change with a restart',
  hint: 'Restart the service, or put the old folder back',
}

const aborted = (signal: AbortSignal): Promise<void> => sleep(2 ** 30, signal)

function asDisposable(lock: ReturnType<typeof takeLock>): ReturnType<typeof takeLock> & Disposable {
  return lock.kind === 'held' ? { ...lock, [Symbol.dispose]: () => undefined } : lock
}

export { ledgerFile, programVersion } from './data-files.ts'
