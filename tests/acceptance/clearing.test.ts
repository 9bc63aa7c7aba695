/** Clearing between companies, through files and the command line (features 11: scenarios 11 and 12; N38–N43). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Clearing } from '../../src/core/clearing.ts'
import { type Config, exportOf, importOf, Installation } from './installation.ts'

const monday = Date.UTC(2026, 2, 2, 9)
const hour = 3_600_000
let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'orderly-clearing-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const workflow = (clearing: Config): Config => ({
  collect: { kind: 'collect', for: { delivery: 'collect' }, clearing, partialDelivery: true },
})
const columns = [
  'id',
  'order',
  'type',
  'company',
  'counterCompany',
  'net',
  'vat',
  'gross',
  'currency',
  'netDue',
  'basis',
]
const more = ['account', 'billVia', 'billViaReason', 'lines', 'reason', 'reverses', 'replaces']
const clearingTo = (company: string, settings: Config = {}): Config =>
  exportOf('clearing', `../out/${company}`, [...columns, ...more], {
    company,
    file: '{company}-{seq:4}.csv',
    control: 'trailer',
    expectAnswer: '4h',
    ...settings,
  })

const house = (clearing: Config = { fee: '2.00' }, change: Config = {}): Config => ({
  companies: { SK01: { name: 'Example s.r.o.' } },
  channels: { web: {} },
  stores: { KOS01: { name: 'Košice', company: 'SK01', prepaymentAccount: '324' } },
  imports: {
    orders: importOf('orders', '../in/orders', { channel: 'web' }, { groupBy: 'number' }),
    answers: importOf('collectStatus', '../in/answers'),
    said: importOf('acknowledgements', '../in/said', {}, { constants: { about: 'clearing' } }),
  },
  exports: { hu: clearingTo('HU01'), sk: clearingTo('SK01') },
  workflows: workflow(clearing),
  ...change,
})
const head =
  'number;gross;vat;prepaid;deliveryMethod;store;lines.number;lines.sku;lines.quantity;lines.gross;lines.vatPercent'
const orders = (...rows: readonly string[]) => ['orders', 'o.csv', head, ...rows] as const
const anOrder = (number: string, prepaid = '0.00'): string =>
  `${number};127.00;27.00;${prepaid};collect;KOS01;1;A;1;127.00;27`
const delivered = (number: string) =>
  [
    'answers',
    `a-${number}.csv`,
    'order;status;documentNumber',
    `${number};confirmed;`,
    `${number};delivered;R-${number}`,
  ] as const

const isControl = (row: string): boolean => /^(FILE|SUM|TOTAL);/.test(row)

class House extends Installation {
  put([name, file, ...rows]: readonly [string, string, ...string[]]): void {
    this.drop(`in/${name}`, file, ...rows)
  }

  /** Entries of the files of a company, and the rows of their control parts. */
  inFiles(company: string): {
    readonly entries: readonly Record<string, string>[]
    readonly control: readonly string[]
  } {
    const names = this.files(`out/${company}`)
    const rows = names.flatMap((name) => this.read(`out/${company}`, name).trim().split('\n'))
    const heads = [...columns, ...more]
    const lines = rows.filter((row) => !isControl(row) && row !== heads.join(';'))
    return {
      entries: lines.map((row) => Object.fromEntries(row.split(';').map((value, i) => [heads[i] ?? '', value]))),
      control: rows.filter(isControl),
    }
  }

  entries = async (...words: readonly string[]): Promise<readonly Clearing[]> =>
    await this.json<Clearing>('clearing', 'list', '--limit', '1000', ...words)
}

const grossOf = (entries: readonly Record<string, string>[]): number =>
  Math.round(entries.reduce((sum, { gross }) => sum + Number(gross) * 100, 0))

describe('scenario 11: billed at the till or by a sales document', () => {
  test('pos with postOn: processing is an error of the config', async () => {
    const shop = new House(join(folder, 'shop'), house({ billVia: 'pos', postOn: 'processing' }), monday)
    const { code, out, err } = await shop.run('check')
    expect(code).toBe(3)
    expect(out + err).toMatch(/billVia: pos needs postOn: delivery.*C080/)
  })

  test('an order that was prepaid falls back to the sales document, and the file says why', async () => {
    const shop = new House(join(folder, 'shop'), house({ billVia: 'pos' }), monday)
    await shop.live(
      () => shop.put(orders(anOrder('1', '50.00'), anOrder('2'))),
      () => shop.put(['answers', 'a.csv', 'order;status', '1;confirmed', '1;delivered', '2;confirmed', '2;delivered']),
    )
    const { entries } = shop.inFiles('SK01')
    expect(entries.map(({ order, type, billVia, gross, account }) => [order, type, billVia, gross, account])).toEqual([
      ['1', 'goods', 'salesDocument', '127.00', ''],
      ['1', 'prepaymentTransfer', 'salesDocument', '-50.00', '324'],
      ['1', 'storeReceipt', 'salesDocument', '-77.00', ''],
    ])
    expect(entries[0]?.['billViaReason']).toBe(
      '50.00 EUR was paid before: the till cannot deduct it, so a sales document bills the order',
    )
  })
})

