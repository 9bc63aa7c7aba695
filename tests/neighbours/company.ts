/**
 * A small company in a temporary folder: its config loaded as the daemon does, a real ledger, a clock that is moved.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { type LoadedSetup, loadSetup } from '../../src/daemon/load-setup.ts'
import { type ImportSource, importSource } from '../../src/intake/import-source.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { movableClock, type MovableClock } from '../../src/platform/clock.ts'
import type { Setup } from '../../src/workflow/setup.ts'
import { listLog } from './silent-log.ts'

export type Config = Record<string, any> // eslint-disable-line typescript/no-explicit-any -- the config as a test edits it

/** A Monday noon in Budapest. */
export const noon = Date.UTC(2026, 2, 2, 11, 0)

export interface Company extends AsyncDisposable {
  readonly folder: string
  readonly ledger: Ledger
  readonly clock: MovableClock
  readonly log: ReturnType<typeof listLog>
  readonly current: LoadedSetup
  readonly setup: Setup
  readonly signal: AbortSignal
  stop(): void
  path(...names: readonly string[]): string
  write(name: string, bytes: string | Uint8Array): string
  /** Names in a folder, sorted, hidden ones left out; empty when it is not there. */
  names(...names: readonly string[]): readonly string[]
  source(name: string): ImportSource
  orders(): Promise<readonly string[]>
  /** Another config over the same ledger. */
  configured(change: (config: Config) => void): Promise<LoadedSetup>
}

export async function openCompany(change?: (config: Config) => void): Promise<Company> {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-company-'))
  const path = (...names: readonly string[]): string => join(folder, ...names)
  const configured = async (edit?: (config: Config) => void): Promise<LoadedSetup> => {
    const config = baseConfig()
    edit?.(config)
    mkdirSync(path('config'), { recursive: true })
    writeFileSync(path('config', 'orderly.yaml'), stringify(config))
    const setup = await loadSetup(path('config', 'orderly.yaml'), {})
    if (setup.kind === 'bad') throw new Error(JSON.stringify(setup.problems, undefined, 1))
    return setup.value
  }
  const current = await configured(change)
  mkdirSync(path('var'), { recursive: true })
  const ledger = await openLedger(path('var', 'ledger.db'), { busyTimeoutMs: 2_000 })
  const stop = new AbortController()
  return {
    folder,
    ledger,
    current,
    setup: current.setup,
    configured,
    path,
    clock: movableClock(noon),
    log: listLog(),
    signal: stop.signal,
    stop: () => stop.abort(),
    write: (name, bytes) => {
      mkdirSync(dirname(path(name)), { recursive: true })
      writeFileSync(path(name), bytes)
      return path(name)
    },
    names: (...names) =>
      existsSync(path(...names))
        ? readdirSync(path(...names))
            .filter((name) => !name.startsWith('.'))
            .toSorted()
        : [],
    source: (name) => {
      const found = importSource(current.loaded.config, current.loaded.folder, name)
      if (found === undefined) throw new Error(`no import ${name}`)
      return found
    },
    orders: async () => {
      const found = await ledger.records({ kind: 'order', limit: 10_000 })
      return found.map((order) => (order.kind === 'order' ? order.number : '')).toSorted()
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await ledger[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const orderRow = (number: string, total = '10.00', mail = 'anna@example.com'): string =>
  `${number};${total};transfer;courier;;Anna;${mail};A1;1`
export const orderFile = (...rows: readonly string[]): string =>
  ['No;Total;Pay;Ship;Store;Name;Email;Sku;Qty', ...rows].map((row) => `${row}\n`).join('')

function baseConfig(): Config {
  const fields = {
    number: 'No',
    gross: 'Total',
    paymentMethod: 'Pay',
    deliveryMethod: 'Ship',
    store: 'Store',
    'customer.name': 'Name',
    'customer.email': 'Email',
    'lines.sku': 'Sku',
    'lines.quantity': 'Qty',
  }
  const orders = {
    kind: 'orders',
    folder: '../in/orders',
    files: '*.csv',
    ready: 'renamed',
    watch: 'poll',
    every: '1h',
    channel: 'web',
    format: { type: 'csv', delimiter: ';', fields },
  }
  return {
    version: 1,
    company: { code: 'HU01', name: 'Example Kft.', email: 'shop@example.com', phone: '+36 1 234 5678' },
    companies: { SK01: { name: 'Example s.r.o.' } },
    languages: ['en'],
    timeZone: 'Europe/Budapest',
    currency: 'EUR',
    country: 'HU',
    templates: fileURLToPath(new URL('../../templates', import.meta.url)),
    data: '../var',
    mail: {
      transport: 'files',
      folder: '../var/mail',
      from: { address: 'shop@example.com' },
      retry: { first: '1m', max: '1h', giveUpAfter: '3d' },
    },
    sms: { transport: 'files', folder: '../var/sms', sender: ['EXAMPLE'] },
    alarms: { to: ['it@example.com'] },
    imports: { orders, rows: { ...orders, folder: '../in/rows', onBadRecord: 'rejectRecord' } },
    exports: {
      status: { kind: 'orderStatus', folder: '../out/status', file: 'S{seq:6}.{ext}', format: { type: 'csv' } },
    },
    stores: { KOS01: { name: 'Košice', company: 'SK01', email: 'kos@example.com' } },
    channels: { web: { language: 'en' } },
    workflows: {
      collect: {
        kind: 'collect',
        for: { delivery: 'collect' },
        store: { mail: { pending: 'store/new-order' } },
        customer: { mail: { expired: 'customer/expired' } },
        expiry: { processing: '4h', countedIn: 'clock' },
      },
    },
  }
}
