import { afterEach, beforeEach, expect, test } from 'vitest'
import { orderId } from '../../src/core/ids.ts'
import { anOrder } from '../workflow/shop.ts'
import { newRun, runOverOrders, type RunWish } from '../../src/operator/run-over-orders.ts'
import { decideAndCommit } from '../../src/ledger/decide-and-commit.ts'
import { decideFiles } from '../../src/workflow/decide.ts'
import { importedAt, type Office, openOffice } from './books-of.ts'

let office: Office
beforeEach(async () => {
  office = await openOffice()
})
afterEach(async () => await office[Symbol.asyncDispose]())

const now = importedAt + 60_000
const options = { actor: 'cli:anna', now: () => now, dryRun: false }
const wish: RunWish = { bulk: { verb: 'setStatus', status: 'checked' }, where: { channel: 'bulk' }, noSend: false }

async function orders(count: number): Promise<void> {
  const { setup } = office.current
  const items = Array.from({ length: count }, (_, i) => ({
    incoming: anOrder({ channel: 'bulk', number: `B-${i}` }),
    row: i + 1,
  }))
  const file = { id: 'fil_bulk' as const, import: 'orders', name: 'b.csv', size: 1, sha256: 'b', from: 0, to: count }
  const cause = { kind: 'file' as const, actor: 'file:orders', configHash: setup.configHash }
  await decideAndCommit(office.ledger, [], (known) =>
    decideFiles(setup, [{ file: { ...file, done: 'done' }, items, refused: 0 }], known, cause, importedAt),
  )
}

test('a run that is stopped goes on where it was, and ends as one that was not', async () => {
  await orders(450)
  const { setup } = office.current
  let run = newRun(wish, now, 'a')
  // Stopped after each slice, as by a kill: what is in memory is gone, the ledger has the rest.
  for (let stops = 0; run.state === 'running' && stops < 10; stops++) {
    for await (const step of runOverOrders(office.ledger, setup, run, options)) {
      run = step.run
      break
    }
    run = (await office.ledger.record('run', run.id)) ?? run
  }
  expect(run).toMatchObject({ state: 'done', done: 450, same: 0, refused: 0 })
  const changed = await office.ledger.records({ kind: 'order', where: { status: 'checked' }, limit: 1000 })
  expect(changed).toHaveLength(450)
  const events = await office.ledger.eventsOf(orderId('bulk', 'B-7'))
  expect(events.filter(({ name }) => name === 'order.statusChanged')).toHaveLength(1)
})

test('two who go on with one run do not do a slice twice: the later one is told', async () => {
  await orders(150)
  const { setup } = office.current
  const run = newRun(wish, now, 'a')
  const first = runOverOrders(office.ledger, setup, run, options)
  await first.next()
  const step = (await first.next()).value
  expect(step?.run).toMatchObject({ state: 'done', done: 150 })
  // The other one had seen the run before its first slice.
  const results: string[] = []
  await expect(
    (async () => {
      for await (const late of runOverOrders(office.ledger, setup, run, options)) {
        results.push(...late.results.map(({ result }) => result))
      }
    })(),
  ).rejects.toThrow(/goes on elsewhere/)
  expect(results).toEqual([])
})
