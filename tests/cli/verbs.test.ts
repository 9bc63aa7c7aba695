import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { access, copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { lines, openShop, orders, payments, type Result, type Shop } from './sample-shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => await shop[Symbol.asyncDispose]())

const noon = Date.UTC(2026, 2, 2, 11)
const run = (...words: readonly string[]): Promise<Result> => shop.run(words, { now: noon })
const ok = async (...words: readonly string[]): Promise<string> => {
  const result = await run(...words)
  expect(result).toMatchObject({ code: 0, err: '' })
  return result.out
}

const numbers = async (...words: readonly string[]): Promise<readonly unknown[]> =>
  lines((await run('orders', 'list', '--json', ...words)).out).map(({ number }) => number)

async function importAll(): Promise<void> {
  await shop.write('ORD1.csv', orders)
  await shop.write('BANK1.csv', payments)
  await ok('import', 'ORD1.csv', 'BANK1.csv')
}

describe('import', () => {
  test('takes a file in place, once, by the import whose pattern fits', async () => {
    await shop.write('ORD1.csv', orders)
    expect(await ok('import', 'ORD1.csv')).toMatch(/^ORD1.csv: 3 records imported {2}fil_\w+\n$/)
    await access(shop.path('ORD1.csv'))
    expect(await ok('import', 'ORD1.csv')).toMatch(/imported before, as ORD1.csv; no effect/)
    expect(lines(await ok('orders', 'list', '--json'))).toHaveLength(3)
  })

  test('shows with --dry-run what the real import commits, also before there is a ledger', async () => {
    await shop.write('ORD1.csv', orders)
    const shown = lines<{ batch?: { messages: { id: string }[]; put: { id: string }[] } }>(
      await ok('import', 'ORD1.csv', '--dry-run', '--json'),
    )
    await expect(access(shop.path('var'))).rejects.toThrow(/ENOENT/)
    const again = await ok('import', 'ORD1.csv', '--dry-run')
    expect(again).toMatch(/new {7}order web\/WEB-1: received, unpaid, pending/)
    expect(again).toMatch(/ORD1.csv would be imported: 3 records, 0 refused/)
    await ok('import', 'ORD1.csv')
    const messages = lines<{ id: string }>(await ok('messages', 'list', '--json'))
    expect(shown[0]?.batch?.messages.map(({ id }) => id)).toEqual(messages.map(({ id }) => id))
    const stored = lines<{ id: string }>(await ok('orders', 'list', '--json'))
    expect(shown[0]?.batch?.put.map(({ id }) => id)).toEqual(stored.map(({ id }) => id))
  })

  test('ends with 65 for a file with errors, and names line and field of each', async () => {
    await shop.write('ORD2.csv', orders.replace('50.00', 'fifty'))
    for (const dry of [['--dry-run'], []]) {
      const { code, out, err } = await run('import', 'ORD2.csv', ...dry)
      expect(code).toBe(65)
      expect(out).toMatch(/rejected/)
      expect(err).toMatch(/ORD2.csv:2.*record 1 gross.*found "?fifty/)
    }
    expect(await ok('orders', 'list')).toBe('no orders\n')
  })

  test('does not guess the import, and proposes the name that was meant', async () => {
    await shop.write('other.txt', 'x')
    expect(await run('import', 'other.txt')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/fits the pattern of no import; .*orders, bank/) as string,
    })
    expect(await run('import', 'other.txt', '--import', 'order')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/Did you mean "orders"/) as string,
    })
    expect(await run('import', 'missing.csv')).toMatchObject({
      code: 66,
      err: expect.stringMatching(/missing.csv is no file/) as string,
    })
  })
})

