/**
 * How many there are of everything, kept in step by the transaction that changes it.
 *
 * A batch adds up its differences and writes each once, so that totals never count a million
 * rows. What is counted is the contract with `recount` in statements.ts, which `doctor` compares.
 */
import { addTally } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

export type Counted =
  | 'record' // name: kind, state: the record's state
  | 'message' // channel, state
  | 'timer' // '', live
  | 'receipt' // '', unmatched
  | 'line' // export, open | taken | voided
  | 'exportFile' // export, state
  | 'file' // import, state
  | `file.${'read' | 'applied' | 'repeated' | 'updated' | 'parked' | 'refused'}` // import, state of the file

export interface Tally {
  add(what: Counted, name: string, state: string, difference: number): void
  /** Writes the differences; call it last, in the same transaction. */
  write(db: Sqlite): void
}

export function startTally(): Tally {
  const differences = new Map<string, { what: Counted; name: string; state: string; count: number }>()
  return {
    add(what, name, state, difference) {
      const key = `${what}\n${name}\n${state}`
      const entry = differences.get(key)
      if (entry === undefined) differences.set(key, { what, name, state, count: difference })
      else entry.count += difference
    },
    write(db) {
      for (const { what, name, state, count } of differences.values()) {
        if (count !== 0) db.run(addTally, what, name, state, count)
      }
    },
  }
}
