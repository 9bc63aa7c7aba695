/**
 * One fixed story, file by file, in which faults of the disk can be put anywhere; and what it comes to.
 *
 * Two daemons one after the other: the first takes files in and sends, the second writes the exports. Either may run
 * under strace. A daemon that ends by itself is started again without strace, as its service manager would.
 * What it comes to holds no times, so that two runs can be compared byte for byte.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import { comparable, differencesOfSent, differing, type SentEnding } from '../../end-to-end/compare-endings.ts'
import { answers, camt, orderCsv } from '../../end-to-end/samples.ts'
import { makeWorld, type World } from '../../end-to-end/world.ts'
import { auditFindings, type Running, startDaemon } from './start-daemon.ts'

export const phases = ['intake', 'exports'] as const
export type Phase = (typeof phases)[number]
/** Words before the daemon's command, given the world's folder. */
export type Wrap = (folder: string) => readonly string[]

export interface Ending extends SentEnding {
  readonly exports: Readonly<Record<string, readonly { readonly name: string; readonly text: string }[]>>
  /** Files of the import folders and what is in them, with the day of the run left out. */
  readonly imports: Readonly<Record<string, string>>
  readonly orders: readonly string[]
  readonly audit: readonly string[]
}

export interface Told {
  readonly ending: Ending
  /** All that the daemons printed. */
  readonly log: string
  /** Exit codes of daemons that ended without being asked. */
  readonly fell: readonly (number | null)[]
  readonly folder: string
  readonly alarms: readonly string[]
}

const exportNames = ['status', 'clearing', 'invoices']

export async function playStory(wraps: Partial<Record<Phase, Wrap>> = {}, limitMs = 60_000): Promise<Told> {
  await using world = await makeWorld()
  await using keeper = new Keeper(world.folder)
  world.configure((config) => {
    for (const name of exportNames) config['exports'][name].when = '0 0 1 1 *'
    // What is wrong with a file stands beside it: those files are written too.
    config['imports'].orders.onBadRecord = 'rejectFile'
  })
  try {
    await play(world, keeper, wraps, limitMs)
  } catch (error) {
    const fell = keeper.fell.length === 0 ? '' : `\nthe daemon ended with ${keeper.fell.join(', ')}`
    throw new Error(`${String(error)}${fell}\n${keeper.log().slice(-3_000)}`, { cause: error })
  }
  const { ending, alarms } = await endingOf(world)
  return { ending, alarms, log: keeper.log(), fell: keeper.fell, folder: world.folder }
}

async function play(world: World, keeper: Keeper, wraps: Partial<Record<Phase, Wrap>>, limitMs: number): Promise<void> {
  keeper.start(wraps.intake)
  for (const [to, name, bytes] of files()) {
    world.drop(to, name, bytes)
    await world.quiet({ limitMs, exports: false })
  }
  await keeper.stop()
  world.configure((config) => {
    config['imports'].orders.onBadRecord = 'rejectFile'
  })
  keeper.start(wraps.exports)
  await world.quiet({ limitMs })
  await receiptsIn(world)
  await keeper.stop()
}

function files(): readonly (readonly [to: string, name: string, bytes: Uint8Array | string])[] {
  const first = orderCsv([{ number: '1001', store: 'KOS01', deliver: 'collect' }, { number: '1002' }])
  return [
    ['orders', 'O1.csv', first],
    ['orders', 'O2-bad.csv', orderCsv([{ number: '1003' }, { number: '' }])],
    ['orders', 'O3-again.csv', first],
    [
      'bank',
      'S1.xml',
      camt([
        { reference: 'R1', amount: '24990.00', text: '1001' },
        { reference: 'R2', amount: '24990.00', text: 'order 001002' },
        { reference: 'R3', amount: '5.00', text: 'what' },
      ]),
    ],
    ['answers', 'A1.csv', answers([['1001', 'confirmed', '']])],
    [
      'answers',
      'A2.csv',
      answers([
        ['1001', 'delivered', 'S-1'],
        ['1002', 'nonsense', ''],
        ['1009', 'confirmed', ''],
      ]),
    ],
  ]
}

/** Receipts come again until they are answered: waits for them, up to six seconds. */
async function receiptsIn(world: World): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const accepted = await world.look((ledger) => ledger.messages({ channel: 'sms', states: ['accepted'], limit: 1 }))
    if (accepted.length === 0) return
    await pause(300)
  }
}

/** Starts the daemon again whenever it ended without being asked. */
class Keeper implements AsyncDisposable {
  readonly #folder: string
  readonly #all: Running[] = []
  #stopping = false
  readonly fell: (number | null)[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  start(wrap?: Wrap): void {
    this.#stopping = false
    const daemon = startDaemon(this.#folder, wrap && { wrap: wrap(this.#folder) })
    this.#all.push(daemon)
    void this.#startAgainAfter(daemon)
  }

  async #startAgainAfter(daemon: Running): Promise<void> {
    const code = await daemon.ended
    if (this.#stopping || this.#all.at(-1) !== daemon) return
    this.fell.push(code)
    await pause(100)
    if (!this.#stopping) this.start()
  }

  log(): string {
    return this.#all.map((daemon) => daemon.log()).join('')
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#all.at(-1)?.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    for (const daemon of this.#all) await daemon.kill()
  }
}

export async function endingOf(world: World): Promise<{ ending: Ending; alarms: readonly string[] }> {
  const audit = auditFindings(world.folder)
  return await world.look(async (ledger) => {
    const messages = await ledger.messages({ limit: 1_000 })
    const alarms = messages.filter(({ template }) => template.startsWith('alarm/'))
    const own = messages.filter(({ template }) => !template.startsWith('alarm/'))
    const ids = new Set<string>(own.map(({ id }) => id))
    const orders = await ledger.records({ kind: 'order', limit: 100 })
    const ending: Ending = {
      exports: Object.fromEntries(exportNames.map((name) => [name, world.exported(name)])),
      imports: tree(join(world.folder, 'in')),
      orders: orders.map((order) => JSON.stringify(comparable(order))).toSorted(),
      mails: world.mails
        .map(({ messageId }) => messageId.replace(/^<|@.*$/g, ''))
        .filter((id) => ids.has(id))
        .toSorted(),
      sms: world.smsc.submitted.map(({ destination }) => destination),
      unknown: await onceUnknown(
        ledger,
        own.map(({ id }) => id),
      ),
      states: Object.fromEntries(own.map(({ id, state, channel }) => [id, `${channel} ${state}`])),
      audit,
    }
    return { ending, alarms: alarms.map(({ mail, sms }) => mail?.subject ?? sms?.text ?? '') }
  })
}

async function onceUnknown(ledger: Ledger, ids: readonly string[]): Promise<readonly string[]> {
  const unknown: string[] = []
  for (const id of ids) {
    const events = await ledger.eventsOf(id)
    if (events.some(({ name }) => name === 'message.unknown')) unknown.push(id)
  }
  return unknown
}

/** Paths below a folder with the text of each file; days in names become DAY. */
export function tree(folder: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const whole = join(folder, path)
    if (!lstatSync(whole).isFile()) continue
    found[relative(folder, whole).replace(/\d{4}-\d\d-\d\d/, 'DAY')] = readFileSync(whole, 'latin1')
  }
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** What is wrong with an ending, compared with an undisturbed one; empty when nothing is. */
export const differences = (reference: Ending, found: Ending): readonly string[] => [
  ...found.audit,
  ...differing([
    ['export files', reference.exports, found.exports],
    ['import folders', reference.imports, found.imports],
    ['orders', reference.orders, found.orders],
  ]),
  ...differencesOfSent(reference, found),
]