describe('orders', () => {
  beforeEach(importAll)

  test('are listed with filters, and shown whole', async () => {
    expect(await ok('orders', 'list')).toMatch(/^number .*\nWEB-1 .*processing {2}paid .*50.00 EUR/)
    expect(await numbers('--processing', 'pending')).toEqual(['WEB-1'])
    expect(await numbers('--payment-status', 'unpaid', '--limit', '1')).toEqual(['WEB-2'])
    expect(await numbers('--filter', 'customer.name=Cili')).toEqual(['WEB-3'])
    expect(await numbers('--number', 'WEB-3')).toEqual(['WEB-3'])
    expect(await numbers('--since', '1h')).toHaveLength(3)
    expect(await numbers('--until', '2026-03-02')).toEqual([])
    expect(await ok('orders', 'show', 'web/WEB-1')).toMatch(/at the store +pending/)
    expect(await ok('orders', 'history', 'WEB-1')).toMatch(/order.paid .*paid 0.00 EUR → 50.00 EUR/)
  })

  test('are confirmed and delivered; the second time nothing is left to do', async () => {
    expect(await ok('orders', 'confirm', 'WEB-1', '--dry-run')).toMatch(
      /would be confirmed:\n {2}change .*\n.*customer\/ready to anna@example.com/s,
    )
    expect(await ok('orders', 'confirm', 'WEB-1')).toMatch(/order web\/WEB-1: confirmed; 1 record, 1 message/)
    expect(await ok('orders', 'confirm', 'WEB-1')).toMatch(/nothing to do/)
    await ok('orders', 'deliver', 'WEB-1', '--document-type', 'receipt', '--document-number', 'R-17')
    const [order] = lines<{ collect: object }>(await ok('orders', 'show', 'WEB-1', '--json'))
    expect(order?.collect).toMatchObject({ delivery: 'delivered', documentNumber: 'R-17', deliveryBy: 'cli:anna' })
  })

  test('that cannot be acted on are told one by one, the others are done, and the worst code counts', async () => {
    const { code, out, err } = await run('orders', 'reject', 'WEB-2', 'nope', 'WEB-1', '--reason', 'sold out')
    expect(code).toBe(66)
    expect(out).toMatch(/^order web\/WEB-1: rejected/)
    expect(err).toBe('order web/WEB-2: refused: order WEB-2 is not at a collecting store\nthere is no order "nope"\n')
    expect((await run('orders', 'confirm', 'WEB-2')).code).toBe(1)
  })

  test('come from standard input with "-", as numbers, ids or JSON lines', async () => {
    const list = await ok('orders', 'list', '--payment-status', 'unpaid', '--json')
    const piped = await shop.run(['orders', 'set-status', 'accepted', '-'], { now: noon, input: list })
    expect(piped).toMatchObject({ code: 0, err: '' })
    expect(piped.out.match(/set to "accepted"/g)).toHaveLength(2)
    const again = await shop.run(['orders', 'set-status', 'shipped', '-', 'WEB-1', '--json'], {
      now: noon,
      input: 'WEB-2\n\n  WEB-3\n',
    })
    expect(lines(again.out).map(({ name, result }) => [name, result])).toEqual([
      ['order web/WEB-2', 'done'],
      ['order web/WEB-3', 'done'],
      ['order web/WEB-1', 'done'],
    ])
    expect((await shop.run(['orders', 'confirm', '-'], { input: '{"no":"id"}\n' })).code).toBe(64)
    expect(await shop.run(['orders', 'confirm', '-'], { input: '' })).toEqual({ code: 0, out: '', err: '' })
  })

  test('are marked as paid with an amount in their currency, for one order only', async () => {
    expect(await run('orders', 'mark-paid', 'WEB-2', '--amount', '12,50')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/"12,50" is no amount in EUR/) as string,
    })
    expect((await run('orders', 'mark-paid', 'WEB-2', 'WEB-3', '--amount', '1.00')).code).toBe(64)
    await ok('orders', 'mark-paid', 'WEB-2', '--amount', '12.50', '--method', 'cash', '--date', '2026-03-01')
    expect(lines(await ok('orders', 'show', 'WEB-2', '--json'))[0]).toMatchObject({
      paid: 1250,
      paymentStatus: 'partiallyPaid',
    })
    await ok('orders', 'mark-paid', 'WEB-2')
    expect(lines(await ok('orders', 'show', 'WEB-2', '--json'))[0]).toMatchObject({ paid: 2000, paymentStatus: 'paid' })
  })
})