describe('scenario 12: the clearing of one order', () => {
  test('sums to zero, is in one file of each company, and is taken back by counter-entries', async () => {
    const shop = new House(join(folder, 'shop'), house(), monday)
    await shop.live(
      () => shop.put(orders(anOrder('1', '50.00'))),
      () => shop.put(delivered('1')),
    )
    const [hu, sk] = [shop.inFiles('HU01'), shop.inFiles('SK01')]
    expect(grossOf(sk.entries)).toBe(200)
    expect(grossOf(hu.entries) + grossOf(sk.entries)).toBe(0)
    expect(sk.entries.map(({ netDue }) => netDue)).toEqual(['2.00', '2.00', '2.00', '2.00'])
    expect(sk.control).toEqual([
      'FILE;sk;SK01;1;SK01-0001.csv;;2026-03-02;2026-03-02;4;',
      'SUM;SK01;HU01;goods;EUR;1;100.00;27.00;127.00',
      'SUM;SK01;HU01;prepaymentTransfer;EUR;1;-50.00;0.00;-50.00',
      'SUM;SK01;HU01;storeReceipt;EUR;1;-77.00;0.00;-77.00',
      'SUM;SK01;HU01;fee;EUR;1;2.00;0.00;2.00',
      'TOTAL;SK01;HU01;;EUR;4;-25.00;27.00;2.00',
    ])
    // The same rows again, and the daemon again: no further file.
    await shop.live(() => shop.put(delivered('1')))
    expect([shop.files('out/HU01'), shop.files('out/SK01')]).toEqual([['HU01-0001.csv'], ['SK01-0001.csv']])

    expect((await shop.run('clearing', 'reverse', '1', '--reason', 'sold twice')).code).toBe(0)
    expect((await shop.run('clearing', 'reverse', '1')).out).toMatch(/nothing to do, no entry of it stands/)
    await shop.live()
    const after = shop.inFiles('SK01')
    expect(grossOf(after.entries)).toBe(0)
    const reversals = after.entries.filter(({ type }) => type === 'reversal')
    expect(reversals.map(({ reverses, reason }) => [reverses, reason])).toEqual(
      sk.entries.map(({ id }) => [id, 'sold twice']),
    )
    expect(await shop.run('audit', '--deep', '--exports-kept')).toMatchObject({ code: 0 })
  })
})

async function written(change: Config = {}): Promise<House> {
  const shop = new House(join(folder, 'shop'), house({ fee: '2.00' }, change), monday)
  await shop.live(
    () => shop.put(orders(anOrder('1', '50.00'))),
    () => shop.put(delivered('1')),
  )
  return shop
}
const states = async (shop: House, company: string): Promise<readonly string[]> => [
  ...new Set((await shop.entries('--company', company)).map(({ state }) => state)),
]

