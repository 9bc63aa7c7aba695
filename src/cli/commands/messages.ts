/**
 * `orderly messages`: list, show, and edit, send, cancel or retry by hand.
 *
 * What is shown is the frozen text that is sent. A held message that lacks text or recipient cannot be sent.
 */
import type { Command } from 'commander'
import type { Command as Verb } from '../../core/command.ts'
import { isoIn } from '../../core/date.ts'
import type { MessageId } from '../../core/ids.ts'
import { channels, type Message, messageStates } from '../../core/message.ts'
import { actOnIds, type VerbOptions } from '../act-on-ids.ts'
import { addEdit } from '../edit-message.ts'
import { type Cli, look } from '../context.ts'
import { examples } from '../examples.ts'
import { limitOption } from '../list-options.ts'
import { printEvents } from '../print-events.ts'
import { printFacts } from '../print-facts.ts'
import type { Output } from '../print.ts'
import { theTarget } from '../typed-ids.ts'
import { whenOf, wordOf } from '../typed-values.ts'

export function register(program: Command, cli: Cli): void {
  const group = program.command('messages').description('look at mail and SMS, and edit, send, cancel or retry them')
  addLists(group, cli)
  addEdit(group, cli)
  addSend(group, cli)
  addVerb(group, cli, 'cancel', 'never send a held or queued message', 'cancelled', (message, reason) => ({
    verb: 'cancelMessage',
    message,
    ...(reason !== undefined && { reason }),
  }))
  addVerb(group, cli, 'retry', 'try a refused, expired or undelivered message again', 'queued again', (message) => ({
    verb: 'retryMessage',
    message,
  }))
}

interface MessageListOptions {
  readonly state?: string
  readonly channel?: string
  readonly about?: string
  readonly limit: number
}

function addLists(group: Command, cli: Cli): void {
  const list = group.command('list').description('messages, newest first')
  list.option('--state <word>', messageStates.join(', ')).option('--channel <word>', channels.join(', '))
  limitOption(list.option('--about <order>', 'of one order or payment'))
  examples(list, [
    ['orderly messages list --state held', 'those that wait for a person, with the reason'],
    ['orderly messages list --about WEB-100245', 'all that was told about an order, and what was not sent'],
  ])
  list.action(async (options: MessageListOptions) => await listMessages(cli, options))
  const show = group
    .command('show')
    .description('one message as it is sent, with its history')
    .argument('<message>', 'id')
  examples(show, [['orderly messages show msg_0123456789abcdefghjk', 'where it came from: orderly why']])
  show.action(async (text: string) => await showMessage(cli, text))
}

async function listMessages(cli: Cli, { state, channel, about, limit }: MessageListOptions): Promise<void> {
  const filter = {
    limit,
    ...(state !== undefined && { states: [wordOf(state, '--state', messageStates)] }),
    ...(channel !== undefined && { channel: wordOf(channel, '--channel', channels) }),
  }
  await look(cli, async ({ ledger, zone }) => {
    const target = about === undefined ? undefined : await theTarget(ledger, about, ['order', 'payment', 'file'])
    const subject =
      target &&
      (target.kind === 'order' ? target.order.id : target.kind === 'payment' ? target.payment.id : target.file.id)
    const messages = await ledger.messages({ ...filter, ...(subject !== undefined && { subject }) })
    cli.out.rows(
      messages,
      [
        { head: 'made', of: ({ createdAt }) => isoIn(createdAt, zone) },
        { head: 'channel', of: (message) => message.channel },
        { head: 'state', of: (message) => message.state },
        { head: 'template', of: ({ template }) => template },
        { head: 'to', of: ({ recipients }) => recipients.map(({ address }) => address).join(', ') },
        { head: 'reason', of: ({ reason, response }) => reason ?? response },
        { head: 'id', of: ({ id }) => id },
      ],
      'no messages',
    )
  })
}

