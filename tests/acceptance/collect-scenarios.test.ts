/**
 * Collect orders through files and the command line, from the order to the archive (features 11, scenarios 1–8).
 *
 * Each installation lives in a folder of its own; the daemon runs at the times that a scenario names.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Config, exportOf, importOf, Installation, orderHead, orderRow } from './installation.ts'

// Several daemons come to rest several times; a busy machine makes that slow.
vi.setConfig({ testTimeout: 90_000 })

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orderly-collect-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Local times are those of Budapest: winter UTC+1, summer UTC+2. */
const at = (iso: string): number => Date.parse(iso)
const monday = at('2026-03-02T10:00:00+01:00')
const mail = {
  pending: 'customer/received',
  confirmed: 'customer/ready',
  rejected: 'customer/rejected',
  expired: 'customer/expired',
  delivered: 'customer/collected',
}
const collect = (change: Config = {}): Config => ({
  kind: 'collect',
  for: { delivery: 'collect' },
  store: { mail: { pending: 'store/new-order', expired: 'store/expired' } },
  customer: { mail },
  expiry: { processing: '4h', delivery: 2 },
  ...change,
})

interface World {
  readonly workflow?: Config
  readonly answers?: Config
  readonly orders?: Config
  readonly exports?: Config
  readonly safety?: Config
  readonly now?: number
}

