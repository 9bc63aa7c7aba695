/**
 * One fixed story (orders, payment, store answers, exports) that can be cut at any point, and what it must come to.
 *
 * The steps follow each other, so that an undisturbed run and one that was killed anywhere must end
 * in the same export files byte for byte, the same records, the same messages and the same files put away.
 * Its second half can begin with what an undisturbed first half left behind, which saves the time of that.
 */
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { comparable, differencesOfSent, differing, type SentEnding } from '../end-to-end/compare-endings.ts'
import { answers, camt, orderCsv } from '../end-to-end/samples.ts'
import { type Daemon, makeWorld, type World } from '../end-to-end/world.ts'
import type { Program } from './program.ts'

export const phases = ['intake', 'exports'] as const
export type Phase = (typeof phases)[number]

export interface Ending extends SentEnding {
  readonly exports: Readonly<Record<string, readonly { readonly name: string; readonly text: string }[]>>
  readonly orders: readonly string[]
  readonly payments: readonly string[]
  /** Where the import files are in the end, without their day, and all that stands in the export folders. */
  readonly files: readonly string[]
  readonly restarts: number
}

/** What the first half left: its folder, and what had been sent by then. */
export interface Halfway {
  readonly folder: string
  readonly mails: World['mails']
  readonly sms: World['smsc']['submitted']
}

export interface Telling {
  readonly program: Program
  /** The first daemon of the phase runs under this command, made for the world's folder; those after a crash run bare. */
  readonly wrap?: Partial<Record<Phase, (folder: string) => readonly string[]>>
  /** Threads for files. With one, the n-th call of a kind is the same one in each run. */
  readonly threads?: number
  /** Begins with the second half. */
  readonly from?: Halfway
  /** Where to keep what the first half leaves. */
  readonly keepIn?: string
  /** Milliseconds that one step may take. */
  readonly limitMs?: number
}

const exportNames = ['status', 'clearing', 'invoices']

export async function playStory(telling: Telling): Promise<{ readonly ending: Ending; readonly halfway?: Halfway }> {
  const { program, from } = telling
  await using world = await makeWorld({
    daemon: program.daemon,
    env: { ...program.env, UV_THREADPOOL_SIZE: String(telling.threads ?? 4) },
    ...(from && { from: from.folder }),
  })
  world.mails.push(...(from?.mails ?? []))
  world.smsc.submitted.push(...(from?.sms ?? []))
  const keeper = new Keeper(world)
  try {
    return await play(world, keeper, telling)
  } catch (error) {
    throw new Error(`${String(error)}\n${keeper.lastWords()}`, { cause: error })
  } finally {
    keeper.leave()
  }
}

async function play(world: World, keeper: Keeper, telling: Telling): ReturnType<typeof playStory> {
  const { from, keepIn } = telling
  if (from === undefined) await firstHalf(world, keeper, telling)
  if (keepIn !== undefined) cpSync(world.folder, keepIn, { recursive: true, preserveTimestamps: true })
  const halfway = keepIn && { folder: keepIn, mails: [...world.mails], sms: [...world.smsc.submitted] }
  world.configure()
  keeper.start(telling.wrap?.exports?.(world.folder))
  await calm(world, keeper, telling)
  await keeper.stop()
  return { ending: await endingOf(world, keeper.restarts), ...(halfway && { halfway }) }
}

async function firstHalf(world: World, keeper: Keeper, telling: Telling): Promise<void> {
  world.configure((config) => {
    for (const name of exportNames) config['exports'][name].when = '0 0 1 1 *'
  })
  keeper.start(telling.wrap?.intake?.(world.folder))
  for (const [folder, name, bytes] of steps()) {
    world.drop(folder, name, bytes)
    await calm(world, keeper, telling, false)
  }
  await keeper.stop()
}

const steps = (): readonly (readonly [folder: string, name: string, bytes: Uint8Array | string])[] => [
  ['orders', 'O1.csv', orderCsv([{ number: '1001', store: 'KOS01', deliver: 'collect' }, { number: '1002' }])],
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
      ['1009', 'confirmed', ''],
    ]),
  ],
]

