import { spawnSync } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Cli } from '../../src/cli/context.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { emptyBatch } from '../../src/core/batch.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { orderOf } from '../workflow/sample-records.ts'
import { lines, openShop, orders, payments, type Shop, startProgram } from './sample-shop.ts'

let shop: Shop
const children: ChildProcessWithoutNullStreams[] = []
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await shop[Symbol.asyncDispose]()
})

test('the needed Node version in main.ts is the one of package.json', async () => {
  const main = await readFile(new URL('../../src/cli/main.ts', import.meta.url), 'utf8')
  const { engines } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    engines: { node: string }
  }
  const [, major, minor] = /neededNode = \[(\d+), (\d+)\]/.exec(main) ?? []
  expect(engines.node).toBe(`>=${major}.${minor}`)
  expect(main.split('\n').filter((line) => line.startsWith('import '))).toEqual([])
})

test('a mistyped command or option is answered with what was meant and code 64, help and version with 0', async () => {
  const [wrong, wrongVerb, wrongOption, help, version, nothing] = await Promise.all([
    shop.spawn(['ordres']),
    shop.run(['orders', 'confrim', 'X']),
    shop.run(['import', 'x', '--dryrun']),
    shop.run(['orders', 'confirm', '--help']),
    shop.run(['--version']),
    shop.spawn([]),
  ])
  expect(wrong).toEqual({ code: 64, out: '', err: "error: unknown command 'ordres'\n(Did you mean orders?)\n" })
  expect(wrongVerb).toMatchObject({ code: 64, err: expect.stringMatching(/Did you mean confirm/) as string })
  expect(wrongOption).toMatchObject({ code: 64, err: expect.stringMatching(/Did you mean --dry-run/) as string })
  expect(help).toMatchObject({
    code: 0,
    out: expect.stringMatching(/--json[\s\S]*Example:\n {2}orderly orders confirm/) as string,
  })
  expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(nothing).toMatchObject({
    code: 0,
    out: expect.stringMatching(/Exit codes:[\s\S]*75 {2}run: already running/) as string,
  })
})

test('every command and verb has a description and an example in its help', async () => {
  const none = { write: () => true }
  const program = await buildProgram(new Cli({ out: none, err: none, input: process.stdin, env: {}, folder: '.' }))
  const leaves = program.commands.flatMap((one) => (one.commands.length === 0 ? [one] : one.commands))
  expect(leaves.length).toBeGreaterThan(35)
  for (const leaf of leaves) {
    let text = ''
    leaf.configureOutput({ writeOut: (part) => void (text += part) })
    leaf.outputHelp()
    expect(text, leaf.name()).toMatch(/Examples?:\n {2}orderly /)
    expect(leaf.description(), leaf.name()).not.toBe('')
  }
})

const hostile = '\u001b]0;owned\u0007\u001b[2J\u202e\r\nconfirmed\u009b31m'
// oxlint-disable-next-line no-control-regex -- that there are none is the point
const unruly = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/

test('an order number with escape sequences and line breaks reaches the terminal as text only', async () => {
  await shop.write('ORD1.csv', orders)
  expect((await shop.run(['import', 'ORD1.csv'])).code).toBe(0)
  const id = await storeHostileOrder()
  const words = [
    ['orders', 'list'],
    ['orders', 'list', '--json'],
    ['orders', 'show', id],
    ['orders', 'show', id, '--json'],
    ['orders', 'history', id],
    ['why', id],
    ['orders', 'confirm', id],
    ['orders', 'mark-paid', id, '--dry-run'],
    ['orders', 'set-status', hostile, id],
    ['messages', 'list'],
    ['payments', 'list'],
    ['orders', 'show', hostile],
    [hostile],
  ]
  const results = [await shop.spawn(['orders', 'list']), ...(await Promise.all(words.map((each) => shop.run(each))))]
  for (const { out, err } of results) {
    expect(out + err).not.toMatch(unruly)
    expect((out + err).split('\n').filter((line) => line.startsWith('confirmed'))).toEqual([])
  }
  expect(results[0]?.out).toContain('\\e]0;owned\\u{7}\\e[2J\\u{202e}\\r\\nconfirmed\\u{9b}31m')
  expect(lines<{ number: string }>(results[2]?.out ?? '').at(-1)?.number).toBe(hostile)
})

test('a file with a hostile name and content is rejected without steering the terminal', async () => {
  const name = 'ORD\u001b[2J\u202e.csv'
  await shop.write(name, orders.replace('50.00', '\u001b[31mfifty'))
  const { code, out, err } = await shop.run(['import', name])
  expect([code, out + err]).toEqual([65, expect.not.stringMatching(unruly)])
})

async function storeHostileOrder(): Promise<string> {
  await using ledger = await openLedger(shop.path('var/ledger.db'), { busyTimeoutMs: 1_000 })
  const order = orderOf({
    number: hostile,
    gross: 100,
    version: 0,
    channel: 'web',
    customer: { name: hostile, email: `${hostile}@x` },
    status: hostile,
  })
  const cause = { kind: 'file', actor: hostile, configHash: '' } as const
  const event = {
    name: 'order.imported',
    subject: order.id,
    at: 1,
    text: hostile,
    after: { [hostile]: hostile },
  } as const
  await ledger.commit({ ...emptyBatch(cause, 1), put: [order], events: [event] })
  return order.id
}

