/** Control figures of clearing files in every layout (mechanisms 1.2). */
import { expect, test } from 'vitest'
import { Export } from '../../src/config/schema.ts'
import type { ExportFields } from '../../src/core/batch.ts'
import { controlFigures, fileControl } from '../../src/core/clearing-control.ts'
import { writeExport } from '../../src/formats/write.ts'
import { checkTemplate } from '../../src/formats/write-text.ts'

const entry = (type: string, gross: string, vat: string, more: ExportFields = {}): ExportFields => ({
  id: `clr_${type}`,
  type,
  company: 'SK01',
  counterCompany: 'HU01',
  net: (Number(gross) - Number(vat)).toFixed(2),
  vat,
  gross,
  currency: 'EUR',
  date: '2026-11-22',
  ...more,
})
const lines = [
  entry('goods', '127.00', '27.00'),
  entry('goods', '10.10', '0.10', { date: '2026-11-21' }),
  entry('fee', '-2.00', '0.00'),
  entry('goods', '500', '0', { currency: 'HUF', net: '500' }),
]

function write(format: object, control: 'header' | 'trailer' | 'none', templateText?: string): string {
  const config = Export.parse({ kind: 'clearing', company: 'SK01', folder: 'out', format, control, period: 'month' })
  const of = fileControl('sk', config, { sequence: 7, name: 'C7.csv' }, lines)
  const written = writeExport(lines, {
    kind: 'clearing',
    audience: 'erp',
    format: config.format,
    control: { place: control, of },
    ...(templateText !== undefined && { templateText }),
  })
  if (written.kind === 'problems') throw new Error(JSON.stringify(written.problems))
  return Buffer.from(written.bytes).toString()
}

const csv = { type: 'csv', delimiter: ';', decimal: ',', dates: 'dd.MM.yyyy', columns: { Nr: 'id', Sum: 'gross' } }
const body = 'Nr;Sum\nclr_goods;127,00\nclr_goods;10,10\nclr_fee;-2,00\nclr_goods;500\n'
const control = `FILE;sk;SK01;7;C7.csv;2026-11;01.11.2026;30.11.2026;4;
SUM;SK01;HU01;goods;EUR;2;110,00;27,10;137,10
SUM;SK01;HU01;fee;EUR;1;-2,00;0,00;-2,00
SUM;SK01;HU01;goods;HUF;1;500,00;0,00;500,00
TOTAL;SK01;HU01;;EUR;3;108,00;27,10;135,10
TOTAL;SK01;HU01;;HUF;1;500,00;0,00;500,00
`

test('CSV has them before its head, after its lines, or not at all', () => {
  expect(write(csv, 'header')).toBe(control + body)
  expect(write(csv, 'trailer')).toBe(body + control)
  expect(write(csv, 'none')).toBe(body)
})

test('XML has an element Control, JSON an object', () => {
  const xml = write({ type: 'xml', root: 'Clearing', record: 'Entry', fields: { Id: 'id' } }, 'trailer')
  expect(xml).toMatch(/<\/Entry>\n {2}<Control>\n {4}<export>sk<\/export>\n {4}<company>SK01<\/company>/)
  expect(xml).toContain('<Sum>\n      <company>SK01</company>\n      <counterCompany>HU01</counterCompany>')
  expect(xml).toMatch(/<Total>[^]*<gross>135\.10<\/gross>\n {4}<\/Total>[^]*<\/Control>\n<\/Clearing>/)
  const json = JSON.parse(write({ type: 'json', fields: { nr: 'id' } }, 'header')) as Record<string, unknown>
  expect(Object.keys(json)).toEqual(['control', 'lines'])
  expect(json['control']).toMatchObject({
    sequence: '7',
    count: '4',
    period: '2026-11',
    sums: [{ type: 'goods', currency: 'EUR', gross: 137.1 }, { type: 'fee' }, { currency: 'HUF' }],
    totals: [{ gross: 135.1 }, { gross: 500 }],
  })
  expect(json['lines']).toHaveLength(4)
})

test('a template has them wherever it wants, and only in clearing files', () => {
  const template =
    '{{control.sequence}}/{{control.count}} {{#control.totals}}{{currency}} {{gross}};{{/control.totals}}{{#lines}}{{id}} {{/lines}}'
  const format = { type: 'text', template: 'x.mustache', decimal: ',' }
  expect(write(format, 'none', template)).toBe('7/4 EUR 135,10;HUF 500,00;clr_goods clr_goods clr_fee clr_goods ')
  expect(checkTemplate(template, 'clearing')).toEqual([])
  expect(checkTemplate(template, 'stock').length).toBeGreaterThan(0)
  expect(checkTemplate('{{control.nothing}}', 'clearing')).toHaveLength(1)
})

test('without a period the days are those of the entries; a copy names the file that it replaces', () => {
  expect(controlFigures(lines, undefined)).toMatchObject({ from: '2026-11-21', to: '2026-11-22', count: 4 })
  const copy = lines.map((line) => ({ ...line, replaces: 'C6.csv' }))
  expect(controlFigures(copy, undefined).replaces).toBe('C6.csv')
})
