/**
 * `orderly payments`: list, show, explain, and match, unmatch or ignore by hand.
 *
 * Payments are named by id, by the bank's reference or by `account/reference`.
 */
import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { isoIn } from '../../core/date.ts'
import { type Payment } from '../../core/model.ts'
import { fromMinor } from '../../core/money.ts'
import type { Order } from '../../core/order.ts'
import { normaliseReference, type ReferenceName } from '../../core/references.ts'
import type { Ledger, RecordFilter } from '../../ledger/ledger.ts'
import { actOnIds, type VerbOptions } from '../act-on-ids.ts'
import { type Cli, decide, look } from '../context.ts'
import { addStatements, sayIncomplete } from '../payment-statements.ts'
import { examples } from '../examples.ts'
import { listOptions, type ListOptions, recordFilter } from '../list-options.ts'
import { printEvents } from '../print-events.ts'
import { printFacts } from '../print-facts.ts'
import type { Output } from '../print.ts'
import { theTarget } from '../typed-ids.ts'
import { amountOf, dateOf } from '../typed-values.ts'

const manyPayments = ['<payment...>', 'ids or references of the bank; "-": one a line from standard input'] as const
const onePayment = ['<payment>', 'id or reference of the bank'] as const

export function register(program: Command, cli: Cli): void {
  const group = program.command('payments').description('look at payments and match them')
  addLists(group, cli)
  addStatements(group, cli)
  addExplain(group, cli)
  addMatch(group, cli)
  addUndo(group, cli)
}

interface PaymentListOptions extends ListOptions {
  readonly state?: string
  readonly unmatched?: boolean
  readonly account?: string
  readonly method?: string
  readonly reference?: string
  readonly vs?: string
  readonly order?: string
  readonly from?: string
  readonly to?: string
}

function addLists(group: Command, cli: Cli): void {
  const list = group.command('list').description('payments, oldest first')
  list
    .option('--state <word>', 'matched, ambiguous, unmatched, ignored, reversed')
    .option('--unmatched', 'those that no order was found for')
    .option('--account <account>', 'own account')
    .option('--method <word>', 'as the file said: transfer, card …')
    .option('--reference <text>', 'payment reference, end-to-end id, or words of the text')
    .option('--vs <number>', 'variable symbol; the same as --reference')
    .option('--order <order>', 'of an order: number, channel/number or id')
    .option('--from <date>', 'booked then or later')
    .option('--to <date>', 'booked then or earlier')
  examples(listOptions(list), [
    ['orderly payments list --state ambiguous', 'those that wait for a person'],
    ['orderly payments list --vs 20260147 --from 2026-03-01', 'by variable symbol and booking date'],
  ])
  list.action(async (options: PaymentListOptions) => await listPayments(cli, options))
  const show = group
    .command('show')
    .description('one payment with its history')
    .argument(...onePayment)
  examples(show, [['orderly payments show pay_0123456789abcdefghjk', 'or the reference of the bank']])
  show.action(async (text: string) => await showPayment(cli, text))
}

async function listPayments(cli: Cli, options: PaymentListOptions): Promise<void> {
  const { unmatched, account, method } = options
  const state = options.state ?? (unmatched === true ? 'unmatched' : undefined)
  await look(cli, async ({ ledger, zone }) => {
    const fields = recordFilter('payment', options, { state, account, method }, { now: cli.clock.now(), zone })
    const filter = { ...fields, ...bookedIn(options), named: await namedBy(ledger, options) }
    const payments = await ledger.records(filter)
    cli.out.rows(
      payments as readonly Payment[],
      [
        { head: 'reference', of: ({ bankKey }) => bankKey },
        { head: 'state', of: (payment) => payment.state },
        { head: 'amount', of: amountText, right: true },
        { head: 'booked', of: ({ bookedOn }) => bookedOn },
        { head: 'payer', of: ({ counterName }) => counterName },
        { head: 'text', of: ({ reference, message }) => [reference, message].filter(Boolean).join(' ').slice(0, 60) },
        {
          head: 'for',
          of: ({ allocations }) =>
            allocations
              .filter(({ reversedAt }) => reversedAt === undefined)
              .map(({ number }) => number)
              .join(', '),
        },
        { head: 'id', of: ({ id }) => id },
      ],
      'no payments',
    )
    await sayIncomplete(cli, ledger)
    if (payments.length >= filter.limit)
      cli.out.complain(`more may follow: --after ${payments.at(-1)?.id ?? ''}, or --limit`)
  })
}

