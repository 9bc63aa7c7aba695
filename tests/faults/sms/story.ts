/**
 * A story: the daemon as a process, a misbehaving SMSC, and orders that make one SMS each; told in the end by
 * what `orderly messages`, `orderly why` and the SMSC itself say.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Message, MessageState } from '../../../src/core/message.ts'
import { orderCsv } from '../../end-to-end/samples.ts'
import { type Config, type Daemon, makeWorld, type World } from '../../end-to-end/world.ts'
import type { Behaviour } from '../../neighbours/smsc/behaviour.ts'
import { startChaosSmsc } from '../../neighbours/smsc/chaos-smsc.ts'
import type { Chaos, ChaosOptions, Taken } from '../../neighbours/smsc/chaos-state.ts'

/** An order whose customer gets one SMS. Numbers sort as they are to be sent. */
export interface Case {
  readonly number: string
  /** Answers to its submissions, in order; the last one stays. */
  readonly smsc?: readonly Behaviour[]
  /** The text needs three parts. */
  readonly long?: boolean
}

export interface CommandResult {
  readonly code: number
  readonly out: string
}

export interface Story extends AsyncDisposable {
  readonly world: World
  readonly smsc: Chaos
  readonly daemon: Daemon
  /** Hands the orders over in one file. */
  give(cases: readonly Case[]): void
  /** The messages by order number, as `orderly messages list` shows them. */
  messages(): Promise<ReadonlyMap<string, Message>>
  /** Waits until each message is in its state and the gateway has no receipt left to tell. */
  reach(states: Readonly<Record<string, MessageState>>, limitMs?: number): Promise<void>
  taken(number: string): readonly Taken[]
  orderly(...words: readonly string[]): Promise<CommandResult>
  /** The reason and the events of each message, a line each, by order number. */
  histories(): Promise<ReadonlyMap<string, string>>
  until(what: string, holds: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>
  configure(change: (config: Config) => void): void
  /** Stops the daemon; its books must balance and the SMSC must have got only proper PDUs. */
  end(): Promise<void>
}

const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))
const hasAudit = existsSync(new URL('../../../src/cli/commands/audit.ts', import.meta.url))
export const longText = `Part one ${'a'.repeat(160)} part two ${'b'.repeat(140)} part three`

export const phoneOf = (number: string): string => `3630${2_000_000 + Number(number)}`

export async function beginStory(options: ChaosOptions = {}, change?: (config: Config) => void): Promise<Story> {
  const world = await makeWorld()
  const smsc = await startChaosSmsc(options)
  writeTemplates(world.folder)
  const configure = (edit?: (config: Config) => void): void =>
    world.configure((config) => {
      simplify(config, smsc.port)
      change?.(config)
      edit?.(config)
    })
  configure()
  const daemon = world.start()
  let files = 0
  const story: Story = {
    world,
    smsc,
    daemon,
    configure,
    give: (cases) => {
      for (const { number, smsc: behaviours } of cases) {
        if (behaviours) smsc.plan(phoneOf(number), behaviours)
      }
      files += 1
      world.drop('orders', `F${files}.csv`, orderCsv(cases.map(orderOf)))
    },
    messages: async () => {
      const { out, code } = await story.orderly('messages', 'list', '--channel', 'sms', '--limit', '1000', '--json')
      expect(code, out).toBe(0)
      const list = out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Message)
      return new Map(list.map((message) => [numberOf(message), message]))
    },
    reach: (states, limitMs = 40_000) => reach(story, states, limitMs),
    taken: (number) => smsc.taken.filter(({ destination }) => destination === phoneOf(number)),
    orderly: (...words) => orderly(join(world.folder, 'config', 'orderly.yaml'), words),
    histories: () => histories(story),
    until: (what, holds, limitMs = 40_000) => until(story, what, holds, limitMs),
    end: () => end(story),
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]()
      await smsc.stop()
    },
  }
  return story
}

