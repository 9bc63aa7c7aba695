import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditCodes } from '../../src/operator/audit/codes.ts'
import { liveThroughADay, openStory, orderRow, orderTable, type Story } from './audited-story.ts'

let day: Story
beforeAll(async () => {
  day = openStory()
  await liveThroughADay(day)
}, 60_000)
afterAll(() => day[Symbol.dispose]())

const order = (number: string): string =>
  `select id from record where kind = 'order' and data ->> '$.number' = '${number}'`
const payment = (key: string): string =>
  `select id from record where kind = 'payment' and data ->> '$.bankKey' = '${key}'`
const eventOf = (name: string, id: string): string =>
  `select seq from event where name = '${name}' and (about = (select key from record where id in (${id})) or subject in (${id}))`
const placed = (name: string): string => `select id from export_file where name = '${name}'`
const sentMail = "select id from message where channel = 'mail' and state = 'accepted' order by key limit 1"

/** What stands between braces in plants and findings, as the ledger of the day has it. */
const names: Readonly<Record<string, string>> = {
  paid: order('1002'),
  collected: order('1001'),
  pending: order('1003'),
  payment: payment('K1'),
  unmatched: payment('K3'),
  movement: "select id from record where kind = 'movement'",
  customer: "select id from record where kind = 'customer' and data ->> '$.number' = '7'",
  parked: "select id from record where kind = 'parked'",
  entry: "select id from record where kind = 'clearing' and data ->> '$.type' = 'goods' order by key limit 1",
  lastEvent: 'select max(seq) from event',
  receivedUnmatched: eventOf('payment.received', payment('K3')),
  imported: eventOf('order.imported', order('1001')),
  mail: sentMail,
  mailAccepted: eventOf('message.accepted', sentMail),
  sms: "select id from message where channel = 'sms'",
  stockLine: "select id from export_line where export = 'stock'",
  stockFile: placed('stock-0001.csv'),
  statusFile: placed('orderStatus-0001.csv'),
  laterStatus: placed('orderStatus-0002.csv'),
  orders: "select id from file where name = 'O1.csv'",
  bank: "select id from file where name = 'B1.csv'",
}

const filled = (text: string, db: DatabaseSync): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    String(Object.values(db.prepare(names[name] ?? '').get() ?? {})[0]),
  )

interface Planted {
  readonly what: string
  readonly sql: string
  readonly findings: readonly string[]
}
const plant = (what: string, sql: string, ...findings: readonly string[]): Planted => ({ what, sql, findings })
const edit = (id: string, path: string, value: string): string =>
  `update record set data = json_set(data, '$.${path}', ${value}) where id = '{${id}}'`

const records: readonly Planted[] = [
  plant(
    'an order',
    "delete from record where id = '{paid}'",
    'A002 record order processing',
    'A020 order number 1002',
    'A020 {paid}',
  ),
  plant(
    'a payment',
    "delete from record where id = '{payment}'",
    'A002 record payment matched',
    'A020 payment order {paid}',
    'A020 {payment}',
    'A030 {paid}',
  ),
  plant(
    'a movement',
    "delete from record where id = '{movement}'",
    'A002 record movement issue',
    'A020 movement order {paid}',
    'A020 {movement}',
  ),
  plant(
    'a clearing entry',
    "delete from record where id = '{entry}'",
    'A002 record clearing exported',
    'A020 {entry}',
    'A034 {collected}',
    'A035 {entry}',
  ),
  plant(
    'a customer',
    "delete from record where id = '{customer}'",
    'A002 record customer',
    'A020 customer email anna@example.com',
  ),
  plant(
    'a parked row',
    "delete from record where id = '{parked}'",
    'A002 record parked waiting',
    'A020 parked waitsFor 1009',
  ),
  plant('a name', "delete from reference where name = 'number' and value = '1002'", 'A005 {paid}'),
  plant(
    'a timer',
    "delete from timer where done_at is null and name = 'collect.processing'",
    'A002 timer live',
    'A027 {pending}',
  ),
  plant('the last event', 'delete from event where seq = {lastEvent}', 'A003 event {lastEvent}'),
  plant(
    'the event of a payment',
    'delete from event where seq = {receivedUnmatched}',
    'A003 event {receivedUnmatched}',
    'A013 {bank}',
    'A022 {unmatched}',
  ),
  plant(
    'the event of an order',
    'delete from event where seq = {imported}',
    'A003 event {imported}',
    'A013 {orders}',
    'A022 {collected}',
    'A023 {collected}',
  ),
  plant(
    'the result of a message',
    'delete from event where seq = {mailAccepted}',
    'A003 event {mailAccepted}',
    'A042 {mail}',
    'A043 {mail}',
  ),
  plant('a message', "delete from message where id = '{mail}'", 'A002 message mail accepted', 'A040 {mail}'),
  plant(
    'a text',
    "delete from message_content where message = (select key from message where id = '{mail}')",
    'A045 {mail}',
  ),
  plant('a part of an SMS', 'delete from part', 'A046 {sms}'),
  plant(
    'an import file',
    "delete from file where id = '{orders}'",
    'A002 file orders done',
    'A002 file.applied orders done',
    'A002 file.read orders done',
    'A017 /in/orders/processed/O1.csv',
    'A019 {orders}',
  ),
  plant(
    'an export line',
    "delete from export_line where id = '{stockLine}'",
    'A002 line stock taken',
    'A051 {stockFile}',
    'A053 {stockLine}',
    'A056 {stockFile}',
  ),
  plant(
    'an export file',
    "delete from export_file where id = '{laterStatus}'",
    'A002 exportFile status written',
    'A050 {laterStatus}',
    'A057 orderStatus-0002.csv',
  ),
  plant(
    'the last export file',
    "delete from export_file where id = '{stockFile}'",
    'A002 exportFile stock written',
    'A050 {stockFile}',
    'A057 stock-0001.csv',
  ),
]

