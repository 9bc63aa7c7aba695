import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, utimesSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyBatch, type NewExportLine } from '../../../src/core/batch.ts'
import { exportLineId } from '../../../src/core/ids.ts'
import { deliveryCause } from '../../../src/dispatch/dispatcher.ts'
import { type ExportTarget, exportTarget, finishOpenFiles, writeNextFile } from '../../../src/dispatch/exports/file.ts'
import { startExportLoop } from '../../../src/dispatch/exports/loop.ts'
import { exportName } from '../../../src/dispatch/exports/name.ts'
import { sweepLeftOvers } from '../../../src/dispatch/exports/sweep-left-overs.ts'
import { stagedFile } from '../../../src/platform/staged-file.ts'
import { type Company, type Config, noon, openCompany } from '../../neighbours/company.ts'

let company: Company
const loops: AsyncDisposable[] = []
const open = async (change?: (config: Config) => void): Promise<void> => {
  company = await openCompany(change)
  mkdirSync(company.path('out', 'status'), { recursive: true })
}
beforeEach(async () => await open())
afterEach(async () => {
  for (const loop of loops.splice(0)) await loop[Symbol.asyncDispose]()
  await company[Symbol.asyncDispose]()
})

const tools = () => ({ ledger: company.ledger, setup: company.setup, clock: company.clock, log: company.log })
function target(change: Partial<ExportTarget['config']> = {}): ExportTarget {
  const config = company.current.loaded.config.exports['status']
  if (config === undefined) throw new Error('no export')
  return exportTarget('status', { ...config, ...change }, company.current.loaded.folder, undefined)
}
const line = (number: string, more: object = {}): NewExportLine => ({
  id: exportLineId('status', number),
  export: 'status',
  dedupeKey: number,
  subject: `ord_${number}`,
  fields: { order: number, status: 'received', ...more },
})
const add = (...lines: NewExportLine[]) =>
  company.ledger.commit({ ...emptyBatch(deliveryCause(company.setup), noon), exports: lines })
const files = async () => (await company.ledger.exportFiles('status', 10)).toReversed()
const out = () => company.names('out', 'status')
const text = (name: string) => readFileSync(company.path('out', 'status', name), 'utf8')
const sha = (name: string) => createHash('sha256').update(text(name)).digest('hex')
const alarms = async () =>
  (await company.ledger.messages({ limit: 50 })).filter(({ template }) => template === 'alarm/alarm')
const events = async () =>
  (await company.ledger.eventsOf((await files())[0]?.id ?? ''))
    .map(({ name }) => name)
    .filter((name) => name !== 'alarm.raised')

/** A file whose sequence, name and lines are fixed, and nothing written. */
async function taken() {
  await add(line('1'), line('2'))
  const file = await company.ledger.takeExport('status', (seq) => `S${String(seq).padStart(6, '0')}.csv`, noon, 100)
  if (file === undefined) throw new Error('nothing taken')
  mkdirSync(company.path('out', 'status'), { recursive: true })
  return file
}
/** What a whole run would have written. */
async function bytes(): Promise<Buffer> {
  await using other = await openCompany()
  mkdirSync(other.path('out', 'status'), { recursive: true })
  await other.ledger.commit({ ...emptyBatch(deliveryCause(company.setup), noon), exports: [line('1'), line('2')] })
  const config = other.current.loaded.config.exports['status']
  if (config === undefined) throw new Error('no export')
  const twin = exportTarget('status', config, other.current.loaded.folder, undefined)
  await writeNextFile({ ...tools(), ledger: other.ledger, setup: other.setup }, twin)
  return readFileSync(other.path('out', 'status', 'S000001.csv'))
}
const recordHash = (id: `xfl_${string}`, sha256: string) =>
  company.ledger.commit({
    ...emptyBatch(deliveryCause(company.setup), noon),
    exportFiles: [{ id, at: noon, state: 'writing', sha256 }],
  })

describe('a run without disturbance', () => {
  test('writes all open lines, numbers without a gap, and nothing when nothing is open', async () => {
    await add(line('1'), line('2'))
    await writeNextFile(tools(), target())
    expect(await writeNextFile(tools(), target())).toBeUndefined()
    await add(line('3'))
    await writeNextFile(tools(), target())
    expect(out()).toEqual(['S000001.csv', 'S000002.csv'])
    expect(text('S000001.csv').trim().split('\n')).toHaveLength(3)
    expect((await files()).map(({ state, sequence, sha256 }) => [state, sequence, sha256])).toEqual([
      ['written', 1, sha('S000001.csv')],
      ['written', 2, sha('S000002.csv')],
    ])
    expect(readdirSync(company.path('out', 'status')).filter((name) => name.startsWith('.'))).toEqual([])
  })
  test('a file holds no more than maxLines; the done file comes last', async () => {
    await add(line('1'), line('2'), line('3'))
    const small = target({ maxLines: 2, doneFile: '{name}.done' })
    while ((await writeNextFile(tools(), small)) !== undefined);
    expect(out()).toEqual(['S000001.csv', 'S000001.csv.done', 'S000002.csv', 'S000002.csv.done'])
  })
})

