import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { expectBalance } from './balance.ts'
import { startStory, storyLimitMs } from './mail-story.ts'

const customers = (count: number): string[] => Array.from({ length: count }, (_, i) => `p${i}@example.com`)

it.concurrent(
  '421 holds the account for a while, not the message: nobody is asked meanwhile, nobody is charged',
  async () => {
    const slow = { tooFast: { first: '1500ms', max: '3s' } }
    await using story = await startStory((config) => Object.assign(config['mail'], { pauses: slow }))
    const { chaos } = story
    chaos.forRecipient.set('p5@example.com', ['dot:421'])
    story.tell(customers(20))
    const mails = await story.settled(['accepted'])
    expect(mails.map(({ attempts }) => attempts)).toEqual(mails.map(() => 1))
    expect(chaos.taken).toHaveLength(20)
    const told = chaos.tries.find(({ behaviour }) => behaviour === 'dot:421')
    const later = chaos.tries.map(({ at }) => at).filter((at) => at > (told?.at ?? 0) + 300)
    expect(Math.min(...later) - (told?.at ?? 0)).toBeGreaterThanOrEqual(1_150)
    expect(story.daemon.log()).toMatch(/mail server is paused.*\n(.*\n)*.*mail server is back/)
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'a wrong password is tried once, alarmed at once, and mended by a reload',
  async () => {
    const files = { 'secrets/mail': 'wrong' }
    await using story = await startStory(
      (config) => {
        Object.assign(config['mail'], { auth: { user: 'orderly', password: '${file:../secrets/mail}' } })
      },
      { login: 'orderly:right', files },
    )
    const { chaos, daemon } = story
    story.tell(customers(5))
    await story.until('it is tried', () => chaos.connections.length > 0)
    await story.until('an alarm', async () => (await story.alarms()).length > 0)
    const [alarm] = await story.alarms()
    expect(alarm?.mail?.text).toMatch(/does not accept the login of orderly: 535/)
    expect(alarm?.mail?.text).not.toContain('wrong\n')
    expect(chaos.connections).toHaveLength(1)
    const waiting = await story.mails()
    expect(waiting.map(({ state, attempts }) => [state, attempts])).toEqual(waiting.map(() => ['queued', 0]))
    expect(JSON.parse(await story.orderly(['status', '--json']))).toMatchObject({
      daemon: { transports: { mail: { reason: expect.stringContaining('Check mail.auth') } } },
    })
    writeFileSync(join(story.world.folder, 'secrets', 'mail'), 'right')
    daemon.process.kill('SIGHUP')
    // What was put off for five minutes is due when a person says so, or when its time comes.
    await story.until('the config is read again', () => daemon.log().includes('config reloaded'))
    story.tell(['after@example.com'])
    await story.until('the next mail goes', () => chaos.taken.some(({ to }) => to[0] === 'after@example.com'))
    expect(chaos.taken.every(({ user }) => user === 'orderly')).toBe(true)
    expect(daemon.log()).not.toContain('wrong"')
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'a login that is refused for the moment is tried again',
  async () => {
    await using story = await startStory(
      (config) => {
        Object.assign(config['mail'], {
          connections: 1,
          auth: { user: 'orderly', password: '${file:../secrets/mail}' },
        })
      },
      { login: 'orderly:right', files: { 'secrets/mail': 'right' } },
    )
    story.chaos.plan.connections.push('auth:454', 'auth:drop', 'auth:hang', 'auth:junk')
    story.tell(['anna@example.com'])
    const [mail] = await story.settled(['accepted'])
    expect(mail?.attempts).toBe(1)
    expect(story.chaos.connections).toHaveLength(5)
    if (mail) expect((await story.happened(mail)).join('\n')).toMatch(/does not accept the login of orderly: 454/)
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'a server that demands a login which is not set takes no mail and charges nobody',
  async () => {
    await using story = await startStory(() => undefined, { login: 'orderly:right' })
    story.tell(customers(5))
    await story.until('a reason', async () => (await story.mails()).some(({ reason }) => /530/.test(reason ?? '')))
    await pause(1_500)
    // One of them may be asked for at any moment whether the login is wanted still.
    await story.until('all wait', async () =>
      (await story.mails()).every(({ state, attempts }) => state === 'queued' && attempts === 0),
    )
    expect(story.chaos.connections.length).toBeLessThan(20)
    await expectBalance(story)
  },
  storyLimitMs,
)
