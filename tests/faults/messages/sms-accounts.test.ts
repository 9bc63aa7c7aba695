import { expect, test } from 'vitest'
import { deliverBody, id } from '../../neighbours/smsc.ts'
import { expectBalanced, openGateway, openTexting } from './texting.ts'

const home = '+36301234567'
const abroad = '+4915112345678'
const routes = [{ prefix: '+36', account: 'home' }, { account: 'abroad' }]

test(
  'each number goes by the account of its route, and receipts of equal ids find their own message',
  { timeout: 90_000 },
  async () => {
    await using near = await openGateway('DELIVRD')
    await using far = await openGateway('UNDELIV')
    await using shop = await openTexting(({ sms }) => {
      sms.accounts = {
        home: { port: near.port, systemId: 'near' },
        abroad: { port: far.port, systemId: 'far', bind: 'transmitter' },
      }
      sms.routes = routes
      sms.prices = [{ prefix: '+36', perPart: '0.045', currency: 'EUR' }]
    })
    const tested = await shop.orderly('test', 'sms')
    expect(tested).toMatchObject({ code: 0, out: expect.stringMatching(/bind home: ok.*\nbind abroad: ok/) })
    const daemon = shop.world.start()
    shop.give({ number: '1', phone: home }, { number: '2', phone: abroad })
    expect(await shop.reach(home, 'delivered')).toMatchObject({ account: 'home' })
    expect(await shop.reach(abroad, 'undelivered')).toMatchObject({ account: 'abroad' })
    expect(near.submitted.map(({ destination }) => destination)).toEqual([home.slice(1)])
    expect(far.submitted.map(({ destination }) => destination)).toEqual([abroad.slice(1)])
    expect(new Set(far.binds.map((bind) => bind.id))).toEqual(new Set([id.bindTransmitter, id.bindReceiver]))
    const status = async (): Promise<string> => (await shop.orderly('status')).out
    await expect.poll(status, { timeout: 10_000 }).toMatch(/sms home: bound.*\nsms abroad: bound/)
    expect(await status()).toContain('SMS of the last 24 hours: 2 parts, about 0.045 EUR, and 1 without a price')
    await daemon.stop()
    await expectBalanced(shop)
  },
)

test(
  'an account that is away gives its numbers to the next route, and nothing is sent twice',
  { timeout: 90_000 },
  async () => {
    await using far = await openGateway('DELIVRD')
    await using shop = await openTexting(({ sms }) => {
      sms.fallBackAfter = '1s'
      sms.accounts = { home: { port: 1, systemId: 'near' }, abroad: { port: far.port, systemId: 'far' } }
      sms.routes = routes
    })
    const daemon = shop.world.start()
    shop.give({ number: '1', phone: home })
    expect(await shop.reach(home, 'delivered')).toMatchObject({ account: 'abroad', attempts: 1 })
    expect(far.submitted).toHaveLength(1)
    const status = async (): Promise<string> => (await shop.orderly('status')).out
    await expect.poll(status, { timeout: 10_000 }).toMatch(/sms home: connecting \(/)
    await daemon.stop()
    await expectBalanced(shop)
  },
)

test(
  'STOP ends messages to the number, also those that wait; transactional ones and other numbers go on',
  { timeout: 90_000 },
  async () => {
    await using gateway = await openGateway('DELIVRD')
    await using shop = await openTexting(({ sms }) => (sms.port = gateway.port))
    const daemon = shop.world.start()
    const write = async (text: string): Promise<void> => {
      const peer = await gateway.peer()
      expect(await peer.ask(id.deliver, deliverBody({ source: home.slice(1), esmClass: 0, text }))).toBe(0)
    }
    await write('Stop')
    shop.give({ number: '1', phone: home }, { number: '2', phone: abroad })
    await shop.reach(abroad, 'delivered')
    expect(await shop.reach(home, 'suppressed')).toMatchObject({ reason: `${home} wants no messages (opted out)` })
    expect((await shop.orderly('opt-outs', 'list')).out).toContain(home)
    const { id: stopped } = await shop.reach(home, 'suppressed')
    expect((await shop.orderly('why', stopped)).out).toContain('opted out')
    expect((await shop.orderly('opt-outs', 'remove', home)).out).toContain('gets messages again')
    shop.give({ number: '3', phone: home })
    await shop.reach(home, 'delivered')
    await write('STOP')
    shop.template('told/order', '---\ntransactional: true\n---\nOrder {{order.number}} came in.')
    await daemon.stop()
    shop.world.start()
    shop.give({ number: '4', phone: home })
    await shop.until('the transactional one has left', () => gateway.submitted.length === 3)
    await shop.world.quiet({ exports: false })
    await expectBalanced(shop)
  },
)

test('a message that waits for review is edited and sent from the command line', { timeout: 90_000 }, async () => {
  await using gateway = await openGateway('DELIVRD')
  await using shop = await openTexting((config) => {
    config['sms'].port = gateway.port
    config['workflows'].told.on.received.review = true
  })
  const daemon = shop.world.start()
  shop.give({ number: '1', phone: home })
  const { id: message } = await shop.reach(home, 'held')
  const edited = await shop.orderly('messages', 'edit', message, '--text', 'Closed today, come tomorrow.')
  expect(edited).toMatchObject({ code: 0, out: expect.stringContaining('it is still held') })
  expect((await shop.orderly('messages', 'show', message)).out).toContain('Closed today, come tomorrow.')
  expect((await shop.orderly('messages', 'send', message)).code).toBe(0)
  await shop.reach(home, 'delivered')
  expect(gateway.submitted.map(({ octets }) => octets.toString('latin1'))).toEqual(['Closed today, come tomorrow.'])
  expect((await shop.orderly('messages', 'edit', message, '--text', 'x')).code).not.toBe(0)
  await daemon.stop()
  await expectBalanced(shop)
})

test('a broadcast to a group is planned once, costs what it says, and is sent', { timeout: 90_000 }, async () => {
  await using gateway = await openGateway('DELIVRD')
  await using shop = await openTexting((config) => {
    config['sms'].port = gateway.port
    config['sms'].prices = [{ perPart: '0.05', currency: 'EUR' }]
    config['groups'] = {
      drivers: {
        members: [
          { name: 'Anna', mobile: home },
          { name: 'Bob', mobile: abroad },
        ],
      },
    }
  })
  shop.template('staff/note', 'Inventory tomorrow, {{customer.name}}.')
  const words = ['broadcast', '--template', 'staff/note', '--group', 'drivers', '--name', 'N1']
  shop.world.start()
  await shop.until('the daemon runs', async () => (await shop.orderly('status')).code === 0)
  const dry = await shop.orderly(...words, '--dry-run')
  expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('SMS: 2 parts, about 0.1 EUR') })
  expect(gateway.submitted).toHaveLength(0)
  expect((await shop.orderly(...words)).code).toBe(0)
  await shop.reach(home, 'delivered')
  await shop.reach(abroad, 'delivered')
  expect((await shop.orderly(...words)).out).toContain('it was done before under this name')
  shop.give({ number: '1', phone: home }, { number: '2', phone: home })
  await shop.until('both orders are told', () => gateway.submitted.length === 4)
  const orders = await shop.orderly('broadcast', '--template', 'told/order', '--since', '1d', '--name', 'N2')
  expect(orders).toMatchObject({ code: 0, out: expect.stringContaining('1 done, 1 as they were') })
  await shop.until('the customer is told once', () => gateway.submitted.length === 5)
  await shop.world.quiet({ exports: false })
  await expectBalanced(shop)
})