describe('payments', () => {
  beforeEach(importAll)

  test('are listed, shown, explained, matched, unmatched and ignored', async () => {
    expect(await ok('payments', 'list', '--state', 'unmatched')).toMatch(/B-2 .*unmatched .*7.77 EUR/)
    expect(await ok('payments', 'show', 'B-1')).toMatch(/pays {6}50.00 of order WEB-1, by rule:documentNumber/)
    expect(await ok('payments', 'explain', 'B-2')).toMatch(
      /what would be seen now \(unmatched\):\n.*names no order that can be paid/s,
    )
    expect(await ok('payments', 'match', 'B-2', 'WEB-3', '--amount', '5.00', '--dry-run')).toMatch(
      /order web\/WEB-3: processing, paid/,
    )
    expect(await run('payments', 'match', 'B-2', 'WEB-3', '--amount', '50.00')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/refused: the amount must be/) as string,
    })
    expect((await run('payments', 'match', 'B-2', 'nope')).code).toBe(66)
    await ok('payments', 'match', 'B-2', 'WEB-3')
    expect(lines(await ok('orders', 'show', 'WEB-3', '--json'))[0]).toMatchObject({
      paid: 777,
      paymentStatus: 'overpaid',
    })
    await ok('payments', 'unmatch', 'B-2', '--reason', 'wrong order')
    expect(await run('payments', 'ignore', 'B-2')).toMatchObject({ code: 64 })
    await ok('payments', 'ignore', 'B-2', '--reason', 'rent')
    expect(lines(await ok('payments', 'show', 'B-2', '--json'))[0]).toMatchObject({
      state: 'ignored',
      ignoredReason: 'rent',
    })
  })
})

describe('messages', () => {
  beforeEach(importAll)

  test('are listed with reasons, shown as they are sent, and released, cancelled or refused', async () => {
    await ok('orders', 'set-status', 'accepted', 'WEB-3')
    const [held] = lines<{ id: string }>(await ok('messages', 'list', '--state', 'held', '--json'))
    const id = held?.id ?? ''
    expect(await ok('messages', 'show', id)).toMatch(/reason +review: look at it, then send it[\s\S]*WEB-3/)
    expect(await ok('messages', 'list', '--about', 'WEB-3')).toMatch(/held +customer\/order-accepted +cili@example.com/)
    expect(await run('messages', 'retry', id)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/the message is held; this is possible only while/) as string,
    })
    expect(await ok('messages', 'send', id, '--dry-run')).toMatch(/becomes queued/)
    expect(await ok('messages', 'send', id)).toMatch(/released/)
    expect(await ok('messages', 'cancel', id, '--reason', 'too late')).toMatch(/cancelled/)
    expect(await run('messages', 'list', '--state', 'gone')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/expected held, suppressed/) as string,
    })
    expect((await run('messages', 'show', 'msg_0')).code).toBe(66)
  })
})

test('export lines that wait are listed; a file that is not there is told', async () => {
  await importAll()
  expect(await ok('exports', 'list', '--open')).toMatch(/status +order=WEB-1 channel=web sequence=1/)
  expect(await ok('exports', 'list')).toBe('no export files\n')
  expect(await run('exports', 'repeat', 'S1.csv')).toMatchObject({
    code: 66,
    err: 'there is no export file "S1.csv"\n',
  })
  expect((await run('exports', 'show', 'S1.csv')).code).toBe(66)
})

