/**
 * Checks an import file, and an export file, of the ledger against its events and what the history has of it.
 *
 * Pure comparisons; what lies in the folders is looked at elsewhere. Throws nothing.
 */
import { exportFileId, fileId } from '../../core/ids.ts'
import type { AuditEvent } from '../../ledger/audit-rows.ts'
import type { AuditExportRow, AuditFileRow } from '../../ledger/audit-statements.ts'
import { type Finding, finding } from './finding.ts'
import type { FileHistory } from './file-history.ts'

/** `kind`: of the import by the config of now; undefined when the config does not have it. */
export function fileFindings(
  row: AuditFileRow,
  events: readonly AuditEvent[],
  history: FileHistory,
  kind: string | undefined,
): readonly Finding[] {
  return [
    ...countFindings(row, events),
    ...endFindings(row, events),
    ...(row.state === 'rejected' ? [] : historyFindings(row, history, kind)),
  ]
}

function countFindings(row: AuditFileRow, events: readonly AuditEvent[]): readonly Finding[] {
  const { id, read, applied, repeated, updated, parked, refused, position } = row
  const outcomes = applied + repeated + updated + parked + refused
  if (read !== outcomes) {
    return [finding('A010', id, { found: `${read} read`, expected: `${outcomes} outcomes: ${outcomesOf(row)}` })]
  }
  if (id !== fileId(row.import, row.sha256)) {
    return [finding('A011', id, { found: `hash ${row.sha256}`, expected: 'the hash that its id is made of' })]
  }
  // What was refused when the file was rejected is counted and is at no position.
  const before = sumOf(events.filter(({ name }) => name === 'import.rejected'))
  if (read - before === position) return []
  return [
    finding('A011', id, { found: `${read - before} records read`, expected: `${position}, the position in the file` }),
  ]
}

const outcomesOf = ({ applied, repeated, updated, parked, refused }: AuditFileRow): string =>
  `${applied} applied, ${repeated} repeated, ${updated} updated, ${parked} parked, ${refused} refused`

const sumOf = (events: readonly AuditEvent[]): number =>
  events.reduce((total, { after }) => total + Number(after?.['refusedInLastSlice'] ?? 0), 0)

function endFindings({ id, state }: AuditFileRow, events: readonly AuditEvent[]): readonly Finding[] {
  const ends = events.filter(({ name }) => name === 'import.done' || name === 'import.rejected')
  const last = ends.at(-1)?.after?.['state'] ?? 'importing'
  const done = ends.filter(({ name }) => name === 'import.done').length
  // A rejected file that comes again is importing once more.
  const fits = last === state || (state === 'importing' && last === 'rejected')
  if (fits && done === (state === 'done' || state === 'partial' ? 1 : 0)) return []
  const found =
    ends.length === 0
      ? 'no event of its end'
      : ends.map(({ name, after }) => `${name} ${String(after?.['state'])}`).join(', ')
  return [finding('A012', id, { found, expected: `one event that ends it ${state}` })]
}

/** Records that the file counts, and those that the history says came with it. */
function historyFindings(row: AuditFileRow, history: FileHistory, kind: string | undefined): readonly Finding[] {
  const wrong = [
    row.parked === history.parked ? undefined : ['parked', String(row.parked), history.parked],
    ...(kind === undefined ? [] : appliedBy(kind, row, history)),
  ].find((each) => each !== undefined)
  if (wrong === undefined) return []
  const [what, counted, told] = wrong
  const found = `${told} ${what} in the history`
  return [finding('A013', row.id, { found, expected: `${counted} ${what}, as ${row.name} counts them` })]
}

type Mismatch = readonly [what: string, counted: string, told: number] | undefined

const same = (what: string, counted: number, told: number): Mismatch =>
  counted === told ? undefined : [what, String(counted), told]

/** New orders, and those that their company took back (`action: cancel`), which are told as changes of the order. */
const appliedOrders = (applied: number, { orders, statuses }: FileHistory): Mismatch =>
  applied >= orders && applied <= orders + statuses ? undefined : ['applied', String(applied), orders]

function appliedBy(kind: string, row: AuditFileRow, history: FileHistory): readonly Mismatch[] {
  switch (kind) {
    case 'orders':
      return [appliedOrders(row.applied, history), same('updated', row.updated, history.updates)]
    case 'payments':
      return [
        same('applied', row.applied, history.payments + history.statements),
        same('updated', row.updated, history.updates),
      ]
    case 'customers':
      return [same('applied', row.applied, history.customers), same('updated', row.updated, history.updates)]
    case 'stores':
      return [same('applied', row.applied + row.updated, history.stores)]
    case 'orderStatus':
    case 'collectStatus': {
      const least = history.statuses - history.parkedApplied
      const fits = row.applied >= least && row.applied <= history.statuses
      return [fits ? undefined : ['applied', String(row.applied), least]]
    }
    default:
      return []
  }
}

const exportStates: Readonly<Record<string, string>> = {
  'export.written': 'written',
  'export.held': 'held',
  'export.repeated': 'writing',
}

/** `expected`: the sequence that comes next in this export. */
export function exportFileFindings(
  row: AuditExportRow,
  events: readonly AuditEvent[],
  expected: number,
): readonly Finding[] {
  const findings: Finding[] = []
  if (row.sequence !== expected || row.id !== exportFileId(row.export, row.sequence)) {
    findings.push(
      finding('A050', row.id, { found: `${row.export} ${row.sequence}`, expected: `${row.export} ${expected}` }),
    )
  }
  if (row.lines !== row.held) {
    findings.push(
      finding('A051', row.id, { found: `${row.held} lines`, expected: `${row.lines}, as taken for ${row.name}` }),
    )
  }
  if (row.foreign_lines > 0) {
    findings.push(
      finding('A052', row.id, {
        found: `${row.foreign_lines} lines of other exports`,
        expected: `lines of ${row.export}`,
      }),
    )
  }
  const state = events.reduce((now, { name }) => exportStates[name] ?? now, 'writing')
  const byHand = events.some(({ before }) => before?.['state'] === 'held')
  if (state !== row.state || (state === 'written' && row.sha256 === null && !byHand)) {
    const found = `${row.state}${row.sha256 === null ? ' without a hash' : ''}`
    findings.push(finding('A054', row.id, { found, expected: `${state} by its events` }))
  }
  return findings
}
