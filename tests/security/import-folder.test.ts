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

/** Every text below the folders of the exchange, and what the daemon knows and says. */
function everything(): string {
  const files = ['in', 'out', 'var'].flatMap((name) =>
    existsSync(shop.path(name)) ? readdirSync(shop.path(name), { recursive: true, withFileTypes: true }) : [],
  )
  const texts = files
    .filter((entry) => entry.isFile() && !entry.name.startsWith('lock.db'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  return texts.join('\n') + shop.log()
}

const secret = 'No;Total;Name\nSECRET-77;x;TopSecret\n'

test('links, pipes, sockets and folders are no import files, and stop nothing', async () => {
  const outside = await shop.write('private/secret.csv', secret)
  mkdirSync(inFolder(), { recursive: true })
  symlinkSync(outside, inFolder('ORD1.csv'))
  symlinkSync('/dev/zero', inFolder('ORD2.csv'))
  execFileSync('mkfifo', [inFolder('ORD3.csv')])
  mkdirSync(inFolder('ORD4.csv'))
  const server = createServer().listen(inFolder('ORD5.csv'))
  servers.push(server)
  await expect.poll(() => existsSync(inFolder('ORD5.csv'))).toBe(true)
  await shop.start()
  await drop('ORD6.csv', orderFile('WEB-6'))
  await arrived('WEB-6')
  expect(everything()).not.toContain('TopSecret')
  expect(
    readdirSync(inFolder())
      .filter((name) => name.startsWith('ORD'))
      .toSorted(),
  ).toEqual([1, 2, 3, 4, 5].map((n) => `ORD${n}.csv`))
  expect(readFileSync(outside, 'utf8')).toBe(secret)
})

test('links and pipes that lie among the claimed files are not read', async () => {
  const outside = await shop.write('private/secret.csv', secret)
  mkdirSync(shop.path('var'), { mode: 0o750 })
  writeFileSync(shop.path('var/owner'), '0123abcd\n')
  mkdirSync(inFolder('.orderly'), { recursive: true })
  symlinkSync(outside, inFolder('.orderly', '0123abcd-0-1~ORD1.csv'))
  execFileSync('mkfifo', [inFolder('.orderly', '0123abcd-0-2~ORD2.csv')])
  await shop.start()
  await drop('ORD3.csv', orderFile('WEB-3'))
  await arrived('WEB-3')
  expect(everything()).not.toContain('TopSecret')
})

test.each(['.orderly', 'processed', 'rejected', 'duplicate'])(
  'a link in the place of %s leads no file elsewhere; the file stays, and it is told',
  async (name) => {
    mkdirSync(shop.path('private'))
    mkdirSync(inFolder(), { recursive: true })
    symlinkSync(shop.path('private'), inFolder(name))
    await shop.start()
    const texts: Record<string, string> = { rejected: 'No;Total\nX;none\n' }
    if (name === 'duplicate') {
      await drop('ORD0.csv', orderFile('WEB-1'))
      await arrived('WEB-1')
    }
    await drop('ledger.db-journal', texts[name] ?? orderFile('WEB-1'))
    await expect.poll(() => shop.log(), patience).toMatch(/is a symbolic link; files are moved into real folders only/)
    expect(readdirSync(shop.path('private'))).toEqual([])
    const kept = name === '.orderly' ? readdirSync(inFolder()) : readdirSync(inFolder('.orderly'))
    expect(kept.some((one) => one.endsWith('ledger.db-journal'))).toBe(true)
  },
)

test('a file with two names (hard link) counts once', async () => {
  await shop.write('in/orders/.a', orderFile('WEB-9'))
  linkSync(inFolder('.a'), inFolder('.b'))
  renameSync(inFolder('.a'), inFolder('ORD1.csv'))
  renameSync(inFolder('.b'), inFolder('ORD2.csv'))
  await shop.start()
  await expect.poll(() => existsSync(inFolder('duplicate', 'ORD2.csv')), patience).toBe(true)
  expect(await numbers()).toEqual(['WEB-9'])
})

const hostileNames = [
  '..%2f..%2fetc%2fpasswd',
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

test('hostile names are names: nothing is made outside of the folder, and the log keeps its lines', async () => {
  for (const [i, name] of hostileNames.entries()) await shop.write(`in/orders/${name}`, orderFile(`WEB-${i}`))
  await shop.write('in/orders/bad\u001b[31m.csv', 'No;Total\n\u001b[2JX;none\n')
  await shop.start()
  await expect.poll(async () => (await numbers()).length, patience).toBe(hostileNames.length)
  await expect
    .poll(() => existsSync(inFolder('rejected')) && readdirSync(inFolder('rejected')).length, patience)
    .toBe(3)
  expect(readdirSync(shop.folder).toSorted()).toEqual(['config', 'in', 'out', 'var'])
  expect(existsSync('owned')).toBe(false)
  for (const line of shop.log().trimEnd().split('\n'))
    expect(Object.keys(JSON.parse(line) as object)).toContain('level')
  // oxlint-disable-next-line no-control-regex -- that there are none is the point
  expect(shop.log()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  const text = readdirSync(inFolder('rejected')).find((name) => name.endsWith('.problems.txt')) ?? ''
  // oxlint-disable-next-line no-control-regex -- a person reads it at a terminal
  expect(readFileSync(inFolder('rejected', text), 'utf8')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
})

test('a pipe, a link or a folder under the name of an export file is taken for foreign: held, not followed, no standstill', async () => {
  await shop.configure('when: "0 18 * * *"', 'when: atOnce')
  mkdirSync(shop.path('out/status'), { recursive: true })
  execFileSync('mkfifo', [shop.path('out/status/STATUS_000001.csv')])
  const outside = await shop.write('private/other.txt', 'theirs')
  symlinkSync(outside, shop.path('out/status/STATUS_000002.csv'))
  await shop.start()
  for (const n of [1, 2, 3]) {
    await drop(`ORD${n}.csv`, orderFile(`WEB-${n}`))
    await arrived(`WEB-${n}`)
    await shop.run(['orders', 'set-status', 'shipped', `WEB-${n}`])
    await expect
      .poll(async () => lines((await shop.run(['exports', 'list', '--json'])).out).length, patience)
      .toBeGreaterThanOrEqual(n)
  }
  const states = async () =>
    lines<{ name: string; state: string }>((await shop.run(['exports', 'list', '--json'])).out)
      .map(({ name, state }) => `${name} ${state}`)
      .toSorted()
  await expect
    .poll(states, patience)
    .toEqual(['STATUS_000001.csv held', 'STATUS_000002.csv held', 'STATUS_000003.csv written'])
  expect(readFileSync(outside, 'utf8')).toBe('theirs')
  expect(lstatSync(shop.path('out/status/STATUS_000001.csv')).isFIFO()).toBe(true)
})

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
