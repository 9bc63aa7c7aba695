/**
 * A folder with config, imports and exports, the daemon in it, and its neighbours in another process.
 *
 * The daemon can be killed, stopped and told to read its config again at any time; its log is kept in the folder.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import type { Program } from '../crash/program.ts'
import { baseConfig, type Config } from '../end-to-end/world.ts'
import type { Drop } from './load.ts'
import type { FromNeighbours, Received, ToNeighbours, Weather } from './weather.ts'

export interface Said {
  readonly code: number | null
  readonly out: string
}

export interface Yard extends AsyncDisposable {
  readonly folder: string
  /** Writes the config; a daemon reads it at its start, or when it is told to. */
  configure(change?: (config: Config) => void): void
  /** Gives a file to its import folder by a rename. */
  drop(file: Drop): void
  start(): void
  /** Until the daemon runs, or has ended. */
  ready(): Promise<void>
  isAlive(): boolean
  pid(): number | undefined
  /** Lines of the log so far, of all daemons: they grow with the work that is done. */
  logged(): number
  kill(): Promise<void>
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
  reload(): void
  /** A command of `orderly` on this folder. */
  orderly(...words: readonly string[]): Promise<Said>
  weather(weather: Weather): void
  received(): Promise<Received>
  look<T>(read: (ledger: Ledger) => Promise<T>): Promise<T>
  /** What is still to be done; undefined when nothing is. */
  busy(): Promise<string | undefined>
}

export async function openYard(program: Program, seed: number, folder?: string): Promise<Yard> {
  const place = folder ?? mkdtempSync(join(tmpdir(), 'orderly-yard-'))
  const neighbours = fork(fileURLToPath(new URL('neighbours.ts', import.meta.url)), [String(seed)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const ready = await nextMessage(neighbours, 'ready')
  const keeper = keepDaemon(program, place)
  const config = join(place, 'config', 'orderly.yaml')
  const tell = (message: ToNeighbours): void => void neighbours.send(message)
  const yard: Yard = {
    folder: place,
    ...keeper,
    configure: (change) => {
      const made = yardConfig(ready.smtp, ready.smpp)
      change?.(made)
      mkdirSync(join(place, 'config'), { recursive: true })
      writeFileSync(`${config}.new`, stringify(made))
      renameSync(`${config}.new`, config)
    },
    drop: ({ import: name, name: file, bytes }) => {
      const target = join(place, 'in', name)
      const hidden = join(target, `.${file}.part`)
      writeFileSync(hidden, bytes)
      renameSync(hidden, join(target, file))
    },
    orderly: (...words) => say(program, [...words, '--config', config]),
    weather: (weather) => tell({ kind: 'weather', weather }),
    received: async () => {
      tell({ kind: 'report' })
      return (await nextMessage(neighbours, 'received')).received
    },
    look: async (read) => {
      await using ledger = await openLedger(join(place, 'var', 'ledger.db'), { busyTimeoutMs: 30_000, readOnly: true })
      return await read(ledger)
    },
    busy: () => stillBusy(yard),
    [Symbol.asyncDispose]: async () => {
      await keeper.kill()
      tell({ kind: 'end' })
      await new Promise((resolve) => neighbours.once('exit', resolve))
    },
  }
  for (const name of ['orders', 'trade', 'bank', 'answers', 'erp'])
    mkdirSync(join(place, 'in', name), { recursive: true })
  return yard
}

function nextMessage<K extends FromNeighbours['kind']>(
  neighbours: ChildProcess,
  kind: K,
): Promise<Extract<FromNeighbours, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      const told = message as FromNeighbours
      if (told.kind !== kind) return
      neighbours.off('message', onMessage)
      resolve(told as Extract<FromNeighbours, { kind: K }>)
    }
    neighbours.on('message', onMessage)
    neighbours.once('exit', (code) => reject(new Error(`the neighbours ended with ${String(code)}`)))
  })
}

