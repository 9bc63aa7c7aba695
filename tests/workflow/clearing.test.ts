/** Clearing of parts and returns, what two companies agreed, and what their ERPs say (N38–N43). */
import { describe, expect, test } from 'vitest'
import type { IncomingStatus } from '../../src/core/incoming.ts'
import { exportFileId } from '../../src/core/ids.ts'
import type { Clearing, ClearingFile } from '../../src/core/clearing.ts'
import { type ClearingWish, decideClearing } from '../../src/workflow/clearing/correct.ts'
import { reconcile } from '../../src/workflow/clearing/reconcile.ts'
import { decideClearingWritten } from '../../src/workflow/clearing/written.ts'
import { answer, aPayment, aStatus, collectWorkflow, type ConfigInput, hours, Shop, toCollect } from './shop.ts'

const lines = [
  { number: '1', sku: 'A', quantity: '3', gross: 9_000, vatPercent: '27', fields: { cost: '10.50' } },
  { number: '2', sku: 'B', quantity: '1', gross: 1_000, vatPercent: '5', fields: { cost: '4' } },
]
const csv = { format: { type: 'csv' as const } }
const files = Object.fromEntries(
  ['HU01', 'HU02'].map((company) => [
    company,
    { kind: 'clearing' as const, company, folder: company, ...csv, expectAnswer: '4h' },
  ]),
)

class House extends Shop {
  readonly #taken = new Set<string>()
  #count = 0

  constructor(clearing: object = {}, change: Partial<ConfigInput> = {}) {
    super({ exports: files, workflows: { std: { ...collectWorkflow, partialDelivery: true, clearing } }, ...change })
  }

  start(order: Parameters<typeof toCollect>[0] = {}): void {
    this.orders(toCollect({ lines, ...order }))
    this.answers(aStatus('confirmed'))
  }

  over(status: 'delivered' | 'returned', parts: string | undefined, documentNumber: string): void {
    const told = parts
      ?.split(' ')
      .map((part) => ({ line: part.split(':')[0] ?? '', quantity: part.split(':')[1] ?? '' }))
    const row: IncomingStatus = aStatus(status, { documentNumber, ...(told && { lines: told }) })
    this.answers(row)
    this.now += 1
  }

  entries = (company = 'HU02'): readonly Clearing[] =>
    this.store.all('clearing').filter((entry) => entry.company === company)

  /** `type gross` of each entry of the collector, with the lines that it is about. */
  said = (): readonly string[] =>
    this.entries().map(({ type, position, gross, lines: about }) =>
      [type === 'reversal' ? `back ${position}` : type, gross, ...(about === undefined ? [] : [`(${about})`])].join(
        ' ',
      ),
    )

