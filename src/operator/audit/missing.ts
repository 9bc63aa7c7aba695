/**
 * Records that others name and that are not there: gathered, so that each is told once with all that name it.
 * Keeps no more than a limit of them; the rest is in the output of the next audit. Throws nothing.
 */
import { type Finding, finding } from './finding.ts'

const most = 1_000

export class MissingRecords {
  readonly #named = new Map<string, Map<string, number>>()

  /** `by`: what names it, e.g. `messages`. */
  add(id: string, by: string, times = 1): void {
    const known = this.#named.get(id)
    if (known === undefined && this.#named.size >= most) return
    const counts = known ?? new Map<string, number>()
    counts.set(by, (counts.get(by) ?? 0) + times)
    this.#named.set(id, counts)
  }

  *findings(): Generator<Finding, void> {
    for (const [id, counts] of this.#named) {
      const by = [...counts].map(([what, count]) => `${count} ${what}`).join(', ')
      yield finding('A020', id, { found: `nothing, named by ${by}`, expected: 'the record' })
    }
  }
}
