import { describe, expect, test } from 'vitest'

import { fieldsOf, problemsOf, readAll } from './reading.ts'
import type { FormatText } from './reading.ts'

const format: FormatText = {
  type: 'xml',
  record: 'Orders/Order',
  lines: 'Lines/Line',
  fields: {
    number: '@id',
    note: 'Note',
    'customer.email': 'Customer/Email',
    'lines.sku': 'Sku',
    'lines.number': '@no',
  },
}
const order = '<Order id="1"><Note>a</Note></Order>'

async function failure(text: string, given: FormatText = format) {
  const items = await problemsOf(text, given)
  const last = items.at(-1)
  return { ...last?.problems[0], fatal: last?.fatal }
}

describe('xml', () => {
  test('names count without their prefix, wherever they are bound', async () => {
    const text =
      '<q:Orders xmlns:q="urn:a"><q:Order p:id="1" xmlns:p="urn:b"><r:Note xmlns:r="urn:a">a &lt; b &#x151;</r:Note></q:Order></q:Orders>'
    expect(await fieldsOf(text, format)).toEqual([{ number: '1', note: 'a < b ő', lines: [] }])
  })

  test('an element of the same name elsewhere is no record', async () => {
    const text = `<Orders><Old><Order id="9"/></Old>${order}<Order id="2"><Order id="8"/></Order></Orders>`
    expect((await fieldsOf(text, format)).map((fields) => fields['number'])).toEqual(['1', '2'])
  })

  test('text is put together over comments, CDATA and chunks', async () => {
    const text = `<Orders><Order id="1"><Note>one<!-- x --> two <![CDATA[<three>]]></Note></Order></Orders>`
    for (const size of [1, 2, 50]) {
      expect(await readAll(text, format, 'orders', size)).toMatchObject([
        { record: { row: 1, line: 1, fields: { note: 'one two <three>' } } },
      ])
    }
  })

  test('lines are relative to their elements', async () => {
    const text = `<Orders><Order id="1"><Lines><Line no="1"><Sku>a</Sku></Line><Line no="2"/></Lines></Order></Orders>`
    expect(await fieldsOf(text, format)).toEqual([{ number: '1', lines: [{ sku: 'a', number: '1' }, { number: '2' }] }])
  })

  test('records before an error stay good; the first error ends the reading', async () => {
    const items = await readAll(`<Orders>\n${order}\n<Order id="2"><Note></Order>\n${order}</Orders>`, format)
    expect(items).toMatchObject([
      { kind: 'record' },
      { kind: 'problem', row: 2, fatal: true, problems: [{ code: 'D019', place: { line: 3 } }] },
    ])
    expect(items).toHaveLength(2)
  })

  test.each([
    ['an unclosed element', `<Orders>${order}`, 'D025'],
    ['an unknown entity', '<Orders><Order id="1"><Note>&nbsp;</Note></Order></Orders>', 'D019'],
    ['two roots', `<Orders>${order}</Orders><Orders/>`, 'D019'],
    ['an attribute twice', '<Orders><Order id="1" id="2"/></Orders>', 'D019'],
    ['a control character', '<Orders><Order id="1"><Note>\u0001</Note></Order></Orders>', 'D019'],
    ['no text at all', '', 'D005'],
    ['blanks only', '  \n', 'D005'],
    ['plain text', 'hello', 'D019'],
    ['another root', '<Invoices/>', 'D022'],
    ['no record', '<Orders><Ordre/></Orders>', 'D024'],
  ])('%s is refused', async (_, text, code) => {
    expect(await failure(text)).toMatchObject({ code, fatal: true })
  })

  test.each([
    ['with an external DTD', '<!DOCTYPE Orders SYSTEM "http://127.0.0.1:1/orders.dtd">'],
    ['with an entity bomb', '<!DOCTYPE Orders [<!ENTITY a "1234567890"><!ENTITY b "&a;&a;&a;">]>'],
    ['with a file entity', '<!DOCTYPE Orders [<!ENTITY a SYSTEM "file:///etc/hostname">]>'],
    ['in lower case', '<!doctype Orders>'],
  ])('a DOCTYPE %s is refused unread', async (_, doctype) => {
    const problem = await failure(`${doctype}<Orders>${order}</Orders>`)
    expect(['D019', 'D020']).toContain(problem.code)
    expect(problem.fatal).toBe(true)
  })

  test('more than 100 levels are refused at once', async () => {
    const deep = `<Orders>${'<a>'.repeat(100_000)}`
    expect(await failure(deep)).toMatchObject({ code: 'D021', found: 'more than 100 levels' })
    expect(await failure(`<Orders><Order id="1">${'<a>'.repeat(200)}`)).toMatchObject({ code: 'D021' })
  })

  test.each([
    ['a text', (x: string) => `<Orders><Order id="1"><Note>${x}`],
    ['an attribute', (x: string) => `<Orders><Order id="${x}`],
    ['a comment', (x: string) => `<Orders><!-- ${x}`],
    ['a name', (x: string) => `<Orders><${x}`],
  ])('%s of several MiB is refused before it is held whole', async (_, make) => {
    const problems = await problemsOf(make('x'.repeat(6_000_000)), format, 'orders', 65_536)
    expect(problems.at(-1)?.problems[0]).toMatchObject({ code: 'D021' })
  })

  test('a record of more than 16 MiB is refused', async () => {
    const part = `<Note>${'x'.repeat(1_000_000)}</Note>`
    expect(await failure(`<Orders><Order id="1">${part.repeat(18)}</Order></Orders>`)).toMatchObject({ code: 'D021' })
  })
})

const namespace = (name: string): string => `xmlns="urn:oasis:names:specification:ubl:schema:xsd:${name}-2"`

describe('ubl', () => {
  const ubl: FormatText = { type: 'ubl' }
  test.each(['OrderChange', 'OrderResponse', 'OrderResponseSimple', 'OrderCancellation', 'Catalogue', 'Invoice'])(
    '%s is not a new order',
    async (name) => {
      expect(await failure(`<${name} ${namespace(name)}><ID>1</ID></${name}>`, ubl)).toMatchObject({
        code: 'D023',
        fatal: true,
      })
    },
  )

  test.each([
    ['another namespace', '<Order xmlns="urn:example"><ID>1</ID></Order>'],
    ['no namespace', '<Order><ID>1</ID></Order>'],
    ['a prefix bound to another namespace', `<o:Order xmlns:o="urn:example" ${namespace('Order')}/>`],
  ])('Order in %s is another kind of document', async (_, text) => {
    expect(await failure(text, ubl)).toMatchObject({ code: 'D022' })
  })

  test.each([
    ['a consignment order', '<OrderTypeCode>227</OrderTypeCode>'],
    ['a copy', '<CopyIndicator>true</CopyIndicator>'],
  ])('%s is held back', async (_, inside) => {
    expect(await failure(`<Order ${namespace('Order')}><ID>1</ID>${inside}</Order>`, ubl)).toMatchObject({
      code: 'D023',
      fatal: false,
    })
  })

  test('without a currency of the document that of an amount counts', async () => {
    const amount =
      '<AnticipatedMonetaryTotal><PayableAmount currencyID="SEK">5</PayableAmount></AnticipatedMonetaryTotal>'
    const [fields] = await fieldsOf(`<Order ${namespace('Order')}><ID>1</ID>${amount}</Order>`, ubl)
    expect(fields).toMatchObject({ currency: 'SEK', gross: '5', lines: [] })
  })
})
