/**
 * A story about mail: the daemon as a process, orders whose customers are told, and a mail server that misbehaves.
 *
 * What became of each mail is asked with the command line, as an admin would. Pauses and waits are short by config.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { runProgram } from '../../../src/cli/program.ts'
import type { Message } from '../../../src/core/message.ts'
import { orderCsv } from '../../end-to-end/samples.ts'
import { type Config, type Daemon, makeWorld, type World } from '../../end-to-end/world.ts'
import { type Chaos, type ChaosOptions, startChaos } from '../../neighbours/smtp-chaos/server.ts'

/** Limit of one test, in milliseconds: on a busy machine the start of a daemon alone may take half a minute. */
export const storyLimitMs = 180_000

/** How much slower than a calm one this machine is: what is a time-out must not be met by a server that behaves. */
export const slowness = Math.min(8, Math.max(1, Math.ceil((loadavg()[0] ?? 0) / availableParallelism())))

export interface MailStory extends AsyncDisposable {
  readonly world: World
  readonly chaos: Chaos
  readonly daemon: Daemon
  /** One order for each address, and so one mail to each; from the import `many` each mail has two more recipients. */
  tell(addresses: readonly string[], importName?: 'orders' | 'many'): void
  /** `orderly messages list`: mails to customers, oldest first. */
  mails(): Promise<readonly Message[]>
  /** `orderly messages list` of alarms. */
  alarms(): Promise<readonly Message[]>
  /** What happened to a message, in the order in which it did, as `name: text`. */
  happened(message: Message): Promise<readonly string[]>
  /** Runs `orderly …`; gives what it printed. Throws when it ends with another code than `code`. */
  orderly(words: readonly string[], code?: number): Promise<string>
  /** Until it holds; throws with what is known when it does not in time. */
  until(what: string, holds: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>
  /** Until every mail to a customer is in one of these states. */
  settled(states?: readonly Message['state'][], limitMs?: number): Promise<readonly Message[]>
  /** Highest memory use of the daemon so far, in megabytes. */
  peakMemory(): number
}

/** A company whose customers get one mail for each order that comes, and a daemon that has little patience. */
export async function startStory(
  change: (config: Config) => void = () => undefined,
  options: Partial<ChaosOptions> & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<MailStory> {
  const world = await makeWorld()
  const chaos = await startChaos(options)
  for (const [name, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(world.folder, name)), { recursive: true })
    writeFileSync(join(world.folder, name), text, { mode: 0o600 })
  }
  world.configure((config) => {
    Object.assign(config, customersAreTold(config))
    Object.assign(config.mail, {
      port: chaos.port,
      retry: { first: '200ms', max: '400ms', giveUpAfter: '1h' },
      timeouts: timeouts(),
      pauses: { away: { first: '50ms', max: '200ms' }, tooFast: { first: '200ms', max: '400ms' } },
    })
    change(config)
  })
  const daemon = world.start()
  let file = 0
  const run = (words: readonly string[], code?: number): Promise<string> => orderly(world, words, code)
  const list = async (): Promise<readonly Message[]> => {
    const text = await run(['messages', 'list', '--channel', 'mail', '--limit', '1000', '--json'])
    return text
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Message]))
      .toReversed()
  }
  const story: MailStory = {
    world,
    chaos,
    daemon,
    tell: (addresses, importName = 'orders') => {
      file += 1
      const orders = addresses.map((email, i) => ({ number: `${file}${String(i).padStart(4, '0')}`, email }))
      world.drop(importName, `F${file}.csv`, orderCsv(orders))
    },
    mails: async () => (await list()).filter(({ template }) => !template.startsWith('alarm/')),
    alarms: async () => (await list()).filter(({ template }) => template.startsWith('alarm/')),
    happened: ({ id }) =>
      world.look(async (ledger) => (await ledger.eventsOf(id)).map(({ name, text }) => `${name}: ${text ?? ''}`)),
    orderly: run,
    until: async (what, holds, limitMs = 40_000) => {
      const end = Date.now() + limitMs
      while (!(await holds())) {
        if (Date.now() > end) throw new Error(`not in ${limitMs} ms: ${what}\n${daemon.log().slice(-3_000)}`)
        await pause(60)
      }
    },
    settled: async (states = ['accepted', 'refused'], limitMs = 60_000) => {
      let mails: readonly Message[] = []
      const done = async (): Promise<boolean> => {
        mails = await story.mails()
        return mails.length > 0 && mails.every(({ state }) => states.includes(state))
      }
      await story.until(`every mail is ${states.join(' or ')}`, done, limitMs).catch((error: unknown) => {
        const left = mails.filter(({ state }) => !states.includes(state))
        const words = left.map(({ state, recipients, reason }) => `${recipients[0]?.address} ${state}: ${reason}`)
        throw new Error(words.join('\n'), { cause: error })
      })
      return mails
    },
    peakMemory: () => {
      const status = readFileSync(`/proc/${daemon.process.pid}/status`, 'utf8')
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024
    },
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]()
      await chaos.close()
    },
  }
  await begin(story).catch(async (error: unknown) => {
    await story[Symbol.asyncDispose]()
    throw error
  })
  return story
}

function timeouts(): Config {
  const ms = { connect: 1_000, greeting: 800, command: 1_000, data: 2_000, answer: 1_000 }
  return Object.fromEntries(Object.entries(ms).map(([name, value]) => [name, `${value * slowness}ms`]))
}

async function begin({ daemon, until }: Pick<MailStory, 'daemon' | 'until'>): Promise<void> {
  const over = (): boolean => daemon.process.exitCode !== null
  await until('the daemon runs', () => over() || daemon.log().includes('orderly is running'), 90_000)
  if (over()) throw new Error(`the daemon ended at once\n${daemon.log()}`)
}

async function orderly(world: World, words: readonly string[], wanted = 0): Promise<string> {
  const printed: string[] = []
  const complaints: string[] = []
  const code = await runProgram(['--config', join(world.folder, 'config', 'orderly.yaml'), ...words], {
    out: { write: (text) => printed.push(text) },
    err: { write: (text) => complaints.push(text) },
    input: noInput(),
    env: process.env,
    folder: world.folder,
  })
  if (code !== wanted) throw new Error(`orderly ${words.join(' ')}: ${code}\n${complaints.join('')}${printed.join('')}`)
  return printed.join('')
}

async function* noInput(): AsyncGenerator<Uint8Array> {}

/** The only workflows: the customer is told that the order came; with two copies where the channel is `many`. */
function customersAreTold(config: Config): Config {
  const received = { to: 'customer', mail: 'customer/order-accepted' }
  return {
    imports: {
      orders: config['imports'].orders,
      many: { ...config['imports'].orders, folder: '../in/many', channel: 'many' },
    },
    exports: {},
    channels: { shop: {}, many: {} },
    sms: { transport: 'none' },
    workflows: {
      one: { kind: 'notification', for: { channel: 'shop' }, on: { received } },
      many: {
        kind: 'notification',
        for: { channel: 'many' },
        on: { received: { ...received, cc: 'second@example.com; third@example.com' } },
      },
    },
  }
}
