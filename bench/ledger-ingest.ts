/**
 * How many orders a second the ledger takes: slices of 1,000, each order one record and one event.
 *
 * Run by hand: `node bench/ledger-ingest.ts [slices]` (100 by default). Prints the rate of the whole,
 * of each tenth (to see whether it falls as the ledger grows) and the time of a start on the result.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyBatch } from '../src/core/batch.ts'
import type { Batch } from '../src/core/batch.ts'
import { fileId, orderId } from '../src/core/ids.ts'
import type { Order } from '../src/core/order.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'

const slices = Number(process.argv[2] ?? 100)
const size = 1000
const start = Date.UTC(2026, 10, 22)

function order(n: number): Order {
  const number = `SO${String(n).padStart(9, '0')}`
  const source = { import: 'shop', file: 'ORD.csv', fileId: 'fil_bench', row: n }
  return {
    kind: 'order',
    id: orderId('web', number),
    version: 0,
    channel: 'web',
    number,
    type: 'order',
    company: 'HU01',
    customer: { number: `C${n % 5000}`, name: 'Kovács Anna', email: `anna${n}@example.com`, phone: '+36301234567' },
    date: '2026-11-22',
    currency: 'HUF',
    pricesIncludeVat: true,
    gross: 1_234_500,
    prepaid: 0,
    notifyRequested: [],
    lines: [1, 2, 3].map((line) => ({
      number: String(line),
      sku: `SKU-${n % 900}`,
      quantity: '2',
      unitPrice: '2057.50',
    })),
    status: 'new',
    paymentStatus: 'unpaid',
    paid: 0,
    transition: 0,
    contentHash: 'a'.repeat(64),
    source,
    createdAt: start + n,
    updatedAt: start + n,
  }
}

function slice(index: number): Batch {
  const at = start + index * size
  const orders = Array.from({ length: size }, (_, i) => order(index * size + i + 1))
  return {
    ...emptyBatch({ kind: 'file', actor: 'file:shop', configHash: 'c'.repeat(64) }, at),
    put: orders,
    events: orders.map(({ id, source }) => ({ name: 'order.imported', subject: id, at, source })),
    files: [
      {
        id: fileId('shop', 'bench'),
        import: 'shop',
        name: 'ORD.csv',
        size: 1,
        sha256: 'bench',
        from: index * size,
        to: (index + 1) * size,
        counts: { read: size, applied: size, repeated: 0, updated: 0, parked: 0, refused: 0 },
      },
    ],
  }
}

const folder = mkdtempSync(join(tmpdir(), 'orderly-bench-'))
const path = join(folder, 'ledger.sqlite')
try {
  const ledger = await openLedger(path, { busyTimeoutMs: 1000 })
  let inLedger = 0
  let tenth = 0
  for (let index = 0; index < slices; index++) {
    const batch = slice(index)
    const before = performance.now()
    const snapshot = await ledger.load(batch.put.map(({ kind, id }) => ({ by: 'id', kind, id })))
    await ledger.commit(batch, snapshot)
    const took = performance.now() - before
    inLedger += took
    tenth += took
    if ((index + 1) % Math.ceil(slices / 10) === 0) {
      console.log(`${(index + 1) * size} orders: ${Math.round((Math.ceil(slices / 10) * size * 1000) / tenth)}/s`)
      tenth = 0
    }
  }
  const bytes = statSync(path).size
  await ledger[Symbol.asyncDispose]()
  const reopened = performance.now()
  const again = await openLedger(path, { busyTimeoutMs: 1000 })
  await again.totals()
  const opened = performance.now() - reopened
  await again[Symbol.asyncDispose]()
  console.log(`${Math.round((slices * size * 1000) / inLedger)} orders/s in load + commit of slices of ${size}`)
  console.log(`${Math.round(bytes / (slices * size))} bytes an order; open and totals ${opened.toFixed(1)} ms`)
} finally {
  rmSync(folder, { recursive: true })
}
