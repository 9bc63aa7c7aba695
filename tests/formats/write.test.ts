import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'

import { Export } from '../../src/config/schema.ts'
import type { ExportFields } from '../../src/core/batch.ts'
import type { ExportSpec } from '../../src/formats/export-values.ts'
import { writeExport } from '../../src/formats/write.ts'

function specOf(
  format: object,
  more: Partial<Pick<ExportSpec, 'kind' | 'audience' | 'templateText'>> = {},
): ExportSpec {
  const { kind, ...rest } = { kind: 'clearing' as const, audience: 'erp' as const, ...more }
  return { kind, ...rest, format: Export.parse({ kind, folder: 'out', format }).format }
}

function write(
  lines: ExportFields[],
  format: object,
  more: Partial<Pick<ExportSpec, 'kind' | 'audience' | 'templateText'>> = {},
): string {
  const spec = specOf(format, more)
  const written = writeExport(lines, spec)
  if (written.kind === 'problems') throw new Error(JSON.stringify(written.problems))
  return iconv.decode(Buffer.from(written.bytes), spec.format.encoding)
}

function problems(
  lines: ExportFields[],
  format: object,
  more: Partial<Pick<ExportSpec, 'kind' | 'audience' | 'templateText'>> = {},
) {
  const written = writeExport(lines, specOf(format, more))
  return written.kind === 'problems' ? written.problems : []
}

const columns = { Nr: 'order', Betrag: 'gross', Tag: 'date', Text: 'documentNumber' }
const line: ExportFields = { order: 'R-1', gross: '-1234.50', date: '2026-11-22', documentNumber: 'ő' }

