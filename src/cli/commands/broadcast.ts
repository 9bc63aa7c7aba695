/**
 * `orderly broadcast`: one template to the customers of chosen orders, or to the members of a group.
 *
 * Under one name nobody gets it twice, so that the same command again goes on where it was stopped. Caps, quiet hours
 * and opt-outs hold as for any message. The estimate of what SMS cost is told before (`--dry-run`) and after.
 */
import type { Command } from 'commander'
import { dateIn, type Instant } from '../../core/date.ts'
import { type Channel, channels } from '../../core/message.ts'
import { batchLines } from '../print-batch.ts'
import { type BulkOptions, bulkOptions, isBulk, startRun } from '../bulk.ts'
import { type Acting, type Cli, decide } from '../context.ts'
import { examples } from '../examples.ts'
import { usage } from '../failure.ts'
import { whenOf, wordOf } from '../typed-values.ts'

interface BroadcastOptions extends BulkOptions {
  readonly template: string
  readonly channel: string
  readonly group?: string
  readonly name?: string
  readonly notBefore?: string
}

export function register(program: Command, cli: Cli): void {
  const command = program.command('broadcast').description('send one template to many people at once')
  command
    .requiredOption('--template <template>', 'e.g. customer/notice')
    .option('--channel <word>', 'sms or mail', 'sms')
    .option('--group <code>', 'to the members of a group')
  bulkOptions(command)
    .option('--not-before <time>', 'a date, a time, or a duration from now such as 2h')
    .option('--name <text>', 'what tells this broadcast from another; the date of today when absent')
    .option('--dry-run', 'print who would get it, and what it would cost; send nothing')
  examples(command, [
    [
      'orderly broadcast --template customer/closed --filter store=BUD01 --filter collect.delivery=ready --dry-run',
      'who',
    ],
    ['orderly broadcast --template customer/closed --filter store=BUD01 --not-before 2026-12-24T09:00', 'customers'],
    ['orderly broadcast --template staff/inventory --group drivers', 'members of a group, each once'],
  ])
  command.action(async (options: BroadcastOptions) => await broadcast(cli, options))
}

interface Wanted {
  readonly name: string
  readonly template: string
  readonly channel: Channel
  readonly notBefore?: Instant
}

async function broadcast(cli: Cli, options: BroadcastOptions): Promise<void> {
  const { template, group, name, notBefore } = options
  const channel = wordOf(options.channel, '--channel', channels)
  const chosen = options.filter !== undefined || options.since !== undefined
  if (chosen === (group !== undefined)) throw usage('give either --group, or --filter or --since')
  const now = cli.clock.now()
  const { config } = await cli.config()
  const zone = config.timeZone
  const wanted: Wanted = {
    name: name ?? dateIn(now, zone),
    template,
    channel,
    ...(notBefore !== undefined && {
      notBefore: whenOf(notBefore, '--not-before', { now, zone, towards: 'future' }),
    }),
  }
  if (group === undefined) {
    isBulk([], options)
    return await startRun(cli, { verb: 'tell', ...wanted }, options)
  }
  const members = Object.hasOwn(config.groups, group) ? config.groups[group] : undefined
  if (members === undefined) {
    throw usage(`--group: there is no group "${group}"; there are: ${Object.keys(config.groups).join(', ') || 'none'}`)
  }
  await decide(cli, options.dryRun === true ? 'lookOrEmpty' : 'change', async (at) => {
    await tellGroup(cli, at, { ...wanted, group }, options.dryRun === true)
  })
}

async function tellGroup(
  cli: Cli,
  { ledger, current, zone }: Acting,
  wanted: Wanted & { readonly group: string },
  dryRun: boolean,
): Promise<void> {
  const [{ tellMembers }, { asWanted }, { estimateMessages, estimateWords }, { countsOf, wordsOf }] = await Promise.all(
    [
      import('../../operator/tell-members.ts'),
      import('../../operator/as-wanted.ts'),
      import('../../workflow/messages/sms-cost.ts'),
      import('../../workflow/commands/decide-bulk.ts'),
    ],
  )
  const options = { actor: cli.actor(), now: cli.clock.now(), dryRun }
  const {
    run,
    batch: decided,
    isRepeated,
  } = await tellMembers(ledger, current.setup, { verb: 'tellGroup', ...wanted }, options)
  const batch = { ...decided, messages: await asWanted(ledger, decided.messages) }
  const cost = estimateMessages(current.setup.config.sms.prices, batch.messages)
  cli.out.value({ id: run.id, result: isRepeated ? 'same' : dryRun ? 'wouldDo' : 'done', batch, sms: cost })
  if (cli.out.json) return
  if (dryRun) for (const line of batchLines(batch, zone)) cli.out.line(line)
  const end = isRepeated ? 'it was done before under this name' : countsOf(run)
  cli.out.line(`${wordsOf(run)}: ${end}${dryRun ? '; nothing was changed' : ''}`)
  const words = estimateWords(cost)
  if (words !== undefined) cli.out.line(`SMS: ${words}`)
}
