import { mkdir, readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyBatch } from '../../src/core/batch.ts'
import { exportTarget, finishOpenFiles } from '../../src/dispatch/exports/file.ts'
import type { ExportFile } from '../../src/ledger/ledger.ts'
import { actOnExport, type ExportVerb } from '../../src/operator/act-on-export.ts'
import { movableClock } from '../../src/platform/clock.ts'
import { listLog } from '../neighbours/silent-log.ts'
import { importedAt, type Office, openOffice } from './books-of.ts'

let office: Office
let held: ExportFile
beforeEach(async () => {
  office = await openOffice()
  const taken = await office.ledger.takeExport('status', () => 'STATUS_000001.csv', importedAt, 100)
  if (taken === undefined) throw new Error('no line waits')
  const at = { id: taken.id, at: importedAt }
  const cause = { kind: 'delivery', actor: 'daemon', configHash: '' } as const
  // As after a crash: placed with its hash recorded, and gone since.
  await office.ledger.commit({
    ...emptyBatch(cause, importedAt),
    exportFiles: [{ ...at, state: 'writing', sha256: 'ab'.repeat(32) }],
  })
  await office.ledger.commit({
    ...emptyBatch(cause, importedAt),
    exportFiles: [{ ...at, state: 'held', reason: 'gone' }],
  })
  held = await stored()
})
afterEach(async () => await office[Symbol.asyncDispose]())

async function stored(): Promise<ExportFile> {
  const [file] = await office.ledger.exportFiles('status', 1)
  if (file === undefined) throw new Error('no file')
  return file
}
const give = (verb: ExportVerb, file: ExportFile, dryRun = false) =>
  actOnExport(office.ledger, office.current.setup, verb, file, { actor: 'cli:anna', now: importedAt + 1, dryRun })

test('a repeated file loses its hash, and the daemon writes the same lines under the same name', async () => {
  expect(held).toMatchObject({ state: 'held', sha256: 'ab'.repeat(32) })
  expect((await give('repeat', held)).kind).toBe('done')
  const waiting = await stored()
  expect([waiting.state, waiting.sha256]).toEqual(['writing', undefined])

  const { setup, loaded } = office.current
  const config = loaded.config.exports['status']
  if (config === undefined) throw new Error('no export')
  const tools = { ledger: office.ledger, setup, clock: movableClock(importedAt), log: listLog() }
  await mkdir(office.shop.path('out/status'), { recursive: true })
  await finishOpenFiles(tools, exportTarget('status', config, loaded.folder, undefined))
  expect((await stored()).state).toBe('written')
  expect(await readdir(office.shop.path('out/status'))).toEqual(['STATUS_000001.csv'])
  expect(await readFile(office.shop.path('out/status/STATUS_000001.csv'), 'utf8')).toContain('WEB-1')
})

test('a settled file counts as written, with the person in its history', async () => {
  expect((await give('settle', held)).kind).toBe('done')
  expect((await stored()).state).toBe('written')
  const last = (await office.ledger.eventsOf(held.id)).at(-1)
  expect([last?.name, last?.actor]).toEqual(['export.written', 'cli:anna'])
})

test('a settled clearing file has its record, as if the daemon had written it', async () => {
  const { setup } = office.current
  const { status } = setup.config.exports
  if (status === undefined) throw new Error('no export')
  const config = { ...setup.config, exports: { status: { ...status, kind: 'clearing' as const } } }
  const options = { actor: 'cli:anna', now: importedAt + 1, dryRun: false }
  await actOnExport(office.ledger, { ...setup, config }, 'settle', held, options)
  const [record] = await office.ledger.records({ kind: 'clearingFile', limit: 2 })
  expect(record).toMatchObject({ name: 'STATUS_000001.csv', state: 'exported' })
})

test('a dry run changes nothing; what is no longer held is refused or the same', async () => {
  expect((await give('repeat', held, true)).kind).toBe('wouldDo')
  expect((await stored()).state).toBe('held')
  await give('settle', held)
  const written = await stored()
  expect((await give('settle', written)).kind).toBe('same')
  expect(await give('repeat', written)).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(/only while it is held/) as string,
  })
})