const clearing = () => target({ kind: 'clearing', control: 'trailer', expectAnswer: '4h' })
const record = async () => {
  const [found] = await company.ledger.records({ kind: 'clearingFile', limit: 2 })
  return found?.kind === 'clearingFile' ? found : undefined
}

const ours = () => {
  const config = { ...company.setup.config, exports: { status: clearing().config } }
  return { ...tools(), setup: { ...company.setup, config } }
}

describe('a clearing file', () => {
  const entry = { type: 'goods', company: 'SK01', counterCompany: 'HU01', currency: 'EUR', date: '2026-11-22' }
  const amounts = { net: '1.00', vat: '0.27', gross: '1.27' }

  test('has its control figures and its record, which a kill after placing makes no second of', async () => {
    await add(line('1', { ...entry, ...amounts }), line('2', { ...entry, ...amounts, type: 'fee' }))
    const file = await writeNextFile(ours(), clearing())
    expect(text('S000001.csv')).toMatch(/\nFILE,status,,1,S000001\.csv,,.*,2,\nSUM,.*\nSUM,.*\nTOTAL,SK01,HU01,,EUR,2,/)
    const made = await record()
    expect(made).toMatchObject({ name: 'S000001.csv', state: 'exported', version: 1, answerBy: noon + 4 * 3_600_000 })
    expect((await company.ledger.timersUntil(noon * 2, 9)).map(({ name }) => name)).toEqual(['clearing.answer'])
    await recordHash(file?.id ?? 'xfl_', sha('S000001.csv'))
    await finishOpenFiles(ours(), clearing())
    expect((await files())[0]?.state).toBe('written')
    expect(await record()).toEqual(made)
  })

  test('that was placed before a kill gets its record when it is finished', async () => {
    await add(line('1', { ...entry, ...amounts }))
    const file = await company.ledger.takeExport('status', (n) => `S${String(n).padStart(6, '0')}.csv`, noon, 100)
    await finishOpenFiles(ours(), clearing())
    expect(await record()).toMatchObject({ sequence: file?.sequence, entries: ['ord_1'] })
  })

  test('for people has no record: nobody answers it', async () => {
    await add(line('1', { ...entry, ...amounts }))
    await writeNextFile(ours(), target({ kind: 'clearing', audience: 'human' }))
    expect([(await files())[0]?.state, await record()]).toEqual(['written', undefined])
  })
})

describe('after a kill', () => {
  test('before anything was written: written under the same name', async () => {
    await taken()
    await finishOpenFiles(tools(), target())
    expect(readFileSync(company.path('out', 'status', 'S000001.csv'))).toEqual(await bytes())
    expect((await files())[0]).toMatchObject({ state: 'written', sequence: 1 })
    expect(await alarms()).toEqual([])
  })
  test.each([['whole'], ['torn']])(
    'with a %s temporary file that was not placed: written with the same bytes',
    async (kind) => {
      const file = await taken()
      const whole = await bytes()
      await stagedFile(company.path('out', 'status'), file.name, file.id).stage(
        kind === 'whole' ? whole : whole.subarray(0, 5),
      )
      if (kind === 'whole') await recordHash(file.id, createHash('sha256').update(whole).digest('hex'))
      await finishOpenFiles(tools(), target({ onUnknown: 'hold' }))
      expect(readFileSync(company.path('out', 'status', 'S000001.csv'))).toEqual(whole)
      expect(readdirSync(company.path('out', 'status'))).toEqual(['S000001.csv'])
      expect((await files())[0]?.state).toBe('written')
    },
  )
  test('placed and still there: recorded, its done file written, nothing else touched', async () => {
    const file = await taken()
    company.write('out/status/S000001.csv', await bytes())
    await recordHash(file.id, sha('S000001.csv'))
    await finishOpenFiles(tools(), target({ doneFile: '{name}.done' }))
    expect(out()).toEqual(['S000001.csv', 'S000001.csv.done'])
    expect(await events()).toEqual(['export.written'])
  })
  test('placed and still there, and the layout was changed since: it is ours all the same', async () => {
    const file = await taken()
    company.write('out/status/S000001.csv', await bytes())
    await recordHash(file.id, sha('S000001.csv'))
    await finishOpenFiles(tools(), target({ format: { ...target().config.format, lineEnd: 'crlf' } }))
    expect((await files())[0]?.state).toBe('written')
    expect(await alarms()).toEqual([])
  })
  test('placed and gone: repeated with the same bytes and an alarm, or held', async () => {
    const file = await taken()
    const whole = await bytes()
    await recordHash(file.id, createHash('sha256').update(whole).digest('hex'))
    await finishOpenFiles(tools(), target({ onUnknown: 'hold' }))
    expect([out(), (await files())[0]?.state, (await alarms()).length]).toEqual([[], 'held', 1])
    await company.ledger.commit({
      ...emptyBatch(deliveryCause(company.setup), noon),
      exportFiles: [{ id: file.id, at: noon, state: 'writing' }],
    })
    await finishOpenFiles(tools(), target({ onUnknown: 'repeat' }))
    expect(readFileSync(company.path('out', 'status', 'S000001.csv'))).toEqual(whole)
    expect([(await files())[0]?.state, await events(), (await alarms()).length]).toEqual([
      'written',
      ['export.held', 'export.repeated', 'export.written'],
      2,
    ])
  })
  test.each([
    ['orderStatus', 'written'],
    ['clearing', 'held'],
    ['invoice', 'held'],
    ['stock', 'held'],
    ['dispatch', 'held'],
    ['orderToStore', 'held'],
  ] as const)('without a setting, %s is %s', async (kind, state) => {
    const file = await taken()
    await recordHash(file.id, 'ab'.repeat(32))
    await finishOpenFiles(tools(), target({ kind }))
    expect((await files())[0]?.state).toBe(state)
  })
})