test('plan and why print what the operator room finds, and JSON for programs', async () => {
  await importAll()
  expect(await ok('plan', '--date', '2026-03-02')).toMatch(
    /timer collect.processing of ord_\w+\n {2}change .*expired[\s\S]*export status: 3 lines wait/,
  )
  expect((await run('plan', '--date', '2026-03-01')).code).toBe(64)
  expect(lines<{ timers: unknown[] }>(await ok('plan', '--json'))[0]?.timers).toHaveLength(1)
  const why = await ok('why', 'WEB-1')
  expect(why).toMatch(/^order web\/WEB-1 .*\n {2}came from:\n {4}file ORD1.csv, record 1, import orders/)
  expect(lines(await ok('why', 'B-1', '--json'))[0]).toMatchObject({ what: 'payment', state: 'matched' })
  expect((await run('why', 'nothing')).code).toBe(66)
})

test('a preview shows a message with example values, with an order, as SMS, or into a new file', async () => {
  await importAll()
  expect(await ok('preview', 'customer/ready')).toMatch(/Subject: {2}Your order 100245/)
  expect(await ok('preview', 'customer/ready', '--order', 'WEB-1', '--out', 'mail.html')).toMatch(
    /Subject: {2}Your order WEB-1 is ready/,
  )
  expect(await readFile(shop.path('mail.html'), 'utf8')).toMatch(/WEB-1/)
  expect((await run('preview', 'customer/ready', '--out', 'mail.html')).code).toBe(73)
  expect(await ok('preview', 'customer/ready', '--channel', 'sms', '--language', 'hu')).toMatch(
    /Parts: +\d \(GSM alphabet\)/,
  )
  expect(await run('preview', 'customer/nothing')).toMatchObject({
    code: 66,
    err: expect.stringMatching(/There are: .*customer\/ready/) as string,
  })
  expect((await run('preview', 'customer/ready', '--order', 'WEB-1', '--example')).code).toBe(64)
})

test('test mail and sms verify without --to and send one message with it; a rehearsal redirects it', async () => {
  expect(await ok('test', 'mail')).toMatch(/^reach: ok/)
  expect(await readdir(shop.path('var/mail'))).toEqual([])
  expect(await ok('test', 'mail', '--to', 'anna@example.com')).toMatch(/send to anna@example.com: accepted/)
  expect((await run('test', 'mail', '--to', 'a@b, c@d')).code).toBe(64)
  expect(await ok('test', 'sms', '--to', '+36 30 123 4567')).toMatch(/send to \+36301234567: accepted/)
  expect((await run('test', 'sms', '--to', '06301234567')).code).toBe(64)
  await using rehearsing = await openShop(
    'safety: { mode: rehearsal, redirectTo: { mail: it@example.com, sms: "+36309999999" } }\n',
  )
  const { code, out, err } = await rehearsing.run(['test', 'mail', '--to', 'anna@example.com'])
  expect([code, out, err]).toEqual([
    0,
    expect.stringMatching(/send to it@example.com: accepted/),
    'rehearsal: the message for anna@example.com goes to it@example.com\n',
  ])
  const [file = ''] = await readdir(rehearsing.path('var/mail'))
  expect(await readFile(rehearsing.path(`var/mail/${file}`), 'utf8')).toMatch(
    /Subject: \[REHEARSAL to anna@example.com\]/,
  )
})

test('a mail server that cannot be reached is said in plain words, with code 69', async () => {
  const text = await readFile(shop.path('config/orderly.yaml'), 'utf8')
  await shop.write(
    'config/orderly.yaml',
    text.replace(
      'transport: files, folder: ../var/mail',
      'transport: smtp, host: 127.0.0.1, port: 9, security: none, auth: none',
    ),
  )
  const { code, out } = await run('test', 'mail')
  expect([code, out]).toEqual([69, expect.stringMatching(/^reach: failed, 127.0.0.1:9: nothing listens there/)])
})

