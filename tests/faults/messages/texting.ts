/**
 * A shop that texts its customers: the daemon as a process, gateways and a mail server on loopback, the command line.
 *
 * One SMS for each order that comes, by the template `told/order`. `await using` ends all of it.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import type { Message } from '../../../src/core/message.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { orderCsv, type SampleOrder } from '../../end-to-end/samples.ts'
import { type Config, makeWorld, type World } from '../../end-to-end/world.ts'
import { deliverBody, id, receiptText, type Script, type Smsc, startSmsc } from '../../neighbours/smsc.ts'

export interface Ran {
  readonly code: number
  readonly out: string
}

export interface Texting extends AsyncDisposable {
  readonly world: World
  configure(change?: (config: Config) => void): void
  template(name: string, text: string, part?: 'sms' | 'txt'): void
  give(...orders: readonly SampleOrder[]): void
  /** The messages by number or address of their recipient, the newest of each. */
  messages(): Promise<ReadonlyMap<string, Message>>
  /** Waits until the message to it is in the state; gives it. */
  reach(recipient: string, state: Message['state']): Promise<Message>
  orderly(...words: readonly string[]): Promise<Ran>
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>
}

export async function openTexting(change?: (config: Config) => void): Promise<Texting> {
  const world = await makeWorld()
  let files = 0
  const shop: Texting = {
    world,
    configure: (edit) =>
      world.configure((config) => {
        simplify(config)
        change?.(config)
        edit?.(config)
      }),
    template: (name, text, part = 'sms') => {
      const file = join(world.folder, 'templates', `${name}/en.${part}.mustache`)
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, text)
    },
    give: (...orders) => world.drop('orders', `F${++files}.csv`, orderCsv(orders)),
    messages: async () => {
      if (!existsSync(join(world.folder, 'var', 'ledger.db'))) return new Map()
      const all = await world.look((ledger) => ledger.messages({ limit: 1000 })).catch(() => [])
      return new Map(all.toReversed().map((message) => [message.recipients[0]?.address ?? '', message]))
    },
    reach: async (recipient, state) => {
      let found: Message | undefined
      const holds = async (): Promise<boolean> => (found = (await shop.messages()).get(recipient))?.state === state
      await shop.until(`${recipient} is ${state}`, holds).catch((error: unknown) => {
        throw new Error(`${recipient} is ${found?.state} (${found?.reason ?? found?.response})`, { cause: error })
      })
      if (found === undefined) throw new Error(`no message to ${recipient}`)
      return found
    },
    orderly: (...words) => orderly(world.folder, words),
    until: async (what, holds) => {
      for (const end = Date.now() + 30_000; !(await holds()); await pause(50)) {
        if (Date.now() > end) throw new Error(`not within 30 s: ${what}`)
      }
    },
    [Symbol.asyncDispose]: async () => await world[Symbol.asyncDispose](),
  }
  shop.template('told/order', 'Order {{order.number}} came in.')
  shop.configure()
  return shop
}

function simplify(config: Config): void {
  const workflow = { kind: 'notification', on: { received: { to: 'customer', sms: 'told/order' } } }
  Object.assign(config, { templates: '../templates', exports: {}, languages: ['en'], workflows: { told: workflow } })
  config['imports'] = { orders: { ...config['imports'].orders, every: '200ms' } }
  delete config['stores']
  delete config['calendars']
  config['channels'] = { shop: {} }
  Object.assign(config['sms'], { sender: 'EXAMPLE', reconnect: { first: '100ms', max: '400ms' } })
}

async function orderly(folder: string, words: readonly string[]): Promise<Ran> {
  const said: string[] = []
  const stream = { write: (text: string) => said.push(text) }
  const code = await runProgram(['--config', join(folder, 'config', 'orderly.yaml'), '--actor', 'anna', ...words], {
    out: stream,
    err: stream,
    input: (async function* () {})(),
    env: {},
    folder,
    clock: systemClock,
  })
  return { code, out: said.join('') }
}

/** A gateway of its own, which numbers its messages s1, s2 … as the others do, and tells of each what it is asked to. */
export async function openGateway(stat: string, script: Script = {}): Promise<Smsc & AsyncDisposable> {
  const smsc: Smsc = await startSmsc({
    ...script,
    onSubmit: async (submitted, peer, count) => {
      const reply = (await script.onSubmit?.(submitted, peer, count)) ?? {}
      if (reply === 'none' || (reply.status ?? 0) !== 0) return reply
      const messageId = `s${count}`
      const body = deliverBody({ source: submitted.destination, text: receiptText(messageId, stat) })
      setTimeout(() => void peer.ask(id.deliver, body), 100)
      return { messageId }
    },
  })
  return Object.assign(smsc, { [Symbol.asyncDispose]: () => smsc.stop() })
}

/** The books balance, whatever happened before. */
export async function expectBalanced(shop: Texting): Promise<void> {
  const audit = await shop.orderly('audit')
  expect(audit.code, audit.out).toBe(0)
}