test('a foreign file of the name is not touched; ours is held and leaves no temporary file', async () => {
  await taken()
  company.write('out/status/S000001.csv', 'of somebody else')
  await finishOpenFiles(tools(), target())
  await finishOpenFiles(tools(), target())
  expect(text('S000001.csv')).toBe('of somebody else')
  expect(readdirSync(company.path('out', 'status'))).toEqual(['S000001.csv'])
  expect([(await files())[0]?.state, (await alarms()).length]).toEqual(['held', 1])
  await add(line('3'))
  await writeNextFile(tools(), target())
  expect(out()).toEqual(['S000001.csv', 'S000002.csv'])
})

test('what the encoding cannot hold is held with its reason, and the next file goes on', async () => {
  await add(line('1', { status: 'приём' }))
  const ascii = target({
    format: { ...target().config.format, encoding: 'iso-8859-2' },
  })
  await writeNextFile(tools(), ascii)
  expect(out()).toEqual([])
  expect((await files())[0]).toMatchObject({ state: 'held' })
  expect((await alarms())[0]?.mail?.text).toContain('status')
  await add(line('2'))
  await writeNextFile(tools(), ascii)
  expect(out()).toEqual(['S000002.csv'])
})

test.each([
  ['{export}_{date}_{seq:6}.{ext}', 'status_2026-03-02_000007.csv'],
  ['{company}-{time}-{seq}.txt', 'HU01-1200-7.txt'],
  ['{seq:2}{unknown}.csv', '07_unknown_.csv'],
])('%s is named %s', (file, name) => {
  const { config } = target({ file })
  expect(
    exportName({ export: 'status', config, sequence: 7, at: noon, zone: 'Europe/Budapest', company: 'HU01' }),
  ).toBe(name)
})

test('temporary files that a kill left are removed when they are ours, finished and a day old', async () => {
  await add(line('1'))
  await writeNextFile(tools(), target({ doneFile: '{name}.done' }))
  const written = (await files())[0]
  await add(line('2'))
  const writing = await company.ledger.takeExport('status', () => 'S000002.csv', noon, 100)
  const hidden = [
    `.${written?.id}.tmp`,
    `..${written?.id}.tmp.tmp-0123456789ab`,
    '.S000001.csv.done.tmp-0123456789ab',
    `.${writing?.id}.tmp`,
    '.theirs.tmp',
    '.S000009.csv.done.tmp-0123456789ab',
  ]
  for (const name of hidden) {
    company.write(`out/status/${name}`, '')
    utimesSync(company.path('out', 'status', name), new Date(noon - 90_000_000), new Date(noon - 90_000_000))
  }
  await sweepLeftOvers(
    { ...tools(), clock: { ...company.clock, now: () => noon - 80_000_000 } },
    target({ doneFile: '{name}.done' }),
  )
  expect(readdirSync(company.path('out', 'status')).filter((name) => name.startsWith('.'))).toHaveLength(6)
  await sweepLeftOvers(tools(), target({ doneFile: '{name}.done' }))
  expect(
    readdirSync(company.path('out', 'status'))
      .filter((name) => name.startsWith('.'))
      .toSorted(),
  ).toEqual(hidden.slice(3).toSorted())
})

