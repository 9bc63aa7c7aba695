/**
 * The daemon's life, top to bottom: rooms, ready; then reloads until it is stopped.
 *
 * A reload checks the whole candidate first and keeps the old config on any error, also when the new
 * one cannot be opened. Tells systemd and the status document how it goes. Throws only when neither
 * config can be opened: then somebody has to start it anew.
 */
import { resolve } from 'node:path'
import type { Env } from '../config/secrets.ts'
import { isoInstant } from '../core/date.ts'
import { formatProblem, type Problem } from '../core/problem.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import { createLog, type Log } from '../platform/log.ts'
import { type Loop, startLoop } from '../platform/loop.ts'
import { type Notifier, notifySystemd, watchdogInterval } from '../platform/systemd.ts'
import { decideAlarms } from '../workflow/alarm.ts'
import { programVersion } from './data-files.ts'
import { heard, type Health } from './health.ts'
import { type LoadedSetup, loadSetup } from './load-setup.ts'
import { openRooms, type Rooms } from './rooms.ts'
import { type StatusDocument, statusWriter } from './status-document.ts'

export interface LifeTools {
  readonly configFile: string
  readonly env: Env
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly ledger: Ledger
  readonly health: Health
  readonly dataFolder: string
  readonly logTo?: { write(line: string): void }
  readonly onReady?: () => void
}

export class Life {
  readonly #tools: LifeTools
  readonly #systemd: Notifier
  readonly #startedAt: number
  /** Every secret of this run: an old one must not turn up in the log after a reload either. */
  readonly #secrets = new Set<string>()
  readonly #broken = new AbortController()
  #log: Log
  #current: LoadedSetup
  #rooms: Rooms | undefined
  #loadedAt: number
  #rejected: string | undefined
  #reloading: Promise<void> = Promise.resolve()

  constructor(tools: LifeTools, first: LoadedSetup) {
    this.#tools = tools
    this.#current = first
    this.#log = this.#logFor(first)
    this.#systemd = notifySystemd({ env: tools.env, log: this.#log, clock: tools.clock })
    this.#startedAt = tools.clock.now()
    this.#loadedAt = this.#startedAt
  }

