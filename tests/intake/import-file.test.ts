import { rmSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sliceRecords } from '../../src/intake/commit-pipeline.ts'
import { importBigFile, importReadFile } from '../../src/intake/import-big-file.ts'
import { importSmallFiles, smallFile } from '../../src/intake/import-small-files.ts'
import { readAhead } from '../../src/intake/read-ahead.ts'
import { readBigFile } from '../../src/intake/read-big-file.ts'
import { type Company, openCompany, orderFile, orderRow } from '../neighbours/company.ts'

let company: Company
beforeEach(async () => {
  company = await openCompany()
})
afterEach(async () => await company[Symbol.asyncDispose]())

const tools = () => ({ ledger: company.ledger, setup: company.setup, now: () => company.clock.now() })
const file = (name: string, bytes: string) => ({ name, path: company.write(`given/${name}`, bytes) })
const small = (source: string, ...files: ReturnType<typeof file>[]) =>
  importSmallFiles(tools(), company.source(source), files)
const big = (source: string, given: ReturnType<typeof file>) => importBigFile(tools(), company.source(source), given)
const alarms = async () =>
  (await company.ledger.messages({ limit: 50 })).filter(({ template }) => template === 'alarm/alarm')
const bigText = (count: number, bad: readonly number[] = []) =>
  orderFile(
    ...Array.from({ length: count }, (_, i) =>
      orderRow(`B-${i + 1}`, bad.includes(i + 1) ? 'much' : '10.00', `${'x'.repeat(60)}@example.com`),
    ),
  )

describe('small files', () => {
  test('a group is one commit', async () => {
    const before = await company.ledger.changeStamp()
    const files = Array.from({ length: 20 }, (_, i) => file(`${i}.csv`, orderFile(orderRow(`N-${i}`))))
    const results = await small('orders', ...files)
    expect(results.map(({ kind }) => kind)).toEqual(Array.from({ length: 20 }, () => 'done'))
    expect((await company.ledger.changeStamp()) - before).toBe(1)
    expect(await company.orders()).toHaveLength(20)
  })
  test('two equal files in one group: the second is known by the first', async () => {
    const results = await small(
      'orders',
      file('a.csv', orderFile(orderRow('1'))),
      file('b.csv', orderFile(orderRow('1'))),
    )
    expect(results.map(({ kind }) => kind)).toEqual(['done', 'known'])
    expect(results[1]?.known?.name).toBe('a.csv')
  })
  test('a file that was imported before is known under any name', async () => {
    await small('orders', file('a.csv', orderFile(orderRow('1'))))
    const before = await company.ledger.changeStamp()
    expect((await small('orders', file('b.csv', orderFile(orderRow('1')))))[0]).toMatchObject({
      kind: 'known',
      read: 1,
    })
    expect(await company.ledger.changeStamp()).toBe(before)
  })
  test('one bad record rejects the file with one alarm; the same bytes may come again, and the mended file counts', async () => {
    const bad = orderFile(orderRow('1'), orderRow('2', 'much'))
    for (let i = 0; i < 2; i++) {
      expect((await small('orders', file('a.csv', bad)))[0]).toMatchObject({ kind: 'rejected', read: 2, refused: 1 })
    }
    expect(await company.orders()).toEqual([])
    expect(await alarms()).toHaveLength(1)
    expect((await small('orders', file('a.csv', bad.replace('much', '5.00'))))[0]?.kind).toBe('done')
    expect(await company.orders()).toEqual(['1', '2'])
  })
  test('a rejected file does not keep the others of its group', async () => {
    const results = await small(
      'orders',
      file('a.csv', orderFile(orderRow('1', 'x'))),
      file('b.csv', orderFile(orderRow('2'))),
    )
    expect(results.map(({ kind }) => kind)).toEqual(['rejected', 'done'])
    expect(await company.orders()).toEqual(['2'])
  })
  test('with rejectRecord the good records count, the bad rows come back in the layout of the file', async () => {
    const [result] = await small('rows', file('a.csv', orderFile(orderRow('1'), orderRow('2', 'much'), orderRow('3'))))
    expect(result).toMatchObject({ kind: 'partial', read: 3, refused: 1 })
    expect(Buffer.from(result?.rejected ?? []).toString()).toBe(orderFile(orderRow('2', 'much')))
    expect(await company.orders()).toEqual(['1', '3'])
    expect(await alarms()).toHaveLength(1)
  })
  test('with rejectRecord a file of bad records only is rejected', async () => {
    expect((await small('rows', file('a.csv', orderFile(orderRow('2', 'much')))))[0]?.kind).toBe('rejected')
  })
  test('with rejectRecord a file that cannot be read to its end is rejected whole', async () => {
    const [result] = await small('rows', file('a.csv', `${orderFile(orderRow('1'))}2;"open quote`))
    expect(result).toMatchObject({ kind: 'rejected' })
    expect(await company.orders()).toEqual([])
  })
  test('an empty file is rejected with its reason', async () => {
    const [result] = await small('orders', file('a.csv', ''))
    expect(result?.kind).toBe('rejected')
    expect(result?.problems[0]?.code).toBe('D005')
  })
  test('a header alone is a file of no records', async () => {
    expect((await small('orders', file('a.csv', orderFile())))[0]).toMatchObject({ kind: 'done', read: 0 })
  })
  test('a file that vanished is an error of the system, and nothing of the group is committed', async () => {
    const gone = file('a.csv', orderFile(orderRow('1')))
    rmSync(gone.path)
    await expect(small('orders', gone, file('b.csv', orderFile(orderRow('2'))))).rejects.toThrow('ENOENT')
    expect(await company.orders()).toEqual([])
  })
})

