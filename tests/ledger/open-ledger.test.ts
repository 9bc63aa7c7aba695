import { open, readdir, stat, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { sqliteIsNewEnough } from '../../src/ledger/diagnose.ts'
import { LedgerError, LedgerTooNew, LedgerTooOld, NotALedger } from '../../src/ledger/ledger-errors.ts'
import { schemaVersion } from '../../src/ledger/migrate.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { batch, event, line, mail, order, slice, temporaryFolder, timer } from './samples.ts'

const options = { busyTimeoutMs: 1000 }

const orders = (from: number, count: number) =>
  batch({ put: Array.from({ length: count }, (_, i) => order(String(from + i))) })

it('opens what it has closed, with everything in it', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  {
    await using ledger = await openLedger(path, options)
    await ledger.commit(batch({ put: [order('1')] }))
  }
  await using ledger = await openLedger(path, options)
  expect(await ledger.record('order', order('1').id)).toMatchObject({ number: '1', version: 1 })
  expect(await readdir(folder.path)).toContain('ledger.sqlite')
})

it('finishes queued commits before it closes and leaves no log behind', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  const ledger = await openLedger(path, options)
  const commits = Array.from({ length: 20 }, (_, i) => ledger.commit(batch({ put: [order(String(i))] })))
  await ledger[Symbol.asyncDispose]()
  expect(await Promise.all(commits)).toHaveLength(20)
  expect(await readdir(folder.path)).toEqual(['ledger.sqlite'])
  await expect(ledger.changeStamp()).rejects.toThrow(LedgerError)
})

it('opens a new ledger twice at once', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  const ledgers = await Promise.all([1, 2, 3].map(() => openLedger(path, options)))
  expect(await Promise.all(ledgers.map((ledger) => ledger.changeStamp()))).toEqual([0, 0, 0])
  for (const ledger of ledgers) await ledger[Symbol.asyncDispose]()
})

it('sets the pragmas, marks the file and says so in the diagnosis', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  await using ledger = await openLedger(path, options)
  const checks = await ledger.diagnose()
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
  const details = Object.fromEntries(checks.map(({ check, detail }) => [check, detail]))
  expect(details).toMatchObject({
    'pragma journal_mode': 'wal',
    'pragma synchronous': '2',
    'pragma foreign_keys': '1',
    integrity: 'ok',
    references: 'ok',
    tally: 'ok',
    schema: `${schemaVersion} of ${schemaVersion}`,
  })
  using raw = new DatabaseSync(path)
  expect(raw.prepare('pragma application_id').get()).toEqual({ application_id: 0x4f52444c })
})

it('refuses a ledger of a newer schema and leaves it as it is', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  await (await openLedger(path, options))[Symbol.asyncDispose]()
  const raw = new DatabaseSync(path)
  raw.exec(`pragma user_version = ${schemaVersion + 1}`)
  raw.close()
  await expect(openLedger(path, options)).rejects.toThrow(LedgerTooNew)
  await expect(openLedger(path, options)).rejects.toMatchObject({
    code: 'L002',
    message: expect.stringContaining(path),
  })
  using after = new DatabaseSync(path)
  expect(after.prepare('pragma user_version').get()).toEqual({ user_version: schemaVersion + 1 })
})

it('refuses a database of another program and a file that is none, without changing them', async () => {
  await using folder = await temporaryFolder()
  const foreign = folder.file('foreign.sqlite')
  const raw = new DatabaseSync(foreign)
  raw.exec('create table theirs (x)')
  raw.close()
  await expect(openLedger(foreign, options)).rejects.toThrow(NotALedger)
  using after = new DatabaseSync(foreign)
  expect(after.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'delete' })
  const text = folder.file('orders.csv')
  await writeFile(text, 'number;date\n'.repeat(500))
  await expect(openLedger(text, options)).rejects.toThrow(NotALedger)
})

it('reads without writing when it is opened for reading, and refuses to create or migrate', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  await expect(openLedger(path, { ...options, readOnly: true })).rejects.toThrow('cannot be opened')
  await using writer = await openLedger(path, options)
  await writer.commit(batch({ put: [order('1')] }))
  await using reader = await openLedger(path, { ...options, readOnly: true })
  expect(await reader.record('order', order('1').id)).toMatchObject({ number: '1' })
  await expect(reader.commit(batch({ put: [order('2')] }))).rejects.toThrow('readonly')

  const empty = folder.file('empty.sqlite')
  await writeFile(empty, '')
  await expect(openLedger(empty, { ...options, readOnly: true })).rejects.toThrow(LedgerTooOld)
})

