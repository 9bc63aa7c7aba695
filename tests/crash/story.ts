/**
 * One fixed story (orders, payment, store answers, exports) that can be cut at any point, and what it must come to.
 *
 * The steps follow each other, so that an undisturbed run and one that was killed anywhere must end
 * in the same export files byte for byte, the same records and the same messages.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { answers, camt, orderCsv } from '../end-to-end/samples.ts'
import { type Daemon, makeWorld, type World } from '../end-to-end/world.ts'

export interface Ending {
  readonly exports: Readonly<Record<string, readonly { readonly name: string; readonly text: string }[]>>
  readonly orders: readonly string[]
  /** Message-IDs of mails to customers and stores as they arrived, with repetitions. */
  readonly mails: readonly string[]
  readonly sms: readonly string[]
  /** Ids of messages whose result was unknown at some time. */
  readonly unknown: readonly string[]
  /** Messages by id with their last state, alarms left out. */
  readonly states: Readonly<Record<string, string>>
  readonly restarts: number
}

const exportNames = ['status', 'clearing', 'invoices']

/** Plays the story; the first daemon of each phase runs under `wrap`, later ones after a crash run bare. */
export async function playStory(
  wrap: { readonly intake?: readonly string[]; readonly exports?: readonly string[] } = {},
): Promise<Ending> {
  await using world = await makeWorld()
  const keeper = new Keeper(world)
  world.configure((config) => {
    for (const name of exportNames) config['exports'][name].when = '0 0 1 1 *'
  })
  keeper.start(wrap.intake)
  const step = async (drop: () => void): Promise<void> => {
    drop()
    await world.quiet({ limitMs: 60_000, exports: false })
  }
  await step(() =>
    world.drop(
      'orders',
      'O1.csv',
      orderCsv([{ number: '1001', store: 'KOS01', deliver: 'collect' }, { number: '1002' }]),
    ),
  )
  await step(() =>
    world.drop(
      'bank',
      'S1.xml',
      camt([
        { reference: 'R1', amount: '24990.00', text: '1001' },
        { reference: 'R2', amount: '24990.00', text: 'order 001002' },
        { reference: 'R3', amount: '5.00', text: 'what' },
      ]),
    ),
  )
  await step(() => world.drop('answers', 'A1.csv', answers([['1001', 'confirmed', '']])))
  await step(() =>
    world.drop(
      'answers',
      'A2.csv',
      answers([
        ['1001', 'delivered', 'S-1'],
        ['1009', 'confirmed', ''],
      ]),
    ),
  )
  await keeper.stop()
  world.configure()
  keeper.start(wrap.exports)
  await world.quiet({ limitMs: 60_000 })
  await receiptsIn(world)
  await keeper.stop()
  return await endingOf(world, keeper.restarts)
}

/** Receipts come again until they are answered: waits for them, up to six seconds. */
async function receiptsIn(world: World): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const accepted = await world.look((ledger) => ledger.messages({ channel: 'sms', states: ['accepted'], limit: 1 }))
    if (accepted.length === 0) return
    await pause(300)
  }
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
    await pause(50)
    if (!this.#stopping) this.start()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#daemon?.stop()
  }
}

async function endingOf(world: World, restarts: number): Promise<Ending> {
  return await world.look(async (ledger) => {
    const messages = await ledger.messages({ limit: 1_000 })
    const alarms = new Set<string>(messages.filter(({ template }) => template.startsWith('alarm/')).map(({ id }) => id))
    const orders = await ledger.records({ kind: 'order', limit: 100 })
    const unknown: string[] = []
    for (const { id } of messages) {
      const events = await ledger.eventsOf(id)
      if (events.some(({ name }) => name === 'message.unknown')) unknown.push(id)
    }
    return {
      exports: Object.fromEntries(exportNames.map((name) => [name, world.exported(name)])),
      orders: orders.map((order) => JSON.stringify(comparable(order))).toSorted(),
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

/** An order without its times (a crash may cost time) and config hash (each world has its own ports). */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !/(At|ExpiresAt|configHash)$/.test(key))
      .map(([key, each]) => [key, comparable(each)]),
  )
}

/** The two texts from shortly before they part. */
function firstDifference(a: string, b: string): string {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  const from = Math.max(0, at - 80)
  return `  expected …${a.slice(from, at + 200)}\n  found    …${b.slice(from, at + 200)}`
}

/** What is wrong with an ending, compared with an undisturbed one; empty when nothing is. */
export function differences(reference: Ending, found: Ending): readonly string[] {
  const wrong: string[] = []
  const same = (what: string, a: unknown, b: unknown): void => {
    if (JSON.stringify(a) !== JSON.stringify(b))
      wrong.push(`${what} differ:\n${firstDifference(JSON.stringify(a), JSON.stringify(b))}`)
  }
  same('export files', reference.exports, found.exports)
  same('orders', reference.orders, found.orders)
  same('messages', Object.keys(reference.states).toSorted(), Object.keys(found.states).toSorted())
  same('mails that arrived', [...new Set(reference.mails)], [...new Set(found.mails)])
  const twice = found.mails.filter((id, i) => found.mails.indexOf(id) !== i)
  for (const id of twice) if (!found.unknown.includes(id)) wrong.push(`mail ${id} came twice and was never unknown`)
  for (const [id, state] of Object.entries(found.states)) {
    const fine = state === reference.states[id] || (found.unknown.includes(id) && state === 'sms held')
    if (!fine) wrong.push(`message ${id} ended as "${state}" instead of "${reference.states[id] ?? 'nothing'}"`)
  }
  const heldSms = Object.entries(found.states).filter(([, state]) => state === 'sms held').length
  if (found.sms.length > reference.sms.length)
    wrong.push(`${found.sms.length} SMS were sent instead of ${reference.sms.length}`)
  if (found.sms.length + heldSms < reference.sms.length) wrong.push('an SMS is neither sent nor held')
  return wrong
}
