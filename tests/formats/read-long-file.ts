/**
 * Reads a long file of many small records, for the test of what that holds: `node --expose-gc read-long-file.ts`.
 *
 * Prints as JSON the number of records, and the most bytes that were held beyond the start, garbage aside.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ImportFormat } from '../../src/config/schema.ts'
import { read } from '../../src/formats/open-format.ts'

const row = `;A;${'x'.repeat(200)};1\n`
const format = ImportFormat.parse({
  type: 'csv',
  delimiter: ';',
  groupBy: 'No',
  fields: { number: 'No', 'lines.sku': 'Item', 'lines.quantity': 'Qty', 'customer.name': 'Name' },
})

function* chunks(): Generator<Uint8Array> {
  yield Buffer.from('No;Name;Item;Qty\n')
  for (let i = 0; i < 2000; i++)
    yield Buffer.from(Array.from({ length: 100 }, (_, j) => `${i * 100 + j}${row}`).join(''))
}

async function held(): Promise<number> {
  await nextTurn()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

let records = 0
let most = 0
const before = await held()
for await (const batch of read(chunks(), format, 'orders')) {
  for (const item of batch) if (item.kind === 'record') records += 1
  if (records % 40_000 < batch.length) most = Math.max(most, (await held()) - before)
}
process.stdout.write(JSON.stringify({ records, most, collected: globalThis.gc !== undefined }))
