import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lines, openShop, orders, payments, type Result, type Shop } from './sample-shop.ts'

const rows = (message: string): string => `id;verb;order;status;message;reason
1;rollBack;WEB-1;;;
2;setStatus;WEB-1;checked;;
3;cancelMessage;;;${message};not needed
4;rollBack;WEB-9;;;
`

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
  await shop.write(
    'config/imports/desk.yaml',
    'kind: commands\nfolder: ../in/desk\nfiles: "CMD*.csv"\nformat: { type: csv, delimiter: ";" }\n',
  )
  await shop.write(
    'config/exports/answers.yaml',
    'kind: answers\nfolder: ../out/answers\nfile: "ANSWER_{seq:6}.csv"\nformat: { type: csv, delimiter: ";", columns: { Id: id, Result: result, Reason: reason } }\n',
  )
  await shop.write('ORD1.csv', orders)
  await shop.write('BANK1.csv', payments)
  expect(await run('import', 'ORD1.csv', 'BANK1.csv')).toMatchObject({ code: 0, err: '' })
})
afterEach(async () => {
  expect(await run('audit')).toMatchObject({ code: 0 })
  await shop[Symbol.asyncDispose]()
})

const run = (...words: readonly string[]): Promise<Result> => shop.run(words)
const storeMail = async (): Promise<string> =>
  String(
    lines((await run('messages', 'list', '--json')).out).find(({ template }) => template === 'store/new-order')?.['id'],
  )

test('orderly import carries out what a file of commands waits for, without a daemon', async () => {
  const message = await storeMail()
  await shop.write('CMD1.csv', rows(message))
  expect((await run('import', 'CMD1.csv')).out).toContain('4 records imported')
  expect((await run('orders', 'show', 'WEB-1')).out).toMatch(/status +checked/)
  expect((await run('messages', 'show', message)).out).toMatch(/cancelled.*not needed/s)
  expect((await run('why', 'WEB-1')).out).toContain('CMD1.csv')
})

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

test('the daemon carries them out and writes the answers', { timeout: 120_000 }, async () => {
  await mkdir(shop.path('in/desk'), { recursive: true })
  await shop.write('in/desk/CMD1.csv', rows('msg_none'))
  const daemon = spawn(process.execPath, [main, 'run'], { cwd: shop.folder, stdio: 'ignore' })
  const exited = once(daemon, 'exit')
  try {
    await expect
      .poll(() => answered(), { timeout: 90_000, interval: 500 })
      .toEqual(['1 done', '2 done', '3 refused', '4 refused'])
  } finally {
    daemon.kill('SIGTERM')
    await exited
  }
})

async function answered(): Promise<readonly string[]> {
  const names = await readdir(shop.path('out/answers')).catch(() => [])
  const files = await Promise.all(
    names.filter((name) => name.endsWith('.csv')).map((name) => readFile(shop.path(`out/answers/${name}`), 'utf8')),
  )
  return files
    .flatMap((text) => text.trim().split(/\r?\n/).slice(1))
    .map((line) => line.split(';').slice(0, 2).join(' '))
    .toSorted()
}
