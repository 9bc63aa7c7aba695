/**
 * What must hold at the end of every story about mail, whatever the server did.
 *
 * Compares what the daemon says of its mails with what the server has on record. Throws (expect) where they differ.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Message } from '../../../src/core/message.ts'
import type { MailStory } from './mail-story.ts'

const auditCommand = fileURLToPath(new URL('../../../src/cli/commands/audit.ts', import.meta.url))

/** Says accepted only of what was taken, sends twice only what was in doubt, breaks no rule of SMTP, and still lives. */
export async function expectBalance(story: MailStory): Promise<void> {
  const { chaos, daemon } = story
  const problems: string[] = []
  const mails = await story.mails()
  for (const mail of mails) problems.push(...(await untruths(story, mail)))
  const known = new Set([...mails, ...(await story.alarms())].map(({ mail }) => mail?.messageId))
  for (const { messageId, bare, zeros, longestLine } of chaos.taken) {
    if (!known.has(messageId)) problems.push(`nobody knows of ${messageId}`)
    if (bare > 0 || zeros > 0 || longestLine > 998) problems.push(`${messageId} breaks RFC 5321`)
  }
  expect(problems).toEqual([])
  expect(daemon.process.exitCode, daemon.log()).toBeNull()
  expect(JSON.parse(await story.orderly(['status', '--json']))).toMatchObject({ verdict: 'running' })
  expect(daemon.log()).not.toMatch(/dispatch pass failed|transport failed|left in doubt|unhandled/i)
  if (existsSync(auditCommand)) await story.orderly(['audit'])
}

async function untruths(story: MailStory, message: Message): Promise<readonly string[]> {
  const copies = story.chaos.taken.filter(({ messageId }) => messageId === message.mail?.messageId)
  const doubts = (await story.happened(message)).filter((line) => line.startsWith('message.unknown')).length
  const problems: string[] = []
  for (const { address } of message.recipients) {
    const got = copies.filter(({ to }) => to.includes(address)).length
    const fate = message.settled.find((one) => one.address === address)?.result
    const name = `${message.id} to ${address}`
    if (fate === 'accepted' && got === 0) problems.push(`${name}: accepted, but the server has none`)
    if (fate === 'refused' && got > doubts) problems.push(`${name}: refused, but the server has ${got}`)
    if (got > doubts + 1) problems.push(`${name}: ${got} copies, in doubt ${doubts} times`)
    if (message.state === 'accepted' && fate === undefined) problems.push(`${name}: nothing is said of it`)
  }
  if (new Set(copies.map(({ sha256 }) => sha256)).size > 1 && message.settled.length === 1)
    problems.push(`${message.id}: the copies differ`)
  return problems
}