it.each([
  ['3.51.2', false],
  ['3.50.9', false],
  ['2.99.99', false],
  ['3.51.3', true],
  ['3.52.0', true],
  ['3.53.4', true],
  ['4.0.0', true],
])('SQLite %s is new enough: %s', (version, expected) => {
  expect(sqliteIsNewEnough(version)).toBe(expected)
})

it('copies a ledger that is being written to; the copy is whole and opens', async () => {
  await using folder = await temporaryFolder()
  await using ledger = await openLedger(folder.file('ledger.sqlite'), options)
  await ledger.commit(orders(0, 500))
  const to = folder.file('backup.sqlite')
  const backup = ledger.backup(to)
  for (let i = 1; i <= 5; i++) await ledger.commit(orders(i * 500, 500))
  await backup
  expect((await readdir(folder.path)).filter((name) => name.startsWith('backup'))).toEqual(['backup.sqlite'])
  await using copy = await openLedger(to, options)
  expect((await copy.diagnose()).filter(({ ok }) => !ok)).toEqual([])
  const [count] = (await copy.totals()).records
  expect((count?.count ?? 0) % 500).toBe(0)
  expect(count?.count).toBeGreaterThanOrEqual(500)
})

it('never writes a backup over a file, and removes a half-made one', async () => {
  await using folder = await temporaryFolder()
  await using ledger = await openLedger(folder.file('ledger.sqlite'), options)
  const taken = folder.file('taken.sqlite')
  await writeFile(taken, 'precious')
  await expect(ledger.backup(taken)).rejects.toThrow('never overwrites')
  await writeFile(folder.file('old.sqlite.partial'), 'left by a killed backup')
  await ledger.backup(folder.file('old.sqlite'))
  await expect(ledger.backup(`${folder.path}/no/such/folder.sqlite`)).rejects.toThrow('backup to')
  const names = (await readdir(folder.path)).filter((name) => !name.startsWith('ledger'))
  expect(names.sort()).toEqual(['old.sqlite', 'taken.sqlite'])
})

it('refuses to keep a copy that is not sound, and leaves nothing of it', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  {
    await using ledger = await openLedger(path, options)
    await ledger.commit(orders(0, 500))
  }
  const file = await open(path, 'r+')
  const { size } = await file.stat()
  await file.write(Buffer.alloc(4096 * 20, 0x5a), 0, 4096 * 20, size - 4096 * 40)
  await file.close()
  await using ledger = await openLedger(path, options)
  await expect(ledger.backup(folder.file('copy.sqlite'))).rejects.toThrow(LedgerError)
  expect((await readdir(folder.path)).filter((name) => name.startsWith('copy'))).toEqual([])
  expect((await ledger.diagnose()).find(({ check }) => check === 'integrity')?.ok).toBe(false)
})

it('merges the log when asked', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  await using ledger = await openLedger(path, options)
  await ledger.commit(orders(0, 200))
  expect((await stat(`${path}-wal`)).size).toBeGreaterThan(0)
  await ledger.checkpoint()
  expect((await stat(`${path}-wal`)).size).toBe(0)
})

it('keeps a tally that balances whatever is committed, and tells when it does not', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  await using ledger = await openLedger(path, options)
  await ledger.commit(
    batch({
      put: [order('1')],
      events: [event('x')],
      messages: [mail('a'), mail('b', { state: 'held' })],
      exports: [line('a'), line('b')],
      timers: [timer('t', 'x', 5), timer('u', 'x', 5)],
      files: [slice(0, 2)],
    }),
  )
  await ledger.take('mail', 9, 9999)
  await ledger.takeExport('status', String, 1, 1)
  await ledger.commit(batch({ files: [slice(2, 5, { done: 'partial' })], firedTimers: [timer('t', 'x', 5).id] }))
  const tally = async () => (await ledger.diagnose()).find(({ check }) => check === 'tally')
  expect(await tally()).toEqual({ check: 'tally', ok: true, detail: 'ok' })
  using raw = new DatabaseSync(path)
  raw.exec("update tally set count = count + 1 where what = 'record'")
  expect(await tally()).toMatchObject({ ok: false, detail: expect.stringContaining('kept record order new: 2') })
})
