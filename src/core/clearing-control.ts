/**
 * Control figures of a clearing file, by which its reader finds out whether it has all of it, and rightly.
 *
 * Made of the lines alone, so that a file written again after a crash has the same bytes. Pure; throws RangeError
 * on lines that are none of clearing entries.
 */
import type { ExportFields } from './batch.ts'
import type { LocalDate } from './date.ts'
import { daysOf, type Period, periodOf } from './file-part.ts'
import type { ClearingType, ControlSum } from './clearing.ts'
import { toMinor } from './money.ts'

export interface ControlFigures {
  /** Where the export has a period. */
  readonly period?: string
  readonly from: LocalDate
  readonly to: LocalDate
  readonly count: number
  /** Name of the refused file that it is a corrected copy of. */
  readonly replaces?: string
  /** By company, counter-company, type and currency, in the order in which they first come. */
  readonly sums: readonly (ControlSum & { readonly type: ClearingType })[]
  /** The same over all types. */
  readonly totals: readonly ControlSum[]
}

/** What stands in the control part of one file. */
export interface FileControl extends ControlFigures {
  readonly export: string
  /** Company of the export; all when absent. */
  readonly company?: string
  readonly sequence: number
  readonly name: string
}

/** Of one file; `config` is that of its export. */
export const fileControl = (
  exportName: string,
  config: { readonly company?: string | undefined; readonly period?: Period | undefined },
  { sequence, name }: { readonly sequence: number; readonly name: string },
  lines: readonly ExportFields[],
): FileControl => ({
  ...controlFigures(lines, config.period),
  export: exportName,
  ...(config.company !== undefined && { company: config.company }),
  sequence,
  name,
})

export function controlFigures(lines: readonly ExportFields[], period: Period | undefined): ControlFigures {
  const dates = lines.map(({ date }) => text(date)).sort()
  const [first = '', last = ''] = [dates[0], dates.at(-1)]
  const name = period === undefined || first === '' ? undefined : periodOf(first, period)
  const replaces = text(lines[0]?.['replaces'])
  const sums = lines.map(sumOfLine)
  return {
    ...(name !== undefined && { period: name }),
    ...((name === undefined ? undefined : daysOf(name)) ?? { from: first, to: last }),
    count: lines.length,
    ...(replaces !== '' && { replaces }),
    sums: added(sums, ({ company, counterCompany, type, currency }) => [company, counterCompany, type, currency]),
    totals: added(
      sums.map(({ type: _type, ...sum }) => sum),
      ({ company, counterCompany, currency }) => [company, counterCompany, currency],
    ),
  }
}

function sumOfLine(line: ExportFields): ControlSum & { readonly type: ClearingType } {
  const currency = text(line['currency'])
  const amount = (name: string): number => (text(line[name]) === '' ? 0 : toMinor(text(line[name]), currency))
  return {
    company: text(line['company']),
    counterCompany: text(line['counterCompany']),
    type: text(line['type']) as ClearingType,
    currency,
    count: 1,
    net: amount('net'),
    vat: amount('vat'),
    gross: amount('gross'),
  }
}

function added<S extends ControlSum>(sums: readonly S[], keyOf: (sum: S) => readonly string[]): readonly S[] {
  const byKey = new Map<string, S>()
  for (const sum of sums) {
    const key = keyOf(sum).join('\u0000')
    const before = byKey.get(key)
    byKey.set(
      key,
      before === undefined
        ? sum
        : {
            ...sum,
            count: before.count + sum.count,
            net: before.net + sum.net,
            vat: before.vat + sum.vat,
            gross: before.gross + sum.gross,
          },
    )
  }
  return [...byKey.values()]
}

const text = (value: ExportFields[string]): string => (typeof value === 'string' ? value : '')
