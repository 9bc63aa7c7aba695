import { expect, it } from 'vitest'
import { selfSigned } from '../../neighbours/certificate.ts'
import { expectBalance } from './balance.ts'
import { type MailStory, startStory, storyLimitMs } from './mail-story.ts'

const right = selfSigned()
const expired = selfSigned({ days: -1 })
const wrongName = selfSigned({ names: 'DNS:other.example' })
const stranger = selfSigned()
/** Known authorities, so that it is the date and the name that are found wanting. */
const files = { 'config/ca.pem': [right, expired, wrongName].map(({ cert }) => cert).join('\n') }

const saidOf = async (story: MailStory): Promise<string> => {
  const [mail] = await story.mails()
  return mail === undefined ? '' : (await story.happened(mail)).join('\n')
}

for (const security of ['starttls', 'tls'] as const) {
  it.concurrent(
    `${security}: no mail leaves before the certificate is right, and the reason is told`,
    async () => {
      await using story = await startStory(
        (config) => {
          Object.assign(config['mail'], { security, caFile: 'ca.pem', host: 'localhost' })
        },
        { tls: security === 'tls' ? 'implicit' : 'starttls', files },
      )
      const { chaos } = story
      chaos.certificate = expired
      story.tell(['anna@example.com'])
      await story.until('expired', async () => /has expired/.test(await saidOf(story)))
      chaos.certificate = wrongName
      await story.until('wrong name', async () => /is for another name/.test(await saidOf(story)))
      chaos.certificate = stranger
      await story.until('stranger', async () => /is self-signed/.test(await saidOf(story)))
      expect(chaos.commands.filter((line) => /^(MAIL|RCPT|DATA|AUTH)/.test(line))).toEqual([])
      chaos.certificate = right
      const [mail] = await story.settled(['accepted'])
      expect(mail?.attempts).toBe(1)
      expect(chaos.taken.map(({ secured }) => secured)).toEqual([true])
      await expectBalance(story)
    },
    storyLimitMs,
  )
}

it.concurrent(
  'STARTTLS hidden, refused, dropped, never answered, answered with junk: nothing is sent in clear',
  async () => {
    await using story = await startStory(
      (config) => {
        Object.assign(config['mail'], {
          connections: 1,
          security: 'starttls',
          caFile: 'ca.pem',
          auth: { user: 'orderly', password: '${file:../secrets/mail}' },
        })
      },
      { tls: 'starttls', login: 'orderly:right', files: { ...files, 'secrets/mail': 'right' } },
    )
    const { chaos } = story
    chaos.certificate = right
    const lines = ['hide', '454', '502', 'drop', 'close', 'hang', 'junk'].map((deed) => `starttls:${deed}`)
    chaos.plan.connections.push(...lines)
    story.tell(['anna@example.com'])
    const [mail] = await story.settled(['accepted'])
    expect(mail?.attempts).toBe(1)
    expect(chaos.connections).toHaveLength(lines.length + 1)
    expect(chaos.commands.filter((line) => /^(MAIL|AUTH)/.test(line))).toHaveLength(2)
    expect(chaos.taken.map(({ secured, user }) => [secured, user])).toEqual([[true, 'orderly']])
    expect(await saidOf(story)).toMatch(/does not offer STARTTLS/)
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'allowSelfSigned takes the certificate that nobody vouches for',
  async () => {
    await using story = await startStory(
      (config) => {
        Object.assign(config['mail'], { security: 'starttls', allowSelfSigned: true })
      },
      { tls: 'starttls' },
    )
    story.chaos.certificate = stranger
    story.tell(['anna@example.com'])
    await story.settled(['accepted'])
    expect(story.daemon.log()).toMatch(/mail server certificate is not checked/)
    await expectBalance(story)
  },
  storyLimitMs,
)
