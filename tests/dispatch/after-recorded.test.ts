import { expect, test } from 'vitest'
import { emptyBatch } from '../../src/core/batch.ts'
import { startDispatcher, type Transport } from '../../src/dispatch/dispatcher.ts'
import { sms } from '../ledger/samples.ts'
import { noon, openCompany } from '../neighbours/company.ts'

test('receipts that came early are looked for until the ledger answers, not given up at its first failure', async () => {
  await using company = await openCompany()
  const { ledger, setup, clock, log, signal } = company
  const message = sms('m1')
  await ledger.commit({ ...emptyBatch({ kind: 'clock', actor: 'daemon', configHash: 'x' }, noon), messages: [message] })
  const asked: string[] = []
  const transport: Transport = {
    free: () => 1,
    send: async () => ({ outcome: { kind: 'accepted', response: 'ok' } }),
    afterRecorded: async ({ id }) => {
      asked.push(id)
      if (asked.length === 1) throw new Error('disk I/O error')
    },
  }
  await using dispatcher = startDispatcher('sms', transport, {
    ledger,
    setup,
    clock,
    log,
    signal,
    onPass: () => undefined,
  })
  await expect.poll(() => asked).toEqual([message.id, message.id])
  await expect.poll(() => dispatcher.inFlight()).toBe(0)
  company.stop()
})
