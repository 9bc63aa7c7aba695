/**
 * What every command works with: the streams, the global options, and the config and ledger when it needs them.
 *
 * Config and ledger are opened only when asked for, the ledger for reading only where a command just looks, and
 * closed when the work ends. A config that does not load ends the command with every problem and code 78.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { LoadedConfig } from '../config/load.ts'
import { formatProblem, type Problem } from '../core/problem.ts'
import type { LoadedSetup } from '../daemon/load-setup.ts'
import type { AuditReads } from '../ledger/audit-reads.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { type ExitCode, exitCodes, worse } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { createOutput, type Output, type Sink } from './print.ts'

export interface Io {
  readonly out: Sink
  readonly err: Sink & { readonly isTTY?: boolean | undefined }
  readonly input: AsyncIterable<Uint8Array | string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
  readonly clock?: Clock
}

export interface Globals {
  readonly config?: string
  readonly json?: boolean
  readonly actor?: string
}

/** Milliseconds that a command waits for the lock of another process. */
const busyTimeoutMs = 15_000

export class Cli {
  readonly io: Io
  readonly clock: Clock
  globals: Globals = {}
  exitCode: ExitCode = exitCodes.ok

  constructor(io: Io) {
    this.io = io
    this.clock = io.clock ?? systemClock
  }

  get out(): Output {
    return createOutput(this.io.out, this.io.err, this.globals.json === true)
  }

  /** The worst code that was set is the one of the process. */
  end(code: ExitCode): void {
    this.exitCode = worse(this.exitCode, code)
  }

  /** A path as typed, from the folder in which the command was given. */
  path(text: string): string {
    return resolve(this.io.folder, text)
  }

  /** `--config`, else $ORDERLY_CONFIG, ./config/orderly.yaml, /etc/orderly/config/orderly.yaml: the first that is there. */
  configFile(): string {
    const named = this.globals.config ?? this.io.env['ORDERLY_CONFIG']
    if (named !== undefined && named !== '') return this.path(named)
    const places = [this.path('config/orderly.yaml'), '/etc/orderly/config/orderly.yaml']
    const found = places.find((place) => existsSync(place))
    if (found !== undefined) return found
    throw new Failure(
      exitCodes.config,
      `no config found; looked for ${places.join(' and ')}`,
      'Name it with --config FILE or $ORDERLY_CONFIG, or make one with: orderly init',
    )
  }

  /** `cli:` and --actor, else the user of the operating system. */
  actor(): string {
    const name = (this.globals.actor ?? osUser()).replace(/[\p{C}\s]+/gu, ' ').trim()
    return `cli:${(name === '' ? 'unknown' : name).slice(0, 100)}`
  }

  async config(): Promise<LoadedConfig> {
    const { loadConfig } = await import('../config/load.ts')
    const read = await loadConfig(this.configFile(), { env: this.io.env, now: this.clock.now() })
    return read.kind === 'ok' ? read.loaded : this.#badConfig(read.problems)
  }

  /** Config and templates, checked as the daemon does. */
  async setup(): Promise<LoadedSetup> {
    const { loadSetup } = await import('../daemon/load-setup.ts')
    const read = await loadSetup(this.configFile(), this.io.env)
    return read.kind === 'ok' ? read.value : this.#badConfig(read.problems)
  }

  #badConfig(problems: readonly Problem[]): never {
    const lines = problems.map(formatProblem)
    throw new Failure(exitCodes.config, ...lines, 'The config cannot be used. Look again with: orderly check')
  }

  /** The ledger that the config names. Nothing is made for those who only look. */
  async ledger(loaded: LoadedConfig, mode: 'look' | 'change'): Promise<Ledger> {
    const { openLedger } = await import('../ledger/open-ledger.ts')
    const file = await ledgerOf(loaded)
    if (mode === 'change') await mkdir(dirname(file), { recursive: true, mode: await folderMode() })
    else if (!existsSync(file)) throw noLedger(file)
    return await openLedger(file, { busyTimeoutMs, readOnly: mode === 'look' })
  }

  /** The ledger that the config names, in the one state that it has now, for the audit. */
  async audited(loaded: LoadedConfig): Promise<AuditReads> {
    const { openAudit } = await import('../ledger/audit-reads.ts')
    const file = await ledgerOf(loaded)
    if (!existsSync(file)) throw noLedger(file)
    return await openAudit(file, { busyTimeoutMs })
  }

  async hasLedger(loaded: LoadedConfig): Promise<boolean> {
    return existsSync(await ledgerOf(loaded))
  }
}

const noLedger = (file: string): Failure =>
  new Failure(exitCodes.notFound, `there is no ledger at ${file} yet: nothing was imported`)

async function ledgerOf({ folder, config }: LoadedConfig): Promise<string> {
  const { ledgerFile } = await import('../daemon/data-files.ts')
  return ledgerFile(resolve(folder, config.data))
}

const folderMode = async (): Promise<number> => (await import('../daemon/data-files.ts')).dataFolderMode

/** A container may run under a number that has no name. */
function osUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

export interface Looking {
  readonly loaded: LoadedConfig
  readonly ledger: Ledger
  readonly zone: string
}

/** Runs work that only looks at the ledger; the templates are not read. */
export async function look<T>(cli: Cli, work: (at: Looking) => Promise<T>): Promise<T> {
  const loaded = await cli.config()
  await using ledger = await cli.ledger(loaded, 'look')
  return await work({ loaded, ledger, zone: loaded.config.timeZone })
}

export interface Acting extends Looking {
  readonly current: LoadedSetup
}

/**
 * Runs work that decides under the whole config; with `look` nothing can be written. `lookOrEmpty` is for what may
 * come before the first import: where there is no ledger yet, an empty one stands in and is thrown away.
 */
export async function decide<T>(
  cli: Cli,
  mode: 'look' | 'lookOrEmpty' | 'change',
  work: (at: Acting) => Promise<T>,
): Promise<T> {
  const current = await cli.setup()
  const { loaded } = current
  const zone = loaded.config.timeZone
  if (mode === 'lookOrEmpty' && !(await cli.hasLedger(loaded))) {
    return await withEmptyLedger((ledger) => work({ current, loaded, ledger, zone }))
  }
  await using ledger = await cli.ledger(loaded, mode === 'change' ? 'change' : 'look')
  return await work({ current, loaded, ledger, zone })
}

async function withEmptyLedger<T>(work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const { openLedger } = await import('../ledger/open-ledger.ts')
  const folder = await mkdtemp(join(tmpdir(), 'orderly-empty-'))
  try {
    await using ledger = await openLedger(join(folder, 'ledger.db'), { busyTimeoutMs })
    return await work(ledger)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
