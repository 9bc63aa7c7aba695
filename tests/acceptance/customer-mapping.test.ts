/**
 * Mapping of customers and items between two companies, from files to files (features 11, scenario 10; N15–N18):
 * a daemon with its folders, a real mail server, and the command line beside it.
 */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { type Config, type Daemon, makeWorld, type World } from '../end-to-end/world.ts'

let world: World
let daemon: Daemon
beforeEach(async () => {
  world = await makeWorld()
})
afterEach(async () => await world[Symbol.asyncDispose]())

const source = (kind: string, name: string, more: Config = {}, format: Config = {}): Config => ({
  kind,
  folder: `../in/${name}`,
  files: '*.csv',
  ready: 'renamed',
  every: '300ms',
  ...more,
  format: { type: 'csv', delimiter: ';', ...format },
})

const out = (kind: string, columns: readonly string[]): Config => ({
  kind,
  company: 'SK01',
  folder: `../out/${kind}`,
  file: 'F{seq:4}.csv',
  format: { type: 'csv', delimiter: ';', columns: Object.fromEntries(columns.map((name) => [name, name])) },
})

/** HU01 takes the orders, the store KOS01 of SK01 hands them over. `workflow`: what the collect workflow says more. */
function begin(workflow: Config): void {
  world.configure((config) => {
    config['imports'] = {
      orders: source('orders', 'orders', { channel: 'shop' }, { groupBy: 'number' }),
      customers: source('customers', 'customers', { company: 'SK01' }),
      table: source('mappings', 'table', { company: 'SK01' }),
      acks: source('acknowledgements', 'acks'),
    }
    config['exports'] = {
      orderToStore: out('orderToStore', ['order', 'customer', 'customerId', 'line', 'sku', 'targetSku', 'itemBy']),
      customers: out('customers', ['id', 'action', 'number', 'fromNumber', 'name', 'email']),
    }
    config['workflows'] = { collect: { ...config['workflows'].collect, ...workflow } }
  })
  daemon = world.start()
}

const orderHead =
  'number;gross;deliveryMethod;store;customer.number;customer.name;customer.email;customer.phone;lines.sku;lines.quantity'
const order = (number: string, customer: string, sku = 'SKU-1'): string =>
  `${number};24990;collect;KOS01;${customer};${sku};1`

const drop = (name: string, file: string, head: string, ...rows: readonly string[]): void =>
  world.drop(name, file, `${[head, ...rows].join('\n')}\n`)

/** Rows of all files that the export wrote, as `column value …` objects. */
const rows = (name: string): readonly Record<string, string>[] =>
  world.exported(name).flatMap(({ text }) => {
    const [head = '', ...lines] = text.trim().split('\n')
    return lines.map((line) => Object.fromEntries(line.split(';').map((cell, i) => [head.split(';')[i] ?? '', cell])))
  })

async function orderly(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const texts: string[] = []
  const write = (text: string): number => texts.push(text)
  const code = await runProgram(['-c', join(world.folder, 'config/orderly.yaml'), '--actor', 'anna', ...words], {
    out: { write },
    err: { write },
    input: (async function* () {})(),
    env: {},
    folder: world.folder,
  })
  return { code, text: texts.join('') }
}

async function end(): Promise<void> {
  expect(await daemon.stop(), daemon.log()).toBe(0)
  const { code, text } = await orderly('audit')
  expect(text).toContain('the books balance')
  expect(code).toBe(0)
}

const customerHead = 'number;email;phone'
const tableHead = 'about;from;key;target'

