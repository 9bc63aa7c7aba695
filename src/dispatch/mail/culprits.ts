/**
 * Messages that a server answers with "too fast" (421, 4.3.2) each time, while others go through: it is about them.
 *
 * Guarantees that such a message pauses the account once and is then put off like any other, so that it does not stop
 * the others for ever. Counts only; remembers so many messages and nothing over a restart. Throws nothing.
 */
export interface Culprits {
  /** Told of each pace signal: true when others were accepted since the last one for this message. */
  isOne(id: string): boolean
  /** Another message was accepted. */
  othersWork(): void
}

const mostKept = 1_000

export function openCulprits(): Culprits {
  const seen = new Map<string, number>()
  let accepted = 0
  return {
    isOne: (id) => {
      const before = seen.get(id)
      seen.delete(id)
      seen.set(id, accepted)
      for (const oldest of seen.keys()) {
        if (seen.size <= mostKept) break
        seen.delete(oldest)
      }
      return before !== undefined && accepted > before
    },
    othersWork: () => {
      accepted += 1
    },
  }
}
