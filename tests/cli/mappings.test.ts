import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lines, openShop, type Result, type Shop } from './sample-shop.ts'

const more = (config: string): string =>
  config
    .replace(
      '\nexports:',
      `
  table: { kind: mappings, folder: ../in/table, files: "MAP*.csv", company: SK01, format: { type: csv } }
  stock: { kind: stock, folder: ../in/stock, files: "STK*.csv", format: { type: csv } }
  shops: { kind: stores, folder: ../in/stores, files: "ST_*.csv", format: { type: csv } }
exports:`,
    )
    .replace('    for: { delivery: collect }\n', '    for: { delivery: collect }\n    itemMapping: { order: [map] }\n')

let shop: Shop
beforeEach(async () => {
  shop = await openShop('', more)
})
afterEach(async () => await shop[Symbol.asyncDispose]())

const run = (...words: readonly string[]): Promise<Result> => shop.run(words, { now: Date.UTC(2026, 2, 2, 11) })
const ok = async (...words: readonly string[]): Promise<string> => {
  const result = await run(...words)
  expect(result).toMatchObject({ code: 0, err: '' })
  return result.out
}
const orders = `No;Total;Pay;Ship;Store;Name;Email;Sku;Qty
WEB-1;50.00;card;collect;KOS01;Anna;anna@example.com;A1;2
`

describe('mappings', () => {
  test('are set, listed, exported as they can be imported again, and taken away', async () => {
    expect(
      await ok('mappings', 'set', 'item', 'A1', '900', '--company', 'SK01', '--description', 'Cup, "blue"'),
    ).toMatch(/^item A1 of \*: set to 900 of SK01/)
    expect(
      await ok('mappings', 'set', 'item', 'A1', '900', '--company', 'SK01', '--description', 'Cup, "blue"'),
    ).toMatch(/nothing to do, it is mapped so already/)
    expect(await ok('mappings', 'list', '--about', 'item', '--company', 'SK01')).toMatch(/item .*A1 .*900 .*cli:anna/)
    const csv = await ok('mappings', 'export')
    expect(csv).toBe('about,company,from,key,target,targetVariant,description\nitem,SK01,*,A1,900,,"Cup, ""blue"""\n')
    await shop.write('MAP1.csv', csv.replace('900', '901'))
    await ok('import', 'MAP1.csv')
    expect(lines(await ok('mappings', 'list', '--json'))).toMatchObject([{ target: '901', by: 'file' }])
    const [{ id }] = lines<{ id: string }>(await ok('mappings', 'list', '--json')) as [{ id: string }]
    expect(await ok('mappings', 'remove', id)).toMatch(/taken away/)
    expect(await ok('mappings', 'list')).toBe('no mappings\n')
    expect(await ok('mappings', 'list', '--removed')).toMatch(/901/)
    expect(await ok('why', id)).toMatch(/mapping of item \*\/A1 to SK01\/901[\s\S]*mapping.removed/)
  })

  test.each([
    [['set', 'thing', 'A1', '900'], /expected customer, item/],
    [['set', 'item', 'A1', '900', '--company', 'XX'], /no company "XX"; there are HU01, SK01/],
    [['set', 'item', 'A1', '900', '--from', 'YY'], /no company or store "YY"/],
    [['set', 'customer', 'C1', 'K1', '--variant', 'M'], /--variant is for items/],
    [['set', 'item', ' ', '900'], /key and target must be given/],
  ])('%j is refused', async (words, problem) => {
    const { code, err } = await run('mappings', ...words)
    expect(code).toBe(64)
    expect(err).toMatch(problem)
  })

  test('a file with a row that cannot be understood is rejected with its problems', async () => {
    await shop.write('MAP1.csv', 'about,key,target\nitem,A1,900\nitem,,901\nthing,A3,\n')
    const { code, err } = await run('import', 'MAP1.csv')
    expect(code).toBe(65)
    expect(err).toMatch(/record 2 key[\s\S]*record 3 about[\s\S]*record 3 target/)
  })

  test('let an order go on that waits for them; a dry run shows it first', async () => {
    await shop.write('ORD1.csv', orders)
    await ok('import', 'ORD1.csv')
    expect(await ok('orders', 'list', '--waiting')).toMatch(/WEB-1 .*waits/)
    expect(await ok('orders', 'show', 'WEB-1')).toMatch(/waits +not mapped for SK01: line 1: A1; since/)
    const words = ['mappings', 'set', 'item', 'A1', '900', '--company', 'SK01']
    expect(await ok(...words, '--dry-run')).toMatch(/order web\/WEB-1.*pending/)
    expect(await ok('orders', 'list', '--waiting')).toMatch(/WEB-1/)
    await ok(...words)
    expect(await ok('orders', 'list', '--waiting')).toBe('no orders\n')
    expect(await ok('orders', 'list', '--processing', 'pending')).toMatch(/WEB-1/)
    expect(await ok('audit')).toMatch(/the books balance/)
  })
})

