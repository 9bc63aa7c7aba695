import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { fieldsOf, problemsOf, readAll } from './reading.ts'
import type { FormatText } from './reading.ts'

const fields = { number: 'No', 'lines.sku': 'Item', 'lines.quantity': 'Qty', 'customer.name': 'Name' }
const grouped: FormatText = { type: 'csv', delimiter: ';', groupBy: 'No', fields }
const single: FormatText = { type: 'csv', delimiter: ';', fields: { number: 'No', note: 'Note' } }

const codes = async (text: string, format: FormatText): Promise<string[]> =>
  (await problemsOf(text, format)).flatMap((item) => item.problems.map((problem) => problem.code))

describe('rows', () => {
  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
    ['CR CR LF', '\r\r\n'],
  ])('end with %s', async (_, end) => {
    const text = ['No;Note', '1;a', '2;"b;""c"""', '3;'].join(end) + end
    for (const size of [1, 2, 3, 100]) {
      const items = await readAll(text, single, 'orders', size)
      expect(items).toMatchObject([
        { record: { row: 1, fields: { number: '1', note: 'a' } } },
        { record: { row: 2, fields: { number: '2', note: 'b;"c"' } } },
        { record: { row: 3, fields: { number: '3' } } },
      ])
    }
  })

  test('the last row needs no line end', async () => {
    expect(await fieldsOf('No;Note\n1;a', single)).toEqual([{ number: '1', note: 'a' }])
    expect(await fieldsOf('No;Note\n1;"a"', single)).toEqual([{ number: '1', note: 'a' }])
  })

  test('keep the source text and the line where they start, over line breaks in quotes', async () => {
    const items = await readAll('No;Note\n1;"a\nb"\n\n2;c\n', single)
    expect(items).toMatchObject([
      { record: { line: 2, text: '1;"a\nb"', fields: { note: 'a\nb' } } },
      { record: { line: 5, text: '2;c' } },
    ])
  })

  test('blank rows and rows of empty cells are skipped', async () => {
    expect(await fieldsOf('No;Note\n\n;\n1;a\n ; \n', single)).toEqual([{ number: '1', note: 'a' }])
  })

  test.each([
    ['\t', 'No\tNote\n1\ta;b\n'],
    ['||', 'No||Note\n1||a;b\n'],
    ['~|', 'No~|Note\n"1"~|"a;b"\n'],
  ])('are cut at the delimiter %j', async (delimiter, text) => {
    for (const size of [1, 100]) {
      expect((await readAll(text, { ...single, delimiter }, 'orders', size))[0]).toMatchObject({
        record: { fields: { number: '1', note: 'a;b' } },
      })
    }
  })

  test('without a quote character quotes are ordinary', async () => {
    expect(await fieldsOf('No;Note\n1;"a\n', { ...single, quote: '' })).toEqual([{ number: '1', note: '"a' }])
  })

  test('a quote inside a cell is ordinary', async () => {
    expect(await fieldsOf('No;Note\n1;5" pipe\n', single)).toEqual([{ number: '1', note: '5" pipe' }])
  })

  test('an unclosed quote is reported at the line where it opens, and what came before is kept', async () => {
    const items = await readAll('No;Note\n1;a\n2;"b\n3;c\n4;d\n', single)
    expect(items).toMatchObject([
      { kind: 'record' },
      { kind: 'problem', fatal: true, row: 2, problems: [{ code: 'D010', place: { line: 3 }, found: '"2;\\"b"' }] },
    ])
  })

  test('text after a closing quote refuses its row only', async () => {
    const items = await readAll('No;Note\n1;"a"b\n2;c\n', single)
    expect(items).toMatchObject([
      { kind: 'problem', fatal: false, problems: [{ code: 'D011', place: { line: 2 } }] },
      { kind: 'record', record: { row: 2 } },
    ])
  })

  test('a row over 1 MiB ends the reading, quoted or not', async () => {
    const long = 'x'.repeat(1_100_000)
    expect(await codes(`No;Note\n1;${long}\n`, single)).toEqual(['D012'])
    expect(await codes(`No;Note\n1;${long}`, single)).toEqual(['D012'])
    expect(await codes(`No;Note\n1;"${long}\n2;b\n`, single)).toEqual(['D010'])
  })

  test('control characters refuse their row', async () => {
    const items = await readAll('No;Note\n1;a\u000bb\n2;c\u0001\n3;d\n', single)
    expect(items).toMatchObject([
      { problems: [{ code: 'D004', found: '0x0B', place: { line: 2 } }] },
      { problems: [{ code: 'D004', found: '0x01', place: { line: 3 } }] },
      { record: { row: 3 } },
    ])
  })

  test('a row with a column too few or too many is refused, never shifted', async () => {
    const items = await readAll('No;Note\n1\n2;a;b\n3;c\n', single)
    expect(items).toMatchObject([
      { kind: 'problem', text: '1', problems: [{ code: 'D009', expected: '2', place: { line: 2, record: 1 } }] },
      { kind: 'problem', text: '2;a;b', problems: [{ code: 'D009' }] },
      { kind: 'record', record: { row: 3, line: 4 } },
    ])
  })
})

