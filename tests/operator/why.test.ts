import { afterAll, beforeAll, expect, test } from 'vitest'
import { orderId, paymentId } from '../../src/core/ids.ts'
import { act } from '../../src/operator/act.ts'
import { resolveTarget } from '../../src/operator/resolve-target.ts'
import type { WhyNode } from '../../src/operator/why/node.ts'
import { why } from '../../src/operator/why/why.ts'
import { importedAt, type Office, openOffice } from './books-of.ts'

let office: Office
beforeAll(async () => {
  office = await openOffice()
  const options = { actor: 'cli:anna', now: importedAt + 1000, dryRun: false }
  const { setup } = office.current
  await act(office.ledger, setup, { verb: 'confirm', order: orderId('web', 'WEB-1') }, options)
  await act(office.ledger, setup, { verb: 'deliver', order: orderId('web', 'WEB-1') }, options)
  await act(office.ledger, setup, { verb: 'markPaid', order: orderId('web', 'WEB-2') }, options)
})
afterAll(async () => await office[Symbol.asyncDispose]())

async function whyOf(text: string): Promise<WhyNode> {
  const resolved = await resolveTarget(office.ledger, text, [
    'order',
    'payment',
    'message',
    'exportFile',
    'exportLine',
    'file',
    'record',
  ])
  if (resolved.kind !== 'found') throw new Error(`${text}: ${resolved.kind}`)
  return await why(office.ledger, office.current.setup, resolved.target)
}

/** All nodes, the outer ones first. */
const flat = (node: WhyNode): readonly WhyNode[] => [node, ...node.children.flatMap(flat)]
const part = (node: WhyNode, title: string): readonly WhyNode[] =>
  node.children.find((child) => child.title === title)?.children ?? []
const find = (node: WhyNode, pattern: RegExp): WhyNode | undefined =>
  flat(node).find(({ title }) => pattern.test(title))

test('an order leads down to file and row, events, messages with their rule, export lines, payments and clearing', async () => {
  const tree = await whyOf('WEB-1')
  expect(part(tree, 'came from')[0]).toMatchObject({
    what: 'file',
    title: 'file ORD1.csv, record 1, import orders',
    state: 'done',
  })
  const events = part(tree, 'what happened')
  expect(events.map(({ title }) => title)).toEqual(
    expect.arrayContaining([
      'order.imported',
      'collect.pending',
      'order.paid',
      'order.statusChanged',
      'collect.confirmed',
      'collect.delivered',
      'clearing.posted',
    ]),
  )
  const paid = events.find(({ title }) => title === 'order.paid')
  expect(find(paid ?? tree, /^payment.matched$/)).toBeDefined()
  expect(find(paid ?? tree, /BANK1.csv, record 1/)).toBeDefined()
  const mail = find(paid ?? tree, /^mail customer\/payment-received to anna@example.com$/)
  expect(mail).toMatchObject({ what: 'message', state: 'queued' })
  expect(mail?.children[0]).toMatchObject({ what: 'rule', title: 'workflow transfer, rule steps[0].send' })
  expect(mail?.children[0]?.children.map(({ title }) => title)).toContain('order.gross: wanted gte 10, saw 50.00')
  const confirmed = events.find(({ title }) => title === 'collect.confirmed')
  expect(confirmed).toMatchObject({ by: 'cli:anna', config: office.current.setup.configHash })
  const belongs = part(tree, 'belongs to it')
  expect(belongs.filter(({ what }) => what === 'payment')).toHaveLength(1)
  expect(belongs.filter(({ title }) => title.startsWith('clearing'))).not.toHaveLength(0)
  expect(flat(tree).some(({ what, title }) => what === 'exportLine' && title === 'line for export clearing')).toBe(true)
})

test('every message and export line of an order stands exactly once under what led to it', async () => {
  const tree = await whyOf('WEB-1')
  const { messages, exportLines } = await office.ledger.aboutSubject(orderId('web', 'WEB-1'))
  const events = part(tree, 'what happened').flatMap(flat)
  for (const { id } of [...messages, ...exportLines]) expect(events.filter((node) => node.id === id)).toHaveLength(1)
  expect(part(tree, 'also')).toEqual([])
})

