/**
 * Reads sample files of other people and compares with what they are known to hold:
 * `node tests/samples/run.ts FOLDER`. The folder is given, since the files have their own licences.
 *
 * Expects the sub-folders ubl-order, order-json, order-csv, camt.052, camt.053, camt.054, mt940, coda, bai2, ofx
 * and hostile.
 * Ends with `N passed, N failed`; exit code 1 when any failed or a file is missing.
 */
import { isDeepStrictEqual } from 'node:util'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'

import { ImportFormat } from '../../src/config/schema.ts'
import type { ImportKind } from '../../src/config/schema.ts'
import type { Incoming, IncomingOrder, IncomingPayment } from '../../src/core/incoming.ts'
import { fromMinor } from '../../src/core/money.ts'
import { interpreterFor } from '../../src/formats/interpret.ts'
import { read } from '../../src/formats/open-format.ts'

interface Result {
  readonly records: Incoming[]
  readonly codes: string[]
  refused: number
}

interface Sample {
  readonly file: string
  readonly kind: ImportKind
  readonly format: object
  readonly expect: Readonly<Record<string, unknown>>
}

const defaults = { channel: 'samples', company: 'X', account: 'X', currency: 'EUR', country: 'US' }

async function readSample(path: string, { kind, format }: Sample): Promise<Result> {
  const parsed = ImportFormat.parse(format)
  const interpret = interpreterFor(kind, parsed, defaults)
  const result: Result = { records: [], codes: [], refused: 0 }
  const items = []
  for await (const batch of read(createReadStream(path) as AsyncIterable<Buffer>, parsed, kind)) items.push(...batch)
  for (const item of items) {
    const meaning = item.kind === 'problem' ? item : interpret(item.record)
    const problems = meaning.kind === 'incoming' ? meaning.warnings : meaning.problems
    result.codes.push(...problems.map(({ code }) => code))
    if (meaning.kind === 'incoming') result.records.push(meaning.incoming)
    else if (problems.some(({ severity }) => severity === 'error')) result.refused += 1
  }
  return result
}

/** What is compared: facts of the orders or payments, and the remarks that must or must not be there. */
function factsOf({ records, codes, refused }: Result, kind: ImportKind): Record<string, unknown> {
  const statements = records.filter((each) => each.kind === 'statement').length
  const facts = { records: records.length - statements, refused, codes: [...new Set(codes)].toSorted() }
  if (kind === 'payments') return { ...facts, ...paymentFacts(records.filter((each) => each.kind === 'payment')) }
  return { ...facts, orders: records.filter((each) => each.kind === 'order').map(orderFacts) }
}

const orderFacts = (order: IncomingOrder): string =>
  [
    order.number,
    order.date ?? 'no date',
    `${fromMinor(order.gross, order.currency)} ${order.currency}`,
    `${order.lines.length} lines`,
    order.customer.name ?? order.customer.email ?? 'no name',
  ].join(', ')

function paymentFacts(payments: readonly IncomingPayment[]): Record<string, unknown> {
  const sum = (direction: string): string => {
    const some = payments.filter((payment) => payment.direction === direction)
    const [first] = some
    const total = some.reduce((minor, payment) => minor + payment.amount, 0)
    return first === undefined ? '0' : `${some.length}: ${fromMinor(total, first.currency)} ${first.currency}`
  }
  return { in: sum('credit'), out: sum('debit'), keys: new Set(payments.map(({ bankKey }) => bankKey)).size }
}

const camt = { type: 'camt' }
const camtFile = (file: string, expect: Readonly<Record<string, unknown>>): Sample => ({
  file,
  kind: 'payments',
  format: camt,
  expect: { refused: 0, codes: [], ...expect },
})
const mt940File = (file: string, expect: Readonly<Record<string, unknown>>, encoding?: string): Sample => ({
  file: `mt940/${file}`,
  kind: 'payments',
  format: { type: 'mt940', ...(encoding !== undefined && { encoding }) },
  expect: { refused: 0, codes: [], ...expect },
})
const statementFile = (type: string, file: string, expect: Readonly<Record<string, unknown>>): Sample => ({
  file: `${type}/${file}`,
  kind: 'payments',
  format: { type },
  expect: { refused: 0, codes: [], ...expect },
})
const hostile = (file: string, format: object, kind: ImportKind): Sample => ({
  file: `hostile/${file}`,
  kind,
  format,
  expect: { records: 0, refused: 1, codes: ['D020'] },
})