async function showMessage(cli: Cli, text: string): Promise<void> {
  await look(cli, async ({ ledger, zone }) => {
    const { message } = await theTarget(ledger, text, ['message'])
    const parts = await ledger.parts(message.id)
    if (cli.out.json) return cli.out.value({ ...message, acceptedParts: parts })
    messageFacts(cli.out, message, zone)
    for (const { part, state, smscId } of parts) cli.out.line(`part ${part}   ${state}, ${smscId}`)
    cli.out.line('')
    printEvents(cli.out, await ledger.eventsOf(message.id), zone)
  })
}

function messageFacts(out: Output, message: Message, zone: string): void {
  const { mail, sms } = message
  printFacts(out, [
    ['message', message.id],
    ['about', message.subject],
    ['state', message.state],
    ['reason', message.reason],
    ['answer', message.response],
    ['account', message.account],
    ['channel', message.channel],
    ['template', `${message.template}${message.language === undefined ? '' : `, ${message.language}`}`],
    ['from', mail === undefined ? sms?.sender : [mail.from.name, `<${mail.from.address}>`].filter(Boolean).join(' ')],
    ...message.recipients.map(({ as, name, address }): [string, string] => [
      as,
      [name, `<${address}>`].filter(Boolean).join(' '),
    ]),
    ...(message.droppedRecipients ?? []).map(({ address }): [string, string] => ['left out', address]),
    ['made', isoIn(message.createdAt, zone)],
    ['due', isoIn(message.dueAt, zone)],
    ['expires', message.expiresAt && isoIn(message.expiresAt, zone)],
    ['tries', message.attempts],
    ['subject', mail?.subject],
    ['attachments', mail?.attachments.map(({ name }) => name).join(', ')],
  ])
  out.line('')
  for (const line of (mail?.text ?? sms?.text ?? '(no text)').split('\n')) out.line(line)
}

function addSend(group: Command, cli: Cli): void {
  const send = group
    .command('send')
    .description('send a held message')
    .argument('<message...>', 'ids; "-": one a line from standard input')
    .option('--not-before <time>', 'a date, a time, or a duration from now; at once when absent')
    .option('--dry-run', 'show what would happen; change nothing')
  examples(send, [
    ['orderly messages list --state held --json | orderly messages send -', 'all of them'],
    ['orderly messages send msg_… --not-before 2026-12-24T09:00', 'not before that time'],
  ])
  send.action(async (ids: string[], options: VerbOptions & { readonly notBefore?: string }) => {
    const { act } = await import('../../operator/act.ts')
    await actOnIds(cli, ids, options, {
      kind: 'message',
      done: options.notBefore === undefined ? 'released' : `released, not before ${options.notBefore}`,
      act: (at, { message }, acting) => {
        const time = { now: acting.now, zone: at.zone, towards: 'future' } as const
        const notBefore =
          options.notBefore === undefined ? {} : { notBefore: whenOf(options.notBefore, '--not-before', time) }
        return act(at.ledger, at.current.setup, { verb: 'sendMessage', message: message.id, ...notBefore }, acting)
      },
    })
  })
}

function addVerb(
  group: Command,
  cli: Cli,
  name: 'cancel' | 'retry',
  about: string,
  done: string,
  command: (id: MessageId, reason: string | undefined) => Verb,
): void {
  const verb = group
    .command(name)
    .description(about)
    .argument('<message...>', 'ids; "-": one a line from standard input')
  verb.option('--dry-run', 'show what would happen; change nothing')
  if (name === 'cancel') verb.option('--reason <text>', 'why, for the history')
  const state = { cancel: 'queued', retry: 'refused' }[name]
  examples(verb, [[`orderly messages list --state ${state} --json | orderly messages ${name} -`, 'all of them']])
  verb.action(async (ids: string[], options: VerbOptions & { readonly reason?: string }) => {
    const { act } = await import('../../operator/act.ts')
    await actOnIds(cli, ids, options, {
      kind: 'message',
      done,
      act: (at, { message }, acting) => act(at.ledger, at.current.setup, command(message.id, options.reason), acting),
    })
  })
}