const doubled: readonly Planted[] = [
  plant(
    'an export line',
    "insert into export_line (id, export, dedupe_key, subject, file, because, fields) select 'xln_2', export, 'again', subject, file, because, fields from export_line where id = '{stockLine}'",
    'A002 line stock taken',
    'A051 {stockFile}',
    'A056 {stockFile}',
  ),
  plant(
    'an export line that is told again',
    "update export_line set file = null where id = '{stockLine}'",
    'A002 line stock open',
    'A002 line stock taken',
    'A051 {stockFile}',
    'A056 {stockFile}',
  ),
  plant(
    'a timer',
    "insert into timer (id, name, subject, due_at) values ('tmr_2', 'collect.delivery', '{pending}', 1)",
    'A002 timer live',
    'A028 tmr_2',
  ),
  plant('an allocation', edit('payment', 'allocations[0].amount', '4000'), 'A030 {paid}', 'A031 {payment}'),
  plant(
    'a name',
    "insert into reference select 'number', '77', 'order', key from record where id = '{paid}'",
    'A005 {paid}',
  ),
  plant(
    'a record in the totals',
    "update tally set count = count + 1 where what = 'record' and state = 'packed'",
    'A002 record order packed',
  ),
  plant(
    'the number of an export file',
    "update export_file set sequence = 9 where id = '{stockFile}'",
    'A050 {stockFile}',
  ),
]

