/** Scenarios 37 and 38: what an SMS needs before it leaves, and what the servers' answers lead to. */
import { expect, test } from 'vitest'
import { startChaos } from '../../neighbours/smtp-chaos.ts'
import { deliverBody, id, packPdu, receiptText } from '../../neighbours/smsc.ts'
import { expectBalanced, openGateway, openTexting } from './texting.ts'

const home = '+36301234567'
const patient = { timeout: 90_000 }

test('a sender that no SMS can have is refused at load, with its place', patient, async () => {
  await using shop = await openTexting(({ sms }) => (sms.sender = ['store.mobile', 'EXAMPLE-SHOP']))
  const check = await shop.orderly('check')
  expect(check.code).toBe(3)
  expect(check.out).toMatch(/orderly\.yaml:\d+.*this cannot be the sender of an SMS.*at most 11/s)
  shop.configure(({ sms }) => (sms.sender = ['store.mobile', 'EXAMPLE']))
  shop.template('told/order', '---\nsender: TWELVE-CHARS\n---\nOrder {{order.number}} came in.')
  expect(await shop.orderly('check')).toMatchObject({ code: 3, out: expect.stringContaining('at most 11 characters') })
})

test('a number without prefix gets the country code; one that is none fails without a try', patient, async () => {
  await using gateway = await openGateway('DELIVRD')
  await using shop = await openTexting(({ sms }) => (sms.port = gateway.port))
  const daemon = shop.world.start()
  shop.give({ number: '1', phone: '06 30 123 4567' }, { number: '2', phone: '12' })
  await shop.reach(home, 'delivered')
  const failed = await shop.reach('12', 'suppressed')
  expect(failed).toMatchObject({ attempts: 0, reason: '"12" is no valid phone number' })
  expect(gateway.submitted.map(({ destination, source }) => [source, destination])).toEqual([
    ['EXAMPLE', home.slice(1)],
  ])
  await daemon.stop()
  await expectBalanced(shop)
})

test('older than its maximum age it is timed out, not sent', patient, async () => {
  await using gateway = await openGateway('DELIVRD')
  await using shop = await openTexting(({ sms }) => Object.assign(sms, { port: 1, maxAge: '1s' }))
  const daemon = shop.world.start()
  shop.give({ number: '1', phone: home })
  await shop.reach(home, 'queued')
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  shop.configure(({ sms }) => (sms.port = gateway.port))
  daemon.process.kill('SIGHUP')
  expect(await shop.reach(home, 'expired')).toMatchObject({ attempts: 0, reason: expect.stringMatching(/^older than/) })
  expect(gateway.submitted).toEqual([])
  await daemon.stop()
  await expectBalanced(shop)
})

const later = (nth: number) => ({ at: 'rcpt' as const, nth, do: { reply: '451 4.3.0 try later' } })

test('mail: 4xx is tried again after a pause that grows, 5xx is not', patient, async () => {
  const never = { at: 'rcpt' as const, nth: 4, do: { reply: '550 5.1.1 no such user' } }
  const server = await startChaos({ deeds: [later(1), later(2), never] })
  await using shop = await openTexting((config) => {
    Object.assign(config['mail'], { port: server.port, retry: { first: '400ms', max: '2s', giveUpAfter: '1h' } })
    config['workflows'].told.on.received = { to: 'customer', mail: 'told/mail' }
    delete config['alarms']
  })
  await using _ = { [Symbol.asyncDispose]: () => server.close() }
  shop.template('told/mail', '---\nsubject: Order {{order.number}}\n---\nIt came in.\n', 'txt')
  const daemon = shop.world.start()
  shop.give({ number: '1', email: 'anna@example.com' })
  const sent = await shop.reach('anna@example.com', 'accepted')
  expect(sent.attempts).toBe(3)
  const tries = await shop.world.look(async (ledger) =>
    (await ledger.eventsOf(sent.id)).filter(({ name }) => name === 'message.deferred'),
  )
  expect(tries.map(({ text }) => text?.split(':')[0])).toEqual(['next try in 400ms', 'next try in 800ms'])
  shop.give({ number: '2', email: 'bela@example.com' })
  expect(await shop.reach('bela@example.com', 'refused')).toMatchObject({ attempts: 1 })
  await daemon.stop()
  await expectBalanced(shop)
})

test(
  'SMPP: an unbound link is bound anew, throttling slows down, receipts say what became of it',
  patient,
  async () => {
    const times: number[] = []
    await using gateway = await openGateway('DELIVRD', {
      onSubmit: async (submitted, _peer, count) => {
        times.push(performance.now())
        return submitted.destination.endsWith('8') && count <= 3 ? { status: 0x58 } : {}
      },
    })
    await using shop = await openTexting(({ sms }) => (sms.port = gateway.port))
    const daemon = shop.world.start()
    shop.give({ number: '1', phone: home })
    await shop.reach(home, 'delivered')
    const first = await gateway.peer()
    first.write(packPdu(id.unbind, 0, 99))
    await shop.until('bound anew', () => gateway.binds.length === 2)
    shop.give({ number: '2', phone: '+36301234568' })
    const slowed = await shop.reach('+36301234568', 'delivered')
    // Throttled twice: a pause of a second, then of two; neither is charged as a try.
    expect(slowed.attempts).toBe(1)
    expect(times.slice(1).map((at, i) => (times[i + 2] ?? at) - at >= 900 * 2 ** i || i === 2)).toEqual([
      true,
      true,
      true,
    ])
    await daemon.stop()
    await using other = await openGateway('UNDELIV')
    shop.configure(({ sms }) => (sms.port = other.port))
    shop.world.start()
    shop.give({ number: '3', phone: '+36301234569' })
    const lost = await shop.reach('+36301234569', 'undelivered')
    // The same receipt again, and one that says otherwise: nothing, and the better news.
    const peer = await other.peer()
    const tell = (stat: string) =>
      peer.ask(id.deliver, deliverBody({ source: '36301234569', text: receiptText('s1', stat) }))
    expect([await tell('UNDELIV'), await tell('ENROUTE')]).toEqual([0, 0])
    expect((await shop.reach('+36301234569', 'undelivered')).finishedAt).toBe(lost.finishedAt)
    expect(await tell('DELIVRD')).toBe(0)
    await shop.reach('+36301234569', 'delivered')
    expect(await tell('UNDELIV')).toBe(0)
    await shop.world.quiet({ exports: false })
    await shop.reach('+36301234569', 'delivered')
    await expectBalanced(shop)
  },
)
