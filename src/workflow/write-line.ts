/**
 * One effect becomes one line in every export of its kind that wants it, by company and channel.
 *
 * A line's dedupe key makes it unique per export, however often the effect is decided.
 */
import type { Export, ExportKind } from '../config/schema.ts'
import type { ExportFields } from '../core/batch.ts'
import type { LocalDate } from '../core/date.ts'
import { periodOf } from '../core/file-part.ts'
import { exportLineId } from '../core/ids.ts'
import { listOf } from './compile.ts'
import type { Because, Draft } from './draft.ts'

export interface Line {
  readonly key: string
  readonly subject: string
  readonly fields: ExportFields
  /** The day that it belongs to, for exports whose files hold one period. */
  readonly date?: LocalDate
}
interface Filter {
  readonly channel?: string | undefined
  readonly company?: string | undefined
  /** Company of the store; only of lines about an order at one. */
  readonly collectedBy?: string | undefined
  /** What the source is told; only of writeBack lines. */
  readonly event?: NonNullable<Export['events']>[number]
}

export function writeLine(draft: Draft, kind: ExportKind, filter: Filter, line: Line, because: Because): void {
  for (const [name, target] of Object.entries(draft.setup.config.exports)) {
    if (target.kind !== kind || !wanted(target, filter)) continue
    draft.exportLine({
      id: exportLineId(name, line.key),
      export: name,
      dedupeKey: line.key,
      subject: line.subject,
      fields: line.fields,
      ...(target.period !== undefined && line.date !== undefined && { part: periodOf(line.date, target.period) }),
      because: because.event,
      ...(because.trace && { trace: because.trace }),
    })
  }
}

const wanted = (target: Export, { channel, company, collectedBy, event }: Filter): boolean =>
  (event === undefined || target.events === undefined || target.events.includes(event)) &&
  (target.company === undefined || target.company === company) &&
  (target.collectedBy === undefined || target.collectedBy === collectedBy) &&
  (target.channel === undefined || (channel !== undefined && listOf<string>(target.channel).includes(channel)))