const changed: readonly Planted[] = [
  plant(
    'the status of an order',
    "update record set state = 'packed', data = json_set(data, '$.status', 'packed') where id = '{paid}'",
    'A002 record order packed',
    'A002 record order processing',
    'A023 {paid}',
  ),
  plant(
    'the column of a status',
    "update record set state = 'packed' where id = '{paid}'",
    'A002 record order packed',
    'A002 record order processing',
    'A021 {paid}',
  ),
  plant('content that cannot be read', "update record set data = '[' where id = '{customer}'", 'A021 {customer}'),
  plant('the paid amount', edit('paid', 'paid', '1'), 'A023 {paid}', 'A030 {paid}', 'A033 {paid}'),
  plant('the payment status', edit('paid', 'paymentStatus', "'unpaid'"), 'A023 {paid}', 'A033 {paid}'),
  plant('the number of changes', edit('paid', 'transition', '9'), 'A024 {paid}'),
  plant('an amount between companies', edit('entry', 'gross', '1'), 'A034 {collected}', 'A034 {entry}'),
  plant('the kind of a movement', edit('movement', 'move', "'return'"), 'A021 {movement}', 'A036 {movement}'),
  plant('the cause of an event', 'update event set because = seq + 1 where seq = {imported}', 'A004 event {imported}'),
  plant(
    'the state of a sent message',
    "update message set state = 'queued', finished_at = null where id = '{mail}'",
    'A002 message mail accepted',
    'A002 message mail queued',
    'A042 {mail}',
  ),
  plant(
    'a message that was taken long ago',
    "update message set state = 'sending', finished_at = null, taken_at = 1 where id = '{mail}'",
    'A002 message mail accepted',
    'A002 message mail sending',
    'A042 {mail}',
    'A048 {mail}',
  ),
  plant('the attempts', "update message set attempts = 2 where id = '{mail}'", 'A043 {mail}'),
  plant('the time of a result', "update message set finished_at = null where id = '{mail}'", 'A044 {mail}'),
  plant(
    'the outcome of a record',
    "update file set applied = applied - 1 where id = '{orders}'",
    'A002 file.applied orders done',
    'A010 {orders}',
    'A013 {orders}',
  ),
  plant(
    'a record taken for a repeated one',
    "update file set applied = applied - 1, repeated = 1 where id = '{orders}'",
    'A002 file.applied orders done',
    'A002 file.repeated orders done',
    'A013 {orders}',
  ),
  plant('the position in a file', "update file set position = 3 where id = '{orders}'", 'A011 {orders}'),
  plant(
    'what a line says',
    "update export_line set fields = replace(fields, '\"2\"', '\"3\"') where id = '{stockLine}'",
    'A056 {stockFile}',
  ),
  plant('the cause of a line', "update export_line set because = 9999 where id = '{stockLine}'", 'A059 {stockLine}'),
  plant(
    'the file of a line',
    "update export_line set file = (select key from export_file where id = '{statusFile}') where id = '{stockLine}'",
    'A051 {statusFile}',
    'A051 {stockFile}',
    'A052 {statusFile}',
    'A056 {statusFile}',
    'A056 {stockFile}',
  ),
  plant(
    'the state of an export file',
    "update export_file set state = 'held' where id = '{stockFile}'",
    'A002 exportFile stock held',
    'A002 exportFile stock written',
    'A054 {stockFile}',
  ),
  plant(
    'the hash of an export file',
    "update export_file set sha256 = 'aa' where id = '{stockFile}'",
    'A055 {stockFile}',
    'A056 {stockFile}',
  ),
  plant('the lines of an export file', "update export_file set lines = 7 where id = '{stockFile}'", 'A051 {stockFile}'),
  plant(
    'a line that was voided after it was written',
    "update export_line set voided = 'x', voided_because = {imported} where id = '{stockLine}'",
    'A002 line stock taken',
    'A002 line stock voided',
    'A052 {stockLine}',
  ),
  plant(
    'a line that was voided by nobody',
    "update export_line set voided = 'x', file = null where id = '{stockLine}'",
    'A002 line stock taken',
    'A002 line stock voided',
    'A051 {stockFile}',
    'A056 {stockFile}',
    'A059 {stockLine}',
  ),
]

/** The day is not always the same. */
const plain = (findings: readonly string[]): readonly string[] =>
  findings.map((each) => each.replace(/processed\/\d{4}-\d\d-\d\d/, 'processed')).toSorted()

async function findingsAfter(sql: string, expected: readonly string[], ...words: readonly string[]) {
  using story = day.copy()
  const wanted = story.change((db) => {
    const texts = expected.map((each) => filled(each, db))
    const changes = db.prepare(filled(sql, db)).run().changes
    expect(changes, 'the plant took root').toBeGreaterThan(0)
    return texts
  })
  const told = await story.audit('--exports-kept', ...words)
  return { found: plain(told.findings), expected: wanted.toSorted(), code: told.code }
}

describe('an audit', () => {
  test('finds the books of a day balanced, and says what is on its way and why', async () => {
    using story = day.copy()
    const told = await story.audit('--exports-kept', '--deep')
    expect(told).toMatchObject({ code: 0, findings: [] })
    expect(told.summary).toMatchObject({
      balanced: true,
      records: 20,
      importFiles: 9,
      exportLines: 21,
      onTheWay: [
        { what: 'mail messages held', count: 2 },
        { what: 'status rows parked', count: 1 },
        { what: 'payments unmatched', count: 1 },
        { what: 'timers', count: 2 },
      ],
    })
  })

  test.each(records)('names $what that is missing', async ({ sql, findings }) => {
    const { found, expected, code } = await findingsAfter(sql, findings)
    expect(found).toEqual(expected)
    expect(code).toBe(3)
  })

  test.each(doubled)('names $what that is there twice', async ({ sql, findings }) => {
    const { found, expected } = await findingsAfter(sql, findings)
    expect(found).toEqual(expected)
  })

  test.each(changed)('names $what that was changed', async ({ sql, findings }) => {
    const { found, expected } = await findingsAfter(sql, findings)
    expect(found).toEqual(expected)
  })

  test.each([
    ["update record set id = 'cus_2', data = json_set(data, '$.id', 'cus_2') where id = '{customer}'", 'A021 cus_2'],
    ["update message set dedupe_key = 'again' where id = '{mail}'", 'A049 {mail}'],
    ["update export_line set id = 'xln_2' where id = '{stockLine}'", 'A052 xln_2'],
  ])('names with --deep what is under an id that is not its own: %s', async (sql, finding) => {
    const { found, expected } = await findingsAfter(sql, [finding], '--deep')
    expect(found).toEqual(expect.arrayContaining(expected))
    expect((await findingsAfter(sql, [])).found).toEqual([])
  })
})