describe('customers (scenario 10)', { timeout: 60_000 }, () => {
  test('e-mail or phone: the e-mail goes first, an empty phone never fits, what is remembered beats the rule', async () => {
    begin({ customerMapping: 'emailOrPhone' })
    drop(
      'customers',
      'c1.csv',
      customerHead,
      'K1;anna@example.com;',
      'K2;bela@example.com;+36301234567',
      'K3;;',
      'K4;;',
    )
    await world.quiet()
    drop(
      'orders',
      'o1.csv',
      orderHead,
      order('1', 'C1;Anna;ANNA@example.com;+36301234567'), // the mail is K1's, the phone K2's
      order('2', 'C2;Béla;other@example.com;+36 30 123 4567'),
      order('3', 'C3;Nobody;;'), // K3 and K4 have no phone either
    )
    await world.quiet()
    expect(rows('orderToStore').map(({ order: number, customer }) => [number, customer])).toEqual([
      ['1', 'K1'],
      ['2', 'K2'],
      ['3', ''],
    ])
    expect((await orderly('mappings', 'list', '--by', 'rule', '--json')).text.trim().split('\n')).toHaveLength(2)

    // The rule would now find K2 for C1, too: what it found before is remembered.
    drop('orders', 'o2.csv', orderHead, order('4', 'C1;Anna;bela@example.com;'))
    await world.quiet()
    expect(rows('orderToStore').at(-1)).toMatchObject({ order: '4', customer: 'K1' })

    // The admin's table goes before what was learnt, a person's word before both.
    drop('table', 't1.csv', tableHead, 'customer;HU01;C1;K77')
    await world.quiet()
    drop('orders', 'o3.csv', orderHead, order('5', 'C1;Anna;anna@example.com;'))
    await world.quiet()
    expect(rows('orderToStore').at(-1)).toMatchObject({ order: '5', customer: 'K77' })
    const set = await orderly('mappings', 'set', 'customer', 'C1', 'K88', '--company', 'SK01', '--from', 'HU01')
    expect(set).toMatchObject({ code: 0, text: expect.stringContaining('set to K88 of SK01') as string })
    drop('orders', 'o4.csv', orderHead, order('6', 'C1;Anna;anna@example.com;'))
    await world.quiet()
    expect(rows('orderToStore').at(-1)).toMatchObject({ order: '6', customer: 'K88' })
    expect((await orderly('mappings', 'export', '--from', 'HU01')).text).toBe(
      'about,company,from,key,target,targetVariant,description\ncustomer,SK01,HU01,C1,K88,,\ncustomer,SK01,HU01,C2,K2,,\n',
    )
    expect(world.mails.filter(({ to }) => to.includes('it@example.com'))).toEqual([])
    await end()
  })

  test('a number that nobody has holds the order, which goes on by itself when the customer comes', async () => {
    begin({ customerMapping: 'source', onUnmapped: 'hold' })
    drop(
      'orders',
      'o1.csv',
      orderHead,
      order('1', 'C1;Anna;anna@example.com;'),
      order('2', 'K1;Béla;bela@example.com;'),
    )
    await world.quiet()
    expect(rows('orderToStore')).toEqual([])
    expect((await orderly('orders', 'show', '1')).text).toMatch(/waits +company SK01 has no customer C1; since/)
    expect((await orderly('orders', 'list', '--waiting')).text).toMatch(/^1 [\s\S]*^2 /m)
    expect(world.mails.map(({ to }) => to.join())).toEqual(['it@example.com'])

    drop('customers', 'c1.csv', customerHead, 'K1;;')
    await world.quiet()
    expect(rows('orderToStore').map((row) => row['order'])).toEqual(['2'])
    await orderly('mappings', 'set', 'customer', 'C1', 'K1', '--company', 'SK01')
    await world.quiet()
    expect(rows('orderToStore').map((row) => [row['order'], row['customer']])).toEqual([
      ['2', 'K1'],
      ['1', 'K1'],
    ])
    expect((await orderly('orders', 'list', '--waiting')).text).toBe('no orders\n')
    await end()
  })

  test('a new customer is told to its ERP, whose answer brings the number', async () => {
    begin({ customerMapping: 'email', customerUpdate: 'always' })
    drop(
      'orders',
      'o1.csv',
      orderHead,
      order('1', 'C1;Anna;anna@example.com;'),
      order('2', 'C1;Anna;anna@example.com;'),
    )
    await world.quiet()
    const [asked, ...others] = rows('customers')
    expect(others).toEqual([])
    expect(asked).toMatchObject({
      action: 'new',
      number: '',
      fromNumber: 'C1',
      name: 'Anna',
      email: 'anna@example.com',
    })
    const id = asked?.['id'] ?? ''
    expect(rows('orderToStore').map((row) => [row['customer'], row['customerId']])).toEqual([
      ['', id],
      ['', id],
    ])
    drop('acks', 'a1.csv', 'about;document;accepted;number', `customer;${id};yes;K500`)
    await world.quiet()
    expect((await orderly('orders', 'show', '2')).text).toMatch(/customer there +K500/)
    drop('orders', 'o2.csv', orderHead, order('3', 'C1;Anna Kovács;new@example.com;'))
    await world.quiet()
    expect(rows('orderToStore').at(-1)).toMatchObject({ order: '3', customer: 'K500', customerId: '' })
    expect(rows('customers').at(-1)).toMatchObject({ action: 'update', number: 'K500', name: 'Anna Kovács' })
    await end()
  })
})

describe('items', { timeout: 60_000 }, () => {
  test('one that is not mapped holds its order and no other; the row of a file or of a person lets it go', async () => {
    begin({ itemMapping: { order: ['map'] } })
    drop('table', 't1.csv', tableHead, 'item;*;SKU-1;900')
    await world.quiet()
    const who = 'C1;Anna;anna@example.com;'
    drop(
      'orders',
      'o1.csv',
      orderHead,
      order('1', who),
      order('2', who, 'SKU-2'),
      order('3', who, 'SKU-3'),
      order('4', who),
    )
    await world.quiet()
    expect(rows('orderToStore').map((row) => [row['order'], row['targetSku'], row['itemBy']])).toEqual([
      ['1', '900', 'map'],
      ['4', '900', 'map'],
    ])
    const [alarm] = world.mails.filter(({ to }) => to.includes('it@example.com'))
    expect(alarm?.raw).toContain('SKU-2')
    drop('table', 't2.csv', tableHead, 'item;*;SKU-2;902')
    await world.quiet()
    const dry = await orderly('mappings', 'set', 'item', 'SKU-3', '903', '--company', 'SK01', '--dry-run')
    expect(dry.text).toMatch(/order shop\/3.*pending/)
    await orderly('mappings', 'set', 'item', 'SKU-3', '903', '--company', 'SK01')
    await world.quiet()
    expect(
      rows('orderToStore')
        .slice(2)
        .map((row) => [row['order'], row['targetSku']]),
    ).toEqual([
      ['2', '902'],
      ['3', '903'],
    ])
    const why = await orderly('why', '3')
    expect(why.text).toMatch(/order\.waits|waits/)
    await end()
  })
})
