import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { sliceRecords } from '../../src/intake/commit-pipeline.ts'
import { claimsIn } from '../../src/intake/claims.ts'
import { importSmallFiles } from '../../src/intake/import-small-files.ts'
import { type ImportState, startImportLoop } from '../../src/intake/import-loop.ts'
import { type Company, type Config, noon, openCompany, orderFile, orderRow } from '../neighbours/company.ts'

const cleanUps: (() => PromiseLike<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

async function open(change?: (config: Config) => void): Promise<Company> {
  const company = await openCompany(change)
  cleanUps.push(() => company[Symbol.asyncDispose]())
  return company
}

/** A loop over an import; `look` makes one pass. */
async function watch(
  company: Company,
  name = 'orders',
  owner = 'aaaaaaaa',
  extra: Partial<Parameters<typeof startImportLoop>[1]> = {},
) {
  const states: ImportState[] = []
  const { ledger, setup, clock, log, signal } = company
  const loop = startImportLoop(company.source(name), {
    ledger,
    setup,
    clock,
    log,
    signal,
    owner,
    onPass: (state) => states.push(state),
    ...extra,
  })
  cleanUps.push(() => loop[Symbol.asyncDispose]())
  const look = async (): Promise<ImportState | undefined> => {
    const before = states.length
    loop.nudge()
    await expect.poll(() => states.length, { interval: 5, timeout: 5_000 }).toBeGreaterThan(before)
    return states.at(-1)
  }
  await expect.poll(() => states.length, { interval: 5, timeout: 5_000 }).toBeGreaterThan(0)
  return { loop, look, states }
}

const inbox = (company: Company, ...rest: string[]) => company.names('in', 'orders', ...rest)
const claimed = (company: Company, name = 'orders') => readdirSync(company.path('in', name, '.orderly'))
const drop = (company: Company, name: string, text: string, folder = 'orders') =>
  company.write(`in/${folder}/${name}`, text)
const alarmTexts = async (company: Company) =>
  (await company.ledger.messages({ limit: 100 }))
    .filter(({ template }) => template === 'alarm/alarm')
    .map(({ mail }) => mail?.text ?? '')

describe('what is taken', () => {
  test('a file is imported and put away by day; the folder is made when it was never there', async () => {
    const company = await open()
    const { look } = await watch(company)
    drop(company, 'a.csv', orderFile(orderRow('1')))
    await look()
    expect(await company.orders()).toEqual(['1'])
    expect(inbox(company, 'processed', '2026-03-02')).toEqual(['a.csv'])
    expect(claimed(company)).toEqual([])
  })
  test('a file that still grows is left until it has been still for long enough', async () => {
    const company = await open((config) => (config['imports'].orders.ready = { stableFor: '2s' }))
    const { look } = await watch(company)
    drop(company, 'a.csv', orderFile(orderRow('1')))
    expect(await look()).toMatchObject({ waiting: 1 })
    company.clock.advance(1_900)
    drop(company, 'a.csv', orderFile(orderRow('1'), orderRow('2')))
    await look()
    company.clock.advance(1_900)
    await look()
    expect(await company.orders()).toEqual([])
    company.clock.advance(200)
    expect(await look()).toMatchObject({ waiting: 0 })
    expect(await company.orders()).toEqual(['1', '2'])
  })
  test('with done files, only what is said to be complete; the done file goes with it', async () => {
    const company = await open((config) =>
      Object.assign(config['imports'].orders, { files: '*', ready: { doneFile: '{name}.done' } }),
    )
    const { look } = await watch(company)
    drop(company, 'a.csv', orderFile(orderRow('1')))
    drop(company, 'b.csv', orderFile(orderRow('2')))
    drop(company, 'b.csv.done', '')
    await look()
    expect(await company.orders()).toEqual(['2'])
    expect(inbox(company)).toEqual(['a.csv', 'processed'])
    drop(company, 'a.csv.done', '')
    await look()
    expect(await company.orders()).toEqual(['1', '2'])
    expect(inbox(company)).toEqual(['processed'])
  })
  test('links, folders, hidden names and other patterns are left alone', async () => {
    const company = await open()
    const { look } = await watch(company)
    const outside = company.write('outside.csv', orderFile(orderRow('1')))
    symlinkSync(outside, company.path('in', 'orders', 'link.csv'))
    mkdirSync(company.path('in', 'orders', 'folder.csv'))
    drop(company, '.hidden.csv', orderFile(orderRow('2')))
    drop(company, 'other.txt', orderFile(orderRow('3')))
    await look()
    expect(await company.orders()).toEqual([])
    expect(readdirSync(company.path('in', 'orders')).toSorted()).toEqual([
      '.hidden.csv',
      '.orderly',
      'folder.csv',
      'link.csv',
      'other.txt',
    ])
  })
  test('odd names come in under their names', async () => {
    const company = await open()
    const odd = ['a\nb.csv', '"; drop.csv', 'ő ű.csv', `${'l'.repeat(251)}.csv`]
    for (const [i, name] of odd.entries()) drop(company, name, orderFile(orderRow(`${i}`)))
    await watch(company)
    expect(await company.orders()).toEqual(['0', '1', '2', '3'])
    expect((await company.ledger.files('orders', 9)).map(({ name }) => name).toSorted()).toEqual(odd.toSorted())
    expect(inbox(company)).toEqual(['processed'])
  })
  test('names that are no UTF-8 are told once a day and do not stop the others', async () => {
    const company = await open()
    const { look } = await watch(company)
    writeFileSync(
      Buffer.concat([Buffer.from(`${company.path('in', 'orders')}/`), Buffer.from([0xff, 0x2e, 0x63, 0x73, 0x76])]),
      'x',
    )
    drop(company, 'b.csv', orderFile(orderRow('1')))
    for (let i = 0; i < 3; i++) await look()
    expect(await company.orders()).toEqual(['1'])
    expect(await alarmTexts(company)).toHaveLength(1)
    company.clock.advance(86_400_000)
    await look()
    expect(await alarmTexts(company)).toHaveLength(2)
  })
  test('more files than one pass takes come in without a pause', async () => {
    const company = await open()
    for (let i = 0; i < 450; i++) drop(company, `${i}.csv`, orderFile(orderRow(`${i}`)))
    const { states } = await watch(company)
    await expect.poll(() => states.length, { timeout: 10_000 }).toBe(3)
    expect(await company.orders()).toHaveLength(450)
  })
  test('two daemons on one folder import every file once', async () => {
    const [one, other] = [await open(), await open()]
    const shared = one.path('in', 'orders')
    mkdirSync(shared, { recursive: true })
    mkdirSync(other.path('in'), { recursive: true })
    symlinkSync(shared, other.path('in', 'orders'))
    for (let i = 0; i < 300; i++) drop(one, `${i}.csv`, orderFile(orderRow(`${i}`)))
    const [a, b] = await Promise.all([watch(one, 'orders', 'aaaaaaaa'), watch(other, 'orders', 'bbbbbbbb')])
    await Promise.all([a.look(), b.look()])
    const both = [...(await one.orders()), ...(await other.orders())]
    expect(both).toHaveLength(300)
    expect(new Set(both).size).toBe(300)
    expect(inbox(one, 'duplicate')).toEqual([])
  })
})

describe('what is put away', () => {
  test('a name that is taken there gets a number, a deleted import leaves nothing', async () => {
    const company = await open((config) => (config['imports'].rows.after = 'delete'))
    const [orders, rows] = [await watch(company), await watch(company, 'rows')]
    for (const number of ['1', '2']) {
      drop(company, 'a.csv', orderFile(orderRow(number)))
      await orders.look()
    }
    expect(inbox(company, 'processed', '2026-03-02')).toEqual(['a-1.csv', 'a.csv'])
    drop(company, 'a.csv', orderFile(orderRow('3')), 'rows')
    await rows.look()
    expect(company.names('in', 'rows')).toEqual([])
  })
  test('what is wrong stands beside a rejected file under its very name, also when that name was taken', async () => {
    const company = await open()
    const { look } = await watch(company)
    for (const number of ['1', '2']) {
      drop(company, 'a.csv', orderFile(orderRow(number, 'much')))
      await look()
    }
    expect(inbox(company, 'rejected')).toEqual(
      ['a', 'a-1']
        .flatMap((name) => [`${name}.csv`, `${name}.csv.problems.json`, `${name}.csv.problems.txt`])
        .toSorted(),
    )
    const told = JSON.parse(
      readFileSync(company.path('in', 'orders', 'rejected', 'a-1.csv.problems.json'), 'utf8'),
    ) as { file: string; refused: number }
    expect(told).toMatchObject({ file: 'a-1.csv', refused: 1 })
  })
  test('the same bytes again lie in duplicate, with an event that names the first file', async () => {
    const company = await open()
    const { look } = await watch(company)
    drop(company, 'a.csv', orderFile(orderRow('1')))
    await look()
    drop(company, 'b.csv', orderFile(orderRow('1')))
    await look()
    expect(inbox(company, 'duplicate')).toEqual(['b.csv'])
    drop(company, 'a.csv', orderFile(orderRow('1')))
    await look()
    expect(inbox(company, 'duplicate')).toEqual(['a.csv', 'b.csv'])
    const [file] = await company.ledger.files('orders', 1)
    const events = await company.ledger.eventsOf(file?.id ?? '')
    expect(events.map(({ name }) => name)).toEqual(['import.done', 'import.duplicate', 'import.duplicate'])
    expect(events[1]?.text).toContain('a.csv')
  })
})

const claim = (company: Company, name: string, text: string, folder = 'orders') => {
  drop(company, name, text, folder)
  return claimsIn(company.path('in', folder), 'aaaaaaaa').take(name)
}

const record = (company: Company, given: ReturnType<typeof claim>, source = 'orders') =>
  importSmallFiles(
    { ledger: company.ledger, setup: company.setup, now: () => noon },
    company.source(source),
    given ? [given] : [],
  )

describe('after a kill', () => {
  test('a claimed file is imported', async () => {
    const company = await open()
    claim(company, 'a.csv', orderFile(orderRow('1')))
    await watch(company)
    expect(await company.orders()).toEqual(['1'])
    expect(inbox(company, 'processed', '2026-03-02')).toEqual(['a.csv'])
  })
  test('a claimed file that was recorded is put away as what it was, not as its own double', async () => {
    const company = await open()
    await record(company, claim(company, 'a.csv', orderFile(orderRow('1'))))
    await watch(company)
    expect(inbox(company, 'processed', '2026-03-02')).toEqual(['a.csv'])
    expect(inbox(company, 'duplicate')).toEqual([])
  })
  test('a copy of it that was claimed, too, is a double', async () => {
    const company = await open()
    claim(company, 'a.csv', orderFile(orderRow('1')))
    claim(company, 'b.csv', orderFile(orderRow('1')))
    await watch(company)
    expect([inbox(company, 'processed', '2026-03-02'), inbox(company, 'duplicate')]).toEqual([['a.csv'], ['b.csv']])
  })
  test('the rejected rows of a file that was recorded in part are written all the same', async () => {
    const company = await open()
    await record(company, claim(company, 'a.csv', orderFile(orderRow('1'), orderRow('2', 'much')), 'rows'), 'rows')
    await watch(company, 'rows')
    expect(company.names('in', 'rows', 'processed', '2026-03-02')).toEqual([
      'a.csv',
      'a.csv.problems.json',
      'a.csv.problems.txt',
      'a.rejected.csv',
    ])
  })
  test('the done file of a claimed file goes; that of a newer file of the same name stays', async () => {
    const company = await open((config) => (config['imports'].orders.ready = { doneFile: '{name}.done' }))
    drop(company, 'a.csv.done', '')
    claim(company, 'a.csv', orderFile(orderRow('1')))
    claim(company, 'b.csv', orderFile(orderRow('2')))
    await new Promise((resolve) => setTimeout(resolve, 20))
    drop(company, 'a.csv', 'still being written')
    drop(company, 'b.csv', orderFile(orderRow('3')))
    drop(company, 'b.csv.done', '')
    await watch(company)
    expect(await company.orders()).toEqual(['1', '2', '3'])
    expect(inbox(company)).toEqual(['a.csv', 'processed'])
  })
  test('a big file that was cut off between two slices goes on', async () => {
    const company = await open()
    drop(
      company,
      'big.csv',
      orderFile(
        ...Array.from({ length: 2_500 }, (_, i) => orderRow(`B-${i}`, '10.00', `${'x'.repeat(60)}@example.com`)),
      ),
    )
    const stop = new AbortController()
    const dying = { ...company.clock, now: () => (stop.abort(), company.clock.now()) }
    const { clock, ledger, setup, log } = company
    const first = startImportLoop(company.source('orders'), {
      clock: dying,
      ledger,
      setup,
      log,
      owner: 'aaaaaaaa',
      signal: stop.signal,
      onPass: () => undefined,
    })
    await expect.poll(async () => (await ledger.files('orders', 1))[0]?.position, { timeout: 5_000 }).toBe(sliceRecords)
    await first[Symbol.asyncDispose]()
    expect(claimed(company)).toHaveLength(1)
    await watch(company)
    expect(clock.now()).toBe(noon)
    expect((await ledger.files('orders', 1))[0]).toMatchObject({
      state: 'done',
      counts: { read: 2_500, applied: 2_500 },
    })
    expect(log.entries.filter(({ level }) => level === 'error')).toEqual([])
  })
})

describe('trouble', () => {
  test('a file that cannot be imported now does not stop the others, is told, and comes in when it can be', async () => {
    const company = await open()
    const { look } = await watch(company)
    const poisoned = startFailing(company, 'b.csv')
    for (const name of ['a.csv', 'b.csv', 'c.csv']) drop(company, name, orderFile(orderRow(name)))
    await look()
    expect(await company.orders()).toEqual(['a.csv', 'c.csv'])
    for (let i = 0; i < 4; i++) {
      company.clock.advance(600_000)
      await look()
    }
    expect((await alarmTexts(company)).filter((text) => text.includes('b.csv'))).toHaveLength(1)
    poisoned.heal()
    company.clock.advance(600_000)
    await look()
    expect(await company.orders()).toEqual(['a.csv', 'b.csv', 'c.csv'])
    expect(inbox(company, 'duplicate')).toEqual([])
  })
  test('a file whose putting away fails after it was recorded is no double of itself', async () => {
    const company = await open()
    const { look } = await watch(company)
    writeFileSync(company.path('in', 'orders', 'processed'), 'in the way')
    drop(company, 'a.csv', orderFile(orderRow('1')))
    drop(company, 'b.csv', orderFile(orderRow('2')))
    await look()
    expect(claimed(company)).toHaveLength(2)
    unlinkSync(company.path('in', 'orders', 'processed'))
    company.clock.advance(600_000)
    await look()
    expect(inbox(company)).toEqual(['processed'])
    expect(inbox(company, 'processed', '2026-03-02')).toEqual(['a.csv', 'b.csv'])
  })
  test('a claimed file that somebody took away is forgotten with a word in the log', async () => {
    const company = await open()
    const { look } = await watch(company)
    writeFileSync(company.path('in', 'orders', 'processed'), 'in the way')
    drop(company, 'a.csv', orderFile(orderRow('1')))
    await look()
    for (const name of claimed(company)) unlinkSync(company.path('in', 'orders', '.orderly', name))
    company.clock.advance(600_000)
    expect(await look()).toMatchObject({ waiting: 0 })
    expect(company.log.entries.map(({ message }) => message)).toContain('a claimed file is gone')
  })
  test('when nothing can be claimed the loop says so and does not spin', async () => {
    const company = await open()
    company.write('in/orders/.orderly', 'in the way')
    drop(company, 'a.csv', orderFile(orderRow('1')))
    const { states } = await watch(company)
    expect(states.at(-1)).toMatchObject({ online: false })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(states.length).toBeLessThan(4)
    expect(existsSync(company.path('in', 'orders', 'a.csv'))).toBe(true)
  })
  test('a folder that goes is away, not empty; when it is back the loop goes on', async () => {
    const company = await open()
    const { look } = await watch(company)
    drop(company, 'a.csv', orderFile(orderRow('1')))
    await look()
    renameSync(company.path('in', 'orders'), company.path('in', 'elsewhere'))
    expect(await look()).toMatchObject({ online: false })
    expect(existsSync(company.path('in', 'orders'))).toBe(false)
    renameSync(company.path('in', 'elsewhere'), company.path('in', 'orders'))
    drop(company, 'b.csv', orderFile(orderRow('2')))
    expect(await look()).toMatchObject({ online: true })
    expect(await company.orders()).toEqual(['1', '2'])
  })
  test('a folder that was used before is waited for at start, not made anew', async () => {
    const company = await open()
    const first = await watch(company)
    drop(company, 'a.csv', orderFile(orderRow('1')))
    await first.look()
    await first.loop[Symbol.asyncDispose]()
    rmSync(company.path('in'), { recursive: true })
    const { look, states } = await watch(company)
    expect(states[0]).toMatchObject({ online: false })
    expect(existsSync(company.path('in'))).toBe(false)
    mkdirSync(company.path('in', 'orders'), { recursive: true })
    expect(await look()).toMatchObject({ online: true })
  })
})

/** The ledger cannot be asked about orders of this number until it is healed. */
function startFailing(company: Company, name: string): { heal(): void } {
  const { ledger } = company
  const load = ledger.load.bind(ledger)
  let failing = true
  const isPoison = (lookups: Parameters<typeof load>[0]): boolean => JSON.stringify(lookups).includes(name)
  Object.assign(ledger, {
    load: async (lookups: Parameters<typeof load>[0]) => {
      if (failing && isPoison(lookups)) throw new Error('disk I/O error')
      return await load(lookups)
    },
  })
  return { heal: () => void (failing = false) }
}