const dayFolder = (story: Story, name: string): string => {
  const [only = ''] = readdirSync(story.path('in', name, 'processed'))
  return story.path('in', name, 'processed', only)
}

describe('an audit of the folders', () => {
  test.each<readonly [string, (story: Story) => void, readonly string[]]>([
    ['a copy is gone', (story) => rmSync(`${dayFolder(story, 'orders')}/O1.csv`), ['A016 {orders}']],
    [
      'a byte of a copy was changed',
      (story) => appendFileSync(`${dayFolder(story, 'orders')}/O1.csv`, 'x'),
      ['A016 {orders}', 'A017 /in/orders/processed/O1.csv'],
    ],
    [
      'a duplicate is none',
      (story) => writeFileSync(story.path('in/orders/duplicate/x.csv'), 'x'),
      ['A018 /in/orders/duplicate/x.csv'],
    ],
    ['an export file is gone', (story) => rmSync(story.path('out/stock/stock-0001.csv')), ['A058 {stockFile}']],
    [
      'a done file is gone',
      (story) => rmSync(story.path('out/orderStatus/orderStatus-0001.csv.done')),
      ['A058 {statusFile}'],
    ],
    [
      'a byte of an export file was added',
      (story) => appendFileSync(story.path('out/stock/stock-0001.csv'), 'x'),
      ['A055 {stockFile}'],
    ],
    [
      'an export file is there under two numbers',
      (story) => cpSync(story.path('out/stock/stock-0001.csv'), story.path('out/stock/stock-0002.csv')),
      ['A057 stock-0002.csv'],
    ],
  ])('says when %s', async (_, change, findings) => {
    using story = day.copy()
    const expected = story.change((db) => findings.map((each) => filled(each, db)))
    change(story)
    const told = await story.audit('--exports-kept')
    expect(plain(told.findings)).toEqual(expected)
    expect(told.code).toBe(3)
  })

  test('says from which line on an export file is another', async () => {
    using story = day.copy()
    const path = story.path('out/orderStatus/orderStatus-0001.csv')
    const [head, first, ...others] = readFileSync(path, 'utf8').split('\n')
    writeFileSync(path, [head, first, first, ...others].join('\n'))
    expect((await story.audit()).text).toMatch(/other from line 3 on/)
  })

  test('takes a whole day of copies, and export files, for taken away by those who may', async () => {
    using story = day.copy()
    rmSync(dayFolder(story, 'orders'), { recursive: true })
    rmSync(story.path('out/stock/stock-0001.csv'))
    const told = await story.audit()
    expect(told).toMatchObject({ code: 0, findings: [] })
    expect(told.summary?.['onTheWay']).toEqual(
      expect.arrayContaining([
        { what: 'copies of import files taken away with their day', count: 2, waitsFor: 'nothing' },
        { what: 'export files taken from their folder', count: 1, waitsFor: 'nothing' },
      ]),
    )
  })

  test('does not take a folder that is away for an empty one', async () => {
    using story = day.copy()
    renameSync(story.path('in/orders'), story.path('in/elsewhere'))
    const told = await story.audit('--exports-kept')
    expect(told).toMatchObject({ code: 0, findings: [] })
    expect(told.text).toMatch(/import files whose folder is away/)
  })

  test('looks at no folder with --no-folders', async () => {
    using story = day.copy()
    rmSync(story.path('out'), { recursive: true })
    rmSync(story.path('in'), { recursive: true })
    expect(await story.audit('--no-folders', '--exports-kept')).toMatchObject({ code: 0, findings: [] })
  })

  test('wants no copy of a file that was taken in by hand', async () => {
    using story = day.copy()
    writeFileSync(story.path('hand.csv'), orderTable(orderRow('2001', '10.00')))
    expect(await story.run('import', 'hand.csv', '--import', 'orders')).toBe(0)
    expect(await story.audit('--exports-kept')).toMatchObject({ code: 0, findings: [] })
  })
})

