/**
 * The folders and ports that one run of one system gets, and what it is to do there.
 *
 * All lies below one folder, so that renames stay on one file system. Counts rows of output files and files that
 * wait; knows no system. Throws on I/O errors.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canaryText } from './generate.ts'

/** mail, sms: one message per order; none: record and status row only; payments: camt.053 against known orders. */
export const kinds = ['mail', 'sms', 'none', 'payments'] as const
export type Kind = (typeof kinds)[number]

/** What a system is told; floor.ts reads it as JSON. */
export interface Place {
  readonly root: string
  /** Order files are renamed into here. */
  readonly in: string
  /** Payment files are. */
  readonly bank: string
  /** Imported files, where the system keeps them. */
  readonly done: string
  /** One row per order, or per payment, in CSV files with a header. */
  readonly out: string
  /** The system's own: ledger, config. */
  readonly state: string
  /** Input that waits for its turn. */
  readonly stage: string
  readonly kind: Kind
  readonly mailPort: number
  readonly smsPort: number
  /** SMTP connections. */
  readonly connections: number
  /** Unanswered submit_sm. */
  readonly window: number
}

type Folder = 'in' | 'bank' | 'done' | 'out' | 'state' | 'stage'

export function makePlace(root: string, settings: Omit<Place, 'root' | Folder>): Place {
  const folder = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true })
    return join(root, name)
  }
  return {
    root,
    in: folder('in'),
    bank: folder('bank'),
    done: folder('done'),
    out: folder('out'),
    state: folder('state'),
    stage: folder('stage'),
    ...settings,
  }
}

/** Milliseconds since 1970, finer than Date.now(); the same clock in every process of the run. */
export const now = (): number => performance.timeOrigin + performance.now()

export function feed(place: Place, names: readonly string[]): void {
  for (const name of names)
    renameSync(join(place.stage, name), join(name.endsWith('.xml') ? place.bank : place.in, name))
}

export function dropCanary(place: Place, n: number): void {
  const name = `canary${n}.csv`
  writeFileSync(join(place.stage, name), canaryText(n))
  feed(place, [name])
}

/** Files that are not imported yet, claimed ones in folders below included. */
export const waiting = (place: Place): number =>
  [place.in, place.bank]
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile()).length

export interface RowCount {
  /** Rows without headers. */
  readonly rows: number
  /** When the last file appeared; milliseconds since 1970. */
  readonly last: number
}

/** Counts rows in the output folder; each file is read once, since files appear by rename, complete. */
export function rowCounter(place: Place): () => RowCount {
  const seen = new Set<string>()
  let rows = 0
  let last = 0
  return () => {
    for (const name of readdirSync(place.out)) {
      if (name.startsWith('.') || !name.endsWith('.csv') || seen.has(name)) continue
      seen.add(name)
      rows += linesIn(readFileSync(join(place.out, name))) - 1
      last = Math.max(last, statSync(join(place.out, name)).ctimeMs)
    }
    return { rows, last }
  }
}

function linesIn(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1
  return lines
}