function installation({
  workflow = {},
  answers = {},
  orders = {},
  exports = {},
  safety = {},
  now = monday,
}: World = {}): Installation {
  return new Installation(
    join(root, 'shop'),
    {
      companies: { SK01: { name: 'Example s.r.o.' } },
      calendars: {
        shop: {
          rules: [
            { open: '09:00-18:00', on: 'weekly', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
            { closed: true, on: 'yearly', date: '03-27' },
          ],
        },
      },
      stores: {
        KOS01: { name: 'Example Košice', company: 'SK01', email: 'kosice@example.com', calendar: 'shop' },
        BUD01: { name: 'Example Budapest', email: 'bud@example.com', calendar: 'shop', location: 'BUD01' },
      },
      channels: { web: {} },
      safety,
      workflows: { collect: collect(workflow) },
      imports: {
        orders: importOf('orders', '../in/orders', { channel: 'web', ...orders }, { groupBy: 'number' }),
        answers: importOf('collectStatus', '../in/answers', answers),
      },
      exports: {
        toStore: exportOf('orderToStore', '../out/to-store', ['action', 'order', 'line', 'quantity']),
        stock: exportOf('stock', '../out/stock', ['order', 'move', 'quantity', 'from', 'to']),
        status: exportOf('orderStatus', '../out/status', ['order', 'processing', 'delivery', 'delivered', 'returned']),
        clearing: exportOf('clearing', '../out/clearing', ['order', 'type', 'company', 'gross']),
        ...exports,
      },
    },
    now,
  )
}

const order = (shop: Installation, name: string, ...rows: readonly string[]) =>
  shop.drop('in/orders', name, orderHead, ...rows)
const answer = (shop: Installation, name: string, ...rows: readonly string[]) =>
  shop.drop('in/answers', name, 'order;status;line;quantity;documentNumber;reason', ...rows)
const clean = async (shop: Installation) => expect(await shop.run('audit')).toMatchObject({ code: 0 })

describe('1: the same order file', () => {
  test('dropped twice, and again under another name, is one order and one set of messages', async () => {
    const shop = installation()
    const row = orderRow('1001', 'KOS01')
    await shop.live(
      () => order(shop, 'A.csv', row),
      () => order(shop, 'A.csv', row),
      () => order(shop, 'B.csv', row),
      // Other bytes, the same order.
      () => order(shop, 'C.csv', row, orderRow('1002', 'KOS01')),
    )
    expect(await shop.json('orders', 'list')).toHaveLength(2)
    expect(shop.files('in/orders/duplicate').length).toBe(2)
    expect((await shop.told()).filter((line) => line.includes('customer/received'))).toHaveLength(2)
    await clean(shop)
  })
})

describe('2: killed at any moment', () => {
  test('between any two steps nothing is lost and nothing sent twice', { timeout: 120_000 }, async () => {
    const many = { maxPerHour: { mail: 10_000, sms: 10_000, perRecipient: 10_000 } }
    const shop = installation({ now: Date.now(), safety: many })
    const count = 60
    const rows = Array.from({ length: count }, (_, i) => orderRow(String(1001 + i), 'KOS01'))
    for (const [i, row] of rows.entries()) order(shop, `O${i}.csv`, row)
    // Each run is killed a little later than the one before it.
    for (let ms = 250; ms < 1_400; ms += 230) {
      const child = spawn(
        process.execPath,
        [
          fileURLToPath(new URL('../end-to-end/run-daemon.ts', import.meta.url)),
          join(shop.folder, 'config/orderly.yaml'),
        ],
        { stdio: 'ignore' },
      )
      await pause(ms)
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
    }
    await shop.live()
    expect(await shop.json('orders', 'list', '--limit', '1000')).toHaveLength(count)
    const messages = await shop.look((ledger) => ledger.messages({ limit: 1_000 }))
    expect(messages.filter(({ template }) => template === 'customer/received')).toHaveLength(count)
    expect(messages.every(({ state }) => state === 'accepted')).toBe(true)
    // Mail as files is written under its id: a second sending would be the same file.
    expect(shop.files('var/mail').length).toBe(messages.length)
    expect(shop.rows('out/to-store')).toHaveLength(count)
    await clean(shop)
  })
})

describe('3: a file that is still being written', () => {
  test('is not read until its size has settled', async () => {
    const shop = installation({ orders: { ready: { stableFor: '1500ms' } } })
    const path = join(shop.folder, 'in/orders')
    mkdirSync(path, { recursive: true })
    const file = join(path, 'SLOW.csv')
    writeFileSync(file, `${orderHead}\n`)
    let seen = -1
    const writing = (async () => {
      for (let i = 0; i < 4; i++) {
        await pause(700)
        appendFileSync(file, `${orderRow(String(1001 + i), 'KOS01')}\n`)
        seen = (await shop.json('orders', 'list').catch(() => [])).length
      }
    })()
    await shop.live()
    await writing
    expect(seen).toBe(0)
    await shop.live()
    expect(await shop.json('orders', 'list')).toHaveLength(4)
    expect(shop.files('in/orders/rejected')).toEqual([])
  })
})

describe('4 and 5: deadlines in opening hours', () => {
  test('four open hours from Saturday one hour before closing end on Monday three hours after opening', async () => {
    const saturday = at('2026-03-07T17:00:00+01:00')
    const shop = installation({ now: saturday })
    await shop.live(() => order(shop, 'A.csv', orderRow('1001', 'KOS01')))
    const due = at('2026-03-09T12:00:00+01:00')
    expect(Math.abs(((await shop.order('1001')).collect?.processingExpiresAt ?? 0) - due)).toBeLessThan(60_000)
    shop.now = due - 60_000
    await shop.live()
    expect((await shop.order('1001')).collect?.processing).toBe('pending')
    shop.now = due + 60_000
    await shop.live()
    expect((await shop.order('1001')).collect?.processing).toBe('expired')
    expect((await shop.told()).filter((line) => line.includes('expired'))).toEqual([
      'mail store/expired → kosice@example.com',
      'mail customer/expired → anna@example.com',
    ])
    expect(shop.rows('out/to-store').map(({ action }) => action)).toEqual(['new', 'cancel'])
    await clean(shop)
  })

  test('two open days end at closing time, skip a yearly holiday, and pass the change to summer time', async () => {
    // Thursday evening; Friday 27 March is a holiday of the calendar, and summer time begins on Sunday 29.
    const thursday = at('2026-03-26T18:30:00+01:00')
    const shop = installation({ now: at('2026-03-26T10:00:00+01:00') })
    await shop.live(() => order(shop, 'A.csv', orderRow('1001', 'KOS01')))
    shop.now = at('2026-03-26T12:00:00+01:00')
    await shop.live(() => answer(shop, 'C.csv', '1001;confirmed;;;;'))
    expect((await shop.order('1001')).collect?.deliveryExpiresAt).toBe(at('2026-03-28T18:00:00+01:00'))
    shop.now = thursday
    await shop.live(
      () => order(shop, 'B.csv', orderRow('1002', 'KOS01')),
      () => answer(shop, 'D.csv', '1002;confirmed;;;;'),
    )
    const due = at('2026-03-30T18:00:00+02:00')
    expect((await shop.order('1002')).collect?.deliveryExpiresAt).toBe(due)
    shop.now = due - 60_000
    await shop.live()
    expect((await shop.order('1002')).collect?.delivery).toBe('ready')
    shop.now = due
    await shop.live()
    expect((await shop.order('1002')).collect?.delivery).toBe('expired')
    await clean(shop)
  })
})

describe('6: the states', () => {
  test('confirm is confirmed and ready with one message; confirm after reject is refused; expiry follows confirm', async () => {
    const shop = installation()
    await shop.live(
      () => order(shop, 'A.csv', orderRow('1001', 'KOS01'), orderRow('1002', 'KOS01')),
      () => answer(shop, 'B.csv', '1001;confirmed;;;;', '1002;rejected;;;;sold out'),
      () => answer(shop, 'C.csv', '1001;confirmed;;;;again', '1002;confirmed;;;;'),
    )
    expect((await shop.order('1001')).collect).toMatchObject({ processing: 'confirmed', delivery: 'ready' })
    expect((await shop.told()).filter((line) => line.includes('customer/ready'))).toHaveLength(1)
    expect((await shop.order('1002')).collect).toMatchObject({ processing: 'rejected', reason: 'sold out' })
    expect((await shop.run('orders', 'history', '1002')).out).toContain('cannot become confirmed')
    expect((await shop.told({ alarms: true })).length).toBe(1)
    shop.now = at('2026-03-04T18:00:00+01:00')
    await shop.live()
    expect((await shop.order('1001')).collect).toMatchObject({ processing: 'confirmed', delivery: 'expired' })
    await clean(shop)
  })
})

const drop = (shop: Installation) =>
  answer(shop, 'B.csv', '1001;confirmed;;;;', '1002;delivered;;;R1;', '1003;confirmed;;;;')
const three = (shop: Installation) =>
  order(shop, 'A.csv', ...['1001', '1002', '1003'].map((number) => orderRow(number, 'KOS01')))
const states = (shop: Installation) =>
  Promise.all(['1001', '1002', '1003'].map(async (number) => (await shop.order(number)).collect?.processing))

describe('7: a file of statuses with one illegal change', () => {
  test('leaves all rows unapplied with atomic: true, with the reason beside the file, and works when it is mended', async () => {
    const shop = installation({ answers: { atomic: true } })
    await shop.live(
      () => three(shop),
      () => drop(shop),
    )
    expect(await states(shop)).toEqual(['pending', 'pending', 'pending'])
    expect(shop.files('in/answers/rejected')).toEqual(['B.csv', 'B.csv.problems.json', 'B.csv.problems.txt'])
    const problems = shop.read('in/answers/rejected/B.csv.problems.txt')
    expect(problems).toMatch(/record 2: .*the order is pending and cannot become delivered.*D040/)
    expect((await shop.told()).filter((line) => line.includes('ready'))).toEqual([])
    const dry = await shop.run(
      'import',
      join(shop.folder, 'in/answers/rejected/B.csv'),
      '--import',
      'answers',
      '--dry-run',
    )
    expect(dry.code).toBe(65)
    await shop.live(() => answer(shop, 'B.csv', '1001;confirmed;;;;', '1002;rejected;;;;', '1003;confirmed;;;;'))
    expect(await states(shop)).toEqual(['confirmed', 'rejected', 'confirmed'])
    await clean(shop)
  })

  test('applies the others row by row without it', async () => {
    const shop = installation()
    await shop.live(
      () => three(shop),
      () => drop(shop),
    )
    expect(await states(shop)).toEqual(['confirmed', 'pending', 'confirmed'])
    await clean(shop)
  })
})

describe('8: a state without a text', () => {
  test('sends nothing and says why when asked; a template that is gone is suppressed with its reason', async () => {
    const shop = installation({ workflow: { customer: { mail: { pending: 'customer/received' } } } })
    await shop.live(
      () => order(shop, 'A.csv', orderRow('1001', 'KOS01')),
      () => answer(shop, 'B.csv', '1001;confirmed;;;;'),
    )
    expect((await shop.told()).filter((line) => line.includes('customer'))).toEqual([
      'mail customer/received → anna@example.com',
    ])
    const again = await shop.run('orders', 'notify', '1001')
    expect(again).toMatchObject({ code: 1 })
    expect(again.err).toContain('tells the customer nothing of "confirmed"')
    expect((await shop.run('orders', 'notify', '1001', '--state', 'pending')).code).toBe(0)
    await shop.live()
    expect((await shop.told()).filter((line) => line.includes('customer/received'))).toHaveLength(2)
    await clean(shop)
  })

  test('an order without an address is suppressed with its reason', async () => {
    const shop = installation()
    const row = orderRow('1001', 'KOS01').replace('anna@example.com', '')
    await shop.live(() => order(shop, 'A.csv', row))
    expect((await shop.told()).at(-1)).toBe(
      'mail customer/received → nobody (suppressed: the order has no mail address of the customer)',
    )
    await clean(shop)
  })
})

describe('an order from its file to the archive', () => {
  test('is handed over in parts, brought back, and its personal data goes at the end of its time', async () => {
    const shop = installation({
      workflow: {
        partialDelivery: true,
        archive: { keep: '30d' },
        print: { pending: 'slips/pick', delivered: 'slips/delivery' },
        reminders: [{ before: '1h', of: 'processing', to: 'store', mail: 'store/reminder' }],
      },
      exports: {
        slips: {
          kind: 'slip',
          folder: '../out/slips',
          file: '{export}-{seq:4}.html',
          maxLines: 1,
          format: { type: 'text', template: 'exports/slip.html.mustache' },
        },
      },
    })
    const rows = [orderRow('1001', 'KOS01'), orderRow('1001', 'KOS01', '2', '1')]
    const again = rows.map((row) => row.replace('Anna', 'Anna B.'))
    await shop.live(() => order(shop, 'A.csv', ...rows))
    shop.now = monday + 3.5 * 3_600_000
    await shop.live(
      () => order(shop, 'A2.csv', ...again),
      () => answer(shop, 'B.csv', '1001;confirmed;;;;'),
      () => answer(shop, 'C.csv', '1001;delivered;1;1;R1;'),
      // The same row in another file: no second handover.
      () => answer(shop, 'D.csv', '1001;delivered;1;1;R1;', '1001;delivered;2;1;R2;'),
    )
    expect((await shop.told()).some((line) => line === 'mail store/reminder → kosice@example.com')).toBe(true)
    expect(await shop.json('status')).toMatchObject([{ books: { atStores: [{ state: 'ready', count: 1 }] } }])
    expect((await shop.run('orders', 'deliver', '1001', '--lines', '1:2')).code).toBe(1)
    expect((await shop.run('orders', 'deliver', '1001', '--lines', '1:1', '--document-number', 'R3')).code).toBe(0)
    expect(await shop.json('orders', 'list')).toEqual([])
    expect(await shop.json('orders', 'list', '--archived')).toHaveLength(1)
    expect((await shop.run('orders', 'return', '1001', '--lines', '2:1', '--document-number', 'X1')).code).toBe(0)
    await shop.live()
    expect(shop.rows('out/status').at(-1)).toMatchObject({
      delivery: 'delivered',
      delivered: '1:2, 2:1',
      returned: '2:1',
    })
    const gross = shop.rows('out/clearing').map(({ gross: amount }) => Math.round(Number(amount) * 100))
    expect(gross.reduce((sum, each) => sum + each, 0)).toBe(0)
    const slips = shop.files('out/slips')
    expect(slips).toHaveLength(2)
    expect(shop.read('out/slips', slips[0] ?? '')).toContain('<h1>Pick list 1001</h1>')
    await clean(shop)
    shop.now += 31 * 86_400_000
    await shop.live()
    const erased = await shop.order('1001')
    expect(erased.customer).toEqual({})
    expect(erased.erasedAt).toBeGreaterThan(0)
    const messages = await shop.look((ledger) => ledger.messages({ subject: erased.id, limit: 100 }))
    expect(JSON.stringify(messages)).not.toMatch(/anna/i)
    // The person in the actor of the commands is another one.
    const history = await shop.look((ledger) => ledger.eventsOf(erased.id))
    expect(JSON.stringify(history.map(({ before, after, text }) => [before, after, text]))).not.toMatch(/anna/i)
    expect(history.some(({ name }) => name === 'order.updated')).toBe(true)
    await clean(shop)
  })

  test('is listed by what is due first, delivered by force, and changed by force', async () => {
    const shop = installation()
    await shop.live(
      () => order(shop, 'A.csv', orderRow('1002', 'KOS01'), orderRow('1001', 'KOS01')),
      () => answer(shop, 'B.csv', '1002;confirmed;;;;'),
    )
    const numbers = async (...words: readonly string[]) =>
      (await shop.json('orders', 'list', ...words)).map(({ number }) => number)
    expect(await numbers()).toEqual(['1002', '1001'])
    expect(await numbers('--sort', 'number')).toEqual(['1001', '1002'])
    expect(await numbers('--sort', 'expiry')).toEqual(['1001', '1002'])
    expect((await shop.run('orders', 'deliver', '1001')).code).toBe(1)
    expect((await shop.run('orders', 'deliver', '1001', '--force')).code).toBe(0)
    expect((await shop.run('orders', 'history', '1001')).out).toMatch(/anna.*handed over by force, it was pending/)
    const changed = join(root, 'CHANGED.csv')
    writeFileSync(changed, `${orderHead}\n${orderRow('1001', 'KOS01').replace('Anna', 'Anne')}\n`)
    expect((await shop.run('import', changed, '--import', 'orders')).code).toBe(0)
    expect((await shop.order('1001')).customer.name).toBe('Anna')
    writeFileSync(changed, `${orderHead}\n${orderRow('1001', 'KOS01').replace('Anna', 'Anita')}\n`)
    expect((await shop.run('import', changed, '--import', 'orders', '--force')).code).toBe(0)
    expect((await shop.order('1001')).customer.name).toBe('Anita')
    await shop.live()
    await clean(shop)
  })

  test('of the same company moves its goods, and back when the store rejects it', async () => {
    const shop = installation()
    await shop.live(
      () => order(shop, 'A.csv', orderRow('1001', 'BUD01')),
      () => answer(shop, 'B.csv', '1001;rejected;;;;'),
    )
    expect(shop.rows('out/stock').map(({ move, from, to }) => [move, from, to])).toEqual([
      ['transfer', '', 'BUD01'],
      ['transfer', 'BUD01', ''],
    ])
    await clean(shop)
  })
})