describe('stores', () => {
  const shops =
    'code,name,company,latitude,longitude,location\nDEB01,Debrecen,HU01,47.53,21.62,LDEB\nSZE01,Szeged,HU01,46.25,20.14,LSZE\n'

  test('are listed, those of the config and those of files', async () => {
    expect(await ok('stores', 'list')).toMatch(/BUD01 .*config\nKOS01 .*SK01.*config\n$/)
    await shop.write('ST_1.csv', shops)
    await ok('import', 'ST_1.csv')
    expect(await ok('stores', 'list')).toMatch(/DEB01 .*LDEB.*file/)
  })

  test('are found by distance, with what they have of an order', async () => {
    await shop.write('ST_1.csv', shops)
    await shop.write('STK1.csv', 'location,sku,quantity\nLSZE,A1,5\nLDEB,A1,1\n')
    await shop.write('ORD1.csv', orders)
    await ok('import', 'ST_1.csv', 'STK1.csv', 'ORD1.csv')
    expect(await ok('stores', 'near', 'DEB01', '--order', 'WEB-1')).toMatch(
      /SZE01 +181 +2 +2\nBUD01 +\? +0 +2 +A1: 0 of 2/,
    )
    expect(await ok('stores', 'near', 'DEB01', '--order', 'WEB-1', '--in-stock')).toMatch(/km.*\nSZE01 .*\n$/)
    expect(await ok('stores', 'near', 'DEB01')).toMatch(/^store +km\nSZE01 +181\n/)
    expect((await run('stores', 'near', 'XXX')).code).toBe(66)
    expect(await ok('stores', 'stock', 'SZE01')).toMatch(/LSZE +A1 +5 +5/)
    expect(await ok('stores', 'stock', '--sku', 'A9')).toBe('no stock levels\n')
  })

  test('an order that names none gets the first that has all of it, or waits until one has', async () => {
    await shop[Symbol.asyncDispose]()
    shop = await openShop('', (config) =>
      more(config).replace('    itemMapping: { order: [map] }\n', '    chooseStore: nearestInStock\n'),
    )
    await shop.write('ST_1.csv', shops)
    await shop.write('STK1.csv', 'location,sku,quantity\nLSZE,A1,1\n')
    await shop.write('ORD1.csv', orders.replace('KOS01', ''))
    await ok('import', 'ST_1.csv', 'STK1.csv', 'ORD1.csv')
    expect(await ok('orders', 'show', 'WEB-1')).toMatch(/waits +no store has all of it; BUD01, at an unknown distance/)
    await shop.write('STK2.csv', 'store,sku,quantity\nSZE01,A1,2\n')
    await ok('import', 'STK2.csv')
    expect(await ok('orders', 'list', '--processing', 'pending')).toMatch(/WEB-1 .*SZE01/)
    expect(await ok('orders', 'history', 'WEB-1')).toMatch(/the nearest with all of it: SZE01/)
    expect(await ok('stores', 'stock', 'SZE01')).toMatch(/LSZE +A1 +2 +2 +0/)
    await ok('orders', 'confirm', 'WEB-1')
    await ok('orders', 'deliver', 'WEB-1')
    expect(await ok('stores', 'stock', 'SZE01')).toMatch(/LSZE +A1 +0 +0/)
    expect(await ok('audit')).toMatch(/the books balance/)
  })

  test('an order can be given a store by hand', async () => {
    await shop.write('ORD1.csv', orders.replace('KOS01', 'XX01').replace('A1', ''))
    await ok('import', 'ORD1.csv')
    expect(await ok('orders', 'choose-store', 'KOS01', 'WEB-1')).toMatch(/placed at KOS01/)
    expect(await ok('orders', 'list', '--processing', 'pending')).toMatch(/WEB-1 .*KOS01/)
    expect(await run('orders', 'choose-store', 'BUD01', 'WEB-1')).toMatchObject({ code: 1 })
    expect(await ok('audit')).toMatch(/the books balance/)
  })
})