const ahead = () => readAhead(company.ledger, company.source('orders'), new AbortController().signal)
const claim = (given: ReturnType<typeof file>) => ({ ...given, recovered: false })

describe('read ahead', () => {
  test('is one big file, taken once, with the look from before it was read', async () => {
    const given = claim(file('big.csv', bigText(2_500)))
    const reading = ahead()
    reading.start([given])
    const taken = reading.take(given.path)
    expect(taken?.look?.size).toBe(statSync(given.path).size)
    expect((await taken?.big)?.checked?.findings.read).toBe(2_500)
    expect(reading.take(given.path)).toBeUndefined()
  })
  test('is no small file and no group; another file is not what was read', () => {
    const small = claim(file('small.csv', orderFile(orderRow('1'))))
    const given = claim(file('big.csv', bigText(2_500)))
    const reading = ahead()
    reading.start([small])
    expect(reading.take(small.path)).toBeUndefined()
    reading.start([given, small])
    expect(reading.take(given.path)).toBeUndefined()
    reading.start([given])
    expect(reading.take(small.path)).toBeUndefined()
  })
  test('a file that cannot be read fails for the one who takes it, and for nobody else', async () => {
    const given = claim(file('big.csv', bigText(2_500)))
    const reading = ahead()
    reading.start([given])
    rmSync(given.path)
    await expect(reading.take(given.path)?.big).rejects.toThrow('ENOENT')
    reading.start([given])
    expect(reading.take(given.path)).toBeUndefined()
  })
  test('the same bytes as the file before are known when their turn comes', async () => {
    const [first, second] = [file('a.csv', bigText(2_500)), file('b.csv', bigText(2_500))]
    const read = await readBigFile(company.ledger, company.source('orders'), second)
    expect(read.checked).toBeDefined()
    await big('orders', first)
    expect((await importReadFile(tools(), company.source('orders'), read)).kind).toBe('known')
  })
})

describe('big files', () => {
  test('are committed in slices and known afterwards', async () => {
    const given = file('big.csv', bigText(2_500))
    expect(statSync(given.path).size).toBeGreaterThan(smallFile)
    const before = await company.ledger.changeStamp()
    const progress: number[] = []
    const result = await importBigFile(tools(), company.source('orders'), given, {
      onProgress: (done, total) => progress.push(done / total),
    })
    expect(result).toMatchObject({ kind: 'done', read: 2_500, refused: 0 })
    expect((await company.ledger.changeStamp()) - before).toBe(Math.ceil(2_500 / sliceRecords))
    expect(progress.at(-1)).toBe(1)
    expect(await company.orders()).toHaveLength(2_500)
    expect((await big('orders', given)).kind).toBe('known')
  })
  test('stopped between slices, goes on where it was, and each record counts once', async () => {
    const given = file('big.csv', bigText(2_500))
    const stop = new AbortController()
    const impatient = { ...tools(), now: () => (stop.abort(), company.clock.now()) }
    await expect(importBigFile(impatient, company.source('orders'), given, { signal: stop.signal })).rejects.toThrow()
    const [stored] = await company.ledger.files('orders', 1)
    expect(stored).toMatchObject({ state: 'importing', position: sliceRecords })
    expect(await company.orders()).toHaveLength(sliceRecords)
    expect(await big('orders', given)).toMatchObject({ kind: 'done', read: 2_500 })
    expect((await company.ledger.files('orders', 1))[0]).toMatchObject({
      state: 'done',
      position: 2_500,
      counts: { read: 2_500, applied: 2_500 },
    })
    expect(await company.orders()).toHaveLength(2_500)
  })
  test('are looked through before: one bad record at the end, and nothing counts', async () => {
    const given = file('big.csv', bigText(2_500, [2_500]))
    expect(await big('orders', given)).toMatchObject({ kind: 'rejected', read: 2_500, refused: 1 })
    expect(await company.orders()).toEqual([])
    expect(await big('rows', given)).toMatchObject({ kind: 'partial', read: 2_500, refused: 1 })
    expect(await company.orders()).toHaveLength(2_499)
  })
  test('that cannot be read to the end have no effect, also with rejectRecord, and count when mended', async () => {
    const text = bigText(2_500)
    expect((await big('rows', file('big.csv', `${text}2501;"open`))).kind).toBe('rejected')
    expect(await company.orders()).toEqual([])
    expect((await company.ledger.files('rows', 1))[0]).toMatchObject({ state: 'rejected', position: 0 })
    expect((await big('rows', file('big.csv', text))).kind).toBe('done')
    expect(await company.orders()).toHaveLength(2_500)
  })
  test('keep every refused row, however many', async () => {
    const bad = Array.from({ length: 1_500 }, (_, i) => i + 1)
    const result = await big('rows', file('big.csv', bigText(2_500, bad)))
    expect(result).toMatchObject({ kind: 'partial', refused: 1_500 })
    expect(
      Buffer.from(result.rejected ?? [])
        .toString()
        .trim()
        .split('\n'),
    ).toHaveLength(1_501)
    expect(result.problems).toHaveLength(1_000)
  })
})