describe('the header', () => {
  test('tells every repeated, empty and missing column at once', async () => {
    const [problem] = await problemsOf('Numer;Note;Note;\n', single)
    expect(problem?.fatal).toBe(true)
    expect(problem?.problems.map(({ code }) => code)).toEqual(['D006', 'D007', 'D008'])
    expect(problem?.problems[2]).toMatchObject({ expected: 'a column "No"' })
  })

  test('proposes the column that was probably meant', async () => {
    const format = { ...single, fields: { number: 'OrderNo' } }
    const [problem] = await problemsOf('OrderNr;Note\n1;a\n', format)
    expect(problem?.problems[0]?.hint).toBe('Did you mean "OrderNr"?')
  })

  test('may be missing: columns are then called 1, 2, 3', async () => {
    const format = { ...single, header: false, fields: { number: '2' } }
    expect(await fieldsOf('a;1\nb;2\n', format)).toEqual([{ number: '1' }, { number: '2' }])
  })

  test('may stand after lines to skip, whatever these hold', async () => {
    const format = { ...single, skipRows: 3 }
    expect(await fieldsOf('Report "of\n\n22.11.2026;;;;\nNo;Note\n1;a\n', format)).toEqual([{ number: '1', note: 'a' }])
  })

  test('with own names needs no mapping; other columns are left out', async () => {
    const text = 'number,customer.email,lines.sku,fields.shelf,internal\n1,a@example.com,S1,B7,x\n'
    expect(await fieldsOf(text, { type: 'csv' })).toEqual([
      { number: '1', customer: { email: 'a@example.com' }, fields: { shelf: 'B7' }, lines: [{ sku: 'S1' }] },
    ])
  })

  test('without any known name and without a mapping the file is refused', async () => {
    const [problem] = await problemsOf('a,b\n1,2\n', { type: 'csv' })
    expect(problem?.problems[0]?.hint).toContain('format.fields')
  })

  test('an empty file is a problem, a header alone is not', async () => {
    expect(await codes('', single)).toEqual(['D005'])
    expect(await codes('\n\n', single)).toEqual(['D005'])
    expect(await codes('No;Note\n', single)).toEqual([])
  })
})

describe('groupBy', () => {
  test('makes consecutive rows one record with lines, their lines in the file and their text', async () => {
    const items = await readAll('No;Name;Item;Qty\n1;A;x;1\n1;A;y;2\n2;B;z;3\n', grouped)
    expect(items).toMatchObject([
      {
        record: {
          row: 1,
          line: 2,
          lineAt: [2, 3],
          text: '1;A;x;1\n1;A;y;2',
          fields: {
            number: '1',
            customer: { name: 'A' },
            lines: [
              { sku: 'x', quantity: '1' },
              { sku: 'y', quantity: '2' },
            ],
          },
        },
      },
      { record: { row: 2, line: 4, fields: { number: '2', lines: [{ sku: 'z' }] } } },
    ])
  })

  test('later rows may leave the values of the record empty, and the key too', async () => {
    const text = 'No;Name;Item;Qty\n1;A;x;1\n1;;y;2\n;;z;3\n2;B;;\n'
    const [first, second] = await fieldsOf(text, grouped)
    expect(first).toMatchObject({ number: '1', lines: [{ sku: 'x' }, { sku: 'y' }, { sku: 'z' }] })
    expect(second).toEqual({ number: '2', customer: { name: 'B' }, lines: [] })
  })

  test('rows that differ in a value of the record refuse the record', async () => {
    const items = await readAll('No;Name;Item;Qty\n1;A;x;1\n1;B;y;2\n1;B;z;2\n2;C;z;3\n', grouped)
    expect(items).toMatchObject([
      {
        kind: 'problem',
        problems: [{ code: 'D014', found: '"B"', expected: '"A"', place: { line: 3, path: 'Name' } }],
      },
      { kind: 'record' },
    ])
    expect(items).toHaveLength(2)
  })

  test('a key that comes again later refuses the second record', async () => {
    const items = await readAll('No;Name;Item;Qty\n1;A;x;1\n2;B;y;2\n1;A;z;3\n', grouped)
    expect(items).toMatchObject([
      { kind: 'record' },
      { kind: 'record' },
      { kind: 'problem', row: 3, text: '1;A;z;3', problems: [{ code: 'D013', found: '"1"', place: { line: 4 } }] },
    ])
  })

  test('a row without a key but with values of the record is refused by itself', async () => {
    const items = await readAll('No;Name;Item;Qty\n1;A;x;1\n;B;y;2\n2;C;z;3\n', grouped)
    expect(items).toMatchObject([
      { kind: 'record' },
      { kind: 'problem', problems: [{ code: 'D015' }] },
      { kind: 'record' },
    ])
  })

  test('a bad row refuses the record that it belongs to, before and after it', async () => {
    const items = await readAll('No;Name;Item;Qty\n1;A;x;1\n1;A;y\n1;A;z;3\n2;B\n2;B;q;1\n3;C;r;1\n', grouped)
    expect(items).toMatchObject([
      { kind: 'problem', row: 1, text: '1;A;x;1\n1;A;y\n1;A;z;3' },
      { kind: 'problem', row: 2, text: '2;B\n2;B;q;1' },
      { kind: 'record', record: { row: 3 } },
    ])
  })

  test('a bad row that may belong to two records refuses both', async () => {
    const items = await readAll('No;Name;Item;Qty\n1;A;x;1\n;y\n2;B;q;1\n3;C;r;1\n', grouped)
    expect(items.map(({ kind }) => kind)).toEqual(['problem', 'problem', 'record'])
  })

  test('keeps the line end of the file between the rows of a record', async () => {
    const items = await readAll('No;Name;Item;Qty\r\n1;A;x;1\r\n1;A;y;2\r\n', grouped)
    expect(items).toMatchObject([{ record: { text: '1;A;x;1\r\n1;A;y;2' } }])
  })

  test('one record of more than 16 MiB ends the reading', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `1;A;${'x'.repeat(900_000)};${i}`)
    expect(await codes(`No;Name;Item;Qty\n${rows.join('\n')}\n`, grouped)).toEqual(['D012'])
  })
})