type Keeper = Pick<Yard, 'start' | 'ready' | 'isAlive' | 'pid' | 'logged' | 'kill' | 'stop' | 'reload'>

function keepDaemon(program: Program, folder: string): Keeper {
  const log = createWriteStream(join(folder, 'daemon.log'), { flags: 'a' })
  let child: ChildProcess | undefined
  let isReady = false
  let lines = 0
  let ended: Promise<number | null> = Promise.resolve(null)
  const alive = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (alive()) child?.kill(signal)
    return await ended
  }
  return {
    start: () => {
      const [command = '', ...words] = program.daemon
      const started = spawn(command, [...words, join(folder, 'config', 'orderly.yaml')], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...program.env },
      })
      isReady = false
      started.stdout.on('data', (chunk: Buffer) => {
        isReady ||= chunk.includes('orderly is running')
        for (const byte of chunk) if (byte === 10) lines += 1
        log.write(chunk)
      })
      started.stderr.on('data', (chunk: Buffer) => log.write(chunk))
      ended = new Promise((resolve) => started.on('exit', (code) => resolve(code)))
      child = started
    },
    ready: async () => {
      for (let up = isReady; !up && alive(); up = isReady) await pause(10)
    },
    isAlive: alive,
    logged: () => lines,
    pid: () => (alive() ? child?.pid : undefined),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    reload: () => void (alive() && child?.kill('SIGHUP')),
  }
}

function say({ orderly, env }: Program, words: readonly string[]): Promise<Said> {
  const [command = '', ...first] = orderly
  const child = spawn(command, [...first, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out })))
}

async function stillBusy(yard: Yard): Promise<string | undefined> {
  for (const name of readdirSync(join(yard.folder, 'in'))) {
    const folder = join(yard.folder, 'in', name)
    const waiting = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).length
    const claims = join(folder, '.orderly')
    const claimed = existsSync(claims) ? readdirSync(claims).length : 0
    if (waiting + claimed > 0) return `${name}: ${waiting} files wait, ${claimed} are claimed`
  }
  if (!existsSync(join(yard.folder, 'var', 'ledger.db'))) return 'there is no ledger yet'
  const { messages, exports } = await yard.look((ledger) => ledger.totals())
  const under = messages.filter(({ state }) => state === 'queued' || state === 'sending')
  if (under.length > 0) return under.map(({ channel, state, count }) => `${count} ${channel} ${state}`).join(', ')
  const open = exports.filter((each) => each.open > 0 || each.writing > 0)
  if (open.length > 0) return `open exports: ${open.map((each) => each.export).join(', ')}`
  return messages.some(({ channel, state }) => channel === 'sms' && state === 'accepted') ? receiptsOnly : undefined
}

/** All is done but for the receipts of SMS. */
export const receiptsOnly = 'receipts of SMS are missing'

function yardConfig(smtp: number, smpp: number): Config {
  const config = baseConfig(smtp, smpp)
  const { imports, mail, sms } = config
  delete imports.ubl
  const taken = { ready: 'renamed', every: '500ms' }
  const tradeFormat = { type: 'jsonl' }
  imports.trade = {
    ...taken,
    kind: 'orders',
    folder: '../in/trade',
    files: '*.jsonl',
    channel: 'b2b',
    format: tradeFormat,
  }
  const erpFormat = { type: 'csv', delimiter: ';', fields: { order: 'No', status: 'Status' } }
  imports.erp = { ...taken, kind: 'orderStatus', folder: '../in/erp', files: '*.csv', format: erpFormat }
  mail.connections = 8
  mail.pauses = { away: { first: '100ms', max: '1s' }, tooFast: { first: '300ms', max: '1s' } }
  Object.assign(sms, { attempts: 100, reconnect: { first: '100ms', max: '1s' } })
  config['safety'].maxPerHour = { mail: 10_000_000, sms: 10_000_000, perRecipient: 10_000_000 }
  return config
}