const samples: readonly Sample[] = [
  {
    file: 'ubl-order/UBL-Order-2.1-Example.xml',
    kind: 'orders',
    format: { type: 'ubl' },
    expect: { refused: 0, codes: ['D052'], orders: ['34, 2010-01-20, 6225.00 SEK, 2 lines, Johnssons byggvaror'] },
  },
  {
    file: 'ubl-order/UBL-Order-2.0-Example-International.xml',
    kind: 'orders',
    format: { type: 'ubl' },
    expect: { refused: 0, codes: ['D052'], orders: ['AEG012345, 2005-06-20, 1000.00 USD, 1 lines, IYT Corporation'] },
  },
  {
    file: 'order-json/shopify-order.json',
    kind: 'orders',
    format: {
      type: 'json',
      records: 'order',
      dates: 'yyyy-MM-ddTHH:mm:ss',
      fields: {
        number: 'name',
        date: 'created_at',
        currency: 'currency',
        gross: 'total_price',
        vat: 'total_tax',
        discount: 'total_discounts',
        pricesIncludeVat: 'taxes_included',
        'customer.email': 'email',
        'lines.sku': 'line_items[].sku',
        'lines.quantity': 'line_items[].quantity',
        'lines.unitPrice': 'line_items[].price',
      },
    },
    expect: {
      refused: 0,
      codes: ['D050'],
      orders: ['#1001, 2008-01-10, 409.94 USD, 3 lines, bob.norman@hostmail.com'],
    },
  },
  {
    file: 'order-json/woocommerce-order.json',
    kind: 'orders',
    format: {
      type: 'json',
      records: 'data',
      dates: 'yyyy-MM-ddTHH:mm:ss',
      fields: {
        number: 'number',
        date: 'date_created',
        currency: 'currency',
        gross: 'total',
        vat: 'total_tax',
        shipping: 'shipping_total',
        status: 'status',
        pricesIncludeVat: 'prices_include_tax',
        'customer.name': 'billing.company',
        'lines.sku': 'line_items[].sku',
        'lines.quantity': 'line_items[].quantity',
        'lines.unitPrice': 'line_items[].price',
      },
    },
    expect: { refused: 0, codes: [], orders: ['949, 2018-04-02, 44.00 USD, 2 lines, The DeLorean Shop'] },
  },
  {
    file: 'order-csv/magento-orders.csv',
    kind: 'orders',
    format: {
      type: 'csv',
      groupBy: 'increment_id',
      fields: {
        number: 'increment_id',
        gross: 'grand_total',
        currency: 'order_currency_code',
        'customer.email': 'customer_email',
        'lines.sku': 'item:sku',
        'lines.quantity': 'item:qty_ordered',
        'lines.unitPrice': 'item:price',
      },
    },
    // Rows of parents and of their children are lines alike: 8 rows are 4 items, 18 are 9.
    expect: {
      refused: 0,
      codes: ['D050'],
      orders: [
        '1222222222, no date, 26.07 USD, 8 lines, john@doe.com',
        '1333333333, no date, 37.53 USD, 18 lines, jane@roe.com',
        '1444444444, no date, 105.00 USD, 1 lines, test@test.com',
      ],
    },
  },
  camtFile('camt.053/camt053.v2.multi.statement.xml', {
    codes: ['D058'],
    in: '1: 8.85 EUR',
    out: '1: 7.00 EUR',
    keys: 2,
  }),
  camtFile('camt.053/camt053.v2.minimal.xml', { codes: ['D055', 'D058'], in: '1: 8.85 EUR', out: '0' }),
  camtFile('camt.053/camt053.v4.xml', { codes: ['D055', 'D058'], in: '1: 8.85 EUR', out: '0' }),
  camtFile('camt.053/camt053.v8.xml', { codes: ['D055', 'D058'], in: '1: 8.85 EUR', out: '0' }),
  camtFile('camt.053/camt053.v2.wrong.xml', { records: 0, refused: 1, codes: ['D024'] }),
  camtFile('camt.053/camtparser-valid_example.xml', { in: '1: 1.00 EUR', out: '4: 11.00 EUR', keys: 5 }),
  camtFile('camt.053/camtparser-valid_example_with_batch.xml', {
    codes: ['D055', 'D057'],
    in: '2: 7688.00 EUR',
    out: '1: 4753.74 EUR',
    keys: 3,
  }),
  // Three details of 9.50 CHF under an entry of SEK 200000: kept as they stand, and told.
  camtFile('camt.054/camt054.v4.xml', { codes: ['D056', 'D057', 'D058'], in: '0', out: '3: 9.50 CHF', keys: 3 }),
  camtFile('camt.054/200519_camt054-ESR-ASR_P_CH2909000000250094239_1110092704_0_2019042500372179.xml', {
    in: '5: 1537.00 CHF',
    out: '1: 147.00 CHF',
    keys: 6,
  }),
  camtFile('camt.052/camt052.v2.other-account.xml', { codes: ['D057', 'D058'], in: '0', out: '1: 200000.00 SEK' }),
  camtFile('camt.052/camtparser-052-valid_example.xml', { in: '2: 5.00 EUR', out: '0', keys: 2 }),
  // D055: the balances of these are wrong at the source.
  mt940File('abnamro.sta', { codes: ['D055'], in: '0', out: '10: 345.93 EUR', keys: 10 }),
  mt940File('ing.sta', { codes: ['D055'], in: '2: 4.68 EUR', out: '5: 50.27 EUR', keys: 7 }),
  mt940File('rabobank-iban.sta', { in: '0', out: '4: 70.00 EUR', keys: 4 }),
  mt940File('postfinance.sta', { codes: ['D055'], in: '3: 239.30 CHF', out: '1: 79.90 CHF', keys: 4 }),
  mt940File('sns.sta', { in: '0', out: '2: 25.00 EUR', keys: 2 }),
  // Of three currencies: marks are no currency any more, and their movements are refused. The sums are of all others.
  mt940File('cmxl-mt940.sta', { refused: 11, codes: ['D038'], in: '3: 23040.00 EUR', out: '2: 10800.00 EUR', keys: 5 }),
  mt940File('sepa_mt9401.sta', { in: '41: 5188474.94 EUR', out: '56: 14457610.84 EUR', keys: 97 }),
  mt940File('mbank-mt940.sta', { in: '3: 0.03 PLN', out: '0', keys: 3 }),
  mt940File('raiffeisen-cmi.sta', { codes: ['D055'], in: '1: 2066637.00 HUF', out: '6: 3078850.50 HUF' }, 'cp852'),
  mt940File('february_30.sta', { in: '0', out: '1: 6.00 EUR', keys: 1 }),
  mt940File('knab-swift-envelope.mt940', { in: '2: 1000.00 EUR', out: '1: 2760.00 EUR', keys: 3 }),
  statementFile('coda', 'coda-sample1.cod', { in: '4: 80.00 EUR', out: '0', keys: 4 }),
  // D055: its closing balance is wrong at the source.
  statementFile('coda', 'coda-sample5.cod', { codes: ['D055'], in: '3: 6303.46 EUR', out: '0', keys: 3 }),
  statementFile('bai2', 'bai2-sample1.txt', { in: '5: 3200.00 CAD', out: '12: 3200.00 CAD', keys: 17 }),
  // D055: its control totals are wrong at the source.
  statementFile('bai2', 'bai2-sample4.txt', {
    codes: ['D055'],
    in: '9: 6007.31 USD',
    out: '8: 313490.55 USD',
    keys: 17,
  }),
  statementFile('ofx', 'bank_medium.ofx', { in: '0', out: '3: 345.27 CAD', keys: 3 }),
  statementFile('ofx', 'suncorp.ofx', { in: '0', out: '1: 16.85 AUD', keys: 1 }),
  statementFile('ofx', 'decimal_error.ofx', { records: 0, refused: 1, codes: ['D031', 'D032'] }),
  hostile('xmlbomb.xml', { type: 'xml', record: 'bomb/x' }, 'orders'),
  hostile('external.xml', camt, 'payments'),
  hostile('dtd.xml', { type: 'ubl' }, 'orders'),
]

const folder = process.argv[2]
if (folder === undefined) {
  process.stderr.write('usage: node tests/samples/run.ts FOLDER\n')
  process.exitCode = 64
} else {
  let [passed, failed] = [0, 0]
  for (const sample of samples) {
    const facts = await readSample(join(folder, sample.file), sample).then(
      (result) => factsOf(result, sample.kind),
      (error: unknown) => ({ failed: String(error) }),
    )
    const wrong = Object.entries(sample.expect).filter(
      ([name, value]) => !isDeepStrictEqual((facts as Record<string, unknown>)[name], value),
    )
    if (wrong.length === 0) passed += 1
    else failed += 1
    process.stdout.write(`${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${sample.file}\n`)
    for (const [name, value] of wrong) {
      process.stdout.write(
        `     ${name}: expected ${JSON.stringify(value)}, found ${JSON.stringify((facts as Record<string, unknown>)[name])}\n`,
      )
    }
    if ('failed' in facts) process.stdout.write(`     ${String(facts.failed)}\n`)
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  if (failed > 0) process.exitCode = 1
}
