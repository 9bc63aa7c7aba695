/**
 * `orderly test mail|sms`: tries the account step by step, and sends one message when told to whom.
 *
 * The test message does not go through the ledger. In a rehearsal it goes to `safety.redirectTo`, as everything
 * does. 69: the server or gateway cannot be used, with the reason and what to do.
 */
import type { Command } from 'commander'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'

interface TestOptions {
  readonly to?: string
  readonly account?: string
}

export function register(program: Command, cli: Cli): void {
  const group = program.command('test').description('try the mail server or the SMS gateway')
  const mail = group.command('mail').description('connect, secure, log in; with --to: send one mail')
  mail.option('--to <address>', 'mail address')
  examples(mail, [
    ['orderly test mail', 'sends nothing'],
    ['orderly test mail --to anna@example.com', 'sends one mail'],
  ])
  mail.action(async ({ to }: TestOptions) => await (await import('../test-message.ts')).testMail(cli, to))
  const sms = group.command('sms').description('connect and bind; with --to: send one SMS')
  sms.option('--to <number>', 'phone number with country code, e.g. +36301234567')
  sms.option('--account <name>', 'one of several accounts; all of them, or the one for the number, when absent')
  examples(sms, [
    ['orderly test sms', 'sends nothing'],
    ['orderly test sms --to +36301234567', 'sends one SMS'],
    ['orderly test sms --account abroad', 'binds as one of several accounts'],
  ])
  sms.action(async (options: TestOptions) => await (await import('../test-message.ts')).testSms(cli, options))
}