  /** Writes what is open of a company, as the daemon does; gives the name of the file. */
  write(company: string): string {
    const open = [...this.store.lines.values()].filter((line) => line.export === company && !this.#taken.has(line.id))
    for (const { id } of open) this.#taken.add(id)
    const sequence = ++this.#count
    const head = { id: exportFileId(company, sequence), export: company, sequence, name: `${company}-${sequence}.csv` }
    this.commit((known) =>
      decideClearingWritten(this.setup, head, open, known, this.cause('delivery', 'daemon'), this.now),
    )
    return head.name
  }

  wish(wish: ClearingWish): string {
    const decision = decideClearing(this.setup, wish, this.store, this.cause('person', 'cli:anna'), this.now)
    if (decision.kind !== 'batch') return `${decision.kind}: ${decision.reason}`
    this.store.commit(decision.batch)
    return 'done'
  }

  say = (document: string, accepted: boolean, reason = 'no such account'): void =>
    void this.take('answersBack', {
      ...answer({ about: 'clearing', document, accepted, number: 'J1' }),
      reason,
    })

  file(name: string): ClearingFile {
    const [file] = this.store.find('clearingFile', 'number', name)
    if (file === undefined) throw new Error(`no file ${name}`)
    return file
  }

  states = (company = 'HU02'): readonly string[] => [...new Set(this.entries(company).map(({ state }) => state))]
}

const rest = (shop: House): number => shop.store.all('clearing').reduce((sum, { gross }) => sum + gross, 0)

describe('goods that are handed over in parts', () => {
  test('each part is cleared with its own lines and VAT; what was prepaid covers the first, the fee comes once', () => {
    const shop = new House({ fee: '2' })
    shop.start({ prepaid: 4_000 })
    shop.over('delivered', '1:1', 'R1')
    shop.over('delivered', '1:1 2:1', 'R2')
    shop.over('delivered', '1:1', 'R3')
    expect(shop.said()).toEqual([
      'goods 3000 (1:1)',
      'prepaymentTransfer -3000 (1:1)',
      'fee 200 (1:1)',
      'goods 4000 (1:1, 2:1)',
      'prepaymentTransfer -1000 (1:1, 2:1)',
      'storeReceipt -3000 (1:1, 2:1)',
      'goods 3000 (1:1)',
      'storeReceipt -3000 (1:1)',
    ])
    const goods = shop.entries().filter(({ type }) => type === 'goods')
    expect(goods.map(({ vat }) => vat)).toEqual([638, 685, 638])
    expect(goods.reduce((sum, { vat }) => sum + vat, 0)).toBe(1_913 + 48)
    expect(rest(shop)).toBe(0)
  })

  test('the same handover told again is cleared once', () => {
    const shop = new House()
    shop.start()
    for (let i = 0; i < 3; i++) shop.over('delivered', '1:1', 'R1')
    expect(shop.said()).toEqual(['goods 3000 (1:1)', 'storeReceipt -3000 (1:1)'])
  })

  test('money that comes in between covers what is still to be handed over', () => {
    const shop = new House()
    shop.start()
    shop.over('delivered', '1:2', 'R1')
    shop.bank(aPayment({ amount: 4_000 }))
    shop.over('delivered', '1:1 2:1', 'R2')
    expect(shop.said().slice(2)).toEqual(['goods 4000 (1:1, 2:1)', 'prepaymentTransfer -4000 (1:1, 2:1)'])
  })

  test('what is brought back is reversed in proportion, the newest part first; the fee stays', () => {
    const shop = new House({ fee: '2' })
    shop.start({ prepaid: 5_000 })
    shop.over('delivered', '1:1', 'R1')
    shop.over('delivered', '1:2 2:1', 'R2')
    const before = shop.said().length
    shop.over('returned', '1:1', 'B1')
    expect(shop.said().slice(before)).toEqual([
      'back goods -3000 (1:1)',
      'back prepaymentTransfer 1500 (1:1)',
      'back storeReceipt 1500 (1:1)',
    ])
    expect(shop.entries().at(-1)).toMatchObject({ reason: 'brought back', event: 'reversal', netDue: 0 })
    shop.over('returned', undefined, 'B2')
    const standing = shop.entries().reduce((sum, { gross }) => sum + gross, 0)
    expect([standing, rest(shop)]).toEqual([200, 0])
  })

  test('posted at the confirmation: what expires is taken back, what was handed over stands', () => {
    const shop = new House({ postOn: 'processing' })
    shop.start()
    shop.over('delivered', '1:1', 'R1')
    shop.wait(hours(24 * 5))
    expect(shop.said()).toEqual(['goods 10000', 'storeReceipt -10000', 'back goods -7000', 'back storeReceipt 7000'])
    shop.over('returned', '1:1', 'B1')
    expect(shop.entries().reduce((sum, { gross }) => sum + gross, 0)).toBe(0)
    expect(shop.said().slice(4)).toEqual(['back goods -3000 (1:1)', 'back storeReceipt 3000 (1:1)'])
  })
})

const agreed = (pair: object) => ({ clearing: { pairs: [{ from: 'HU01', to: 'HU02', ...pair }] } })

const goodsOf = (pair: object, order: Parameters<typeof toCollect>[0] = {}) => {
  const shop = new House({ fee: '2' }, agreed(pair))
  shop.start(order)
  shop.over('delivered', undefined, 'R1')
  const [goods] = shop.entries()
  return { shop, goods, fee: shop.entries().find(({ type }) => type === 'fee') }
}

describe('what two companies agreed', () => {
  test.each([
    ['the sales price with its VAT', {}, [8_039, 1_961, 10_000]],
    ['the sales price without VAT', { vat: 'none' }, [8_039, 0, 8_039]],
    ['a part of the sales price, VAT in proportion', { basis: 'percent', percent: '80' }, [6_431, 1_569, 8_000]],
    ['a part of the sales price at a rate', { basis: 'percent', percent: '80', vat: '20' }, [6_431, 1_286, 7_717]],
    ['the cost of the goods', { basis: 'cost', vat: '27' }, [3_550, 959, 4_509]],
  ] as const)('clears the goods at %s', (_, pair, [net, vat, gross]) => {
    const { goods, shop } = goodsOf(pair)
    expect(goods).toMatchObject({ type: 'goods', net, vat, gross })
    expect(rest(shop)).toBe(0)
  })

  test('puts VAT on the fee, and names accounts for the books of each side', () => {
    const accounts = { from: { goods: '5110', fee: '5290' }, to: { goods: '9110' } }
    const { shop, fee } = goodsOf({ feeVat: '27', accounts })
    expect(fee).toMatchObject({ net: 200, vat: 54, gross: 254 })
    const accountsOf = (company: string) => shop.lines(company).map(({ type, account }) => [type, account])
    expect(accountsOf('HU02')).toEqual([
      ['goods', '9110'],
      ['storeReceipt', undefined],
      ['fee', undefined],
    ])
    expect(accountsOf('HU01')).toEqual([
      ['goods', '5110'],
      ['storeReceipt', undefined],
      ['fee', '5290'],
    ])
  })

  test('falls back to the sales price where a cost is missing, says why in the file, and alarms', () => {
    const { goods, shop } = goodsOf({ basis: 'cost' }, { lines: [lines[0]!, { ...lines[1]!, fields: {} }] })
    expect(goods).toMatchObject({
      gross: 10_000,
      reason: 'line 2 has no cost (own field cost): cleared at the sales price',
    })
    expect(goods).not.toHaveProperty('basis')
    expect(shop.lines('HU02')[0]).toMatchObject({ basis: 'sales', reason: expect.stringContaining('line 2') as string })
    expect(shop.alarms()).toContain('Goods were cleared without their cost → it@example.com')
  })

  test('a running order keeps the terms of its start; accounts are those of the day', () => {
    const shop = new House({}, agreed({ basis: 'percent', percent: '80' }))
    shop.start()
    const later = new House({}, agreed({ basis: 'percent', percent: '50', accounts: { to: { goods: '1' } } }))
    shop.setup = later.setup
    shop.over('delivered', undefined, 'R1')
    expect(shop.lines('HU02')[0]).toMatchObject({ gross: '80.00', basis: 'percent', account: '1' })
  })
})

function written(): { readonly shop: House; readonly name: string } {
  const shop = new House({ fee: '2' })
  shop.start()
  shop.over('delivered', undefined, 'R1')
  shop.write('HU01')
  return { shop, name: shop.write('HU02') }
}

describe('what the ERPs say', () => {
  test('a written file has its control sums, waits for an answer, and alarms once when none comes', () => {
    const { shop, name } = written()
    expect(shop.file(name)).toMatchObject({ state: 'exported', accepted: 0, refused: 0 })
    expect(shop.file(name).sums.map(({ type, gross }) => [type, gross])).toEqual([
      ['goods', 10_000],
      ['storeReceipt', -10_000],
      ['fee', 200],
      [undefined, 200],
    ])
    expect(shop.states()).toEqual(['exported'])
    shop.say(name, true)
    shop.wait(hours(5))
    expect(shop.alarms()).toEqual(['The ERP has not answered a clearing file → it@example.com'])
    expect(shop.file(name)).toMatchObject({ state: 'acknowledged', accepted: 3, number: 'J1' })
  })

  test('the same answer again, also for one entry, changes nothing', () => {
    const { shop, name } = written()
    shop.say(name, true)
    const versions = shop.entries().map(({ version }) => version)
    shop.say(name, true)
    shop.say(shop.entries()[0]?.id ?? '', true)
    expect(shop.entries().map(({ version }) => version)).toEqual(versions)
    expect(shop.file(name)).toMatchObject({ accepted: 3 })
  })

  test.each([
    ['another number of entries', { count: '2' }, 'it booked 2 entries, the file has 3'],
    ['another sum', { count: '3', amount: '2.01' }, 'it booked 2.01 EUR, the file has 2.00 EUR'],
    ['another currency', { amount: '2', currency: 'HUF' }, 'it booked 2 HUF, the file has 0.00 HUF'],
    ['the same figures', { count: '3', amount: '2.0', currency: 'EUR' }, undefined],
  ])('an ERP that tells %s', (_, figures, what) => {
    const { shop, name } = written()
    const { counts } = shop.take('answersBack', answer({ about: 'clearing', document: name, ...figures }))
    expect(counts).toMatchObject(what === undefined ? { applied: 1 } : { refused: 1 })
    expect(shop.states()).toEqual([what === undefined ? 'acknowledged' : 'exported'])
    const all = [...shop.store.messages.values()].filter(({ template }) => template === 'alarm/alarm')
    const alarms = all.map(({ mail }) => mail?.text)
    expect(alarms).toEqual(what === undefined ? [] : [expect.stringContaining(what)])
  })

  test('a name that nobody wrote is alarmed, and changes nothing', () => {
    const { shop } = written()
    shop.say('HU09-1.csv', true)
    expect(shop.alarms()).toEqual(['An acknowledgement answers nothing that was asked → it@example.com'])
    expect(shop.states()).toEqual(['exported'])
  })

  test('a refused entry is written again alone; the file is corrected once the others are answered', () => {
    const { shop, name } = written()
    const [goods, receipt, fee] = shop.entries()
    shop.say(goods?.id ?? '', false)
    expect(shop.wish({ verb: 'correct', document: name })).toBe('done')
    expect(shop.file(name).state).toBe('exported')
    for (const entry of [receipt, fee]) shop.say(entry?.id ?? '', true)
    expect(shop.file(name)).toMatchObject({ state: 'corrected', accepted: 2, refused: 1 })
    const copy = shop.write('HU02')
    expect(shop.file(copy)).toMatchObject({ replaces: shop.file(name).id, entries: [goods?.id] })
    expect(shop.wish({ verb: 'correct', document: name })).toBe('same: nothing of it is refused')
    expect(shop.wish({ verb: 'correct', document: copy })).toMatch(
      /^refused: .* was not refused: a second copy could be booked/,
    )
  })

  test('a refused file that is booked after all loses its copy while that is not written, and is alarmed after that', () => {
    const { shop, name } = written()
    shop.say(name, false)
    shop.wish({ verb: 'correct', document: name })
    const batch = shop.take('answersBack', answer({ about: 'clearing', document: name })).batch
    expect(batch.voidLines).toHaveLength(3)
    expect(shop.file(name).state).toBe('acknowledged')

    const other = written()
    other.shop.say(other.name, false)
    other.shop.wish({ verb: 'correct', document: other.name })
    other.shop.write('HU02')
    other.shop.say(other.name, true)
    expect(other.shop.alarms()).toContain('The ERP booked a clearing file that it had refused → it@example.com')
    expect(other.shop.states()).toEqual(['exported'])
  })

  test('what was refused and is reversed then is void with its counter-entry, and never written', () => {
    const { shop, name } = written()
    shop.say(name, false)
    expect(shop.wish({ verb: 'reverse', order: shop.order().id, reason: 'sold twice' })).toBe('done')
    expect(shop.states()).toEqual(['void'])
    expect(shop.states('HU01')).toEqual(['exported', 'open'])
    expect(shop.wish({ verb: 'correct', document: name })).toBe('same: nothing of it is refused')
    expect(rest(shop)).toBe(0)
  })

  test('only the fee can be taken back, at both companies', () => {
    const { shop } = written()
    shop.wish({ verb: 'reverse', order: shop.order().id, position: 'fee' })
    expect(shop.said().slice(3)).toEqual(['back fee -200'])
    expect(rest(shop)).toBe(0)
    expect(shop.wish({ verb: 'reverse', order: shop.order().id, position: 'fee' })).toMatch(/^same/)
  })
})

describe('both sides', () => {
  test('agree, whoever is asked first', () => {
    const shop = new House({ fee: '2' })
    shop.start()
    shop.over('delivered', undefined, 'R1')
    const { rows, oneSided } = reconcile(shop.store.all('clearing'))
    expect(oneSided).toEqual([])
    expect(rows.map(({ position, own, other, difference }) => [position, own.gross, other.gross, difference])).toEqual([
      ['goods', -10_000, 10_000, 0],
      ['storeReceipt', 10_000, -10_000, 0],
      ['fee', -200, 200, 0],
      ['total', -200, 200, 0],
    ])
    const asked = reconcile(shop.store.all('clearing'), 'HU02').rows.at(-1)
    expect(asked).toMatchObject({ company: 'HU02', counterCompany: 'HU01', own: { gross: 200 } })
  })

  test('an entry without its mirror, and one that is booked on one side only, are named', () => {
    const shop = new House()
    shop.start()
    shop.over('delivered', undefined, 'R1')
    const name = shop.write('HU02')
    shop.say(name, true)
    const all = shop.store.all('clearing')
    const found = reconcile(all).oneSided.map(({ entry, mirror }) => [entry.company, entry.state, mirror?.state])
    expect(found).toEqual([
      ['HU01', 'open', 'acknowledged'],
      ['HU01', 'open', 'acknowledged'],
    ])
    const { rows, oneSided } = reconcile(all.slice(1))
    expect(rows.at(-1)?.difference).toBe(-10_000)
    expect(oneSided.filter(({ mirror }) => mirror === undefined)).toHaveLength(1)
  })
})
