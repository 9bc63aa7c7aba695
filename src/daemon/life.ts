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
import { isNotified, type Notifier, notifySystemd, watchdogInterval, watchdogPatience } from '../platform/systemd.ts'
import { decideAlarms } from '../workflow/messages/alarm.ts'
import { programVersion } from './data-files.ts'
import { heard, type Health } from './health.ts'
import { type LoadedSetup, loadSetup } from './load-setup.ts'
import { openRooms, type Rooms } from './rooms.ts'
import { type StatusDocument, statusWriter } from './status-document.ts'
import { statusLine } from './status-line.ts'

export interface LifeTools {
  readonly configFile: string
  readonly env: Env
  readonly signal: AbortSignal
  /** Aborted with the reason when the ledger can no longer be written safely. */
  readonly failed: AbortSignal
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
  #queue: StatusDocument['queue'] = []

  constructor(tools: LifeTools, first: LoadedSetup) {
    this.#tools = tools
    this.#current = first
    this.#log = this.#logFor(first)
    this.#systemd = notifySystemd({ env: tools.env, log: this.#log, clock: tools.clock })
    this.#startedAt = tools.clock.now()
    this.#loadedAt = this.#startedAt
  }

  async run(): Promise<void> {
    const { signal, failed, onReady, dataFolder } = this.#tools
    if (process.getuid?.() === 0) this.#log.warn({}, 'orderly runs as root; give it a user of its own')
    await this.#open(this.#current)
    const loops = [this.#statusLoop(), this.#aliveLoop()].filter((loop) => loop !== undefined)
    const onHangup = (): void => void this.#reload()
    process.on('SIGHUP', onHangup)
    await this.#systemd.ready(this.#line())
    this.#log.info({ config: this.#current.loaded.hash, data: dataFolder }, 'orderly is running')
    onReady?.()
    await aborted(AbortSignal.any([signal, failed, this.#broken.signal]))
    if (failed.aborted) this.#log.error({ err: failed.reason as unknown }, 'the ledger cannot be written safely')
    process.off('SIGHUP', onHangup)
    await this.#end(loops)
    for (const each of [failed, this.#broken.signal]) if (each.aborted) throw each.reason
  }

  async #end(loops: readonly Loop[]): Promise<void> {
    const { ledger, dataFolder } = this.#tools
    this.#log.info({}, 'orderly is stopping')
    await this.#systemd.stopping('stopping: what is in flight comes to its end')
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
    const { configFile, env, signal, failed } = this.#tools
    if (signal.aborted || failed.aborted || this.#broken.signal.aborted) return
    await this.#systemd.reloading()
    try {
      const candidate = await loadSetup(configFile, env)
      if (candidate.kind === 'bad') await this.#keepOld(errorsOf(candidate.problems))
      else if (this.#needsRestart(candidate.value)) await this.#keepOld(errorsOf([restartNeeded]))
      else await this.#change(candidate.value)
    } finally {
      await this.#systemd.ready(this.#line())
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
        this.#queue = messages.map(({ oldest, ...depth }) => ({ ...depth, oldest: isoInstant(oldest) }))
        await writer.write(this.#document('running', this.#queue))
        return 'idle'
      },
      onError: (error) => this.#log.error({ err: error }, 'status could not be written'),
    })
  }

  /** Pings while the work goes on, each with the line of status; a daemon whose loops are silent is restarted by systemd. */
  #aliveLoop(): Loop | undefined {
    const { env, signal } = this.#tools
    if (!isNotified(env)) return undefined
    const patience = watchdogPatience(env)
    return startLoop({
      name: 'alive',
      everyMs: patience === undefined ? 30_000 : watchdogInterval(patience),
      signal,
      run: async () => {
        await this.#sayAlive(patience)
        return 'idle'
      },
      onError: (error) => this.#log.error({ err: error }, 'systemd could not be told'),
    })
  }

  async #sayAlive(patience: number | undefined): Promise<void> {
    const silentMs = this.#tools.health.silentFor()
    if (patience === undefined) return await this.#systemd.status(this.#line())
    if (silentMs < patience) return await this.#systemd.watchdog(this.#line())
    this.#log.error({ silentMs }, 'no loop has finished a pass; the watchdog is not pinged')
    await this.#systemd.status(`no work was done for ${Math.floor(silentMs / 1000)} s`)
  }

  #line(): string {
    return statusLine(this.#document('running', this.#queue))
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