test('a reader that goes away is no error', async () => {
  await shop.write('ORD1.csv', orders)
  await shop.spawn(['import', 'ORD1.csv'])
  const child = startProgram(shop.folder, ['doctor'])
  child.stdout.destroy()
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  expect([code, err]).toEqual([0, ''])
})

async function startDaemon(): Promise<ChildProcessWithoutNullStreams> {
  const child = startProgram(shop.folder, ['run'])
  children.push(child)
  let text = ''
  await new Promise<void>((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${text}`)))
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.includes('orderly is running')) resolve()
      })
    }
  })
  return child
}

test('the daemon runs once for a data folder, is seen by status, works with the command line, and ends on SIGTERM', async () => {
  expect((await shop.run(['status'])).code).toBe(1)
  const daemon = await startDaemon()
  expect(await shop.spawn(['run'])).toMatchObject({
    code: 75,
    err: expect.stringMatching(/orderly runs already on/) as string,
  })
  const healthy = await until(async () => (await shop.run(['status', '--json'])).code === 0)
  expect(healthy).toBe(true)
  expect(lines((await shop.run(['status', '--json'])).out)[0]).toMatchObject({
    verdict: 'running',
    daemon: { pid: daemon.pid },
    books: { balanced: true },
  })
  await shop.write('ORD1.csv', orders)
  await shop.write('BANK1.csv', payments)
  expect((await shop.run(['import', 'ORD1.csv', 'BANK1.csv'])).code).toBe(0)
  const sent = await until(
    async () => lines((await shop.run(['messages', 'list', '--state', 'accepted', '--json'])).out).length === 2,
  )
  expect(sent).toBe(true)
  const ended = new Promise<number | null>((resolve) => daemon.once('close', resolve))
  daemon.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(await shop.run(['status'])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^not running: stopped at /) as string,
  })
})

async function until(holds: () => Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < 60; i++) {
    if (await holds()) return true
    await pause(200)
  }
  return false
}

test('a daemon that is silent for long is not healthy', async () => {
  const at = new Date(Date.now() - 60_000).toISOString()
  const document = {
    version: '1',
    state: 'running',
    pid: 1,
    startedAt: at,
    updatedAt: at,
    config: { hash: '', file: '', loadedAt: at },
    imports: {},
    exports: {},
    transports: {},
    queue: [],
    errors: [],
  }
  await shop.write('var/status.json', JSON.stringify(document))
  expect(await shop.run(['status', '--data', 'var'])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^not heard of for /) as string,
  })
  await shop.write('var/status.json', '{"cut')
  expect((await shop.run(['status', '--data', 'var'])).code).toBe(1)
})

test('a bad config or a ledger that needs a person ends with 78, before anything runs', async () => {
  await shop.write('bad.yaml', 'version: 1\nunknown: yes\n')
  expect(await shop.spawn(['run', '--config', 'bad.yaml'])).toMatchObject({
    code: 78,
    err: expect.stringMatching(/unknown.*\(C010\)[\s\S]*The daemon does not start/) as string,
  })
  expect(await shop.run(['run', '--config', 'missing.yaml'])).toMatchObject({ code: 78 })
  await shop.write('var/ledger.db', 'this is no database, but it is long enough to be taken for something else')
  expect(await shop.run(['orders', 'list'])).toMatchObject({
    code: 78,
    err: expect.stringMatching(/not a ledger of Orderly/) as string,
  })
})

test('a ledger of a newer program is not touched: 78', async () => {
  await shop.write('ORD1.csv', orders)
  expect((await shop.run(['import', 'ORD1.csv'])).code).toBe(0)
  {
    using db = new DatabaseSync(shop.path('var/ledger.db'))
    db.exec('pragma user_version = 99')
  }
  expect(await shop.run(['orders', 'confirm', 'WEB-1'])).toMatchObject({
    code: 78,
    err: expect.stringMatching(/Start the newer Orderly again/) as string,
  })
  expect((await shop.spawn(['run'])).code).toBe(78)
})

test('looking at a ledger that is not there makes nothing and says so', async () => {
  expect(await shop.run(['orders', 'list'])).toMatchObject({
    code: 66,
    err: expect.stringMatching(/there is no ledger at .* yet/) as string,
  })
  expect(await shop.run(['--config', 'orders', 'orders', 'list'])).toMatchObject({ code: 78 })
})

test('the completion script for bash offers commands, verbs and options', async () => {
  const { out, code } = await shop.run(['completion', 'bash'])
  expect(code).toBe(0)
  const complete = (...words: readonly string[]): string =>
    spawnSync(
      'bash',
      [
        '-c',
        `${out}\nCOMP_WORDS=(orderly ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _orderly; echo "\${COMPREPLY[*]}"`,
      ],
      { encoding: 'utf8' },
    ).stdout.trim()
  expect(complete('ord')).toBe('orders')
  expect(complete('orders', 'de')).toBe('deliver')
  expect(complete('--json', 'orders', 'deliver', 'X', '--document-n')).toBe('--document-number')
  expect(complete('preview', 'customer/ready', '--la')).toBe('--language')
  expect(complete('completion', 'z')).toBe('zsh')
  expect((await shop.run(['completion', 'fish'])).code).toBe(64)
})
