/**
 * Orderly as the rig measures it: a config for the job, and the command that runs it.
 *
 * One import, one payment workflow that sends and sets a status, one export; limits that would hold messages back are
 * raised. Prefers `dist/` to `src/` when it is built. Throws on I/O errors.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from './place.ts'

const built = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const source = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

const configOf = (place: Place): string => join(place.state, 'config', 'orderly.yaml')

/** Path of the program: `dist/` when it is built, unless `fromSource`. */
export const orderlyProgram = (fromSource: boolean): string => (!fromSource && existsSync(built) ? built : source)

export const orderlyCommand = (place: Place, fromSource: boolean): readonly string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  // As the unit for systemd starts it.
  '--max-semi-space-size=8',
  orderlyProgram(fromSource),
  '--config',
  configOf(place),
  'run',
]

/** Writes config and templates; may be called again for another kind of job on the same ledger. */
export function prepareOrderly(place: Place): void {
  const templates = join(place.state, 'templates', 'bench', 'received')
  mkdirSync(join(place.state, 'config'), { recursive: true })
  mkdirSync(templates, { recursive: true })
  writeFileSync(join(templates, 'en.txt.mustache'), mailTemplate)
  writeFileSync(join(templates, 'en.sms.mustache'), 'Order {{order.number}} received\n')
  writeFileSync(join(place.state, 'smpp-password'), 'bench')
  // JSON is YAML, so nothing needs quoting.
  writeFileSync(configOf(place), JSON.stringify(config(place), null, 2))
}

const mailTemplate = `---
subject: "Order {{order.number}} received"
---
Dear {{customer.name}},

we have received your order {{order.number}} of {{order.gross}}.
`

/** Orders of the jobs other than payments are prepaid, so that the workflow runs at once. */
function orderFormat(prepaid: boolean): object {
  return {
    type: 'csv',
    delimiter: ';',
    dates: 'yyyy-MM-dd',
    groupBy: 'order_no',
    constants: prepaid ? { prepaid: '999999999.00' } : {},
    fields: {
      number: 'order_no',
      date: 'order_date',
      'customer.number': 'customer_no',
      'customer.name': 'customer_name',
      'customer.email': 'email',
      'customer.phone': 'phone',
      currency: 'currency',
      gross: 'order_total',
      'lines.number': 'line_no',
      'lines.sku': 'sku',
      'lines.description': 'description',
      'lines.quantity': 'qty',
      'lines.unitPrice': 'unit_price',
    },
  }
}

function config(place: Place): object {
  const payments = place.kind === 'payments'
  const folder = { ready: 'renamed', every: '1s', channel: 'bench', after: 'delete' }
  const notice = {
    mail: [{ send: { to: 'customer', mail: 'bench/received' } }],
    sms: [{ send: { to: 'customer', sms: 'bench/received' } }],
    none: [],
    payments: [],
  }
  return {
    version: 1,
    company: { code: 'B1', name: 'Bench' },
    languages: ['en'],
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    country: 'DE',
    data: '../var',
    templates: '../templates',
    logLevel: 'warn',
    ...transports(place),
    safety: { maxPerHour: { mail: 100_000_000, sms: 100_000_000, perRecipient: 100_000_000 } },
    imports: {
      orders: { kind: 'orders', folder: place.in, files: '*.csv', format: orderFormat(!payments), ...folder },
      ...(payments && {
        bank: { kind: 'payments', folder: place.bank, files: '*.xml', format: { type: 'camt' }, ...folder },
      }),
    },
    channels: { bench: {} },
    exports: {
      out: {
        kind: payments ? 'payments' : 'orderStatus',
        folder: place.out,
        file: 'O{seq:8}.csv',
        maxLines: 100_000,
        format: { type: 'csv' },
      },
    },
    workflows: { bench: { kind: 'payment', steps: [...notice[place.kind], { setStatus: 'accepted' }] } },
  }
}

function transports({ mailPort, smsPort, connections, window }: Place): object {
  const host = '127.0.0.1'
  return {
    mail: {
      transport: 'smtp',
      host,
      port: mailPort,
      security: 'none',
      from: { address: 'shop@example.test' },
      connections,
      perMinute: 1_000_000,
      // What was on its way at a kill is sent again after this pause.
      retry: { first: '1s' },
    },
    sms: {
      transport: 'smpp',
      host,
      port: smsPort,
      systemId: 'bench',
      password: '${file:../smpp-password}',
      sender: ['BENCH'],
      window,
      perSecond: 10_000,
      receipts: false,
      // As the floor does; by default an SMS without an answer is held for a person.
      onUnknown: 'resend',
      retry: { first: '1s' },
    },
  }
}