function bookedIn({ from, to }: PaymentListOptions): Pick<RecordFilter, 'between'> {
  if (from === undefined && to === undefined) return {}
  const first = from === undefined ? undefined : dateOf(from, '--from')
  const last = to === undefined ? undefined : dateOf(to, '--to')
  return { between: { bookedOn: { from: first, to: last } } }
}

async function namedBy(ledger: Ledger, options: PaymentListOptions): Promise<NonNullable<RecordFilter['named']>> {
  const texts = [options.reference, options.vs].filter((text) => text !== undefined)
  const named = texts.map((text) => {
    const names: readonly ReferenceName[] = ['reference', 'endToEndId']
    return { names, values: [text, normaliseReference(text)], orIn: 'message' }
  })
  if (options.order === undefined) return named
  const { order } = await theTarget(ledger, options.order, ['order'])
  return [...named, { names: ['order'], values: [order.id] }]
}

const amountText = ({ amount, currency, direction }: Payment): string =>
  `${direction === 'debit' ? '-' : ''}${fromMinor(amount, currency)} ${currency}`

async function showPayment(cli: Cli, text: string): Promise<void> {
  await look(cli, async ({ ledger, zone }) => {
    const { payment } = await theTarget(ledger, text, ['payment'])
    if (cli.out.json) return cli.out.value(payment)
    paymentFacts(cli.out, payment, zone)
    for (const id of payment.candidates) {
      const order = id.startsWith('ord_') ? await ledger.record('order', id) : undefined
      if (order !== undefined) cli.out.line(`candidate: ${orderText(order)}`)
    }
    cli.out.line('')
    printEvents(cli.out, await ledger.eventsOf(payment.id), zone)
  })
}

function paymentFacts(out: Output, payment: Payment, zone: string): void {
  const { source } = payment
  printFacts(out, [
    ['payment', `${payment.account}/${payment.bankKey}`],
    ['id', payment.id],
    ['state', payment.state],
    ['amount', amountText(payment)],
    ['booked', payment.bookedOn],
    ['payer', [payment.counterName, payment.counterAccount].filter(Boolean).join(', ')],
    ['reference', payment.reference],
    ['end-to-end id', payment.endToEndId],
    ['text', payment.message],
    ['method', payment.method],
    ['reversal', payment.reversal ? 'yes' : undefined],
    ['ignored', payment.ignoredReason],
    [
      'from',
      source.file === undefined
        ? source.import
        : `${source.file}, record ${source.row ?? '?'}, import ${source.import}`,
    ],
    ['came', isoIn(payment.createdAt, zone)],
  ])
  for (const { number, amount, by, at, reversedAt } of payment.allocations) {
    const state = reversedAt === undefined ? '' : `, taken back ${isoIn(reversedAt, zone)}`
    out.line(
      `pays      ${fromMinor(amount, payment.currency)} of order ${number}, by ${by}, ${isoIn(at, zone)}${state}`,
    )
  }
  for (const { origin, key } of payment.alsoAs ?? []) out.line(`also as   ${key} of ${origin}`)
  for (const line of payment.evidence) out.line(`evidence  ${line}`)
}

const orderText = (order: Order): string =>
  `order ${order.channel}/${order.number}, ${order.paymentStatus}, total ${fromMinor(order.gross, order.currency)} ${order.currency}, ${order.id}`

function addExplain(group: Command, cli: Cli): void {
  const explain = group
    .command('explain')
    .description('what the matching rules see in a payment, then and now')
    .argument('<payment>', 'id or reference of the bank; or a file, each record of which is tried')
    .option('--import <name>', 'of a file: as which import of the config; default: the one whose pattern fits')
  examples(explain, [
    ['orderly payments explain pay_0123456789abcdefghjk', 'why it is matched, or why not'],
    ['orderly payments explain statement.xml', 'what each payment of the file would come to; changes nothing'],
  ])
  explain.action(async (text: string, options: { readonly import?: string }) => {
    const path = cli.path(text)
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return await explainOne(cli, text)
    const { explainFile } = await import('../explain-file.ts')
    return await explainFile(cli, path, options.import)
  })
}