test('check prints every problem and ends with 3; warnings alone are no failure', async () => {
  expect(await ok('check', '--no-folders')).toMatch(/in order, 0 warnings; 2 imports, 2 exports, 3 workflows/)
  expect(await ok('check')).toMatch(/\/in\/orders does not exist[\s\S]*in order, \d+ warnings/)
  const text = await readFile(shop.path('config/orderly.yaml'), 'utf8')
  await shop.write(
    'config/orderly.yaml',
    text.replace('kind: payments', 'kind: payment').replace('calendar: standard', 'calendar: standart'),
  )
  const bad = await run('check', '--json')
  expect(bad.code).toBe(3)
  expect(lines(bad.out).every(({ code, message }) => typeof code === 'string' && typeof message === 'string')).toBe(
    true,
  )
  expect(bad.out).toMatch(/payments/)
  expect(await run('orders', 'list')).toMatchObject({
    code: 78,
    err: expect.stringMatching(/The config cannot be used/) as string,
  })
})

test('the calendar of a store is shown day by day', async () => {
  const text = await ok('calendar', 'show', 'KOS01', '--from', '2026-12-24', '--days', '2')
  expect(text).toMatch(/KOS01 +2026-12-24 +Thu +09:00-18:00 +Europe\/Bratislava\nKOS01 +2026-12-25 +Fri +closed/)
  expect(await run('calendar', 'show', 'BUD1')).toMatchObject({
    code: 66,
    err: expect.stringMatching(/Did you mean "BUD01"/) as string,
  })
})

test('doctor finds everything well, and a left-over file not', async () => {
  await importAll()
  expect(await ok('doctor')).toMatch(/ledger: integrity +ok[\s\S]*books +ok +balanced/)
  await shop.write('out/status/.xfl_abc.tmp', 'half')
  const later = await shop.run(['doctor'], { now: Date.now() + 2 * 3_600_000 })
  expect([later.code, later.out]).toEqual([
    3,
    expect.stringMatching(/left-over files +NOT WELL +.*\.xfl_abc\.tmp was left by a crash/),
  ])
})

test('a backup is a whole ledger, and is never written over another file', async () => {
  await importAll()
  expect(await ok('backup', 'copy.db')).toMatch(/copy.db: \d+ bytes, checked/)
  expect((await run('backup', 'copy.db')).code).toBe(73)
  expect(await ok('backup', '.')).toMatch(/ledger-2026-03-02T110000Z.db/)
  await rm(shop.path('var'), { recursive: true })
  await mkdir(shop.path('var'))
  await copyFile(shop.path('copy.db'), shop.path('var/ledger.db'))
  expect(await ok('orders', 'confirm', 'WEB-1')).toMatch(/confirmed; 1 record, 1 message/)
  expect((await run('status')).out).toMatch(/orders +1 +0 +3 +3/)
})

test('init copies config and templates once, overwrites nothing, and what it wrote is in order', async () => {
  expect(await ok('init', 'new')).toMatch(/new: \d+ files written, 0 were there already/)
  await shop.write('new/config/channels/b2b.yaml', 'name: Mine\n')
  expect(await ok('init', 'new')).toMatch(/: there already, not touched[\s\S]*new: 0 files written/)
  expect(await readFile(shop.path('new/config/channels/b2b.yaml'), 'utf8')).toBe('name: Mine\n')
  expect(await ok('check', '--no-folders', '--config', shop.path('new/config/orderly.yaml'))).toMatch(/in order/)
})

test('the reference files are written, then up to date, then found stale', async () => {
  expect((await run('docs', '--check', '--folder', 'site')).code).toBe(3)
  expect(await ok('docs', '--write', '--folder', 'site')).toMatch(/docs\/commands.md: written/)
  expect(await ok('docs', '--check', '--folder', 'site')).toBe('all up to date\n')
  const page = await readFile(shop.path('site/docs/commands.md'), 'utf8')
  expect(page).toMatch(/\| 75 \| run: already running/)
  expect(page).toMatch(/### orderly orders confirm[\s\S]*Example:\n {2}orderly orders confirm WEB-100245/)
  await shop.write('site/docs/commands.md', 'old')
  expect(await run('docs', '--check', '--folder', 'site')).toMatchObject({
    code: 3,
    out: expect.stringMatching(/docs\/commands.md: stale/) as string,
  })
  expect((await run('docs')).code).toBe(64)
})