const orderOf = ({ number, long }: Case): Parameters<typeof orderCsv>[0][number] => ({
  number,
  phone: `+${phoneOf(number)}`,
  deliver: long === true ? 'post' : 'courier',
})

const numberOf = (message: Message): string => {
  const phone = message.recipients[0]?.address ?? ''
  return String(Number(phone.slice(-7)) - 2_000_000).padStart(3, '0')
}

function writeTemplates(folder: string): void {
  for (const [name, text] of [
    ['short', 'Order {{order.number}} came in.'],
    ['long', longText],
  ] as const) {
    mkdirSync(join(folder, 'templates', 'test', name), { recursive: true })
    writeFileSync(join(folder, 'templates', 'test', name, 'en.sms.mustache'), text)
  }
}

const send = (delivery: string, sms: string): Config => ({
  kind: 'notification',
  for: { delivery },
  on: { received: { to: 'customer', sms } },
})

function simplify(config: Config, port: number): void {
  Object.assign(config, { templates: '../templates', exports: {}, languages: ['en'], channels: { shop: {}, b2b: {} } })
  config['workflows'] = { short: send('courier', 'test/short'), long: send('post', 'test/long') }
  Object.assign(config['sms'], {
    port,
    sender: 'EXAMPLE',
    retry: { first: '100ms', max: '200ms' },
    reconnect: { first: '100ms', max: '400ms' },
    answerTimeout: '1200ms',
    perSecond: 500,
  })
  config['imports'].orders.every = '200ms'
}

async function reach(story: Story, states: Readonly<Record<string, MessageState>>, limitMs: number): Promise<void> {
  const wanted = Object.entries(states)
  let open: readonly string[] = []
  const all = async (): Promise<boolean> => (open = await different(story, wanted)).length === 0
  await until(story, () => open.join('; '), all, limitMs)
}

async function until(
  story: Story,
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  limitMs: number,
): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await holds())) {
    const { exitCode } = story.daemon.process
    if (Date.now() > end || exitCode !== null) {
      const text = typeof what === 'string' ? what : what()
      const ended = exitCode === null ? '' : ` (the daemon ended with ${exitCode})`
      throw new Error(`not within ${limitMs} ms${ended}: ${text}\n${story.daemon.log().slice(-6000)}`)
    }
    await pause(50)
  }
}

async function histories(story: Story): Promise<ReadonlyMap<string, string>> {
  return await story.world.look(async (ledger) => {
    const found = await ledger.messages({ channel: 'sms', limit: 1000 })
    const told = found.map(async (message) => {
      const events = await ledger.eventsOf(message.id)
      const lines = events.map(({ name, text }) => `${name} ${text ?? ''}`)
      return [numberOf(message), [message.reason ?? '', ...lines].join('\n')] as const
    })
    return new Map(await Promise.all(told))
  })
}

async function different(
  story: Story,
  wanted: readonly (readonly [string, string | undefined])[],
): Promise<readonly string[]> {
  if (!existsSync(join(story.world.folder, 'var', 'ledger.db'))) return ['there is no ledger yet']
  const found = await story.world.look((ledger) => ledger.messages({ channel: 'sms', limit: 1000 })).catch(() => [])
  const byNumber = new Map(found.map((message) => [numberOf(message), message]))
  return wanted
    .filter(([number, state]) => byNumber.get(number)?.state !== state)
    .map(([number, state]) => {
      const message = byNumber.get(number)
      return `${number} is ${message?.state} (${message?.reason ?? message?.response}), expected ${state}`
    })
}

function orderly(config: string, words: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, '--config', config, ...words], (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, out: stdout + stderr })
    })
  })
}

async function end(story: Story): Promise<void> {
  expect(await story.daemon.stop(), story.daemon.log().slice(-6000)).toBe(0)
  expect(story.smsc.badFrames, 'what the daemon sent is SMPP to the letter').toEqual([])
  if (!hasAudit) return
  const audit = await story.orderly('audit')
  expect(audit.code, audit.out).toBe(0)
}

/** The most memory that a process ever had in use, in octets (Linux). */
export function peakMemory(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) * 1024
}
