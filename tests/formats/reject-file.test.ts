import iconv from 'iconv-lite'
import { expect, test } from 'vitest'

import { ImportFormat } from '../../src/config/schema.ts'
import { dataProblem } from '../../src/formats/data-problem.ts'
import { problemsJson, problemsText, readHead, rejectedFile } from '../../src/formats/reject-file.ts'
import { chunksOf, readAll } from './reading.ts'
import type { FormatText } from './reading.ts'

const problems = [
  dataProblem('D050', { place: { record: 1, path: 'gross' } }),
  dataProblem('D031', {
    place: { line: 3, record: 2, path: 'gross' },
    found: '"x" in "Total"',
    expected: 'a number such as 1234.50',
  }),
]

test('the text for people has the errors first, each with place, found, expected, advice and code', () => {
  expect(problemsText('ORD\n1.csv', { read: 7, refused: 1 }, problems).split('\n')).toEqual([
    'ORD\\n1.csv: 1 of 7 records refused, 1 problems, 1 warnings',
    '',
    'ORD\\n1.csv:3 record 2 gross: not a number as the config describes it; found "x" in "Total"; expected a number such as 1234.50. Check format.decimal and format.thousands. (D031)',
    'ORD\\n1.csv record 1 gross: warning: the lines do not add up to the total. The total of the file is kept. (D050)',
    '',
  ])
})

test('the text for machines holds the problems as they are', () => {
  expect(JSON.parse(problemsJson('a.csv', { read: 7, refused: 1 }, problems))).toEqual({
    file: 'a.csv',
    read: 7,
    refused: 1,
    problems,
  })
})

async function rejected(bytes: Uint8Array, format: FormatText, size = 5): Promise<Uint8Array | undefined> {
  const parsed = ImportFormat.parse(format)
  const head = await readHead(chunksOf(bytes, size), parsed)
  const texts = (await readAll(bytes, format)).flatMap((item) =>
    item.kind === 'problem' && item.text !== undefined ? [item.text] : [],
  )
  return head && rejectedFile(head, texts, parsed)
}

const csv: FormatText = {
  type: 'csv',
  delimiter: ';',
  encoding: 'windows-1250',
  groupBy: 'Szám',
  fields: { number: 'Szám', 'lines.sku': 'Tétel' },
}

test.each(['\n', '\r\n'])(
  'refused rows stand behind the header of the file in its encoding and line ends (%j)',
  async (end) => {
    const text = ['Szám;Tétel;Ű', '1;a;ő', '2;b', '2;"c', 'd";x', '3;e;y', ''].join(end)
    const found = await rejected(iconv.encode(text, 'windows-1250'), csv)
    expect(iconv.decode(Buffer.from(found ?? []), 'windows-1250')).toBe(
      ['Szám;Tétel;Ű', '2;b', '2;"c', 'd";x', ''].join(end),
    )
  },
)

test('skipped lines stay, so that the mended file is read by the same settings', async () => {
  const text = 'Report\n"of;\n\nA;B\n1\n2;x\n'
  const format = { type: 'csv', delimiter: ';', skipRows: 3, fields: { number: 'A' } }
  expect(Buffer.from((await rejected(Buffer.from(text), format)) ?? []).toString()).toBe('Report\n"of;\n\nA;B\n1\n')
})

test('files without a header have only their rows', async () => {
  const format = { type: 'csv', header: false, fields: { number: '1' } }
  expect(Buffer.from((await rejected(Buffer.from('a,b\nc\n'), format)) ?? []).toString()).toBe('c\n')
})

test('a byte order mark comes back', async () => {
  const bytes = iconv.encode('A;B\n1\n', 'utf-16le', { addBOM: true })
  const found = await rejected(bytes, { type: 'csv', delimiter: ';', fields: { number: 'A' } })
  expect(found).toEqual(bytes)
})

test('JSON Lines and JSON lists come back in their shape', async () => {
  expect(Buffer.from((await rejected(Buffer.from('{"number":"1"}\nbad\n'), { type: 'jsonl' })) ?? []).toString()).toBe(
    'bad\n',
  )
  const list = await rejected(Buffer.from('{"a":{"b":[{"number":"1"},7]}}'), { type: 'json', records: 'a.b' })
  expect(JSON.parse(Buffer.from(list ?? []).toString())).toEqual({ a: { b: [7] } })
})

test('XML has no rows, and an unreadable file no head', async () => {
  expect(await rejected(Buffer.from('<a/>'), { type: 'xml', record: 'a/b' })).toBeUndefined()
  expect(await readHead([Buffer.from([0xff, 0x41, 0x80])], ImportFormat.parse({ type: 'csv' }))).toBeUndefined()
})