describe('what the ERPs say', () => {
  test('a file that is booked is acknowledged with its number; what has no answer in time is alarmed once', async () => {
    const shop = await written()
    await shop.live(() => shop.put(['said', 's.csv', 'document;accepted;number', 'HU01-0001.csv;true;J-7']))
    expect(await states(shop, 'HU01')).toEqual(['acknowledged'])
    expect((await shop.entries('--company', 'HU01')).map(({ postedNumber }) => postedNumber)).toEqual(
      Array(4).fill('J-7'),
    )
    shop.now = monday + 5 * hour
    await shop.live()
    shop.now += 5 * hour
    await shop.live()
    const { out } = await shop.run('messages', 'list', '--json')
    expect(out.match(/The ERP has not answered a clearing file/g)).toHaveLength(1)
    expect(out).toContain('SK01-0001.csv')
    expect((await shop.run('audit')).code).toBe(0)
  })

  test('a refused file is written again as a corrected copy with the accounts of the day, and never twice', async () => {
    const shop = await written()
    const refusal = [
      'said',
      's.csv',
      'document;accepted;reason',
      'SK01-0001.csv;false;account 9111 is unknown',
    ] as const
    await shop.live(() => shop.put(refusal))
    expect(await states(shop, 'SK01')).toEqual(['rejected'])
    const { out } = await shop.run('clearing', 'files', '--state', 'rejected')
    expect(out).toContain('account 9111 is unknown')

    shop.configure(house({ fee: '2.00' }, { clearing: { pairs: [{ accounts: { to: { goods: '9112' } } }] } }))
    expect((await shop.run('clearing', 'correct', 'HU01-0001.csv')).code).toBe(1)
    expect((await shop.run('clearing', 'correct', 'SK01-0001.csv', '--reason', 'account mended')).code).toBe(0)
    expect((await shop.run('clearing', 'correct', 'SK01-0001.csv')).out).toMatch(/nothing to do/)
    await shop.live()
    expect(shop.files('out/SK01')).toEqual(['SK01-0001.csv', 'SK01-0002.csv'])
    const copy = shop.inFiles('SK01').entries.slice(4)
    expect(copy.map(({ id }) => id)).toEqual(
      shop
        .inFiles('SK01')
        .entries.slice(0, 4)
        .map(({ id }) => id),
    )
    expect(copy.map(({ type, account, replaces }) => [type, account, replaces])).toEqual([
      ['goods', '9112', 'SK01-0001.csv'],
      ['prepaymentTransfer', '324', 'SK01-0001.csv'],
      ['storeReceipt', '', 'SK01-0001.csv'],
      ['fee', '', 'SK01-0001.csv'],
    ])
    expect(shop.inFiles('SK01').control.at(6)).toBe(
      'FILE;sk;SK01;2;SK01-0002.csv;;2026-03-02;2026-03-02;4;SK01-0001.csv',
    )
    await shop.live(() => shop.put(['said', 't.csv', 'document;accepted;number', 'SK01-0002.csv;true;J-8']))
    expect(await states(shop, 'SK01')).toEqual(['acknowledged'])
    const why = (await shop.run('why', 'SK01-0002.csv')).out
    for (const words of ['clearing file SK01-0002.csv', 'by file:said', 'corrected copy of SK01-0001.csv'])
      expect(why).toContain(words)
    expect((await shop.run('clearing', 'show', 'SK01-0002.csv')).out).toMatch(/t\.csv/)
    const named = (await shop.json<{ name: string; state: string }>('clearing', 'files')).map(
      ({ name, state }) => `${name} ${state}`,
    )
    expect(named.toSorted()).toEqual([
      'HU01-0001.csv exported',
      'SK01-0001.csv corrected',
      'SK01-0002.csv acknowledged',
    ])
    expect((await shop.run('audit')).code).toBe(0)
  })

  test('one refused entry is written again alone; both sides reconcile to zero all the time', async () => {
    const shop = await written()
    const [entry] = await shop.entries('--company', 'SK01', '--type', 'fee')
    const rows = (await shop.entries('--company', 'SK01'))
      .filter(({ type }) => type !== 'fee')
      .map(({ id }) => `${id};true;`)
    await shop.live(() =>
      shop.put(['said', 's.csv', 'document;accepted;reason', `${entry?.id ?? ''};false;no contract`, ...rows]),
    )
    const { out, code } = await shop.run('clearing', 'reconcile', '--company', 'SK01')
    expect(code).toBe(0)
    expect(out).toMatch(/SK01 +HU01 +total +2\.00 EUR +-2\.00 EUR +0\.00 EUR/)
    expect(out).toMatch(/Booked by one side only, or refused:\n(?:.*\n)*.*fee.*rejected.*no contract/)
    const csv = await shop.run('clearing', 'reconcile', '--csv')
    expect(csv.out).toMatch(/^company,counterCompany,currency,entries,own,other,difference/)
    expect(csv.out).toContain('HU01,SK01,EUR,total,-2.00,2.00,0.00')
    await shop.run('clearing', 'correct', entry?.id ?? '')
    await shop.live()
    expect(
      shop
        .inFiles('SK01')
        .entries.slice(4)
        .map(({ id, replaces }) => [id, replaces]),
    ).toEqual([[entry?.id, 'SK01-0001.csv']])
    // What an ERP has lost is refused by hand, written again, and booked by hand.
    expect((await shop.run('clearing', 'refuse', 'HU01-0001.csv', '--reason', 'lost', '--dry-run')).code).toBe(0)
    expect(await states(shop, 'HU01')).toEqual(['exported'])
    await shop.run('clearing', 'refuse', 'HU01-0001.csv', '--reason', 'lost')
    await shop.run('clearing', 'correct', 'HU01-0001.csv')
    await shop.live()
    await shop.run('clearing', 'accept', 'HU01-0002.csv', '--number', 'J-9')
    expect(await states(shop, 'HU01')).toEqual(['acknowledged'])
  })

  test('with a period each file holds the entries of one month, once that is over', async () => {
    const settings = { period: 'month', file: '{company}_{period}_{seq:4}.csv' }
    const shop = new House(
      join(folder, 'shop'),
      house({}, { exports: { hu: clearingTo('HU01', settings), sk: clearingTo('SK01') } }),
      Date.UTC(2026, 2, 31, 9),
    )
    await shop.live(() => shop.put(orders(anOrder('1'), anOrder('2'))))
    await shop.run('orders', 'confirm', '1', '2')
    await shop.run('orders', 'deliver', '1')
    shop.now = Date.UTC(2026, 3, 1, 9)
    await shop.live()
    await shop.run('orders', 'deliver', '2')
    expect(await shop.json('exports', 'list', '--open', '--export', 'hu')).toHaveLength(2)
    expect(shop.files('out/HU01')).toEqual(['HU01_2026-03_0001.csv'])
    expect(shop.inFiles('HU01').control[0]).toBe(
      'FILE;hu;HU01;1;HU01_2026-03_0001.csv;2026-03;2026-03-01;2026-03-31;2;',
    )
    expect(shop.inFiles('HU01').entries.map(({ order }) => order)).toEqual(['1', '1'])
  })
})
