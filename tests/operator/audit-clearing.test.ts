import { expect, test } from 'vitest'
import type { ClearingFile } from '../../src/core/clearing.ts'
import { clearingFileId, clearingId, exportFileId } from '../../src/core/ids.ts'
import { clearingFileFindings, reversalFindings } from '../../src/operator/audit/clearing.ts'
import { clearingEntries } from '../../src/workflow/clearing/entries.ts'
import { reversalOf } from '../../src/workflow/clearing/reversal.ts'
import { collectOf, orderOf } from '../workflow/sample-records.ts'

const entries = clearingEntries(orderOf({ number: '1', gross: 1_000, collect: collectOf({}) }), 'delivery', 7)
const back = reversalOf(entries, { now: 8 })

test('a reversal that is there twice, that says more than the entry, or that is itself reversed, is named', () => {
  expect(reversalFindings([...entries, ...back])).toEqual([])
  const codes = (more: typeof back): readonly string[] =>
    reversalFindings([...entries, ...more]).map(({ code, id }) => `${code} ${id}`)
  expect(codes([...back, ...back.slice(0, 1)])).toEqual([`A037 ${entries[0]?.id}`])
  expect(codes(back.map((each) => ({ ...each, gross: 2 * each.gross })))).toHaveLength(entries.length)
  expect(codes(back.map((each) => ({ ...each, gross: -each.gross })))).toHaveLength(entries.length)
  const again = back
    .slice(0, 1)
    .map((each) => ({ ...each, id: clearingId('again'), gross: -each.gross, reverses: each.id }))
  expect(codes([...back, ...again])).toEqual([`A037 ${back[0]?.id}`])
})

const file: ClearingFile = {
  kind: 'clearingFile',
  id: clearingFileId(exportFileId('sk', 1)),
  version: 1,
  export: 'sk',
  sequence: 1,
  name: 'C1.csv',
  from: '2026-03-02',
  to: '2026-03-02',
  entries: entries.slice(0, 2).map(({ id }) => id),
  sums: [{ company: 'HU02', counterCompany: 'HU01', currency: 'EUR', count: 2, net: 0, vat: 0, gross: 0 }],
  state: 'exported',
  accepted: 0,
  refused: 0,
  createdAt: 0,
  updatedAt: 0,
}

test.each([
  ['as it was written', {}, 0],
  ['partly answered', { accepted: 1 }, 0],
  ['booked', { accepted: 2, state: 'acknowledged' }, 0],
  ['refused in part and corrected', { accepted: 1, refused: 1, state: 'corrected' }, 0],
  ['booked without an answer', { state: 'acknowledged' }, 1],
  ['answered and still waiting', { accepted: 1, refused: 1 }, 1],
  ['answered by more than it holds', { accepted: 2, refused: 1, state: 'rejected' }, 1],
  ['with sums of other entries', { entries: [], state: 'acknowledged' }, 1],
] as const)('a file %s', (_, change, findings) => {
  expect(clearingFileFindings({ ...file, ...change })).toHaveLength(findings)
})
