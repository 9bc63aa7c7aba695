import { afterEach, beforeEach, expect, test } from 'vitest'
import { lines, openShop, payments, type Result, type Shop } from './sample-shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => await shop[Symbol.asyncDispose]())

const noon = Date.UTC(2026, 2, 2, 11)
let later = 0
const run = (...words: readonly string[]): Promise<Result> => shop.run(words, { now: noon + (later += 1000) })
const ok = async (...words: readonly string[]): Promise<string> => {
  const result = await run(...words)
  expect(result).toMatchObject({ code: 0, err: '' })
  return result.out
}
const ordersOf = (count: number): string =>
  ['No;Total;Pay;Ship;Store;Name;Email;Sku;Qty']
    .concat(Array.from({ length: count }, (_, i) => `WEB-${i + 1};50.00;transfer;courier;;Anna;a${i}@example.com;A1;2`))
    .join('\n')
async function importOrders(count: number): Promise<void> {
  await shop.write('ORD1.csv', ordersOf(count))
  await ok('import', 'ORD1.csv')
}
const messages = async (): Promise<readonly { state: string; reason?: string; template: string }[]> =>
  lines(await ok('messages', 'list', '--json', '--limit', '1000'))
const queued = async (): Promise<number> =>
  (await messages()).filter(({ state, template }) => state === 'queued' && template.startsWith('customer/')).length

test('mark-paid over all orders of a channel runs the steps of each, and a second time changes nothing', async () => {
  await importOrders(250)
  expect(await ok('orders', 'mark-paid', '--filter', 'channel=web')).toBe(
    'mark-paid: 250 done, 0 as they were, 0 refused\n',
  )
  expect(await queued()).toBe(250)
  expect(lines(await ok('orders', 'list', '--status', 'processing', '--limit', '1000', '--json'))).toHaveLength(250)
  expect(await ok('orders', 'mark-paid', '--filter', 'channel=web')).toMatch(/ 0 done, 250 as they were/)
  expect(await queued()).toBe(250)
  const runs = lines<{ state: string; done: number }>(await ok('orders', 'runs', '--json'))
  expect(runs.map(({ state, done }) => [state, done])).toEqual([
    ['done', 250],
    ['done', 0],
  ])
})

test('a dry run lists every order and writes nothing', async () => {
  await importOrders(120)
  const results = lines<{ result: string }>(
    await ok('orders', 'set-status', 'accepted', '--since', '1d', '--dry-run', '--json'),
  )
  expect(results.map(({ result }) => result)).toEqual(Array.from({ length: 120 }, () => 'done'))
  expect(lines(await ok('orders', 'list', '--status', 'accepted', '--json'))).toEqual([])
  expect(await ok('orders', 'runs')).toBe('no runs\n')
})

test('--limit ends a run early; --filter chooses by any field', async () => {
  await importOrders(5)
  expect(await ok('orders', 'set-status', 'x', '--since', '1d', '--limit', '2')).toMatch(/: 2 done/)
  expect(await ok('orders', 'set-status', 'y', '--filter', 'status=x')).toMatch(/: 2 done/)
  expect(await ok('orders', 'set-status', 'z', '--filter', 'customer.email=a4@example.com')).toMatch(/: 1 done/)
})

test('apply runs a workflow for what came before it, each effect once, whether it ran before or not', async () => {
  await importOrders(3)
  await shop.write('BANK1.csv', payments)
  await ok('import', 'BANK1.csv')
  expect(await queued()).toBe(1)
  await ok('orders', 'mark-paid', 'WEB-2', '--method', 'cash')
  expect(await queued()).toBe(2)
  expect(await ok('orders', 'apply', 'transfer', '--filter', 'channel=web')).toMatch(
    /2 done, 1 as they were, 0 refused/,
  )
  expect(await queued()).toBe(2)
  expect(await ok('orders', 'history', 'WEB-1')).toMatch(/was planned for this order before/)
})

test('--no-send books all and tells nobody, each message with its reason', async () => {
  await importOrders(2)
  await ok('orders', 'mark-paid', '--filter', 'channel=web', '--no-send')
  expect((await messages()).map(({ state, reason }) => [state, reason])).toEqual([
    ['suppressed', 'the run was begun with --no-send'],
    ['suppressed', 'the run was begun with --no-send'],
  ])
  await shop.write('ORD2.csv', ordersOf(3).replaceAll('WEB-', 'OLD-'))
  await shop.write('BANK1.csv', payments.replace('WEB-1', 'OLD-1'))
  await ok('import', 'ORD2.csv', 'BANK1.csv', '--no-send')
  expect(await queued()).toBe(0)
})

test('what cannot be: orders and --filter together, neither, an unknown workflow, an unknown run', async () => {
  await importOrders(1)
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['orders', 'mark-paid', 'WEB-1', '--filter', 'channel=web'], /not both/],
    [['orders', 'set-status', 'x'], /name orders/],
    [
      ['orders', 'apply', 'none', '--filter', 'channel=web'],
      /there is no workflow "none"; there are: collect, transfer/,
    ],
    [['orders', 'apply'], /name the workflow/],
    [['orders', 'apply', '--resume', 'run_1'], /there is no run run_1/],
  ]
  for (const [words, message] of cases) {
    const { code, err } = await run(...words)
    expect([code, err]).toEqual([64, expect.stringMatching(message)])
  }
})
