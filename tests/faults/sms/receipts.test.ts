import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { status } from '../../neighbours/smsc/behaviour.ts'
import { cstring, deliverBody, id, packPdu, receiptText, tlv } from '../../neighbours/smsc.ts'
import { beginStory, phoneOf, type Story } from './story.ts'

const held = { answer: 'ok', receipts: [{ state: 'DELIVRD', when: 'held' }] } as const

describe('receipts', { timeout: 60_000 }, () => {
  let story: Story
  beforeAll(async () => {
    story = await beginStory({ redeliverMs: 200 })
  }, 60_000)
  afterAll(async () => await story[Symbol.asyncDispose]())
  const idOf = async (number: string): Promise<string> => (await story.messages()).get(number)?.id ?? ''

  test('none is acknowledged before it is in the ledger; one that comes again and again counts once', async () => {
    story.give([{ number: '001', smsc: [held] }])
    await story.reach({ '001': 'accepted' })
    const ledger = new DatabaseSync(join(story.world.folder, 'var', 'ledger.db'))
    ledger.exec('pragma busy_timeout = 5000; begin immediate') // nobody else can write
    story.smsc.releaseReceipts()
    await pause(1_500)
    const unlocked = performance.now()
    ledger.exec('rollback')
    ledger.close()
    await story.reach({ '001': 'delivered' })
    await story.until('it is acknowledged', () => story.smsc.receipts.waiting() === 0)
    await pause(500)
    const { sent } = story.smsc.receipts
    expect(sent.length, 'it came several times').toBeGreaterThan(2)
    expect(sent.filter(({ answer, answeredAt = 0 }) => answer === 0 && answeredAt < unlocked)).toEqual([])
    expect(
      sent.every(({ answer }) => answer === 0),
      'each copy is acknowledged',
    ).toBe(true)
    expect((await story.histories()).get('001')?.match(/message\.delivered/g)).toHaveLength(1)
  })

  test('those of many parts that come all at once end in one state, told once', async () => {
    const cases = Array.from({ length: 12 }, (_, index) => String(index + 11).padStart(3, '0'))
    story.give(cases.map((number) => ({ number, long: true, smsc: [held] })))
    await story.reach(Object.fromEntries(cases.map((number) => [number, 'accepted' as const])))
    story.smsc.releaseReceipts()
    await story.reach(Object.fromEntries(cases.map((number) => [number, 'delivered' as const])))
    const histories = await story.histories()
    for (const number of cases) expect(histories.get(number)?.match(/message\.delivered/g)).toHaveLength(1)
  })

  test('what is no receipt, or cannot be read, is answered and does no harm', async () => {
    const { receipts, binds, nacks } = story.smsc
    const [sessions, refused] = [binds.length, nacks.length]
    story.give([{ number: '031', smsc: [held] }])
    await story.reach({ '031': 'accepted' })
    const text = receiptText(story.taken('031')[0]?.ids.inReceipts ?? '', 'DELIVRD')
    receipts.send('from a phone', deliverBody({ esmClass: 0, text }))
    receipts.send('without an id', deliverBody({ text: 'stat:DELIVRD' }))
    receipts.send('a huge id', deliverBody({ text: `id:${'9'.repeat(200)} stat:DELIVRD` }))
    receipts.send('control characters', deliverBody({ text: 'id:\u001b[2J\u009b stat:DELIVRD err:\u0007' }))
    receipts.send('an empty body', deliverBody({ text: '' }))
    const [line] = story.smsc.open()
    line?.write(packPdu(id.deliver, 0, 7_000, Buffer.from('nonsense')))
    line?.write(packPdu(id.deliver, 0, 7_001, deliverBody({ text }).subarray(0, -20)))
    line?.write(packPdu(id.data, 0, 7_003, Buffer.concat([cstring(''), Buffer.from([1, 1]), cstring('1')])))
    line?.write(packPdu(0x0000_0777, 0, 7_002, cstring('what?')))
    await story.until('all are answered', () => receipts.waiting() === 0)
    await story.until('the unknown command is refused', () => nacks.length === refused + 1)
    expect((await story.messages()).get('031')?.state, 'a subscriber cannot deliver our messages').toBe('accepted')
    const endless = tlv(0x0427, '\u0002').subarray(0, 4)
    receipts.send('a parameter that runs over the end', deliverBody({ text, source: phoneOf('031'), tlvs: [endless] }))
    await story.reach({ '031': 'delivered' })
    story.smsc.releaseReceipts()
    expect(binds).toHaveLength(sessions)
    const { out } = await story.orderly('messages', 'list', '--channel', 'sms')
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  test('what could not be told in one session is told in the next', async () => {
    story.give([{ number: '041', smsc: [held] }])
    await story.reach({ '041': 'accepted' })
    story.smsc.drop()
    story.smsc.releaseReceipts()
    await story.reach({ '041': 'delivered' })
  })

  test('an undelivered message that is tried again by hand is sent again', async () => {
    const undelivered = { answer: 'ok', receipts: [{ state: 'UNDELIV' }] } as const
    story.give([
      { number: '051', smsc: [undelivered, { answer: 'ok' }] },
      { number: '052', long: true, smsc: [{ answer: 'ok' }, undelivered, { answer: 'ok' }] },
    ])
    await story.reach({ '051': 'undelivered', '052': 'undelivered' })
    await story.until('all receipts are in', () => story.smsc.receipts.waiting() === 0)
    const retried = await story.orderly('messages', 'retry', await idOf('051'), await idOf('052'))
    expect(retried.code, retried.out).toBe(0)
    await story.reach({ '051': 'delivered', '052': 'delivered' })
    expect(story.taken('051')).toHaveLength(2)
    expect(story.taken('052').map(({ part }) => part?.part)).toEqual([1, 2, 3, 2])
  })

  test('the parts that got through count when the message fails for good', async () => {
    const refused = { answer: { status: status.invalidDestination } } as const
    story.give([{ number: '061', long: true, smsc: [{ answer: 'ok' }, refused] }])
    await story.reach({ '061': 'refused' })
    await story.until('the receipt of the first part is in', () => story.smsc.receipts.waiting() === 0)
    const { out } = await story.orderly('messages', 'show', await idOf('061'))
    expect(out).toMatch(/part 1 +delivered/)
    expect(out).toMatch(/state +refused/)
  })

  test('a message in doubt is sent by a person, without the parts that were accepted', async () => {
    story.give([{ number: '071', long: true, smsc: [{ answer: 'ok' }, { answer: 'lost' }, { answer: 'ok' }] }])
    await story.reach({ '071': 'held' })
    const why = await story.orderly('why', await idOf('071'))
    expect(why.out).toMatch(/part 2 of 3: written, but .*1 already accepted/)
    expect(why.out).toMatch(/F\d+\.csv/)
    const sent = await story.orderly('messages', 'send', await idOf('071'))
    expect(sent.code, sent.out).toBe(0)
    await story.reach({ '071': 'delivered' })
    expect(story.taken('071').map(({ part }) => part?.part)).toEqual([1, 2, 2, 3])
    expect(new Set(story.taken('071').map(({ part }) => part?.reference)).size).toBe(1)
    await story.end()
  })
})

const chained = (state: 'DELIVRD' | 'UNDELIV') =>
  ({ answer: 'ok', ids: 'chain', receipts: [{ state, when: 'held' }] }) as const

test(
  'ids in hexadecimal come back in decimal, also where they look like those of another message',
  { timeout: 60_000 },
  async () => {
    await using story = await beginStory({}, (config) => Object.assign(config['sms'], { idBase: 'respHex', window: 1 }))
    story.give([
      { number: '001', smsc: [{ answer: 'ok', ids: 'hexThenDecimal' }] },
      // Each receipt carries the very text that the next message was answered with.
      { number: '002', smsc: [chained('DELIVRD')] },
      { number: '003', smsc: [chained('UNDELIV')] },
      { number: '004', smsc: [chained('DELIVRD')] },
    ])
    await story.reach({ '001': 'delivered', '002': 'accepted', '003': 'accepted', '004': 'accepted' })
    story.smsc.releaseReceipts()
    await story.reach({ '002': 'delivered', '003': 'undelivered', '004': 'delivered' })
    await story.end()
  },
)
