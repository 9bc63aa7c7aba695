import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { width } from '../../src/demo/columns.ts'
import { runDemo } from '../../src/demo/demo.ts'
import { checkExpectations } from '../../src/demo/expectations.ts'
import type { Matter } from '../../src/demo/matter.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('the demo tells its story, leaves its folder, and finds everything as expected', { timeout: 60_000 }, async () => {
  const place = join(await temporaryFolder(), 'demo')
  const lines: string[] = []
  const start = performance.now()
  const { ok, folder } = await runDemo({ print: (line) => lines.push(line), folder: place })
  const story = lines.join('\n')

  expect(story).not.toContain('Not as expected')
  expect(story).not.toContain('Not finished')
  expect({ ok, folder }).toEqual({ ok: true, folder: place })
  expect(performance.now() - start).toBeLessThan(30_000)
  for (const title of ['WHAT CAME IN', 'WHAT WAS SENT', 'WHAT WAS WRITTEN BACK', 'WHERE TO LOOK NEXT']) {
    expect(lines).toContain(title)
  }
  const long = lines.filter((line) => line.length > width && !line.includes(place))
  expect(long).toEqual([])
  expect(story).not.toContain('\u001b')

  const named = story.match(/(?:mails|sms|exchange)\/[^\s:]+\.(?:html|eml|txt|csv|xml|json)/g) ?? []
  expect(named.length).toBeGreaterThan(45)
  for (const file of named) await access(join(place, file))
  expect(await readdir(join(place, 'mails'))).toHaveLength(27 + 24)
  expect(await readFile(join(place, 'daemon.log'), 'utf8')).not.toContain('"level":"error"')
  expect(await readdir(join(place, 'config'))).toEqual(expect.arrayContaining(['orderly.yaml', 'demo.yaml']))
})

test('an early end leaves nothing running and is not called a success', { timeout: 20_000 }, async () => {
  const lines: string[] = []
  const options = { print: (line: string) => void lines.push(line), folder: await temporaryFolder(), quiet: true }
  const { ok } = await runDemo({ ...options, signal: AbortSignal.timeout(1_000) })
  expect(ok).toBe(false)
  expect(lines.at(-1)).toBe('The demo was stopped.')
})

test('a folder with something in it is left alone', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'mine'))
  await writeFile(join(folder, 'mine', 'letter.txt'), 'dear')
  const lines: string[] = []
  expect(await runDemo({ print: (line) => lines.push(line), folder })).toEqual({ ok: false, folder })
  expect(lines).toEqual([expect.stringContaining('is not empty')])
  expect(await readdir(folder)).toEqual(['mine'])
})

test('expectations that nothing meets are all told as such', () => {
  const nothing: Matter = {
    folder: '',
    configFile: '',
    exportNames: ['clearing', 'a-new-one'],
    dropped: [],
    orders: [],
    payments: [],
    clearing: [],
    invoices: [],
    parked: [],
    messages: [],
    parts: [],
    timers: 0,
    mails: [],
    texts: [],
    written: [],
  }
  const findings = checkExpectations(nothing)
  const failed = findings.filter(({ ok }) => !ok).map(({ what }) => what)
  expect(failed).toEqual(
    expect.arrayContaining(['orders', 'payments', 'mails accepted', 'SMS delivered', 'alarms', 'invoices']),
  )
  expect(failed).toContain('lines of export clearing')
  const strange = { from: '', to: [], subject: '', messageId: '<never-sent@x>', file: 'x.eml' }
  const twice = checkExpectations({ ...nothing, mails: [strange] })
  expect(twice.find(({ what }) => what.startsWith('mails at the mail server'))).toMatchObject({
    ok: false,
    found: '<never-sent@x>',
  })
})
