/**
 * `orderly opt-outs`: numbers and mail addresses that want no messages; list, add, remove.
 *
 * They get none but those of transactional templates, from the moment on; what waits for them is stopped as well.
 */
import type { Command } from 'commander'
import { isoIn } from '../../core/date.ts'
import { optOutId } from '../../core/ids.ts'
import { type Channel, channels } from '../../core/message.ts'
import type { OptOut } from '../../core/opt-out.ts'
import { tellResult, type VerbOptions } from '../act-on-ids.ts'
import { type Cli, decide, look } from '../context.ts'
import { examples } from '../examples.ts'
import { usage } from '../failure.ts'
import { type ListOptions, listOptions, recordFilter } from '../list-options.ts'
import type { Column } from '../print.ts'
import { wordOf } from '../typed-values.ts'

export function register(program: Command, cli: Cli): void {
  const group = program.command('opt-outs').description('numbers and mail addresses that want no messages')
  addList(group, cli)
  addChange(group, cli, 'add', 'send them no more messages, but transactional ones')
  addChange(group, cli, 'remove', 'send them messages again')
}

function addList(group: Command, cli: Cli): void {
  const list = group.command('list').description('those that want none, oldest first')
  list.option('--channel <word>', channels.join(', ')).option('--removed', 'those that want messages again')
  examples(listOptions(list), [
    ['orderly opt-outs list --channel sms', 'numbers that get no SMS'],
    ['orderly opt-outs list --since 7d', 'those of the last week'],
  ])
  list.action(async (options: ListOptions & { readonly channel?: string; readonly removed?: boolean }) => {
    const channel = options.channel === undefined ? undefined : wordOf(options.channel, '--channel', channels)
    const state = options.removed === true ? 'removed' : 'active'
    await look(cli, async ({ ledger, zone }) => {
      const filter = recordFilter('optOut', options, { channel, state }, { now: cli.clock.now(), zone })
      cli.out.rows((await ledger.records(filter)) as readonly OptOut[], columns(zone), 'no opt-outs')
    })
  })
}

const columns = (zone: string): readonly Column<OptOut>[] => [
  { head: 'since', of: ({ updatedAt }) => isoIn(updatedAt, zone) },
  { head: 'channel', of: ({ channel }) => channel },
  { head: 'address', of: ({ address }) => address },
  { head: 'by', of: ({ by, actor }) => (by === 'hand' ? actor : by) },
  { head: 'reason', of: ({ reason }) => reason },
  { head: 'id', of: ({ id }) => id },
]

interface ChangeOptions extends VerbOptions {
  readonly reason?: string
}

function addChange(group: Command, cli: Cli, action: 'add' | 'remove', about: string): void {
  const verb = group
    .command(action)
    .description(about)
    .argument('<address...>', 'mail addresses, or numbers with country code')
  verb.option('--reason <text>', 'why, for the history').option('--dry-run', 'show what would happen; change nothing')
  examples(verb, [[`orderly opt-outs ${action} +36301234567 anna@example.com`, 'a number and an address']])
  verb.action(async (addresses: readonly string[], options: ChangeOptions) => {
    const wanted = addresses.map(addressOf)
    for (const one of wanted) await changeOne(cli, action, one, options)
  })
}

interface Address {
  readonly channel: Channel
  readonly address: string
}

/** In the form in which it is compared. */
function addressOf(text: string): Address {
  if (/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(text)) return { channel: 'mail', address: text.toLowerCase() }
  const number = text.replace(/[\s()/.-]/g, '')
  if (/^\+[1-9]\d{6,14}$/.test(number)) return { channel: 'sms', address: number }
  throw usage(`"${text}" is no mail address and no number with country code such as +36301234567`)
}

async function changeOne(
  cli: Cli,
  action: 'add' | 'remove',
  { channel, address }: Address,
  { reason, dryRun = false }: ChangeOptions,
): Promise<void> {
  const { act } = await import('../../operator/act.ts')
  await decide(cli, dryRun ? 'lookOrEmpty' : 'change', async ({ ledger, current, zone }) => {
    const command = { verb: 'changeOptOut', action, channel, address, ...(reason !== undefined && { reason }) } as const
    const result = await act(ledger, current.setup, command, { actor: cli.actor(), now: cli.clock.now(), dryRun })
    const done = action === 'add' ? 'gets no more messages' : 'gets messages again'
    cli.end(tellResult(cli, zone, done, { id: optOutId(channel, address), name: address }, result))
  })
}