async function explainOne(cli: Cli, text: string): Promise<void> {
  const { explainPayment } = await import('../../operator/explain-payment.ts')
  await decide(cli, 'look', async ({ ledger, current }) => {
    const { payment } = await theTarget(ledger, text, ['payment'])
    const found = await explainPayment(ledger, current.setup, payment)
    const { out } = cli
    if (out.json) return out.value(found)
    out.line(`payment ${payment.account}/${payment.bankKey} of ${amountText(payment)} is ${payment.state}`)
    out.line('what was seen when that was decided:')
    for (const line of found.recorded) out.line(`  ${line}`)
    out.line(`what would be seen now (${found.now.kind}):`)
    for (const line of found.now.evidence) out.line(`  ${line}`)
    for (const order of found.candidates) out.line(`candidate: ${orderText(order)}`)
    for (const { order, why } of found.suggestions) out.line(`perhaps ${orderText(order)}: ${why}`)
    if (found.triedAgain)
      out.line('It is tried again with each new order. By hand: orderly payments match PAYMENT ORDER')
  })
}

interface MatchOptions extends VerbOptions {
  readonly amount?: string
}

function addMatch(group: Command, cli: Cli): void {
  const match = group
    .command('match')
    .description('say which order a payment is for')
    .argument(...onePayment)
  match
    .argument('<order>', 'number, channel/number or id')
    .option('--dry-run', 'show what would happen; change nothing')
  match.option('--amount <amount>', 'only this part of the payment, e.g. 12.50')
  examples(match, [
    ['orderly payments match pay_0123456789abcdefghjk WEB-100245', 'the order is paid, with all that follows'],
  ])
  match.action(async (text: string, number: string, options: MatchOptions) => {
    const { act } = await import('../../operator/act.ts')
    const { amount } = options
    await actOnIds(cli, [text], options, {
      kind: 'payment',
      done: `matched to order ${number}`,
      act: async (at, { payment }, acting) => {
        const { order } = await theTarget(at.ledger, number, ['order'])
        const part = amount === undefined ? {} : { amount: amountOf(amount, payment.currency) }
        return await act(
          at.ledger,
          at.current.setup,
          { verb: 'match', payment: payment.id, document: order.id, ...part },
          acting,
        )
      },
    })
  })
}

interface ReasonOptions extends VerbOptions {
  readonly reason?: string
}

function addUndo(group: Command, cli: Cli): void {
  const unmatch = group
    .command('unmatch')
    .description('take a match back: the order owes again')
    .argument(...manyPayments)
  unmatch
    .option('--reason <text>', 'why, for the history')
    .option('--dry-run', 'show what would happen; change nothing')
  examples(unmatch, [
    ['orderly payments unmatch pay_0123456789abcdefghjk --reason "wrong order"', 'then match it anew'],
  ])
  unmatch.action(async (ids: string[], options: ReasonOptions) => {
    const { act } = await import('../../operator/act.ts')
    const reason = options.reason === undefined ? {} : { reason: options.reason }
    await actOnIds(cli, ids, options, {
      kind: 'payment',
      done: 'unmatched',
      act: (at, { payment }, acting) =>
        act(at.ledger, at.current.setup, { verb: 'unmatch', payment: payment.id, ...reason }, acting),
    })
  })
  const ignore = group
    .command('ignore')
    .description('a payment that is for no order')
    .argument(...manyPayments)
  ignore
    .requiredOption('--reason <text>', 'why, for the history')
    .option('--dry-run', 'show what would happen; change nothing')
  examples(ignore, [
    ['orderly payments ignore pay_0123456789abcdefghjk --reason "rent"', 'it waits for no order any more'],
  ])
  ignore.action(async (ids: string[], options: VerbOptions & { readonly reason: string }) => {
    const { act } = await import('../../operator/act.ts')
    await actOnIds(cli, ids, options, {
      kind: 'payment',
      done: 'ignored',
      act: (at, { payment }, acting) =>
        act(at.ledger, at.current.setup, { verb: 'ignore', payment: payment.id, reason: options.reason }, acting),
    })
  })
}