test('constants fill what is missing and values translate, also on lines', async () => {
  const format = {
    ...grouped,
    constants: { 'customer.name': 'walk-in', 'lines.unit': 'pcs', 'lines.quantity': '1' },
    values: { 'lines.sku': { x: 'SKU-X' } },
  }
  expect(await fieldsOf('No;Name;Item;Qty\n1;;x;\n', format)).toEqual([
    { number: '1', customer: { name: 'walk-in' }, lines: [{ sku: 'SKU-X', quantity: '1', unit: 'pcs' }] },
  ])
})

test('rows of a record mean the same wherever its columns stand: before, after or among those of the lines', async () => {
  const cells = ['1', '2', 'A', 'B', '', ' ', '"x;y"', '"two\nlines"', '"say ""hi"""', 'ő']
  let state = 5
  const any = (): string => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return cells[(state >>> 8) % cells.length] ?? ''
  }
  const rows = Array.from({ length: 600 }, (_, i) => {
    const head = [`O${i >> 1}`, i % 5 === 0 ? any() : 'Ann']
    return [[...head, any(), any()], i % 2 === 0 && i % 7 === 0 ? [...head, any(), any()] : undefined]
  }).flatMap((pair) => pair.filter((row) => row !== undefined))
  const fileOf = (order: readonly number[]): string =>
    [['No', 'Name', 'Item', 'Qty'], ...rows].map((row) => order.map((at) => row[at]).join(';')).join('\n')
  const found = async (order: readonly number[], size: number): Promise<unknown[]> => {
    const items = await readAll(fileOf(order), grouped, 'orders', size)
    return items.map((item) =>
      item.kind === 'record'
        ? [item.record.line, item.record.fields, item.record.lineAt]
        : item.problems.map(({ code, place, found: text }) => [code, place, text]),
    )
  }
  const expected = await found([2, 0, 3, 1], 65_536)
  expect(expected.length).toBe(300)
  for (const order of [
    [0, 1, 2, 3],
    [1, 0, 3, 2],
    [2, 3, 0, 1],
  ]) {
    for (const size of [65_536, 13]) expect(await found(order, size)).toEqual(expected)
  }
})

test('memory does not grow with the file: a row of a long file holds nothing of the rows before', () => {
  const script = join(import.meta.dirname, 'read-long-file.ts')
  const told = JSON.parse(execFileSync(process.execPath, ['--expose-gc', script], { encoding: 'utf8' })) as object
  expect(told).toMatchObject({ records: 200_000, collected: true })
  // The file has 42 MB.
  expect(told).toHaveProperty(
    'most',
    expect.toSatisfy((most: number) => most < 20_000_000),
  )
})
