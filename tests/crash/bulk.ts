/**
 * Kills a run over many orders again and again, goes on with it, and compares the end with a run that was not disturbed.
 *
 * `node tests/crash/bulk.ts [--orders N] [--kills N] [--seed S]`: the orders are imported and paid by the real command
 * line, then `orderly orders apply` runs over them, once in peace and once under SIGKILL. Orders, messages, documents,
 * movements and export lines must be the same. Ends with `N passed, N failed`; after a failure the folder is kept.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seeded, seedFrom } from './seeded.ts'

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '10' },
    seed: { type: 'string' },
  },
})
const [orders, kills, seed] = [Number(values.orders), Number(values.kills), seedFrom(values.seed)]
const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const config = (workflows: object): string =>
  JSON.stringify({
    version: 1,
    company: { code: 'HU01', name: 'Example Kft.' },
    languages: ['en'],
    timeZone: 'Europe/Budapest',
    currency: 'EUR',
    country: 'HU',
    templates: '../templates',
    data: '../var',
    mail: { transport: 'files', folder: '../var/mail', from: { address: 'shop@example.com' } },
    sms: { transport: 'none' },
    channels: { web: {} },
    safety: { maxPerHour: { mail: 1_000_000, perRecipient: 1_000_000 } },
    imports: {
      orders: {
        kind: 'orders',
        folder: '../in',
        channel: 'web',
        format: {
          type: 'csv',
          fields: {
            number: 'No',
            gross: 'Total',
            prepaid: 'Paid',
            'customer.email': 'Email',
            'lines.sku': 'Sku',
            'lines.quantity': 'Qty',
          },
        },
      },
    },
    exports: Object.fromEntries(
      ['orderStatus', 'invoice', 'stock', 'dispatch'].map((kind) => [
        kind,
        { kind, folder: `../out/${kind}`, when: '0 18 * * *', format: { type: 'csv' } },
      ]),
    ),
    workflows,
  })
const workflows = {
  paid: {
    kind: 'payment',
    steps: [
      { send: { to: 'customer', mail: 'customer/payment-received' } },
      { invoice: { action: 'issue' } },
      { setStatus: 'processing' },
      { stock: 'issue' },
      { dispatch: 'warehouse' },
    ],
  },
}

const row = (i: number): string => `W-${i},50.00,${i % 5 === 0 ? '20.00' : '50.00'},a${i}@example.com,S${i},2`

function prepare(folder: string): void {
  for (const name of ['config', 'in', 'templates']) mkdirSync(join(folder, name), { recursive: true })
  // The orders come while there is no workflow: applying it later is what is tried.
  writeFileSync(join(folder, 'config', 'orderly.yaml'), config({}))
  const rows = Array.from({ length: orders }, (_, i) => row(i))
  writeFileSync(join(folder, 'orders.csv'), ['No,Total,Paid,Email,Sku,Qty', ...rows].join('\n'))
}

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the program; killed after `killAfterMs` where that is given. */
async function orderly(folder: string, words: readonly string[], killAfterMs?: number): Promise<Ended> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], { cwd: folder })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()))
  const closed = once(child, 'close') as Promise<[number | null]>
  if (killAfterMs !== undefined) {
    await Promise.race([pause(killAfterMs), closed])
    child.kill('SIGKILL')
  }
  const [code] = await closed
  return { code, ...texts }
}

async function must(folder: string, words: readonly string[]): Promise<string> {
  const { code, out, err } = await orderly(folder, words)
  if (code !== 0) throw new Error(`orderly ${words.join(' ')} ended with ${code}: ${err.slice(0, 500)}`)
  return out
}

const apply = ['orders', 'apply', 'paid', '--filter', 'channel=web'] as const

/** Kills at random moments from the start of the program on, and goes on with the run each time. */
async function disturbed(folder: string): Promise<number> {
  const chance = seeded(seed)
  let killed = 0
  for (;;) {
    const [run] = (await must(folder, ['orders', 'runs', '--json'])).split('\n').filter((line) => line !== '')
    const begun = run === undefined ? undefined : (JSON.parse(run) as { readonly id: string; readonly state: string })
    if (begun?.state === 'done') return killed
    const words = begun === undefined ? apply : (['orders', 'apply', '--resume', begun.id] as const)
    const { code, err } = await orderly(folder, words, killed < kills ? chance.between(300, 2_500) : undefined)
    if (code === null) killed += 1
    else if (code !== 0) throw new Error(`ended with ${code}: ${err.slice(0, 500)}`)
  }
}

/** What a run comes to, without instants and numbers of rows. */
function ending(folder: string): ReadonlyMap<string, readonly string[]> {
  const db = new DatabaseSync(join(folder, 'var', 'ledger.db'), { readOnly: true })
  const rows = (sql: string): readonly string[] =>
    db
      .prepare(sql)
      .all()
      .map((row) => JSON.stringify(row))
  const found = new Map([
    ['records', rows("select id, kind, state, version from record where kind <> 'run' order by id")],
    ['messages', rows('select id, dedupe_key, state from message order by id')],
    ['export lines', rows("select id, json_remove(fields, '$.at', '$.by') as fields from export_line order by id")],
    ['events', rows("select name, count(*) as n from event where name not like 'run.%' group by name order by name")],
  ])
  db.close()
  return found
}

async function main(): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), 'orderly-bulk-'))
  say(`${orders} orders, ${kills} kills (--orders ${orders} --kills ${kills} --seed ${seed}) in ${work}`)
  const [calm, rough] = [join(work, 'calm'), join(work, 'rough')]
  prepare(calm)
  await must(calm, ['import', 'orders.csv'])
  writeFileSync(join(calm, 'config', 'orderly.yaml'), config(workflows))
  cpSync(calm, rough, { recursive: true })
  const began = performance.now()
  say((await must(calm, apply)).trim())
  say(`in peace: ${Math.round((performance.now() - began) / 1000)} s`)
  say(`killed ${await disturbed(rough)} times`)
  const [want, have] = [ending(calm), ending(rough)]
  const wrong = [...want].filter(([what, rows]) => JSON.stringify(rows) !== JSON.stringify(have.get(what)))
  for (const [what, rows] of wrong) {
    const others = new Set(have.get(what))
    const mine = new Set(rows)
    const lost = rows.filter((row) => !others.has(row))
    const more = [...others].filter((row) => !mine.has(row))
    say(`${what} differ: missing ${lost.slice(0, 3).join(' ')}; too many ${more.slice(0, 3).join(' ')}`)
  }
  const audit = await orderly(rough, ['audit'])
  if (audit.code !== 0) say(`audit: ${audit.err.slice(0, 800)}${audit.out.slice(0, 400)}`)
  const failed = wrong.length + (audit.code === 0 ? 0 : 1)
  if (failed === 0) rmSync(work, { recursive: true })
  say(`${want.size + 1 - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main()
