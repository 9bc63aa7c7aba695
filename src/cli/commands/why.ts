/**
 * `orderly why`: the whole chain behind an order, a message, an export line, a payment or a file.
 * Only looks. 66: there is nothing of that name, or several.
 */
import type { Command } from 'commander'
import type { TargetKind } from '../../operator/resolve-target.ts'
import { type Cli, decide } from '../context.ts'
import { examples } from '../examples.ts'
import { printWhy } from '../print-why.ts'
import { theTarget } from '../typed-ids.ts'

const kinds: readonly TargetKind[] = ['order', 'payment', 'message', 'exportFile', 'exportLine', 'file', 'record']

export function register(program: Command, cli: Cli): void {
  const command = program
    .command('why')
    .description('file, row, rule, conditions, messages, export lines: how they hang together')
  command.argument('<id>', 'order number, bank reference, file name, or the id of anything')
  examples(command, [
    ['orderly why WEB-100245', 'all that followed from an order, and what did not'],
    ['orderly why msg_0123456789abcdefghjk', 'why a message was sent, held or not sent'],
    ['orderly why STATUS_2026-03-14_000017.csv', 'the lines of an export file'],
  ])
  command.action(async (text: string) => {
    const { why } = await import('../../operator/why/why.ts')
    await decide(cli, 'look', async ({ ledger, current, zone }) => {
      const tree = await why(ledger, current.setup, await theTarget(ledger, text, kinds))
      if (cli.out.json) cli.out.value(tree)
      else printWhy(cli.out, tree, zone)
    })
  })
}
