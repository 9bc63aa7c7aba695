import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SmsToSend } from '../../../src/dispatch/sms/account.ts'
import { openSmsFiles } from '../../../src/dispatch/sms/files.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sms-files-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const message = (rest: Partial<SmsToSend> = {}): SmsToSend => ({
  id: 'msg_abc',
  sms: { sender: 'SHOP', text: 'Your order ő is here', alphabet: 'ucs2', parts: 1 },
  recipient: '+36301234567',
  accepted: [],
  ...rest,
})

describe('the files transport', () => {
  it('writes one file a message, with addresses and text', async () => {
    const account = openSmsFiles({ folder })
    expect(await account.verify()).toEqual({ kind: 'ok' })
    expect((await account.send(message())).outcome.kind).toBe('accepted')
    expect(await readdir(folder)).toEqual(['msg_abc.sms.txt'])
    expect(await readFile(join(folder, 'msg_abc.sms.txt'), 'utf8')).toBe(
      'To: +36301234567\nFrom: SHOP\nParts: 1 (ucs2)\n\nYour order ő is here\n',
    )
  })

  it('accepts a message again that it wrote before a crash, and leaves the file alone', async () => {
    const account = openSmsFiles({ folder })
    await account.send(message())
    const again = await account.send(message({ sms: { ...message().sms, text: 'other' } }))
    expect(again.outcome).toEqual({ kind: 'accepted', response: 'exists msg_abc.sms.txt' })
    expect(await readFile(join(folder, 'msg_abc.sms.txt'), 'utf8')).toContain('is here')
  })

  it('has a part for each part of a long text', async () => {
    const sms = { sender: 'SHOP', text: 'x'.repeat(400), alphabet: 'gsm' as const, parts: 3 }
    const attempt = await openSmsFiles({ folder }).send(message({ sms }))
    expect(attempt.parts?.map(({ part }) => part)).toEqual([1, 2, 3])
  })

  it('refuses what the gateway would refuse, and an id cannot leave the folder', async () => {
    const account = openSmsFiles({ folder })
    expect((await account.send(message({ recipient: '123\nFrom: x' }))).outcome.kind).toBe('refused')
    await account.send(message({ id: '../../evil' }))
    expect(await readdir(folder)).toEqual(['______evil.sms.txt'])
  })

  it('defers while the folder is away', async () => {
    const account = openSmsFiles({ folder: join(folder, 'gone') })
    expect(await account.verify()).toMatchObject({ kind: 'failed' })
    expect((await account.send(message())).outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
  })

  it('gives no more leases once closed', async () => {
    const account = openSmsFiles({ folder })
    expect(account.free()).toBeGreaterThan(0)
    await account.close({ graceMs: 0 })
    expect([account.free(), account.state().kind]).toEqual([0, 'closed'])
  })
})
