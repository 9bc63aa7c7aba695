import { expect, test } from 'vitest'
import type { Writer } from '../../src/ledger/group-commit.ts'
import { LedgerError, LedgerUnsafe } from '../../src/ledger/ledger-errors.ts'
import { refuseWhenUnsafe } from '../../src/ledger/refuse-unsafe.ts'

/** A writer whose commits fail with these errors, one after the other; then they work. */
function failing(...codes: readonly number[]): Writer & { readonly done: number[] } {
  const done: number[] = []
  const errors = [...codes]
  return {
    done,
    drained: () => Promise.resolve(),
    write: async (weight, job) => {
      const errcode = errors.shift()
      const { value } = job()
      if (errcode !== undefined)
        throw new LedgerError('ledger', { cause: Object.assign(new Error('disk'), { errcode }) })
      done.push(weight)
      return value
    },
  }
}

const job = (): { keep: boolean; value: string } => ({ keep: true, value: 'kept' })

test('after a sync that failed nothing is written any more, and it is told once', async () => {
  const writer = failing(1034)
  const told: Error[] = []
  const guarded = refuseWhenUnsafe(writer, (error) => told.push(error))
  const outcomes = await Promise.allSettled([guarded.write(1, job), guarded.write(2, job)])
  expect(outcomes.map(({ status }) => status)[0]).toBe('rejected')
  await expect(guarded.write(3, job)).rejects.toThrow(LedgerUnsafe)
  expect(writer.done).not.toContain(3)
  expect(told).toHaveLength(1)
})

test.each([
  ['a full disk', 13],
  ['a write that failed', 778],
  ['a lock', 5],
])('%s is no reason to stop', async (_, errcode) => {
  const writer = failing(errcode)
  const guarded = refuseWhenUnsafe(writer, () => expect.unreachable())
  await expect(guarded.write(1, job)).rejects.toThrow('ledger')
  expect(await guarded.write(2, job)).toBe('kept')
})
