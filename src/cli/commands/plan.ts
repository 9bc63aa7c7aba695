/**
 * `orderly plan`: what would be sent, exported and expired until then, if nothing else came. Changes nothing.
 * The effects shown are those that the daemon will commit, if nothing changes before.
 */
import type { Command } from 'commander'
import { isoIn } from '../../core/date.ts'
import type { Plan } from '../../operator/plan.ts'
import { estimateWords } from '../../workflow/messages/sms-cost.ts'
import { type Cli, decide } from '../context.ts'
import { examples } from '../examples.ts'
import { usage } from '../failure.ts'
import { batchLines } from '../print-batch.ts'
import type { Output } from '../print.ts'
import { whenOf } from '../typed-values.ts'

export function register(program: Command, cli: Cli): void {
  const command = program.command('plan').description('what is going to happen until then; changes nothing')
  command.option('--date <time>', 'until the end of that day, that time, or so long from now', '1d')
  examples(command, [
    ['orderly plan', 'the next 24 hours'],
    ['orderly plan --date 2026-03-31', 'until the end of that day'],
  ])
  command.action(async ({ date }: { readonly date: string }) => await showPlan(cli, date))
}

async function showPlan(cli: Cli, date: string): Promise<void> {
  const { plan } = await import('../../operator/plan.ts')
  await decide(cli, 'look', async ({ ledger, current, zone }) => {
    const now = cli.clock.now()
    const until = whenOf(date, '--date', { now, zone, towards: 'future', endOfDay: true })
    if (until < now) throw usage(`--date: ${isoIn(until, zone)} is past`)
    const planned = await plan(ledger, current.setup, until, { now })
    if (cli.out.json) cli.out.value(planned)
    else printPlan(cli.out, planned, zone)
  })
}

function printPlan(out: Output, plan: Plan, zone: string): void {
  out.line(`from ${isoIn(plan.from, zone)} until ${isoIn(plan.until, zone)}, if nothing else comes:`)
  for (const { channel, template, recipients, dueAt, id, state, reason } of plan.messages) {
    const to = recipients.map(({ address }) => address).join(', ')
    const not = state === 'suppressed' ? `  not sent: ${reason ?? ''}` : ''
    out.line(`${isoIn(dueAt, zone)}  ${channel} ${template} to ${to}  ${id}${not}`)
  }
  for (const { timer, at, batch } of plan.timers) {
    out.line(`${isoIn(at, zone)}  timer ${timer.name} of ${timer.subject}`)
    const lines = batchLines(batch, zone)
    for (const line of lines.length === 0 ? ['nothing follows'] : lines) out.line(`  ${line}`)
  }
  for (const { export: name, open, writing, held, when, slots, moreSlots } of plan.exports) {
    const next =
      when === 'atOnce'
        ? 'at once'
        : slots.length === 0
          ? 'not until then'
          : slots.map((slot) => isoIn(slot, zone)).join(', ')
    out.line(
      `export ${name}: ${open} lines wait, ${writing} files are being written, ${held} are held; ${next}${moreSlots ? ' …' : ''}`,
    )
  }
  for (const { channel, template, reason, id } of plan.held) {
    out.line(`waits for a person: ${channel} ${template} (${reason ?? 'held'})  ${id}`)
  }
  const cost = estimateWords(plan.sms)
  if (cost !== undefined) out.line(`SMS until then: ${cost}`)
  if (plan.messages.length + plan.timers.length === 0) out.line('no message is due and no timer fires')
  if (plan.cut) out.line('There is more than is shown.')
}
