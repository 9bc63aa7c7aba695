/**
 * What the verbs of `orderly orders` have in common: how orders are named, and how a verb is tried and told.
 *
 * Several orders at once are independent of each other: one that is refused does not stop the rest.
 */
import type { Command } from 'commander'
import type { Command as Verb } from '../core/command.ts'
import type { OrderId } from '../core/ids.ts'
import type { Order } from '../core/order.ts'
import { actOnIds, type VerbOptions } from './act-on-ids.ts'
import type { Cli } from './context.ts'

export const manyOrders = ['<order...>', 'numbers, channel/number or ids; "-": one a line from standard input'] as const

export const anyOrders = ['[order...]', manyOrders[1]] as const

export function verb(group: Command, name: string, about: string): Command {
  return group.command(name).description(about).option('--dry-run', 'show what would happen; change nothing')
}

export async function onOrders(
  cli: Cli,
  ids: readonly string[],
  options: VerbOptions,
  done: string,
  command: (id: OrderId, order: Order) => Verb,
): Promise<void> {
  const { act } = await import('../operator/act.ts')
  await actOnIds(cli, ids, options, {
    kind: 'order',
    done,
    act: (at, { order }, acting) => act(at.ledger, at.current.setup, command(order.id, order), acting),
  })
}