  async run(): Promise<void> {
    const { signal, onReady, dataFolder } = this.#tools
    await this.#open(this.#current)
    const loops = [this.#statusLoop(), this.#watchdogLoop()].filter((loop) => loop !== undefined)
    const onHangup = (): void => void this.#reload()
    process.on('SIGHUP', onHangup)
    await this.#systemd.ready()
    this.#log.info({ config: this.#current.loaded.hash, data: dataFolder }, 'orderly is running')
    onReady?.()
    await aborted(AbortSignal.any([signal, this.#broken.signal]))
    process.off('SIGHUP', onHangup)
    await this.#end(loops)
    if (this.#broken.signal.aborted) throw this.#broken.signal.reason
  }

  async #end(loops: readonly Loop[]): Promise<void> {
    const { ledger, dataFolder } = this.#tools
    this.#log.info({}, 'orderly is stopping')
    await this.#systemd.stopping()
    await this.#reloading
    await this.#rooms?.[Symbol.asyncDispose]()
    await Promise.all(loops.map((loop) => loop[Symbol.asyncDispose]()))
    try {
      await ledger.checkpoint()
      const last = this.#document('stopped', [])
      await statusWriter(dataFolder, last).write(last)
    } catch (error) {
      this.#log.warn({ err: error }, 'the end could not be written down') // nothing is lost by it
    }
    this.#log.info({}, 'orderly has stopped')
  }

  async #open(current: LoadedSetup): Promise<void> {
    const { ledger, clock, health, dataFolder } = this.#tools
    const log = this.#logFor(current)
    for (const warning of current.warnings) log.warn({ problem: formatProblem(warning) }, 'config warning')
    this.#rooms = await openRooms(current, { ledger, clock, log, health, startedAt: this.#startedAt, dataFolder })
    this.#current = current
    this.#log = log
  }

  #logFor({ loaded }: LoadedSetup): Log {
    const { logTo, clock, health } = this.#tools
    for (const secret of loaded.secrets.values()) this.#secrets.add(secret)
    const secrets = [...this.#secrets]
    return heard(
      createLog({ level: loaded.config.logLevel, secrets, ...(logTo && { destination: logTo }), clock }),
      health,
    )
  }

  /** Reloads one after the other; a broken candidate changes nothing but what is told (features 8). */
  #reload(): Promise<void> {
    this.#reloading = this.#reloading
      .then(() => this.#tryReload())
      .catch((error: unknown) => this.#log.error({ err: error }, 'reload failed'))
    return this.#reloading
  }

  async #tryReload(): Promise<void> {
    const { configFile, env, signal } = this.#tools
    if (signal.aborted || this.#broken.signal.aborted) return
    await this.#systemd.reloading()
    try {
      const candidate = await loadSetup(configFile, env)
      if (candidate.kind === 'bad') await this.#keepOld(errorsOf(candidate.problems))
      else if (this.#needsRestart(candidate.value)) await this.#keepOld(errorsOf([restartNeeded]))
      else await this.#change(candidate.value)
    } finally {
      await this.#systemd.ready()
    }
  }

  async #change(next: LoadedSetup): Promise<void> {
    const { clock, signal } = this.#tools
    const old = this.#current
    await this.#rooms?.[Symbol.asyncDispose]()
    this.#rooms = undefined
    if (signal.aborted) return
    try {
      await this.#open(next)
    } catch (error) {
      await this.#open(old).catch((reason: unknown) => this.#broken.abort(reason))
      await this.#keepOld([`it could not be opened: ${error instanceof Error ? error.message : String(error)}`])
      return
    }
    this.#rejected = undefined
    this.#loadedAt = clock.now()
    this.#log.info({ config: next.loaded.hash }, 'config reloaded')
  }

  #needsRestart({ loaded }: LoadedSetup): boolean {
    return resolve(loaded.folder, loaded.config.data) !== this.#tools.dataFolder
  }

  async #keepOld(errors: readonly string[]): Promise<void> {
    const { ledger, clock } = this.#tools
    this.#rejected = errors[0] ?? 'unknown problem'
    for (const problem of errors) this.#log.error({ problem }, 'config rejected, the old one stays')
    const { setup } = this.#current
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
    const { ledger, dataFolder, signal } = this.#tools
    const writer = statusWriter(dataFolder, this.#document('starting', []))
    return startLoop({
      name: 'status',
      everyMs: 2_000,
      signal,
      run: async () => {
        const { messages } = await ledger.totals()
        const queue = messages.map(({ oldest, ...depth }) => ({ ...depth, oldest: isoInstant(oldest) }))
        await writer.write(this.#document('running', queue))
        return 'idle'
      },
      onError: (error) => this.#log.error({ err: error }, 'status could not be written'),
    })
  }

  /** Pings while the work goes on; a daemon whose loops are silent is restarted by systemd. */
  #watchdogLoop(): Loop | undefined {
    const { env, health, signal } = this.#tools
    const every = watchdogInterval(env)
    if (every === undefined) return undefined
    return startLoop({
      name: 'watchdog',
      everyMs: every,
      signal,
      run: async () => {
        if (health.silentFor() < every * 2) await this.#systemd.watchdog()
        else
          this.#log.error({ silentMs: health.silentFor() }, 'no loop has finished a pass; the watchdog is not pinged')
        return 'idle'
      },
      onError: (error) => this.#log.error({ err: error }, 'watchdog failed'),
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
        hash: this.#current.loaded.hash,
        file: configFile,
        loadedAt: isoInstant(this.#loadedAt),
        ...(this.#rejected !== undefined && { rejected: this.#rejected }),
      },
      ...health.snapshot(),
      queue,
    }
  }
}

const errorsOf = (problems: readonly Problem[]): readonly string[] =>
  problems.filter(({ severity }) => severity === 'error').map(formatProblem)

const restartNeeded: Problem = {
  code: 'C900',
  severity: 'error',
  place: { path: 'data' },
  message: 'the data folder can only change with a restart',
  hint: 'Restart the service, or put the old folder back',
}

/** No timer: the longest one ends after 25 days. The loops keep the process alive. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
