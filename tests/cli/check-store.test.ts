import { afterEach, beforeEach, expect, test } from 'vitest'
import { openShop, type Result, type Shop } from './sample-shop.ts'

const more = `
  to-store: { kind: orderToStore, company: SK01, folder: ../out/to-store, format: { type: csv } }`

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => await shop[Symbol.asyncDispose]())

const run = (...words: readonly string[]): Promise<Result> => shop.run(words, { now: Date.UTC(2026, 2, 2, 11) })

test('names what the orders of a store would lack, each with its place', async () => {
  const { code, out } = await run('check', 'store', 'KOS01', '--no-folders')
  expect(code).toBe(3)
  expect(out).toMatch(/store +KOS01, Košice/)
  expect(out).toMatch(/workflows +collect/)
  expect(out).toMatch(/orderly.yaml:\d+:\d+ stores.KOS01: no export of kind orderToStore for SK01.*\(C124\)/)
  expect(out).toMatch(/warning: no import of kind collectStatus/)
  expect(out).toMatch(/warning: no prepaymentAccount/)
  expect(out).toMatch(/KOS01: 1 errors\n$/)
})

test('a store that has all is in order; folders that are not there are told', async () => {
  await shop[Symbol.asyncDispose]()
  shop = await openShop('', (config) => config.replace('\nexports:', `\nexports:${more}`))
  expect(await run('check', 'store', 'KOS01', '--no-folders')).toMatchObject({ code: 0 })
  const { out } = await run('check', 'store', 'KOS01')
  expect(out).toMatch(/out\/to-store does not exist.*\(C100\)/)
  await shop.write('out/to-store', 'a file')
  expect((await run('check', 'store', 'KOS01')).code).toBe(3)
})

test.each([
  ['mobile: "12"', /stores.BUD01.mobile: this number cannot be dialled; found "12".*\(C123\)/, 3],
  ['language: en', /stores.BUD01.calendar: warning: no calendar: its deadlines are counted by the clock/, 0],
  ['workflow: none', /no collect workflow is for this store/, 3],
])('a store of the config with %s', async (key, problem, code) => {
  await shop[Symbol.asyncDispose]()
  shop = await openShop('', (config) =>
    config
      .replace(
        'BUD01: { name: Budapest, email: bud@example.com, calendar: standard }',
        `BUD01: { name: Budapest, email: bud@example.com, ${key} }`,
      )
      .replace('\n  transfer:', '\n  none:\n    kind: collect\n    enabled: false\n  transfer:'),
  )
  const result = await run('check', 'store', 'BUD01', '--no-folders')
  expect(result.out).toMatch(problem)
  expect(result.code).toBe(code)
})

test('a store that a file brought is checked as well; one that nobody has is not found', async () => {
  await shop[Symbol.asyncDispose]()
  shop = await openShop('', (config) =>
    config.replace(
      '\nexports:',
      '\n  stores: { kind: stores, folder: ../in/stores, files: "ST*.csv", format: { type: csv } }\nexports:',
    ),
  )
  await shop.write('ST1.csv', 'code,name,company,calendar,email\nDEB01,Debrecen,XX01,summer,deb@example.com\n')
  expect(await run('import', 'ST1.csv')).toMatchObject({ code: 0 })
  const { code, out } = await run('check', 'store', 'DEB01', '--no-folders')
  expect(code).toBe(3)
  expect(out).toMatch(/from +ST1.csv/)
  expect(out).toMatch(/ST1.csv stores.DEB01.company: there is no company "XX01"/)
  expect(out).toMatch(/there is no calendar "summer"/)
  const json = await run('check', 'store', 'DEB01', '--no-folders', '--json')
  expect(json.out.split('\n').filter((line) => line !== '')).toHaveLength(5)
  expect(await run('check', 'store', 'KOS02')).toMatchObject({
    code: 66,
    err: expect.stringMatching(/Did you mean "KOS01"/) as string,
  })
})