async function run(change: Partial<ExportTarget['config']> = {}, at = company) {
  const states: { ok: boolean }[] = []
  const { ledger, setup, clock, log, signal } = at
  const loop = startExportLoop(target(change), {
    ledger,
    setup,
    clock,
    log,
    signal,
    onPass: (state) => void states.push(state),
  })
  loops.push(loop)
  const pass = async (): Promise<boolean | undefined> => {
    const before = states.length
    loop.nudge()
    await expect.poll(() => states.length, { interval: 5, timeout: 5_000 }).toBeGreaterThan(before)
    return states.at(-1)?.ok
  }
  await expect.poll(() => states.length, { interval: 5 }).toBeGreaterThan(0)
  return { pass, loop }
}

describe('the loop', () => {
  test('the first sight of a schedule sets its beginning: nothing is caught up from before', async () => {
    await add(line('1'))
    const { pass } = await run({ when: '0 * * * *' })
    expect(out()).toEqual([])
    company.clock.advance(3_600_000)
    await pass()
    expect(out()).toEqual(['S000001.csv'])
  })
  test('slots that were missed while the daemon was down run once', async () => {
    const first = await run({ when: '0 18 * * *' })
    await first.loop[Symbol.asyncDispose]()
    company.clock.advance(5 * 86_400_000)
    await add(line('1'))
    const { pass } = await run({ when: '0 18 * * *' })
    await add(line('2'))
    await pass()
    expect(out()).toEqual(['S000001.csv'])
    expect(text('S000001.csv')).not.toContain('2,')
    company.clock.advance(86_400_000)
    await pass()
    expect(out()).toEqual(['S000001.csv', 'S000002.csv'])
  })
  test('a slot in the hour that summer time skips runs once, and one that comes twice runs once', async () => {
    company.clock.set(Date.UTC(2026, 2, 28, 12))
    const { pass } = await run({ when: '30 2 * * *' })
    const dates = [Date.UTC(2026, 2, 29, 0, 45), Date.UTC(2026, 2, 29, 1, 45), Date.UTC(2026, 2, 29, 12)]
    const written: number[] = []
    for (const [i, at] of dates.entries()) {
      await add(line(`s${i}`))
      company.clock.set(at)
      await pass()
      written.push(out().length)
    }
    // 02:30 does not exist on that day: it is 03:30 summer time, 01:30 UTC.
    expect(written).toEqual([0, 1, 1])
    company.clock.set(Date.UTC(2026, 9, 24, 12))
    await pass()
    const before = out().length
    for (const [i, at] of [
      Date.UTC(2026, 9, 25, 0, 31),
      Date.UTC(2026, 9, 25, 1, 31),
      Date.UTC(2026, 9, 25, 12),
    ].entries()) {
      await add(line(`w${i}`))
      company.clock.set(at)
      await pass()
    }
    expect(out().length - before).toBe(1)
  })
  test('while the folder is away nothing is taken and no folder is made in its place; then all of it is written', async () => {
    await add(line('1'))
    const { pass } = await run()
    expect(out()).toEqual(['S000001.csv'])
    renameSync(company.path('out'), company.path('away'))
    await add(line('2'))
    expect(await pass()).toBe(false)
    expect(existsSync(company.path('out'))).toBe(false)
    expect(await files()).toHaveLength(1)
    renameSync(company.path('away'), company.path('out'))
    expect(await pass()).toBe(true)
    expect(out()).toEqual(['S000001.csv', 'S000002.csv'])
  })
  test('a folder that was written to before is waited for at start', async () => {
    await add(line('1'))
    const first = await run()
    await first.loop[Symbol.asyncDispose]()
    rmSync(company.path('out'), { recursive: true })
    await add(line('2'))
    const { pass } = await run()
    expect(await pass()).toBe(false)
    mkdirSync(company.path('out', 'status'), { recursive: true })
    await pass()
    expect(out()).toEqual(['S000002.csv'])
  })
  test('files that the ERP takes away at once leave no question', async () => {
    const { pass } = await run()
    for (const number of ['1', '2', '3']) {
      await add(line(number))
      await pass()
      for (const name of out()) unlinkSync(company.path('out', 'status', name))
    }
    expect((await files()).map(({ state, sequence }) => `${sequence} ${state}`)).toEqual([
      '1 written',
      '2 written',
      '3 written',
    ])
    expect(await alarms()).toEqual([])
  })
})
