/** Whoever may write in an exchange folder must not get more than that: no other file read or written, no standstill. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimsIn } from '../../src/intake/claims.ts'
import { putAway } from '../../src/intake/put-away.ts'
import { stagedFile } from '../../src/platform/staged-file.ts'
import { lines, orders } from '../cli/sample-shop.ts'
import { openRunningShop, patience, type RunningShop } from './running-shop.ts'

let shop: RunningShop
const servers: Server[] = []
beforeEach(async () => {
  shop = await openRunningShop()
})
afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  await shop[Symbol.asyncDispose]()
})

const inFolder = (...names: readonly string[]): string => shop.path(join('in/orders', ...names))
const orderFile = (number: string): string => orders.split('\n').slice(0, 2).join('\n').replace('WEB-1', number) + '\n'
async function drop(name: string, text: string): Promise<void> {
  await shop.write('in/orders/.part', text)
  renameSync(inFolder('.part'), inFolder(name))
}
const numbers = async (): Promise<readonly string[]> =>
  lines<{ number: string }>((await shop.run(['orders', 'list', '--json'])).out)
    .map(({ number }) => number)
    .toSorted()
const arrived = (number: string) => expect.poll(numbers, patience).toContain(number)

/** Every text below the folders of the exchange, and what the daemon knows and says; looked at anew when a file moved. */
function everything(): string {
  for (;;) {
    try {
      return readAll()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
}

function readAll(): string {
  const files = ['in', 'out', 'var'].flatMap((name) =>
    existsSync(shop.path(name)) ? readdirSync(shop.path(name), { recursive: true, withFileTypes: true }) : [],
  )
  const texts = files
    .filter((entry) => entry.isFile() && !entry.name.startsWith('lock.db'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  return texts.join('\n') + shop.log()
}

const secret = 'No;Total;Name\nSECRET-77;x;TopSecret\n'
/** The machine of a test may be busy with others. */
const slow = 90_000

const hostileNames = [
  'x..%2f..%2fetc%2fpasswd',
  '-rf',
  '~root',
  '$(touch owned).csv',
  '`touch owned`.csv',
  'a\nb\u001b[2J\u202e.csv',
  'x'.repeat(250),
  'con.csv',
  '{{order.number}}.csv',
  '=cmd|calc.csv',
]
// oxlint-disable-next-line no-control-regex -- that there are none is the point
const unruly = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/

test(
  'links, pipes, sockets and folders are not read, not even among the claimed; hostile names are names',
  { timeout: slow },
  async () => {
    const outside = await shop.write('private/secret.csv', secret)
    mkdirSync(shop.path('var'), { mode: 0o750 })
    writeFileSync(shop.path('var/owner'), '0123abcd\n')
    mkdirSync(inFolder('.orderly'), { recursive: true })
    symlinkSync(outside, inFolder('.orderly', '0123abcd-0-1~ORD1.csv'))
    execFileSync('mkfifo', [inFolder('.orderly', '0123abcd-0-2~ORD2.csv')])
    symlinkSync(outside, inFolder('ORD1.csv'))
    symlinkSync('/dev/zero', inFolder('ORD2.csv'))
    execFileSync('mkfifo', [inFolder('ORD3.csv')])
    mkdirSync(inFolder('ORD4.csv'))
    servers.push(createServer().listen(inFolder('ORD5.csv')))
    await expect.poll(() => existsSync(inFolder('ORD5.csv'))).toBe(true)
    for (const [i, name] of hostileNames.entries()) await shop.write(`in/orders/${name}`, orderFile(`WEB-${i}`))
    await shop.write('in/orders/bad\u001b[31m.csv', 'No;Total\n\u001b[2JX;none\n')
    await shop.write('in/orders/.a', orderFile('WEB-0'))
    linkSync(inFolder('.a'), inFolder('twin.csv'))

    await shop.start()
    await expect.poll(async () => (await numbers()).length, patience).toBe(hostileNames.length)
    await expect
      .poll(() => existsSync(inFolder('rejected')) && readdirSync(inFolder('rejected')).length, patience)
      .toBe(3)
    await expect.poll(() => existsSync(inFolder('duplicate')), patience).toBe(true)
    expect(everything()).not.toContain('TopSecret')
    expect(readFileSync(outside, 'utf8')).toBe(secret)
    const left = readdirSync(inFolder()).filter((name) => name.startsWith('ORD'))
    expect(left.toSorted()).toEqual([1, 2, 3, 4, 5].map((n) => `ORD${n}.csv`))
    expect(readdirSync(shop.folder).toSorted()).toEqual(['config', 'in', 'out', 'private', 'var'])
    expect(existsSync('owned')).toBe(false)
    const text = readdirSync(inFolder('rejected')).find((name) => name.endsWith('.problems.txt')) ?? ''
    expect(readFileSync(inFolder('rejected', text), 'utf8')).not.toMatch(unruly)
    expect(shop.log()).not.toMatch(unruly)
    for (const line of shop.log().trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('level')
  },
)

test('a link that takes the place of a file just before the claim is neither followed nor waited for', () => {
  mkdirSync(inFolder(), { recursive: true })
  writeFileSync(shop.path('secret'), secret)
  symlinkSync(shop.path('secret'), inFolder('ORD1.csv'))
  execFileSync('mkfifo', [inFolder('ORD2.csv')])
  const claims = claimsIn(inFolder(), 'aaaaaaaa')
  expect([claims.take('ORD1.csv'), claims.take('ORD2.csv')]).toEqual([undefined, undefined])
  expect(claimsIn(inFolder(), 'aaaaaaaa').left(0)).toEqual([])
})

test.each(['processed', 'rejected', 'duplicate'] as const)(
  'a link in the place of %s leads no file elsewhere: it stays claimed',
  async (kind) => {
    mkdirSync(shop.path('private'))
    mkdirSync(inFolder(), { recursive: true })
    symlinkSync(shop.path('private'), inFolder(kind))
    writeFileSync(inFolder('ledger.db-journal'), 'x')
    const claim = claimsIn(inFolder(), 'aaaaaaaa').take('ledger.db-journal')
    if (claim === undefined) throw new Error('not claimed')
    const place = kind === 'processed' ? { kind, day: '2026-03-14', delete: false } : { kind }
    const findings = { problems: [], read: 1, refused: 1 }
    await expect(putAway(inFolder(), claim, place, findings)).rejects.toThrow(
      /symbolic link; files are moved into real/,
    )
    expect([readdirSync(shop.path('private')), existsSync(claim.path)]).toEqual([[], true])
  },
)

test('a link in the place of the claim folder takes no file away', () => {
  mkdirSync(shop.path('private'))
  mkdirSync(inFolder(), { recursive: true })
  symlinkSync(shop.path('private'), inFolder('.orderly'))
  writeFileSync(inFolder('ORD1.csv'), 'x')
  const claims = claimsIn(inFolder(), 'aaaaaaaa')
  expect(() => claims.take('ORD1.csv')).toThrow(/symbolic link/)
  expect(() => claims.left(0)).toThrow(/symbolic link/)
  expect([readdirSync(shop.path('private')), existsSync(inFolder('ORD1.csv'))]).toEqual([[], true])
})

test(
  'a pipe, a link or a folder under the name of an export file is taken for foreign: held, not followed, no standstill',
  { timeout: slow },
  async () => {
    await shop.configure('when: "0 18 * * *"', 'when: atOnce')
    mkdirSync(shop.path('out/status'), { recursive: true })
    execFileSync('mkfifo', [shop.path('out/status/STATUS_000001.csv')])
    const outside = await shop.write('private/other.txt', 'theirs')
    symlinkSync(outside, shop.path('out/status/STATUS_000002.csv'))
    await shop.start()
    const states = async () =>
      lines<{ name: string; state: string }>((await shop.run(['exports', 'list', '--json'])).out)
        .map(({ name, state }) => `${name} ${state}`)
        .toSorted()
    for (const n of [1, 2]) {
      await drop(`ORD${n}.csv`, orderFile(`WEB-${n}`))
      await arrived(`WEB-${n}`)
      expect((await shop.run(['orders', 'set-status', 'shipped', `WEB-${n}`])).code).toBe(0)
      await expect.poll(async () => (await states()).length, patience).toBeGreaterThanOrEqual(n)
    }
    const wanted = ['STATUS_000001.csv held', 'STATUS_000002.csv held', 'STATUS_000003.csv written']
    await expect.poll(async () => (await states()).slice(0, 3), patience).toEqual(wanted)
    expect(readFileSync(outside, 'utf8')).toBe('theirs')
    expect(lstatSync(shop.path('out/status/STATUS_000001.csv')).isFIFO()).toBe(true)
  },
)

test('what lies under the temporary name of an export file is not written into', async () => {
  const theirs = await shop.write('private/ledger.db', 'precious')
  mkdirSync(shop.path('out'))
  symlinkSync(theirs, shop.path('out/.xfl_1.tmp'))
  const staged = stagedFile(shop.path('out'), 'S1.csv', 'xfl_1')
  await staged.stage(Buffer.from('a;b\n'))
  expect(await staged.place()).toBe('written')
  expect([readFileSync(theirs, 'utf8'), readFileSync(shop.path('out/S1.csv'), 'utf8')]).toEqual(['precious', 'a;b\n'])
  expect(statSync(shop.path('out/S1.csv')).nlink).toBe(1)
})