test('the books balance after all that a person did by hand, and after the daemon has told of it', async () => {
  using story = day.copy()
  const held = story.change((db) => db.prepare("select id from message where state = 'held' order by key").all())
  const [first, second] = held.map(({ id }) => String(id))
  const words: readonly (readonly string[])[] = [
    ['orders', 'confirm', '1003'],
    ['orders', 'deliver', '1003'],
    ['payments', 'match', 'K3', '1004'],
    ['payments', 'unmatch', 'K3'],
    ['payments', 'ignore', 'K3', '--reason', 'not ours'],
    ['payments', 'unmatch', 'K1'],
    ['orders', 'mark-paid', '1004'],
    ['orders', 'set-status', 'closed', '1002'],
    ['messages', 'send', first ?? ''],
    ['messages', 'cancel', second ?? ''],
  ]
  for (const each of words) expect(await story.run(...each), each.join(' ')).toBe(0)
  expect(await story.audit('--exports-kept', '--deep')).toMatchObject({ code: 0, findings: [] })
  await story.live(() => undefined)
  expect(await story.audit('--exports-kept', '--deep')).toMatchObject({ code: 0, findings: [] })
}, 30_000)

/** What a daemon that is not this one has claimed. */
const claim = (story: Story): string => {
  const path = story.path('in/orders/.orderly/aaaaaaaa-bbbbbbbbbb-1~new.csv')
  mkdirSync(story.path('in/orders/.orderly'), { recursive: true })
  writeFileSync(path, orderTable(orderRow('3001', '10.00')))
  return path
}
/** Makes the status document say that a daemon is at work. */
const running = (story: Story): void => {
  const status = JSON.parse(readFileSync(story.path('var/status.json'), 'utf8')) as object
  const now = { ...status, state: 'running', updatedAt: new Date().toISOString() }
  writeFileSync(story.path('var/status.json'), JSON.stringify(now))
}

describe('what is on its way', () => {
  test('is a claimed file while nobody runs, however long', async () => {
    using story = day.copy()
    claim(story)
    const told = await story.audit('--patience', '0s')
    expect(told).toMatchObject({ code: 0, findings: [] })
    expect(told.text).toMatch(/files claimed in .*"waitsFor":"a start of the daemon"/)
  })

  test('is no claimed file that a running daemon does not touch', async () => {
    using story = day.copy()
    const path = claim(story)
    running(story)
    expect((await story.audit()).findings).toEqual([])
    expect((await story.audit('--patience', '0s')).findings).toEqual([`A015 ${path.replace(story.folder, '')}`])
  })

  test('is a file in the middle only as long as the file is there', async () => {
    using story = day.copy()
    const id = story.change((db) => {
      const found = filled('{orders}', db)
      db.exec("update file set state = 'importing', last_at = 1 where name = 'O1.csv'")
      db.exec("delete from event where name = 'import.done' and subject = (select id from file where name = 'O1.csv')")
      return found
    })
    expect((await story.audit()).findings).not.toContain(`A014 ${id}`)
    rmSync(`${dayFolder(story, 'orders')}/O1.csv`)
    expect((await story.audit()).findings).toContain(`A014 ${id}`)
    expect((await story.audit('--patience', '60000d')).findings).not.toContain(`A014 ${id}`)
  })

  test('is no temporary file of what was written: a warning, and the books balance', async () => {
    using story = day.copy()
    const id = story.change((db) => filled('{stockFile}', db))
    writeFileSync(story.path(`out/stock/.${id}.tmp`), 'x')
    utimesSync(story.path(`out/stock/.${id}.tmp`), 1, 1)
    expect(await story.audit()).toMatchObject({
      code: 0,
      findings: [`A060 ${id}`],
      summary: { balanced: true, warnings: 1 },
    })
  })

  test('is no parked row whose order is there', async () => {
    using story = day.copy()
    const id = story.change((db) => {
      db.exec("insert into reference select 'number', '1009', 'order', key from record where kind = 'order' limit 1")
      return filled('{parked}', db)
    })
    expect((await story.audit()).findings).toContain(`A025 ${id}`)
  })
})

test('every code of the audit has a title, a cause and what to do', () => {
  const texts = Object.values(auditCodes).flatMap(({ title, cause, todo }) => [title, cause, todo])
  expect(texts.filter((text) => text.trim() === '')).toEqual([])
})

test('a damaged database file is found with --deep, and --patience is read strictly', async () => {
  using story = day.copy()
  story.change((db) => db.exec('update event set cause = 999 where seq = 1'))
  expect((await story.audit('--deep', '--no-folders')).findings).toContain('A001 references')
  expect((await story.audit('--patience', 'soon')).code).toBe(64)
})
