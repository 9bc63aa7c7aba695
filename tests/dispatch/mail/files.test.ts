import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openMailFiles } from '../../../src/dispatch/mail/files.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { content, job, to } from './fixture.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderly-mail-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('writes one .eml for a message, without blind copies, and accepts it again without a second file', async () => {
  const files = openMailFiles(folder, { clock: systemClock })
  const mail = job({ recipients: [to('c@example.org'), to('hidden@x.io', 'bcc')] })
  expect((await files.send(mail)).outcome).toEqual({ kind: 'accepted', response: '250 written to msg_1.eml' })
  expect((await files.send(mail)).outcome).toEqual({ kind: 'accepted', response: '250 msg_1.eml was there already' })
  expect(await readdir(folder)).toEqual(['msg_1.eml'])
  const text = await readFile(join(folder, 'msg_1.eml'), 'utf8')
  expect(text).toContain('Message-ID: <msg_1@example.com>')
  expect(text).not.toContain('hidden')
})

it('defers when the folder cannot be written', async () => {
  await rm(folder, { recursive: true })
  const files = openMailFiles(folder, { clock: systemClock })
  expect((await files.send(job())).outcome.kind).toBe('deferred')
})

it('refuses what has no address, and an id that is a path', async () => {
  const files = openMailFiles(folder, { clock: systemClock })
  expect((await files.send(job({ recipients: [to('a@b\r\nBcc: c@d')] }))).outcome.kind).toBe('refused')
  expect((await files.send(job({ id: '../evil' }))).outcome.kind).toBe('refused')
  expect((await files.send(job({ mail: content({ from: { address: 'x' } }) }))).outcome.kind).toBe('refused')
  expect(await readdir(folder)).toEqual([])
})

it('takes nothing after it was closed', async () => {
  const files = openMailFiles(folder, { clock: systemClock })
  expect(files.free()).toBe(4)
  await files.close({ graceMs: 0 })
  expect(files.free()).toBe(0)
  expect((await files.send(job())).outcome.kind).toBe('deferred')
})
