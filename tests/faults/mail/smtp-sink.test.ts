import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startStory } from './mail-story.ts'

/** The test server of Postfix, where it is installed: a second opinion on what a mail server does. */
const sink = '/usr/sbin/smtp-sink'

/** What it is told to do in turn, and what is then said of the mail that waits. */
const turns: readonly (readonly [options: readonly string[], says: RegExp])[] = [
  [['-q', 'CONNECT'], /no greeting|cut the connection|closed/],
  [['-q', 'EHLO'], /closed|no greeting|cut/],
  [['-q', 'RCPT'], /broke before the whole message was sent|closed|cut/],
  [['-q', 'DATA'], /broke before the whole message was sent/],
  [['-q', '.'], /result unknown: no answer after the whole message/],
  [['-r', 'MAIL'], /next try in .*450/],
  [['-r', 'RCPT', '-b', '450 4.2.1 come back'], /next try in .*450 4\.2\.1 come back/],
  [['-r', '.'], /next try in .*450/],
  [['-Q', 'RCPT'], /421/],
  [['-e', '-r', 'DATA'], /next try in .*450/],
]

it.skipIf(!existsSync(sink))(
  'smtp-sink of Postfix with each of its failures in turn: every mail arrives once',
  async () => {
    const port = await freePort()
    await using story = await startStory((config) => void Object.assign(config['mail'], { port }))
    const addresses = Array.from({ length: 6 }, (_, i) => `s${i}@example.com`)
    const dump = join(story.world.folder, 'taken')
    let running = startSink(port, [...(turns[0]?.[0] ?? [])])
    try {
      story.tell(addresses)
      for (const [i, [options, says]] of turns.entries()) {
        if (i > 0) running = startSink(port, options)
        await story.until(options.join(' '), async () => {
          const told = await Promise.all((await story.mails()).map((mail) => story.happened(mail)))
          return told.some((lines) => says.test(lines.at(-1) ?? ''))
        })
        await stop(running)
      }
      running = startSink(port, ['-D', dump])
      const mails = await story.settled(['accepted'])
      expect(mails).toHaveLength(addresses.length)
      const taken = readFileSync(dump, 'latin1')
      for (const { mail } of mails) expect(taken.split(`Message-ID: ${mail?.messageId}`)).toHaveLength(2)
      expect(JSON.parse(await story.orderly(['status', '--json']))).toMatchObject({ verdict: 'running' })
    } finally {
      await stop(running)
    }
  },
  60_000,
)

function startSink(port: number, options: readonly string[]): ChildProcess {
  const user = process.getuid?.() === 0 ? ['-u', execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()] : []
  return spawn(sink, [...user, ...options, `127.0.0.1:${port}`, '100'], { stdio: 'ignore' })
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  while (child.exitCode === null && child.signalCode === null) await pause(20)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return address !== null && typeof address === 'object' ? address.port : 0
}
