/**
 * Stories of a clock that jumps while the daemon runs and over its restarts: hours forward, hours back, over the
 * change to summer time. libfaketime (Debian package faketime) moves the wall clock only, as an administrator would.
 */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { orderCsv } from '../../end-to-end/samples.ts'
import { auditFindings, type StartOptions, until } from './start-daemon.ts'
import { notSpinning, running, setStage, type Stage, type Story } from './story-kit.ts'

const collect = (...numbers: string[]): Buffer =>
  Buffer.from(orderCsv(numbers.map((number) => ({ number, store: 'KOS01', deliver: 'collect' }))))

const library = (): string => {
  for (const folder of existsSync('/usr/lib')
    ? ['/usr/lib', ...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`)]
    : []) {
    const path = `${folder}/faketime/libfaketime.so.1`
    if (existsSync(path)) return path
  }
  throw new Error('libfaketime.so.1 is not below /usr/lib')
}

/** A clock that stands `offsetSeconds` beside the real one and can be moved at any time. */
function movable(stage: Stage): { readonly options: StartOptions; move(offsetSeconds: number): void } {
  const file = stage.path('clock')
  const move = (offset: number): void => {
    writeFileSync(`${file}.new`, `${offset >= 0 ? '+' : ''}${Math.round(offset)}s\n`)
    renameSync(`${file}.new`, file)
  }
  move(0)
  const env = {
    LD_PRELOAD: library(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
    TZ: 'UTC',
  }
  return { options: { env }, move }
}

/** Seconds from now to an instant. */
const to = (iso: string): number => (Date.parse(iso) - Date.now()) / 1_000

/** Mails by template, how many of each; alarms left out. */
async function mailsByTemplate(stage: Stage): Promise<Readonly<Record<string, number>>> {
  return await stage.world.look(async (ledger) => {
    const count: Record<string, number> = {}
    for (const { template } of await ledger.messages({ limit: 1_000 }))
      if (!template.startsWith('alarm/')) count[template] = (count[template] ?? 0) + 1
    return count
  })
}

const expired = async (stage: Stage): Promise<number> =>
  await stage.world.look(async (ledger) => {
    const orders = await ledger.records({ kind: 'order', limit: 100 })
    return orders.filter((order) => order.kind === 'order' && order.collect?.processing === 'expired').length
  })

function noMailTwice(stage: Stage): void {
  const ids = stage.world.mails.map(({ messageId }) => messageId)
  deepEqual(
    ids.filter((id, i) => ids.indexOf(id) !== i),
    [],
    'a mail came twice',
  )
}

const needs = ['faketime']

export const clockJumps: readonly Story[] = [
  {
    name: 'hours forward while it runs: what is due then happens once, at once',
    needs,
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const clock = movable(stage)
      const daemon = stage.start(clock.options)
      await running(daemon)
      stage.world.drop('orders', 'a.csv', collect('1', '2'))
      await stage.world.quiet({ limitMs: 60_000 })
      equal(await expired(stage), 0)
      await notSpinning(daemon, async () => {
        clock.move(5 * 3_600)
        await until('both expire', async () => (await expired(stage)) === 2, 30_000)
        clock.move(4.5 * 3_600)
        await pause(2_000)
        clock.move(30 * 3_600)
        await pause(3_000)
      })
      await stage.world.quiet({ limitMs: 60_000 })
      const mails = await mailsByTemplate(stage)
      equal(mails['customer/received'], 2)
      noMailTwice(stage)
      equal(await expired(stage), 2)
      deepEqual(auditFindings(stage.folder), [])
    },
  },
  {
    name: 'hours back while it runs: nothing happens again, new work goes on, nothing spins',
    needs,
    run: async () => {
      await using stage = await setStage()
      stage.configure((config) => {
        config['exports'].status.when = '* * * * *'
      })
      const clock = movable(stage)
      const daemon = stage.start(clock.options)
      await running(daemon)
      stage.world.drop('orders', 'a.csv', collect('1'))
      await until('the first export is there', () => stage.world.exported('status').length === 1, 90_000)
      clock.move(5 * 3_600)
      await until('it expires', async () => (await expired(stage)) === 1, 30_000)
      await notSpinning(daemon, async () => {
        clock.move(-3 * 3_600)
        stage.world.drop('orders', 'b.csv', collect('2'))
        await until('new orders come in', async () => (await stage.orders()).includes('2'), 30_000)
        await stage.world.quiet({ limitMs: 60_000, exports: false })
      })
      const sequences = stage.world.exported('status').map(({ name }) => name)
      equal(new Set(sequences).size, sequences.length)
      equal(await expired(stage), 1)
      ok(stage.world.mails.some(({ to: [first] }) => first === 'kosice@example.com'))
      noMailTwice(stage)
      clock.move(0)
      await daemon.stop()
      deepEqual(auditFindings(stage.folder), [])
    },
  },
  {
    name: 'hours back over a restart: what was sent is not sent again, what was due is not lost',
    needs,
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const clock = movable(stage)
      clock.move(6 * 3_600)
      const first = stage.start(clock.options)
      await running(first)
      stage.world.drop('orders', 'a.csv', collect('1'))
      await stage.world.quiet({ limitMs: 60_000 })
      await first.kill()
      clock.move(-2 * 3_600)
      const second = stage.start(clock.options)
      await running(second)
      stage.world.drop('orders', 'b.csv', collect('2'))
      await until('the second is in', async () => (await stage.orders()).includes('2'))
      await stage.world.quiet({ limitMs: 60_000 })
      noMailTwice(stage)
      equal((await mailsByTemplate(stage))['customer/received'], 2)
      equal(await expired(stage), 0)
      clock.move(11 * 3_600)
      await until('both expire in the end', async () => (await expired(stage)) === 2, 30_000)
      await second.stop()
      deepEqual(auditFindings(stage.folder), [])
    },
  },
  {
    name: 'over both changes of summer time: a daily export runs once on each day',
    needs,
    run: async () => {
      for (const [day, before, after] of [
        ['2027-03-28', '2027-03-28T00:59:40Z', '2027-03-28T01:00:20Z'],
        ['2027-10-31', '2027-10-30T23:59:40Z', '2027-10-31T01:30:20Z'],
      ] as const) {
        await using stage = await setStage()
        // 02:30 does not exist on the first day in Budapest, and comes twice on the second.
        stage.configure((config) => {
          config['exports'].status.when = '30 2 * * *'
        })
        const clock = movable(stage)
        clock.move(to(before))
        const daemon = stage.start(clock.options)
        await running(daemon)
        stage.world.drop('orders', 'a.csv', collect('1'))
        await until('the order is in', async () => (await stage.orders()).includes('1'))
        await pause(1_500)
        deepEqual(
          stage.world.exported('status').map(({ name }) => name),
          [],
          `${day}: written before its time`,
        )
        clock.move(to(day === '2027-03-28' ? '2027-03-28T01:31:00Z' : '2027-10-31T00:31:00Z'))
        await until(`${day}: it is written`, () => stage.world.exported('status').length === 1, 30_000)
        stage.world.drop('orders', 'b.csv', collect('2'))
        await until('the second is in', async () => (await stage.orders()).includes('2'))
        clock.move(to(day === '2027-03-28' ? '2027-03-28T02:31:00Z' : after))
        await pause(4_000)
        equal(stage.world.exported('status').length, 1, `${day}: written twice`)
      }
    },
  },
]
