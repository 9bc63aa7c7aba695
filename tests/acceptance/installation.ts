/**
 * An installation of Orderly in a folder of its own: its config, the daemon at a chosen time, the command line beside it.
 *
 * Several of them may share exchange folders: then all of them run at once until none has anything left to do. Mail and
 * SMS are written as files. The wall clock of a daemon begins at the time given and moves on by itself.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { runProgram } from '../../src/cli/program.ts'
import type { Instant } from '../../src/core/date.ts'
import type { Order } from '../../src/core/order.ts'
import { runDaemon } from '../../src/daemon/daemon.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { type Clock, systemClock } from '../../src/platform/clock.ts'

export type Config = Record<string, unknown>

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export class Installation {
  readonly folder: string
  /** What the wall clock says when the next daemon or command begins. */
  now: Instant

  constructor(folder: string, config: Config, now: Instant) {
    this.folder = folder
    this.now = now
    mkdirSync(join(folder, 'config'), { recursive: true })
    this.configure(config)
  }

  configure(config: Config): void {
    writeFileSync(join(this.folder, 'config', 'orderly.yaml'), stringify({ ...house, ...config }))
  }

  /** Gives a file to a folder by a rename, as a good writer does; `folder` is relative to the installation. */
  drop(folder: string, name: string, ...rows: readonly string[]): void {
    const target = join(this.folder, folder)
    mkdirSync(target, { recursive: true })
    writeFileSync(join(target, `.${name}.part`), `${rows.join('\n')}\n`)
    renameSync(join(target, `.${name}.part`), join(target, name))
  }

  /** Names of the files in a folder, without hidden ones. */
  files(folder: string): readonly string[] {
    const target = join(this.folder, folder)
    return existsSync(target)
      ? readdirSync(target, { withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
          .map(({ name }) => name)
          .toSorted()
      : []
  }

  read(...path: readonly string[]): string {
    return readFileSync(join(this.folder, ...path), 'utf8')
  }

  /** Runs the daemon, the steps one after the other, each until nothing is left to do. */
  async live(...steps: readonly (() => void)[]): Promise<void> {
    await liveTogether([this], ...steps)
  }

  async run(...words: readonly string[]): Promise<Ran> {
    const [out, err]: [string[], string[]] = [[], []]
    const code = await runProgram(['--actor', 'anna', ...words], {
      out: { write: (text) => out.push(text) },
      err: { write: (text) => err.push(text) },
      input: (async function* () {})(),
      env: {},
      folder: this.folder,
      clock: { now: () => this.now, monotonic: () => 0 },
    })
    return { code, out: out.join(''), err: err.join('') }
  }

  /** Each line of a command's JSON. */
  async json<T = Record<string, unknown>>(...words: readonly string[]): Promise<readonly T[]> {
    const { out } = await this.run(...words, '--json')
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T)
  }

  async look<T>(read: (ledger: Ledger) => Promise<T>): Promise<T> {
    await using ledger = await openLedger(join(this.folder, 'var', 'ledger.db'), {
      busyTimeoutMs: 5_000,
      readOnly: true,
    })
    return await read(ledger)
  }

  async order(number: string): Promise<Order> {
    const [order] = await this.look((ledger) => ledger.records({ kind: 'order', number, limit: 1 }))
    if (order?.kind !== 'order') throw new Error(`no order ${number}`)
    return order
  }

  /** `template → address`, with the state where it was not sent; oldest first, alarms left out unless asked for. */
  async told({ alarms = false } = {}): Promise<readonly string[]> {
    const messages = await this.look((ledger) => ledger.messages({ limit: 500 }))
    return messages
      .filter(({ template }) => template.startsWith('alarm/') === alarms)
      .toSorted((a, b) => (a.because ?? 0) - (b.because ?? 0))
      .map(({ channel, template, recipients, state, reason }) => {
        const to = recipients.map(({ address }) => address).join(', ') || 'nobody'
        const fate = state === 'accepted' ? '' : ` (${state}${reason === undefined ? '' : `: ${reason}`})`
        return `${channel} ${template} → ${to}${fate}`
      })
  }

  /** Rows of all files of an export folder as objects by column. */
  rows(folder: string): readonly Record<string, string>[] {
    return this.files(folder).flatMap((name) => {
      const [head = '', ...rows] = this.read(folder, name).trim().split('\n')
      const columns = head.split(';')
      return rows.map((row) => Object.fromEntries(row.split(';').map((value, i) => [columns[i] ?? '', value])))
    })
  }

  isQuiet = async (): Promise<boolean> => {
    if (!existsSync(join(this.folder, 'var', 'ledger.db'))) return false
    try {
      return await this.look(async (ledger) => {
        const { messages, exports } = await ledger.totals()
        const timers = await ledger.dueTimers(this.now, 1)
        return (
          timers.length === 0 &&
          messages.every(({ state }) => state !== 'queued' && state !== 'sending') &&
          exports.every(({ open, writing }) => open === 0 && writing === 0)
        )
      })
    } catch {
      return false // the daemon is making it
    }
  }
}

