/**
 * Chance that can be repeated: the same seed gives the same numbers (mulberry32).
 */
export interface Seeded {
  /** From 0 up to, not including, 1. */
  next(): number
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number
  /** A whole number from `from` up to and including `to`. */
  between(from: number, to: number): number
  pick<T>(list: readonly T[]): T
  /** True in so many of a hundred cases. */
  percent(share: number): boolean
  shuffled<T>(list: readonly T[]): readonly T[]
  /** Another row of numbers, that does not depend on how many of this one are used. */
  fork(name: string): Seeded
}

export function seeded(seed: number): Seeded {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return {
    next,
    below,
    between: (from, to) => from + below(to - from + 1),
    pick: (list) => {
      const one = list[below(list.length)]
      if (one === undefined) throw new RangeError('nothing to pick from')
      return one
    },
    percent: (share) => next() * 100 < share,
    shuffled: (list) =>
      list
        .map((item) => ({ item, at: next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item),
    fork: (name) => seeded(Buffer.from(name).reduce((sum, byte) => Math.imul(sum ^ byte, 16_777_619), seed)),
  }
}

/** The seed that was asked for, or a new one: a whole number, so that it can be printed and given again. */
export const seedFrom = (text: string | undefined): number =>
  text === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(text) >>> 0
