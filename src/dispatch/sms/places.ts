/**
 * The places of the window: so many messages are under way, the others wait in order.
 *
 * Guarantees that a place left goes to the one that has waited longest, and that nobody waits while one is free.
 * Knows no time and no line: who gets a place looks for himself whether he may go on. Throws nothing.
 */

export interface Places {
  readonly most: number
  /** Resolves when the caller has a place; undefined when it has one at once. */
  enter(): Promise<void> | undefined
  leave(): void
  taken(): number
  waiting(): number
}

export function openPlaces(most: number): Places {
  const line: (() => void)[] = []
  let taken = 0
  return {
    most,
    enter: () => {
      if (taken >= most) return new Promise((resolve) => line.push(resolve))
      taken += 1
      return undefined
    },
    leave: () => {
      const next = line.shift()
      if (next) next() // the place goes over
      else taken -= 1
    },
    taken: () => taken,
    waiting: () => line.length,
  }
}