/** Runs the daemons of all of them at once. */
export async function liveTogether(all: readonly Installation[], ...steps: readonly (() => void)[]): Promise<void> {
  const stop = new AbortController()
  let log = ''
  const ended = all.map((each) =>
    runDaemon({
      configFile: join(each.folder, 'config', 'orderly.yaml'),
      env: {},
      signal: stop.signal,
      clock: from(each.now),
      logTo: { write: (line) => (log += line) },
    }),
  )
  const isOver = (): boolean => over
  let over = false
  for (const each of ended) void each.then(() => (over = true)).catch(() => (over = true))
  try {
    await quiet(all, isOver)
    for (const step of steps) {
      step()
      await quiet(all, isOver)
    }
  } catch (error) {
    throw new Error(`${String(error)}\n${log}`, { cause: error })
  } finally {
    stop.abort()
    await Promise.allSettled(ended)
  }
  for (const end of await Promise.all(ended)) if (end.kind !== 'stopped') throw new Error(JSON.stringify(end))
}

function from(start: Instant): Clock {
  const begun = systemClock.monotonic()
  return { now: () => Math.round(start + systemClock.monotonic() - begun), monotonic: () => systemClock.monotonic() }
}

async function quiet(all: readonly Installation[], isOver: () => boolean): Promise<void> {
  for (let tries = 0, still = 0; tries < 600 && !isOver(); tries++) {
    const each = await Promise.all(all.map(async (one) => !hasFiles(one.folder) && (await one.isQuiet())))
    still = each.every(Boolean) ? still + 1 : 0
    if (still === 6) return
    await pause(60)
  }
  if (!isOver()) throw new Error('the daemons do not come to rest')
}

/** Whether files wait in any import folder, or are claimed there: those are named `in`. */
function hasFiles(folder: string): boolean {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith('.part')) continue
    const path = join(entry.parentPath, entry.name)
    if (/\/in\/[^/]+\/[^/]+$/.test(path) || /\/in\/[^/]+\/\.orderly\/[^/]+$/.test(path)) return true
  }
  return false
}

const house: Config = {
  version: 1,
  company: { code: 'HU01', name: 'Example Kft.', email: 'shop@example.com', phone: '+36 1 234 5678' },
  languages: ['en'],
  timeZone: 'Europe/Budapest',
  currency: 'EUR',
  country: 'HU',
  templates: fileURLToPath(new URL('../../templates', import.meta.url)),
  data: '../var',
  mail: { transport: 'files', folder: '../var/mail', from: { address: 'shop@example.com' } },
  sms: { transport: 'files', folder: '../var/sms', sender: ['EXAMPLE'] },
  alarms: { to: ['it@example.com'] },
}

/** An import of CSV files whose columns have the names of the fields. */
export const importOf = (kind: string, folder: string, more: Config = {}, format: Config = {}): Config => ({
  kind,
  folder,
  files: '*.csv',
  ready: 'renamed',
  watch: 'poll',
  every: '100ms',
  ...more,
  format: { type: 'csv', delimiter: ';', ...format },
})

/** An export as CSV; all fields of the kind when no columns are named. */
export const exportOf = (kind: string, folder: string, columns?: readonly string[], more: Config = {}): Config => ({
  kind,
  folder,
  file: `${kind}-{seq:4}.csv`,
  ...more,
  format: {
    type: 'csv',
    delimiter: ';',
    ...(columns && { columns: Object.fromEntries(columns.map((name) => [name, name])) }),
  },
})

export const orderHead =
  'number;channel;gross;deliveryMethod;store;customer.name;customer.email;lines.number;lines.sku;lines.quantity;lines.unitPrice'

export const orderRow = (number: string, store: string, line = '1', quantity = '2'): string =>
  `${number};web;100.00;collect;${store};Anna;anna@example.com;${line};SKU-${line};${quantity};50.00`
