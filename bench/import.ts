/**
 * What importing costs inside the process: bytes to committed records, without daemon, folders and messages.
 *
 * Run by hand: `node bench/import.ts orders|payments [records] [file.cpuprofile]` (20,000 by default). Prints
 * CPU (all threads, and the main one) and wall time of each record, and the bytes of the ledger; with a third argument writes a CPU profile of the
 * part in question. Payments pay the orders that are imported first. Throws on I/O errors.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSetup } from '../src/daemon/load-setup.ts'
import { importBigFile } from '../src/intake/import-big-file.ts'
import { importSource } from '../src/intake/import-source.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'
import { startThread, writeThread } from '../src/ledger/spare-thread.ts'
import { writeOrders, writePayments } from './generate.ts'
import { prepareOrderly } from './orderly.ts'
import type { Place } from './place.ts'

const [what = 'orders', count = '20000', profileFile] = process.argv.slice(2)
const records = Number(count)
const perFile = 2_000
const state = mkdtempSync(join(tmpdir(), 'orderly-bench-'))
const place: Place = {
  kind: what === 'payments' ? 'payments' : 'none',
  root: state,
  state,
  done: join(state, 'done'),
  stage: join(state, 'stage'),
  in: join(state, 'in'),
  bank: join(state, 'bank'),
  out: join(state, 'out'),
  mailPort: 1,
  smsPort: 1,
  connections: 1,
  window: 1,
}

async function measured(name: string, job: () => Promise<void>, profiled: boolean): Promise<void> {
  const session = new Session()
  session.connect()
  if (profiled) {
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
  }
  const before = process.cpuUsage()
  const threadBefore = process.threadCpuUsage()
  const start = performance.now()
  await job()
  const { user, system } = process.cpuUsage(before)
  const own = process.threadCpuUsage(threadBefore)
  const wall = performance.now() - start
  if (profiled) writeFileSync(profileFile ?? '', JSON.stringify((await session.post('Profiler.stop')).profile))
  const each = (ms: number): string => `${(ms / records).toFixed(4)} ms`
  const rate = Math.round((records * 1000) / wall)
  const thread = each((own.user + own.system) / 1000)
  console.log(
    `${name}: CPU ${each((user + system) / 1000)}, of it ${thread} in the main thread; wall ${each(wall)} each; ${rate}/s`,
  )
}

try {
  prepareOrderly(place)
  const load = await loadSetup(join(state, 'config', 'orderly.yaml'), {})
  if (load.kind === 'bad') throw new Error(load.problems[0]?.found)
  const { loaded, setup } = load.value
  const path = join(state, 'ledger.sqlite')
  const ledger = await openLedger(path, { busyTimeoutMs: 1000, thread: startThread(writeThread) })
  const importAll = async (name: string, folder: string, files: readonly string[]): Promise<void> => {
    const source = importSource(loaded.config, loaded.folder, name)
    if (source === undefined) throw new Error(`no import ${name}`)
    for (const file of files) {
      await importBigFile({ ledger, setup, now: Date.now }, source, { name: file, path: join(folder, file) })
    }
  }
  const orders = writeOrders(place.in, { files: Math.ceil(records / perFile), perFile: Math.min(perFile, records) })
  await measured('orders', async () => await importAll('orders', place.in, orders), what === 'orders' && !!profileFile)
  if (what === 'payments') {
    const payments = writePayments(place.bank, { files: 1, perFile: records })
    await measured('payments', async () => await importAll('bank', place.bank, payments), !!profileFile)
  }
  await ledger.checkpoint()
  console.log(`ledger: ${Math.round(statSync(path).size / records)} bytes each`)
  await ledger[Symbol.asyncDispose]()
} finally {
  rmSync(state, { recursive: true })
}