/** Nothing left to do, a daemon alive, and no receipt on its way: gateways repeat them until they are answered. */
async function calm(world: World, keeper: Keeper, { limitMs = 60_000 }: Telling, exports = true): Promise<void> {
  const until = Date.now() + limitMs
  await world.quiet({ limitMs, exports, calmMs: 0, everyMs: 20 })
  await keeper.alive(until)
  await world.quiet({ limitMs: Math.max(1_000, until - Date.now()), exports, calmMs: 0, everyMs: 20 })
  while (Date.now() < until) {
    const waiting = await world.look((ledger) => ledger.messages({ channel: 'sms', states: ['accepted'], limit: 1 }))
    if (waiting.length === 0) return
    await pause(20)
  }
  throw new Error('a receipt was not taken')
}

/** Restarts the daemon whenever it died without being asked. */
class Keeper {
  readonly #world: World
  #daemon: Daemon | undefined
  #stopping = false
  restarts = 0

  constructor(world: World) {
    this.#world = world
  }

  start(wrap?: readonly string[]): void {
    this.#stopping = false
    const daemon = this.#world.start(wrap)
    this.#daemon = daemon
    void this.#restartAfter(daemon)
  }

  async #restartAfter(daemon: Daemon): Promise<void> {
    await daemon.ended
    if (this.#stopping || this.#daemon !== daemon) return
    this.restarts += 1
    this.start()
  }

  /** Until the daemon of the moment says that it runs. */
  async alive(until: number): Promise<void> {
    while (Date.now() < until) {
      if (this.#daemon?.log().includes('orderly is running') === true) return
      await pause(10)
    }
    throw new Error(`the daemon does not come up:\n${this.#daemon?.log() ?? ''}`)
  }

  /** The end of the log of the last daemon. */
  lastWords(): string {
    return (this.#daemon?.log() ?? '')
      .trim()
      .split('\n')
      .slice(-4)
      .map((line) => line.slice(0, 400))
      .join('\n')
  }

  /** Restarts nothing any more. */
  leave(): void {
    this.#stopping = true
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const code = await this.#daemon?.stop()
    if (code !== 0) this.restarts += 1 // killed while it was stopping
  }
}

async function endingOf(world: World, restarts: number): Promise<Ending> {
  return await world.look(async (ledger) => {
    const messages = await ledger.messages({ limit: 1_000 })
    const alarms = new Set<string>(messages.filter(({ template }) => template.startsWith('alarm/')).map(({ id }) => id))
    const orders = await ledger.records({ kind: 'order', limit: 100 })
    const payments = await ledger.records({ kind: 'payment', limit: 100 })
    const unknown: string[] = []
    for (const { id } of messages) {
      const events = await ledger.eventsOf(id)
      if (events.some(({ name }) => name === 'message.unknown')) unknown.push(id)
    }
    return {
      exports: Object.fromEntries(exportNames.map((name) => [name, world.exported(name)])),
      orders: orders.map((order) => JSON.stringify(comparable(order))).toSorted(),
      payments: payments.map((payment) => JSON.stringify(comparable(payment))).toSorted(),
      files: ['in', 'out'].flatMap((name) => filesUnder(join(world.folder, name))),
      mails: world.mails
        .map(({ messageId }) => messageId.replace(/^<|@.*$/g, ''))
        .filter((id) => !alarms.has(id))
        .toSorted(),
      sms: world.smsc.submitted.map(({ destination }) => destination),
      unknown,
      states: Object.fromEntries(
        messages.filter(({ id }) => !alarms.has(id)).map(({ id, state, channel }) => [id, `${channel} ${state}`]),
      ),
      restarts,
    }
  })
}

function filesUnder(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      // Hidden ones that a kill leaves are swept away after a day; nobody reads them.
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length - 3))
      .map((path) => path.replace(/\d{4}-\d\d-\d\d/, 'DAY'))
      .toSorted()
  )
}

/** What is wrong with an ending, compared with an undisturbed one; empty when nothing is. */
export const differences = (reference: Ending, found: Ending): readonly string[] => [
  ...differing([
    ['export files', reference.exports, found.exports],
    ['orders', reference.orders, found.orders],
    ['payments', reference.payments, found.payments],
    ['files', reference.files, found.files],
  ]),
  ...differencesOfSent(reference, found),
]
