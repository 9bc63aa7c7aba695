import { getActiveResourcesInfo } from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { backoffMs, sleep, startLoop } from '../../src/platform/loop.ts'
import type { LoopOptions, PassOutcome } from '../../src/platform/loop.ts'
import { movableClock } from '../../src/platform/clock.ts'

const timers = (): number => getActiveResourcesInfo().filter((name) => name === 'Timeout').length

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await wait(5)
  expect(condition()).toBe(true)
}

const onError = (error: unknown): void => expect.fail(String(error))

function options(run: LoopOptions['run'], more: Partial<LoopOptions> = {}): LoopOptions {
  return { name: 'test', everyMs: 60_000, signal: new AbortController().signal, run, onError, ...more }
}

test('the first pass starts at once, the next after the pause', async () => {
  let passes = 0
  await using _ = startLoop(options(async () => (passes++, 'idle'), { everyMs: 80 }))
  await until(() => passes === 1)
  await wait(30)
  expect(passes).toBe(1)
  await until(() => passes >= 3)
})

test('"again" runs at once and lets the event loop breathe in between', async () => {
  let turns = 0
  const turnsAt: number[] = []
  const breathe = (): void => {
    turns++
    if (turnsAt.length < 50) setImmediate(breathe)
  }
  setImmediate(breathe)
  const run = async (): Promise<PassOutcome> => (turnsAt.push(turns) < 50 ? 'again' : 'idle')
  await using _ = startLoop(options(run))
  await until(() => turnsAt.length === 50)
  expect(new Set(turnsAt).size).toBe(50)
})

test('a nudge ends the pause', async () => {
  let passes = 0
  await using loop = startLoop(options(async () => (passes++, 'idle')))
  await until(() => passes === 1)
  loop.nudge()
  await until(() => passes === 2)
})

test('any number of nudges during a pass cause one more pass, and passes never overlap', async () => {
  let [passes, running, most] = [0, 0, 0]
  await using loop = startLoop(
    options(async () => {
      most = Math.max(most, ++running)
      passes++
      if (passes === 1) for (let i = 0; i < 5; i++) loop.nudge()
      await wait(20)
      running--
      return 'idle'
    }),
  )
  await until(() => passes === 2)
  await wait(80)
  expect(passes).toBe(2)
  expect(most).toBe(1)
})

test('errors are reported, counted and back off; a good pass starts the count anew', async () => {
  const failures: number[] = []
  const starts: number[] = []
  let fail = true
  await using loop = startLoop(
    options(
      async () => {
        starts.push(performance.now())
        if (fail) throw new Error('gateway is down')
        return 'idle'
      },
      {
        onError: (error, { name, failures: count }) => {
          expect(String(error)).toContain('gateway is down')
          expect(name).toBe('test')
          failures.push(count)
        },
        backoff: { firstMs: 20, maxMs: 40 },
      },
    ),
  )
  await until(() => failures.length === 3)
  expect(failures).toEqual([1, 2, 3])
  expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(18)
  expect((starts[2] ?? 0) - (starts[1] ?? 0)).toBeGreaterThanOrEqual(38)
  fail = false
  await until(() => loop.lastPassAt !== undefined)
  fail = true
  loop.nudge()
  await until(() => failures.at(-1) === 1)
})

test('a nudge does not shorten the back-off after an error', async () => {
  let passes = 0
  const run = async (): Promise<PassOutcome> => {
    if (++passes === 1) throw new Error('down')
    return 'idle'
  }
  await using loop = startLoop(options(run, { onError: () => undefined, backoff: { firstMs: 100, maxMs: 100 } }))
  await until(() => passes === 1)
  loop.nudge()
  await wait(40)
  expect(passes).toBe(1)
  await until(() => passes === 2)
})

test.each([
  [1, 1000],
  [2, 2000],
  [4, 8000],
  [7, 60_000],
  [5000, 60_000],
])('after %i failures in a row the pause is %i ms', (failures, ms) => {
  expect(backoffMs({ firstMs: 1000, maxMs: 60_000 }, failures)).toBe(ms)
})

test('dispose waits for the running pass and leaves no timer', async () => {
  const before = timers()
  let finished = false
  const loop = startLoop(
    options(async (signal) => {
      await sleep(10_000, signal)
      await wait(20)
      finished = true
      return 'idle'
    }),
  )
  await wait(10)
  await loop[Symbol.asyncDispose]()
  expect(finished).toBe(true)
  await until(() => timers() === before)
})

test.each(['pausing', 'backing off'])('abort ends a loop that is %s and leaves no timer', async (state) => {
  const before = timers()
  const stop = new AbortController()
  let passes = 0
  const run = async (): Promise<PassOutcome> => {
    passes++
    if (state === 'backing off') throw new Error('down')
    return 'idle'
  }
  const loop = startLoop(
    options(run, { signal: stop.signal, onError: () => undefined, backoff: { firstMs: 60_000, maxMs: 60_000 } }),
  )
  await until(() => passes === 1)
  await wait(10)
  await until(() => timers() === before + 1)
  stop.abort()
  await loop[Symbol.asyncDispose]()
  await until(() => timers() === before)
  loop.nudge()
  await wait(10)
  expect(passes).toBe(1)
})

test('a pass that gives up because of the stop is no error, any other failure while stopping is', async () => {
  for (const [thrown, reported] of [
    ['the signal', 0],
    ['a fault', 1],
  ] as const) {
    const errors: unknown[] = []
    const loop = startLoop(
      options(
        async (signal) => {
          await sleep(10_000, signal)
          if (thrown === 'the signal') signal.throwIfAborted()
          throw new Error('disk is full')
        },
        { onError: (error) => errors.push(error) },
      ),
    )
    await wait(10)
    await loop[Symbol.asyncDispose]()
    expect(errors).toHaveLength(reported)
  }
})

test('an aborted signal means no pass at all', async () => {
  let passes = 0
  const loop = startLoop(options(async () => (passes++, 'idle'), { signal: AbortSignal.abort() }))
  await loop[Symbol.asyncDispose]()
  expect(passes).toBe(0)
})

test('lastPassAt is the monotonic time of the last pass that did not fail', async () => {
  const clock = movableClock(0)
  clock.advance(1234)
  let passes = 0
  await using loop = startLoop(options(async () => (passes++, 'idle'), { clock }))
  expect(loop.lastPassAt).toBeUndefined()
  await until(() => passes === 1)
  expect(loop.lastPassAt).toBe(1234)
})

test('a pause longer than a timer can hold does not become a busy loop', async () => {
  let passes = 0
  await using _ = startLoop(options(async () => (passes++, 'idle'), { everyMs: 2 ** 40 }))
  await wait(50)
  expect(passes).toBe(1)
})

test('sleep ends early on abort and at once when already aborted', async () => {
  const stop = new AbortController()
  const started = performance.now()
  const slept = sleep(10_000, stop.signal)
  stop.abort()
  await slept
  await sleep(10_000, stop.signal)
  expect(performance.now() - started).toBeLessThan(1000)
})
