/**
 * The other process of two-processes.test.ts: `node child-process.ts hold|commit|increment LEDGER [N]`.
 * Tells what it has done line by line on standard output.
 */
import { writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { orderId } from '../../src/core/ids.ts'
import { decideAndCommit } from '../../src/ledger/decide-and-commit.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { batch, event, line, mail, order } from './samples.ts'

const [, , mode, path = '', count = '0'] = process.argv
const tell = (text: string): void => void writeSync(1, `${text}\n`)

/** Keeps the write lock for so many milliseconds. */
async function hold(): Promise<void> {
  using db = new DatabaseSync(path)
  db.exec('begin immediate')
  tell('locked')
  await delay(Number(count))
  db.exec('commit')
  tell('free')
}

/** Commits until it is killed; tells a number only after its commit was answered. */
async function commit(): Promise<void> {
  const ledger = await openLedger(path, { busyTimeoutMs: 5000 })
  const begin = `${process.pid}-`
  for (let i = 0; ; i++) {
    const keys = [0, 1, 2].map((n) => `${begin}${i}-${n}`)
    await Promise.all(
      keys.map((key) =>
        ledger.commit(
          batch({
            put: [order(key)],
            events: [event(orderId('web', key))],
            messages: [mail(key)],
            exports: [line(key)],
          }),
        ),
      ),
    )
    tell(keys.join('\n'))
  }
}

/** Adds 1 to the paid amount of order 1, so many times. */
async function increment(): Promise<void> {
  await using ledger = await openLedger(path, { busyTimeoutMs: 10_000 })
  const id = orderId('web', '1')
  for (let i = 0; i < Number(count); i++) {
    const result = await decideAndCommit(
      ledger,
      [],
      (known) => {
        const one = known.get('order', id)
        if (one === undefined) throw new Error('no order')
        return batch({ put: [{ ...one, paid: one.paid + 1 }], events: [event(id)] })
      },
      { attempts: 1000 },
    )
    tell(result.kind)
  }
}

await { hold, commit, increment }[mode as 'hold' | 'commit' | 'increment']()
