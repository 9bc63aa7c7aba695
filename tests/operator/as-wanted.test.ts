import { afterEach, beforeEach, expect, test } from 'vitest'
import { act } from '../../src/operator/act.ts'
import { plan } from '../../src/operator/plan.ts'
import { asWanted } from '../../src/operator/as-wanted.ts'
import { importedAt, type Office, openOffice } from './books-of.ts'

let office: Office
beforeEach(async () => {
  office = await openOffice()
})
afterEach(async () => await office[Symbol.asyncDispose]())

const now = importedAt + 60_000
const customer = 'customer/payment-received'

/** What is planned: the state of each template. */
const planned = async (): Promise<Readonly<Record<string, string>>> => {
  const { messages } = await plan(office.ledger, office.current.setup, now, { now })
  return Object.fromEntries(messages.map(({ template, state }) => [template, state]))
}

async function optOut(action: 'add' | 'remove'): Promise<void> {
  const { messages } = await plan(office.ledger, office.current.setup, now, { now })
  const address = messages.find(({ template }) => template === customer)?.recipients[0]?.address ?? ''
  const command = { verb: 'changeOptOut', action, channel: 'mail', address } as const
  await act(office.ledger, office.current.setup, command, { actor: 'cli:anna', now, dryRun: false })
}

test('the plan says which messages are not sent, since those that they are for want none, and no others', async () => {
  await optOut('add')
  expect(await planned()).toEqual({ [customer]: 'suppressed', 'store/new-order': 'queued' })
  await optOut('remove')
  expect(await planned()).toEqual({ [customer]: 'queued', 'store/new-order': 'queued' })
})

test('a message that must be known of is sent all the same, and so is an alarm', async () => {
  await optOut('add')
  const stored = await office.ledger.messages({ states: ['queued'], limit: 10 })
  const message = stored.find(({ template }) => template === customer)
  if (message === undefined) throw new Error('no message')
  const forms = [message, { ...message, transactional: true as const }, { ...message, template: 'alarm/x' }]
  const shown = await asWanted(office.ledger, forms)
  expect(shown.map(({ state }) => state)).toEqual(['suppressed', 'queued', 'queued'])
  expect(shown[0]?.reason).toBe(`${message.recipients[0]?.address} wants no messages (opted out)`)
})
