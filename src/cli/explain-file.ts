/**
 * What each payment of a file would come to, were it imported now: every rule that is tried, and why it hits or
 * misses (F10).
 *
 * Changes nothing. Each record is tried on the ledger as it is, without the records before it. 65: records of the
 * file have errors; 64: the file is of an import that holds no payments.
 */
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { paymentId } from '../core/ids.ts'
import type { IncomingPayment } from '../core/incoming.ts'
import type { Known } from '../core/known.ts'
import { fromMinor } from '../core/money.ts'
import { formatProblem } from '../core/problem.ts'
import type { Entry } from '../intake/read-entries.ts'
import type { MatchResult } from '../workflow/payments/match-payment.ts'
import { type Acting, type Cli, decide } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { usage } from './failure.ts'
import { sourceFor } from './import-for.ts'

interface Explained {
  readonly row: number
  readonly payment: string
  readonly amount: string
  readonly result: string
  readonly orders: readonly string[]
  readonly evidence: readonly string[]
}

export async function explainFile(cli: Cli, path: string, named: string | undefined): Promise<void> {
  await decide(cli, 'lookOrEmpty', async (at) => {
    const name = basename(path)
    const source = await sourceFor(at.loaded, name, named)
    if (source.config.kind !== 'payments') {
      throw usage(`${name}: the import "${source.name}" holds ${source.config.kind}, not payments`)
    }
    const { readEntries } = await import('../intake/read-entries.ts')
    for await (const entries of readEntries(createReadStream(path) as AsyncIterable<Buffer>, source, name)) {
      for (const entry of entries) await explainEntry(cli, at, source.name, entry)
    }
  })
}

async function explainEntry(cli: Cli, at: Acting, importName: string, entry: Entry): Promise<void> {
  const { out } = cli
  if (entry.kind === 'bad') {
    cli.end(exitCodes.data)
    out.value({ row: entry.row, result: 'refused', problems: entry.problems })
    for (const problem of entry.problems) out.complain(formatProblem(problem))
    return
  }
  if (entry.incoming.kind !== 'payment') return
  const found = await explain(at, importName, entry.row, entry.incoming)
  if (out.json) return out.value(found)
  const orders = found.orders.length === 0 ? '' : ` for ${found.orders.join(', ')}`
  out.line(`record ${found.row}: ${found.payment} of ${found.amount}: ${found.result}${orders}`)
  for (const line of found.evidence) out.line(`  ${line}`)
}

async function explain(
  { ledger, current: { setup } }: Acting,
  importName: string,
  row: number,
  incoming: IncomingPayment,
): Promise<Explained> {
  const { ask } = await import('../operator/ask.ts')
  const { matchPayment } = await import('../workflow/payments/match-payment.ts')
  const { matchingOf } = await import('../workflow/payments/matching-of.ts')
  const matching = matchingOf(setup.config, { ...incoming, source: { import: importName } })
  const { account, bankKey, amount, currency, direction } = incoming
  return await ask(ledger, (known) => {
    const before = known.get('payment', paymentId(account, bankKey))
    const match = matchPayment(incoming, known, matching)
    return {
      row,
      payment: `${account}/${bankKey}`,
      amount: `${direction === 'debit' ? '-' : ''}${fromMinor(amount, currency)} ${currency}`,
      result: before === undefined ? match.kind : `in the books already (${before.state}); as a new one ${match.kind}`,
      orders: ordersOf(match).map((id) => numberOf(known, id)),
      evidence: match.evidence,
    }
  })
}

function ordersOf(match: MatchResult): readonly string[] {
  if (match.kind === 'matched') return match.allocations.map(({ document }) => document)
  return match.kind === 'ambiguous' ? match.candidates : []
}

function numberOf(known: Known, id: string): string {
  const order = known.get('order', id)
  return order === undefined ? id : `${order.channel}/${order.number}`
}