test('what was not sent stands there with its reason', async () => {
  const tree = await whyOf('WEB-2')
  expect(part(tree, 'was not sent')).toEqual([
    expect.objectContaining({ state: 'suppressed', reason: 'the order has no mail address of the customer' }),
  ])
})

test('rules that did nothing say which condition failed with the value seen, or what they wait for', async () => {
  const rules = part(await whyOf('WEB-3'), 'rules that did nothing')
  const send = rules.find(({ title }) => title === 'workflow transfer, rule steps[0].send')
  expect(send).toMatchObject({ state: 'does not hold', reason: 'order.gross does not fit' })
  expect(send?.children.map(({ title }) => title)).toEqual([
    'method: wanted transfer, saw transfer',
    'order.gross: wanted gte 10, saw 5.00',
  ])
  expect(rules.find(({ title }) => title === 'workflow transfer, rule steps[1].setStatus')).toMatchObject({
    state: 'waits',
    reason: 'it runs when the order becomes paid',
  })
  expect(rules.find(({ title }) => title === 'workflow desk, rule on.accepted[0]')).toMatchObject({ state: 'waits' })
})

test('rules that ran are not among those that did nothing', async () => {
  const rules = part(await whyOf('WEB-1'), 'rules that did nothing').map(({ title }) => title)
  expect(rules).not.toContain('workflow transfer, rule steps[0].send')
  expect(rules).not.toContain('workflow collect, rule customer.mail.confirmed')
  expect(rules).toContain('workflow collect, rule customer.mail.rejected')
})

test('a message leads back to event, rule, payment, order, file and row', async () => {
  const [message] = await office.ledger
    .messages({ subject: orderId('web', 'WEB-1'), limit: 10 })
    .then((all) => all.filter(({ template }) => template === 'customer/payment-received'))
  const tree = await whyOf(message?.id ?? '')
  const titles = flat(tree).map(({ title }) => title)
  expect(titles).toEqual(
    expect.arrayContaining([
      'workflow transfer, rule steps[0].send',
      'message.queued',
      'order.paid',
      'payment.matched',
      'payment.received',
      'file BANK1.csv, record 1, import bank',
      'order web/WEB-1',
      'file ORD1.csv, record 1, import orders',
    ]),
  )
})

test('an export line and a clearing entry lead back to the order and the person behind them', async () => {
  const [line] = await office.ledger.openExportLines('clearing', 1)
  const ofLine = await whyOf(line?.id ?? '')
  expect(find(ofLine, /^collect.delivered$/)).toMatchObject({ by: 'cli:anna' })
  expect(find(ofLine, /^order web\/WEB-1$/)).toBeDefined()
  const ofEntry = await whyOf(line?.subject ?? '')
  expect(ofEntry.title).toMatch(/^clearing goods/)
  expect(find(ofEntry, /^order web\/WEB-1$/)).toBeDefined()
  expect(find(ofEntry, /^line for export clearing$/)).toBeDefined()
})

test('a payment leads to its row, to what the rules saw and to the order that it settles', async () => {
  const tree = await whyOf(paymentId('HU42', 'B-1'))
  expect(part(tree, 'came from')[0]?.title).toBe('file BANK1.csv, record 1, import bank')
  expect(part(tree, 'what the rules saw').at(-1)?.title).toMatch(/^documentNumber: pays order WEB-1/)
  expect(part(tree, 'settles')[0]?.title).toBe('order web/WEB-1')
})

test('an import file and an export file tell their history and content', async () => {
  const file = await whyOf('ORD1.csv')
  expect(file).toMatchObject({
    what: 'file',
    state: 'done',
    reason: expect.stringMatching(/^3 read, 3 applied/) as string,
  })
  await office.ledger.takeExport('status', () => 'S1.csv', importedAt, 100)
  const written = await whyOf('S1.csv')
  expect(written).toMatchObject({ what: 'exportFile', state: 'writing' })
  expect(part(written, 'lines')[0]?.title).toBe(`line about ${orderId('web', 'WEB-1')}`)
})
