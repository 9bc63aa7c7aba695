/**
 * Turns the numbers of repeated runs into a table: median [min-max], and the ratio to the floor of the same workload.
 *
 * Pure. A number that is not there (no /proc, no messages in this kind of job) is `-`. Throws nothing.
 */
import type { Mode, Numbers } from './measure.ts'
import { type SystemName, systemNames } from './systems.ts'

export interface Result {
  readonly mode: Mode
  /** Such as `mail:10x100`. */
  readonly workload: string
  readonly system: SystemName
  readonly numbers?: Numbers
  readonly error?: string
}

interface Column {
  readonly key: string
  readonly head: string
  /** Followed by a column with the ratio of the medians to the floor's. */
  readonly ratio?: true
}

const columns: Readonly<Record<Mode, readonly Column[]>> = {
  throughput: [
    { key: 'rate', head: 'records/s', ratio: true },
    { key: 'cpuPer1000', head: 'CPU s per 1,000', ratio: true },
    { key: 'peakMb', head: 'peak MB', ratio: true },
    { key: 'lost', head: 'lost' },
    { key: 'doubled', head: 'doubled' },
  ],
  latency: [
    { key: 'p50', head: 'p50 ms', ratio: true },
    { key: 'p90', head: 'p90 ms' },
    { key: 'p99', head: 'p99 ms', ratio: true },
    { key: 'max', head: 'max ms' },
  ],
  kill: [
    { key: 'killedAt', head: 'killed at' },
    { key: 'lost', head: 'lost' },
    { key: 'doubled', head: 'doubled' },
    { key: 'left', head: 'files left' },
  ],
  idle: [
    { key: 'startSeconds', head: 'first mail s', ratio: true },
    { key: 'restMb', head: 'MB at rest', ratio: true },
    { key: 'cpuPercent', head: 'CPU % at rest' },
  ],
  start: [
    { key: 'startSeconds', head: 'first mail s', ratio: true },
    { key: 'emptySeconds', head: 'empty ledger s', ratio: true },
    { key: 'restMb', head: 'MB at rest', ratio: true },
  ],
  fsyncs: [
    { key: 'perOrder', head: 'fsyncs per record', ratio: true },
    { key: 'fsyncs', head: 'fsyncs' },
  ],
}

/** The table of one mode and workload, with a line for each system that was run; ends with a line feed. */
export function tableOf(results: readonly Result[], mode: Mode, workload: string): string {
  const mine = results.filter((result) => result.mode === mode && result.workload === workload)
  const systems = systemNames.filter((name) => mine.some(({ system }) => system === name))
  const cells = [headOf(mode), ...systems.map((system) => [system, ...rowOf(mine, mode, system)])]
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)))
  const lines = cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const errors = mine.flatMap(({ system, error }) => (error === undefined ? [] : [`! ${system}: ${error}`]))
  return `${[`${mode} ${workload}`, ...lines, ...errors].join('\n')}\n`
}

const headOf = (mode: Mode): readonly string[] => [
  'system',
  ...columns[mode].flatMap(({ head, ratio }) => (ratio ? [head, '× floor'] : [head])),
]

function rowOf(results: readonly Result[], mode: Mode, system: SystemName): readonly string[] {
  return columns[mode].flatMap(({ key, ratio }) => {
    const values = valuesOf(results, system, key)
    const share = median(values) / median(valuesOf(results, 'floor', key))
    return ratio ? [spread(values), number(share)] : [spread(values)]
  })
}

const valuesOf = (results: readonly Result[], system: SystemName, key: string): readonly number[] =>
  results
    .filter((result) => result.system === system)
    .map(({ numbers }) => numbers?.[key] ?? Number.NaN)
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b)

/** Of sorted values; NaN when there are none. */
function median(values: readonly number[]): number {
  const at = (i: number): number => values[i] ?? Number.NaN
  return (at((values.length - 1) >> 1) + at(values.length >> 1)) / 2
}

function spread(values: readonly number[]): string {
  const [low, high] = [values[0] ?? Number.NaN, values.at(-1) ?? Number.NaN]
  const middle = number(median(values))
  return low === high || Number.isNaN(low) ? middle : `${middle} [${number(low)}-${number(high)}]`
}

/** Three digits that count. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (Number.isInteger(value) || value >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(value < 0.01 ? 1 : value < 1 ? 2 : 3)
}