describe('csv', () => {
  test('writes the dialect of the file: encoding, delimiter, decimal comma, dates, line ends', () => {
    const format = {
      type: 'csv',
      encoding: 'windows-1250',
      delimiter: ';',
      decimal: ',',
      dates: 'dd.MM.yyyy',
      lineEnd: 'crlf',
      columns,
    }
    expect(write([line], format)).toBe('Nr;Betrag;Tag;Text\r\nR-1;-1234,50;22.11.2026;ő\r\n')
    const written = writeExport([line], specOf(format))
    expect(written.kind === 'written' && Buffer.from(written.bytes).includes(0xf5)).toBe(true)
  })

  test('gives the same bytes each time', () => {
    const spec = specOf({ type: 'csv' })
    expect(writeExport([line, line], spec)).toEqual(writeExport([line, line], spec))
  })

  test('without columns has every field of the kind in the order of the catalogue', () => {
    const [header, row] = write(
      [{ order: 'R-1', id: 'mov_1', quantity: '2' }],
      { type: 'csv' },
      { kind: 'stock' },
    ).split('\n')
    expect(header).toBe('id,order,externalNumber,channel,line,move,sku,variant,quantity,from,to,date,reverses')
    expect(row).toBe('mov_1,R-1,,,,,,,2,,,,')
  })

  test.each([
    ['a;b', '"a;b"'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
    ['a\r', '"a\r"'],
    [' a', '" a"'],
    ['a,b', 'a,b'],
    ['00123', '00123'],
    ['=1+1', '=1+1'],
  ])('quotes %j where needed: %s', (text, cell) => {
    const format = { type: 'csv', delimiter: ';', header: false, columns: { a: 'order', b: 'channel' } }
    expect(write([{ order: text, channel: 'x' }], format)).toBe(`${cell};x\n`)
  })

  test('a row of one empty cell is not blank', () => {
    expect(write([{ order: '' }], { type: 'csv', columns: { a: 'order' } })).toBe('a\n""\n')
  })

  test('without a quote character refuses what would shift a row', () => {
    const format = { type: 'csv', quote: '', delimiter: ';', columns: { a: 'order', b: 'channel' } }
    expect(problems([{ order: 'ok' }, { order: 'a;b' }], format)).toMatchObject([
      { code: 'X002', place: { record: 2, path: 'order' } },
    ])
  })

  test.each(['=cmd()', '+1', '-x', '@a', '\tx', '\rx'])('guards %j against formulas for people only', (text) => {
    const format = { type: 'csv', quote: '"', header: false, columns: { a: 'order', b: 'channel' } }
    const human = write([{ order: text, channel: 'x' }], format, { audience: 'human' })
    expect(human).toContain(`'${text}`)
    expect(write([{ order: text, channel: 'x' }], format)).not.toContain(`'${text}`)
  })

  test('does not take a negative amount for a formula', () => {
    expect(write([line], { type: 'csv', header: false, columns: { a: 'gross' } }, { audience: 'human' })).toBe(
      '-1234.50\n',
    )
  })

  test('no lines give the header alone', () => {
    expect(write([], { type: 'csv', columns })).toBe('Nr,Betrag,Tag,Text\n')
  })

  test('a list is no cell, an unknown field no column', () => {
    expect(problems([{ order: ['a'] }], { type: 'csv', columns })).toMatchObject([
      { code: 'X007', place: { record: 1, path: 'order' } },
    ])
    expect(problems([line], { type: 'csv', columns: { a: 'grosss' } })).toMatchObject([
      { code: 'X005', found: '"grosss"' },
    ])
  })
})

describe('encodings', () => {
  test.each([
    ['windows-1252', 'ő', 'U+0151'],
    ['iso-8859-1', '€', 'U+20AC'],
    ['windows-1250', '😀', 'U+1F600'],
  ])('%s lacks %s: a problem that names it, never a question mark', (encoding, text, code) => {
    const found = problems([{ order: 'A' }, { order: 'B', documentNumber: `x${text}` }], {
      type: 'csv',
      encoding,
      columns,
    })
    expect(found).toMatchObject([{ code: 'X001', place: { record: 2, path: 'documentNumber' }, expected: encoding }])
    expect(found[0]?.found).toContain(code)
  })

  test('half of a character pair is a problem in UTF-8 too', () => {
    expect(problems([{ order: 'a\ud800' }], { type: 'csv', columns })).toMatchObject([{ code: 'X001' }])
  })

  test('an encoding that does not exist is named', () => {
    expect(problems([line], { type: 'csv', encoding: 'windows-99', columns })).toMatchObject([{ code: 'X006' }])
  })
})

describe('json', () => {
  test('writes decimals as exact numbers and keeps lists', () => {
    const format = { type: 'json', fields: { no: 'order', total: 'gross', tags: 'channel' } }
    const text = write(
      [{ order: '1', gross: '12345678901234567.10', channel: ['a', { b: 'c' }] }, { order: '2' }],
      format,
    )
    expect(text).toBe('[\n{"no":"1","total":12345678901234567.10,"tags":["a",{"b":"c"}]},\n{"no":"2"}\n]\n')
  })

  test('with a decimal comma numbers are text', () => {
    expect(write([{ gross: '1.50' }], { type: 'json', decimal: ',', fields: { g: 'gross' } })).toBe(
      '[\n{"g":"1,50"}\n]\n',
    )
  })

  test('no lines are an empty list', () => expect(write([], { type: 'json' })).toBe('[]\n'))
})

describe('xml', () => {
  test('escapes, leaves out absent fields and names its encoding', () => {
    const format = {
      type: 'xml',
      encoding: 'iso-8859-2',
      root: 'Clearing',
      record: 'Entry',
      fields: { Order: 'order', Day: 'date', Text: 'type' },
      dates: 'yyyyMMdd',
    }
    const text = write([{ order: `<&>"'ő\r`, date: '2026-11-22' }], format)
    expect(text).toBe(
      '<?xml version="1.0" encoding="ISO-8859-2"?>\n<Clearing>\n  <Entry>\n    <Order>&#60;&#38;&#62;&#34;&#39;ő&#13;</Order>\n    <Day>20261122</Day>\n  </Entry>\n</Clearing>\n',
    )
  })

  test('refuses what XML cannot hold, and names that are none', () => {
    expect(problems([{ order: 'a\u0001' }], { type: 'xml' })).toMatchObject([
      { code: 'X003', found: 'U+0001', place: { record: 1, path: 'order' } },
    ])
    expect(problems([line], { type: 'xml', root: '1 a' })).toMatchObject([{ code: 'X006', found: '"1 a"' }])
  })

  test('is read back by the reader', async () => {
    const { fieldsOf } = await import('./reading.ts')
    const text = write([{ order: 'A & B' }, { order: '2' }], { type: 'xml', lineEnd: 'crlf' })
    const format = { type: 'xml', record: 'Records/Record', fields: { number: 'order' } }
    expect(await fieldsOf(text, format)).toEqual([{ number: 'A & B' }, { number: '2' }])
  })
})

describe('text by template', () => {
  const format = { type: 'text', template: 'exports/x.mustache', decimal: ',', dates: 'dd.MM.yyyy' }

  test('shows the count and the lines in the dialect of the file', () => {
    const templateText = 'H{{count}}\n{{#lines}}\n{{order}}|{{gross}}|{{date}}{{^type}}|none{{/type}}\n{{/lines}}\n'
    expect(write([line, { ...line, type: 'fee' }], format, { templateText })).toBe(
      'H2\nR-1|-1234,50|22.11.2026|none\nR-1|-1234,50|22.11.2026\n',
    )
  })

  test('escapes for XML where the config says so, and else not at all', () => {
    const templateText = '{{#lines}}{{order}}{{/lines}}'
    expect(write([{ order: '<&' }], { ...format, escape: 'xml' }, { templateText })).toBe('&#60;&#38;')
    expect(write([{ order: '<&' }], format, { templateText })).toBe('<&')
  })

  test('values are never template text', () => {
    expect(write([{ order: '{{count}}' }], format, { templateText: '{{#lines}}{{order}}{{/lines}}' })).toBe('{{count}}')
  })

  test.each([
    ['an unclosed section', '{{#lines}}', 'X004'],
    ['an unknown field', '{{#lines}}\n{{grosss}}{{/lines}}', 'X005'],
    ['a partial', '{{> other}}', 'X004'],
    ['an inherited name', '{{constructor}}', 'X005'],
  ])('%s is refused', (_, templateText, code) => {
    expect(problems([line], format, { templateText })).toMatchObject([{ code }])
  })

  test('a template that was not found is a problem', () => {
    expect(problems([line], format)).toMatchObject([{ code: 'X004', found: '"exports/x.mustache"' }])
  })
})
