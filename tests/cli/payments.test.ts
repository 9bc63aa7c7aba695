import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lines, openShop, orders, type Result, type Shop } from './sample-shop.ts'

const statement = (movements: string): string =>
  `:20:STARTUMS\n:25:HU42\n:28C:00012/001\n:60F:C260301EUR100,00\n${movements}:62F:C260302EUR200,00\n-\n`
const movements =
  ':61:2603020302C50,00NTRFNONREF//M1\n:86:order WEB-1\n' +
  ':61:2603030303C20,00NTRFNONREF//M2\n:86:166?20EREF+/VS0000777/SS/KS?21SVWZ+WEB-2?32Bela\n' +
  ':61:2603040304C30,00NTRFNONREF//M3\n:86:no idea\n'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
  await shop.write(
    'config/imports/giro.yaml',
    'kind: payments\nfolder: ../../in/giro\nfiles: "*.sta"\nformat: { type: mt940 }\n',
  )
  await shop.write('ORD1.csv', orders)
  await shop.write('M.sta', statement(movements))
  await ok('import', 'ORD1.csv')
})
afterEach(async () => await shop[Symbol.asyncDispose]())

const run = (...words: readonly string[]): Promise<Result> => shop.run(words, { now: Date.UTC(2026, 2, 4, 11) })
const ok = async (...words: readonly string[]): Promise<string> => {
  const result = await run(...words)
  expect(result).toMatchObject({ code: 0, err: '' })
  return result.out
}
const keys = async (...words: readonly string[]): Promise<readonly unknown[]> =>
  lines(await ok('payments', 'list', '--json', ...words)).map(({ bankKey }) => String(bankKey).split('/')[1])

describe('payments list', () => {
  test.each<[string[], string[]]>([
    [[], ['M1', 'M2', 'M3']],
    [['--unmatched'], ['M3']],
    [
      ['--state', 'matched'],
      ['M1', 'M2'],
    ],
    [['--order', 'WEB-1'], ['M1']],
    [['--reference', '/VS777/SS/KS'], []],
    [['--reference', '/VS0000777/SS/KS'], ['M2']],
    [['--vs', 'web-1'], ['M1']],
    [['--reference', 'NO IDEA'], ['M3']],
    [['--reference', 'nothing of it'], []],
    [
      ['--from', '2026-03-03'],
      ['M2', 'M3'],
    ],
    [
      ['--to', '2026-03-03'],
      ['M1', 'M2'],
    ],
    [['--from', '2026-03-03', '--to', '2026-03-03'], ['M2']],
    [['--account', 'HU42', '--method', 'transfer', '--unmatched'], ['M3']],
    [['--account', 'HU43'], []],
  ])('%j finds %j', async (words, expected) => {
    await ok('import', 'M.sta')
    expect(new Set(await keys(...words))).toEqual(new Set(expected))
  })

  test('refuses what is no date and an order that is not there', async () => {
    expect((await run('payments', 'list', '--from', 'soon')).code).toBe(64)
    expect((await run('payments', 'list', '--order', 'nope')).code).toBe(66)
  })
})

describe('payments explain FILE', () => {
  test('tells of each record which rules were tried, and changes nothing', async () => {
    const out = await ok('payments', 'explain', 'M.sta')
    expect(out).toMatch(/^record 1: HU42\/2026-03-02\/M1\/C50.00 of 50.00 EUR: matched for web\/WEB-1$/m)
    expect(out).toMatch(/^ {2}documentNumber: pays order WEB-1 \(web, open 50.00 EUR\) exactly$/m)
    expect(out).toMatch(/^record 3: .* of 30.00 EUR: unmatched$/m)
    expect(out).toMatch(/^ {2}ibanAndAmount: the account that paid is not known$/m)
    expect(await ok('payments', 'list')).toMatch(/no payments/)
  })

  test('says what is in the books already, and of bad records what is wrong', async () => {
    await ok('import', 'M.sta')
    const [first] = lines(await ok('payments', 'explain', 'M.sta', '--json'))
    expect(first).toMatchObject({
      row: 1,
      result: 'in the books already (matched); as a new one unmatched',
      orders: [],
    })
    await shop.write('bad.sta', statement(':61:26X3\n'))
    expect(await run('payments', 'explain', 'bad.sta')).toMatchObject({ code: 65 })
  })

  test('refuses a file of orders, and one that fits no import', async () => {
    expect((await run('payments', 'explain', 'ORD1.csv')).code).toBe(64)
    await shop.write('x.txt', '')
    expect((await run('payments', 'explain', 'x.txt')).code).toBe(64)
  })
})

describe('payments explain', () => {
  test('suggests orders of the amount whose customer is named alike, and settles nothing', async () => {
    const alike = ':61:2603040304C20,00NTRFNONREF//M4\n:86:166?20SVWZ+thanks?32bela\n'
    await shop.write('N.sta', statement(alike))
    await ok('import', 'N.sta')
    const explained = await ok('payments', 'explain', String((await listed())['id']))
    expect(explained).toMatch(/^perhaps order web\/WEB-2, unpaid, .*: the whole amount is open, .*alike \(100 %\)$/m)
    expect(explained).not.toMatch(/perhaps order web\/WEB-1/)
    expect((await listed())['state']).toBe('unmatched')
  })
})

const listed = async (): Promise<Record<string, unknown>> => lines(await ok('payments', 'list', '--json'))[0] ?? {}
