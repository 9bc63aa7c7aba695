/**
 * `orderly invoices`: invoices, proforma invoices and credit notes, what became of them and how far they are paid.
 *
 * Documents are named by id or by the number of the ERP. Only looks: the ERP issues and cancels them.
 */
import type { Command } from 'commander'
import { isoIn } from '../../core/date.ts'
import type { Invoice } from '../../core/model.ts'
import { fromMinor } from '../../core/money.ts'
import type { Order } from '../../core/order.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { invoicePayment } from '../../workflow/documents/invoice-state.ts'
import { type Cli, look } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { listOptions, type ListOptions, recordFilter } from '../list-options.ts'
import { printEvents } from '../print-events.ts'
import { printFacts } from '../print-facts.ts'
import { theTarget } from '../typed-ids.ts'

export function register(program: Command, cli: Cli): void {
  const group = program.command('invoices').description('look at invoices, proforma invoices and credit notes')
  const list = group.command('list').description('documents, oldest first')
  list
    .option('--state <word>', 'requested, issued, failed, cancelled')
    .option('--type <word>', 'invoice, proforma, creditNote')
    .option('--order <number>', 'of the orders with this number')
    .option('--payment <word>', 'unpaid, partiallyPaid, paid, overpaid: of those looked at')
  examples(listOptions(list), [
    ['orderly invoices list --state failed', 'those that the ERP refused'],
    ['orderly invoices list --state requested --until 2d', 'those that it has not answered for two days'],
  ])
  list.action(async (options: InvoiceListOptions) => await listInvoices(cli, options))
  const show = group.command('show').description('one document with its history').argument('<document>', 'number or id')
  examples(show, [['orderly invoices show IN-2026-17', 'what it is for, and how far it is paid']])
  show.action(async (text: string) => await showInvoice(cli, text))
}

interface InvoiceListOptions extends ListOptions {
  readonly state?: string
  readonly type?: string
  readonly order?: string
  readonly payment?: string
}

interface Shown {
  readonly invoice: Invoice
  readonly payment: ReturnType<typeof invoicePayment>
}

async function withPayment(ledger: Ledger, invoices: readonly Invoice[]): Promise<readonly Shown[]> {
  const ids = [...new Set(invoices.map(({ order }) => order))]
  const { loaded } = await ledger.load(ids.map((id) => ({ by: 'id', kind: 'order', id })))
  const orders = new Map([...loaded.values()].flat().map((order) => [order.id as string, order as Order]))
  return invoices.map((invoice) => ({ invoice, payment: invoicePayment(invoice, orders.get(invoice.order)) }))
}

async function listInvoices(cli: Cli, options: InvoiceListOptions): Promise<void> {
  const { state, type, order } = options
  await look(cli, async ({ ledger, zone }) => {
    const filter = recordFilter('invoice', options, { state, type, orderNumber: order }, { now: cli.clock.now(), zone })
    const invoices = (await ledger.records(filter)) as readonly Invoice[]
    const all = await withPayment(ledger, invoices)
    const shown = all.filter(({ payment }) => options.payment === undefined || payment === options.payment)
    if (cli.out.json) {
      for (const { invoice, payment } of shown) cli.out.value({ ...invoice, payment })
    } else printList(cli, shown)
    if (invoices.length >= filter.limit)
      cli.out.complain(`more may follow: --after ${invoices.at(-1)?.id ?? ''}, or --limit`)
  })
}

function printList(cli: Cli, shown: readonly Shown[]): void {
  cli.out.rows(
    shown,
    [
      { head: 'number', of: ({ invoice }) => invoice.number ?? '-' },
      { head: 'type', of: ({ invoice }) => invoice.type },
      { head: 'state', of: ({ invoice }) => invoice.state },
      { head: 'payment', of: ({ payment }) => (payment === 'none' ? '' : payment) },
      { head: 'amount', of: ({ invoice }) => amountText(invoice), right: true },
      { head: 'due', of: ({ invoice }) => invoice.dueDate },
      { head: 'order', of: ({ invoice }) => invoice.orderNumber },
      { head: 'reason', of: ({ invoice }) => invoice.reason?.slice(0, 60) },
      { head: 'id', of: ({ invoice }) => invoice.id },
    ],
    'no documents',
  )
}

const amountText = ({ amount, currency }: Invoice): string => `${fromMinor(amount, currency)} ${currency}`

async function showInvoice(cli: Cli, text: string): Promise<void> {
  await look(cli, async ({ ledger, zone }) => {
    const { record } = await theTarget(ledger, text, ['record'])
    if (record.kind !== 'invoice') throw new Failure(exitCodes.notFound, `"${text}" is a ${record.kind}, no document`)
    const [shown] = await withPayment(ledger, [record])
    const payment = shown?.payment ?? 'none'
    if (cli.out.json) return cli.out.value({ ...record, payment })
    const { source } = record
    printFacts(cli.out, [
      [record.type, record.number ?? 'without a number yet'],
      ['id', record.id],
      ['state', record.state],
      ['payment', payment === 'none' ? undefined : payment],
      ['amount', amountText(record)],
      ['order', record.orderNumber],
      ['date', record.date],
      ['due', record.dueDate],
      ['reference', record.reference],
      ['pdf', record.pdf],
      ['refers to', record.refersTo],
      ['reason', record.reason],
      ['from', source && `${source.file ?? source.import}, record ${source.row ?? '?'}, import ${source.import}`],
      ['came', isoIn(record.createdAt, zone)],
    ])
    cli.out.line('')
    printEvents(cli.out, await ledger.eventsOf(record.id), zone, record.currency)
  })
}
