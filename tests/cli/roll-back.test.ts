import { afterEach, beforeEach, expect, test } from 'vitest'
import { lines, openShop, orders, payments, type Result, type Shop } from './sample-shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
  await shop.write('ORD1.csv', orders)
  await shop.write('BANK1.csv', payments)
  await run('import', 'ORD1.csv', 'BANK1.csv')
})
afterEach(async () => {
  expect(await run('audit')).toMatchObject({ code: 0 })
  await shop[Symbol.asyncDispose]()
})

const noon = Date.UTC(2026, 2, 2, 11)
const run = (...words: readonly string[]): Promise<Result> => shop.run(words, { now: noon })

interface Event {
  readonly seq: number
  readonly name: string
}
const history = async (): Promise<readonly Event[]> =>
  lines<Event>((await run('orders', 'history', 'WEB-1', '--json')).out)

test('history numbers each event and says by which file and row, by which rule, and what changed', async () => {
  const { out } = await run('orders', 'history', 'WEB-1')
  expect(out).toMatch(/\d+ .*order\.imported +cli:anna +ORD1\.csv:1/)
  expect(out).toMatch(
    /order\.statusChanged .*BANK1\.csv:1 +transfer steps\[1\]\.setStatus +status received → processing/,
  )
  expect(out).toMatch(/message\.queued .*msg_/)
  expect(out).toMatch(/payment\.matched .*pay_/)
})

test('--dry-run shows what would be undone and what stays; the real run does it; once more is nothing', async () => {
  const shown = await run('orders', 'roll-back', 'WEB-1', '--dry-run')
  expect(shown.code).toBe(0)
  expect(shown.out).toMatch(/order web\/WEB-1 would be rolled back:/)
  expect(shown.out).toMatch(/message +msg_\w+ becomes cancelled \(rolled back\)/)
  expect(shown.out).toMatch(/export +line xln_\w+ is voided \(rolled back before it was written\)/)
  expect(shown.out).toMatch(/stays +payment B-1 of 50.00 EUR stays allocated/)
  expect((await run('orders', 'show', 'WEB-1')).out).toMatch(/processing/)
  const done = await run('orders', 'roll-back', 'WEB-1')
  expect(done).toMatchObject({ code: 0, err: '' })
  expect(done.out).toMatch(/order web\/WEB-1: rolled back/)
  expect((await run('orders', 'show', 'WEB-1')).out).toMatch(/status +received/)
  const again = await run('orders', 'roll-back', 'WEB-1')
  expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/nothing to do/) as string })
})

test('--to goes back to just after an event; with --free-payments the money is free again', async () => {
  const imported = (await history()).find(({ name }) => name === 'collect.pending')?.seq ?? 0
  const { code } = await run('orders', 'roll-back', 'WEB-1', '--to', String(imported), '--free-payments')
  expect(code).toBe(0)
  expect((await run('orders', 'show', 'WEB-1')).out).toMatch(/payment +unpaid/)
  expect((await run('payments', 'list', '--state', 'unmatched')).out).toMatch(/B-1/)
})

test('a wrong number is told, and what cannot be undone refuses with the reason', async () => {
  expect((await run('orders', 'roll-back', 'WEB-1', '--to', 'x')).code).toBe(64)
  expect((await run('orders', 'roll-back', 'WEB-1', 'WEB-2', '--to', '1')).code).toBe(64)
  const foreign = await run('orders', 'roll-back', 'WEB-1', '--to', '99999')
  expect(foreign).toMatchObject({ code: 1, err: expect.stringMatching(/event 99999 is none of order WEB-1/) as string })
  await run('orders', 'confirm', 'WEB-1')
  await run('orders', 'deliver', 'WEB-1')
  const refused = await run('orders', 'roll-back', 'WEB-1')
  expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/handed over/) as string })
})

test('why tells of the roll back what was undone, and of a message why it was cancelled', async () => {
  await run('orders', 'roll-back', 'WEB-1')
  const { out } = await run('why', 'WEB-1')
  expect(out).toMatch(/order\.rolledBack/)
  expect(out).toMatch(/undone:\n +msg_/)
  expect(out).toMatch(/\[voided\]/)
  const message = /undone:\n +(msg_\w+)/.exec(out)?.[1] ?? ''
  expect((await run('why', message)).out).toMatch(/message\.cancelled[\s\S]*order\.rolledBack/)
})
