/**
 * Checks clearing beyond its sum: no entry is taken back by more than it is, no file contradicts its figures.
 *
 * Pure comparisons; amounts are in minor units. Throws nothing.
 */
import type { Clearing, ClearingFile } from '../../core/clearing.ts'
import { type Finding, finding } from './finding.ts'

/** `entries`: all of one order. */
export function reversalFindings(entries: readonly Clearing[]): readonly Finding[] {
  const back = Map.groupBy(entries, ({ reverses }) => reverses)
  return entries.flatMap(({ id, type, gross }) => {
    const amount = (back.get(id) ?? []).reduce((sum, each) => sum + each.gross, 0)
    const isWithin = amount * gross <= 0 && Math.abs(amount) <= Math.abs(gross)
    if (isWithin && (type !== 'reversal' || amount === 0)) return []
    return [finding('A037', id, { found: `${amount} taken back`, expected: `at most ${-gross}` })]
  })
}

export function clearingFileFindings(file: ClearingFile): readonly Finding[] {
  const { id, entries, sums, accepted, refused, state } = file
  const counted = sums.filter(({ type }) => type === undefined).reduce((sum, { count }) => sum + count, 0)
  const findings: Finding[] = []
  if (counted !== entries.length) {
    findings.push(finding('A038', id, { found: `sums of ${counted} entries`, expected: `of ${entries.length}` }))
  }
  const isAnswered = accepted + refused === entries.length
  const isSound = accepted >= 0 && refused >= 0 && accepted + refused <= entries.length
  if (
    !isSound ||
    isAnswered === (state === 'exported') ||
    (state === 'acknowledged') !== (accepted === entries.length)
  ) {
    const found = `${accepted} booked and ${refused} refused of ${entries.length} entries, state ${state}`
    findings.push(finding('A038', id, { found, expected: 'a state that follows from the answers' }))
  }
  return findings
}
