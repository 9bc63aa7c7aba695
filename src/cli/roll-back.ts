/**
 * `orderly orders roll-back`: an order as it was before its last change, or just after an event of its history.
 *
 * What cannot be undone (sent messages) is named; what must not be undone refuses the whole, with a list.
 */
import type { Command } from 'commander'
import { actOnIds, type VerbOptions } from './act-on-ids.ts'
import type { Cli } from './context.ts'
import { examples } from './examples.ts'
import { usage } from './failure.ts'

interface RollBackOptions extends VerbOptions {
  readonly to?: string
  readonly freePayments?: boolean
}

export function addRollBack(group: Command, cli: Cli): void {
  const verb = group
    .command('roll-back')
    .description('put orders back to where they stood before their last change, with all that followed from it')
    .argument('<order...>', 'numbers, channel/number or ids; "-": one a line from standard input')
    .option('--to <event>', 'to where it stood just after this event: a number of orderly orders history')
    .option('--free-payments', 'take payments that settled it since from it, too')
    .option('--dry-run', 'show what would happen; change nothing')
  examples(verb, [
    ['orderly orders roll-back WEB-100245 --dry-run', 'what would be undone, and what cannot be'],
    ['orderly orders history WEB-100245', 'the numbers of its events'],
    ['orderly orders roll-back WEB-100245 --to 4711 --free-payments', 'further back'],
  ])
  verb.action(async (ids: string[], options: RollBackOptions) => {
    const { to, freePayments = false } = options
    if (to !== undefined && (ids.length !== 1 || ids.includes('-'))) throw usage('--to can be given for one order only')
    const wish = { freePayments, ...(to !== undefined && { to: eventNumber(to) }) }
    const { rollBack } = await import('../operator/roll-back.ts')
    await actOnIds(cli, ids, options, {
      kind: 'order',
      done: 'rolled back',
      act: (at, { order }, acting) => rollBack(at.ledger, at.current.setup, order.id, wish, acting),
    })
  })
}

function eventNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw usage(`--to: "${text}" is no number of an event; see: orderly orders history`)
  return Number(text)
}
