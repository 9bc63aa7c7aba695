import { describe, expect, test } from 'vitest'
import type { Rendered, RenderRequest, TemplateView } from '../../src/core/rendering.ts'
import { createRender } from '../../src/templates/render.ts'
import type { RenderSettings } from '../../src/templates/render.ts'
import { filesOf } from './files-of.ts'

const settings: RenderSettings = { languages: ['en', 'hu'], sms: { policy: 'transliterate', maxParts: 3 } }
const money = (minor: number, currency = 'EUR') => ({ type: 'money', minor, currency }) as const
const order: TemplateView = {
  number: '100245',
  gross: money(123_456),
  isPaid: false,
  lines: [
    { number: '1', sku: 'A-1', quantity: { type: 'decimal', decimal: '2' }, gross: money(1000) },
    { number: '2', description: 'Shirt', quantity: { type: 'decimal', decimal: '1.5' } },
  ],
}
const view: TemplateView = { order, customer: { name: 'Anna Kovács' } }

function rendered(table: Readonly<Record<string, string>>, request: Partial<RenderRequest> = {}): Rendered {
  const defaults = { template: 'a/b', channel: 'mail', languages: ['en'], view } as const
  return createRender(filesOf(table), settings)({ ...defaults, ...request })
}
const text = (body: string, head = 'subject: S'): Readonly<Record<string, string>> => ({
  'a/b/en.txt.mustache': `---\n${head}\n---\n${body}`,
})
const html = (body: string, head = 'subject: S'): Readonly<Record<string, string>> => ({
  'a/b/en.html.mustache': `---\n${head}\n---\n${body}`,
})
const body = (result: Rendered): string => {
  if (result.kind !== 'mail' && result.kind !== 'sms') throw new Error(JSON.stringify(result))
  return result.text
}
const reason = (result: Rendered): string => (result.kind === 'held' ? result.reason : `not held: ${result.kind}`)

describe('values', () => {
  test('stand formatted under their name and canonical under raw', () => {
    expect(body(rendered(text('{{order.gross}} {{order.raw.gross}} {{#order}}{{raw.gross}}{{/order}}')))).toBe(
      '€1,234.56 1234.56 1234.56',
    )
  })

  test('of a line stand in the section of the lines, with the outer ones', () => {
    const lines = '{{#order.lines}}{{order.number}}/{{number}}:{{quantity}}{{#sku}} {{sku}}{{/sku}};{{/order.lines}}'
    expect(body(rendered(text(lines)))).toBe('100245/1:2 A-1;100245/2:1.5;')
  })

  test('that a line lacks are not taken from the order', () => {
    expect(reason(rendered(text('{{#order}}{{#lines}}{{gross}}{{/lines}}{{/order}}')))).toContain('order.lines.gross')
  })

  test('of a section are {{.}} inside it', () => {
    expect(body(rendered(text('{{#customer.name}}Dear {{.}}{{/customer.name}}')))).toBe('Dear Anna Kovács')
  })

  test.each([
    ['{{#order.isPaid}}paid{{/order.isPaid}}{{^order.isPaid}}open{{/order.isPaid}}', 'open'],
    ['{{#order.note}}n{{/order.note}}{{^order.note}}no note{{/order.note}}', 'no note'],
    ['{{^order.lines}}none{{/order.lines}}x', 'x'],
    ['{{#store}}s{{/store}}{{^store}}no store{{/store}}', 'no store'],
  ])('%s is written as %s', (template, expected) => {
    expect(body(rendered(text(template)))).toBe(expected)
  })

  test('of zero are printed, but open no section', () => {
    const free = { order: { ...order, shipping: money(0) } }
    const template = text('{{order.shipping}}{{#order.shipping}} shown{{/order.shipping}}')
    expect(body(rendered(template, { view: free }))).toBe('€0.00')
  })
})

describe('a missing value', () => {
  test('holds the message and names variables and template', () => {
    const result = rendered(text('{{store.name}} {{order.note}} {{order.number}}'))
    expect(result).toMatchObject({ kind: 'held', language: 'en' })
    expect(reason(result)).toBe('Template a/b (mail, en): no value for store.name, order.note')
  })

  test('in the subject holds the message too', () => {
    expect(reason(rendered(text('x', 'subject: "{{store.name}}"')))).toContain('store.name')
  })

  test('in a section that is left out does not', () => {
    expect(body(rendered(text('{{#store}}{{store.phone}}{{name}}{{/store}}ok')))).toBe('ok')
  })

  test('in a section that is written does', () => {
    expect(reason(rendered(text('{{#order}}{{note}}{{/order}}')))).toContain('order.note')
  })

  test.each(['', '   ', '\n'])('is also a text without a character (%j)', (note) => {
    const result = rendered(text('{{order.note}}'), { view: { order: { ...order, note } } })
    expect(reason(result)).toContain('order.note')
  })

  test.each(['order', 'order.lines', 'order.isPaid'])('is also what can’t be printed: %s', (name) => {
    expect(reason(rendered(text(`{{${name}}}`)))).toContain(name)
  })

  test('is also an address that is none of the web, of mail or of a phone', () => {
    const link = html('<a href="{{order.publicUrl}}">order</a>')
    const to = (publicUrl: string): Rendered => rendered(link, { view: { order: { ...order, publicUrl } } })
    expect(reason(to('javascript:alert(1)'))).toContain('order.publicUrl')
    expect(reason(to(' data:text/html,x'))).toContain('order.publicUrl')
    expect(to('https://x.example/?a=1&b="2"')).toMatchObject({
      html: '<a href="https://x.example/?a=1&amp;b=&quot;2&quot;">order</a>',
    })
  })
})

const named = (name: string): { readonly view: TemplateView } => ({ view: { order, customer: { name } } })

describe('hostile data', () => {
  test('is escaped in HTML and left alone in text', () => {
    const name = `<script>alert("x")</script> & 'y' / = \``
    const table = { ...html('<p>{{customer.name}}</p>'), 'a/b/en.txt.mustache': '{{customer.name}}' }
    expect(rendered(table, named(name))).toMatchObject({
      html: '<p>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39; / = `</p>',
      text: name,
    })
  })

  test('can’t break the line of a subject or a sender', () => {
    const head = 'subject: "Dear {{customer.name}}"\nfrom: { name: "{{customer.name}}", address: a@example.com }'
    const result = rendered(text('x', head), named('Anna\r\nBcc: evil@example.com\u0000\u2028 X\t'))
    expect(result).toMatchObject({
      subject: 'Dear Anna Bcc: evil@example.com X',
      from: { name: 'Anna Bcc: evil@example.com X', address: 'a@example.com' },
    })
  })

  test.each(['{{order.number}}', '{{{order.number}}}', '%order.number%', '{{> x}}', '{{#order}}{{/order}}'])(
    '%s in a value is not read as a template',
    (name) => {
      expect(body(rendered(text('{{customer.name}}!'), named(name)))).toBe(`${name}!`)
      expect(body(rendered(text('%customer.name%!', 'subject: S\ntags: percent'), named(name)))).toBe(`${name}!`)
    },
  )

  test.each([
    'constructor.name',
    'toString',
    '__proto__',
    'order.constructor.name',
    'order.__proto__',
    'order.number.length',
    'order.fields.constructor',
    'order.fields.__proto__.x',
    'hasOwnProperty',
    'order.lines.length',
  ])('and a template can’t reach {{%s}}', (name) => {
    const withFields = { order: { ...order, fields: {} } }
    expect(rendered(text(`{{${name}}}`), { view: withFields })).toMatchObject({ kind: 'held' })
    expect(body(rendered(text(`{{#${name}}}in{{/${name}}}out`), { view: withFields }))).toBe('out')
  })

  test('loses control characters and signs that turn the writing direction', () => {
    expect(body(rendered(text('{{customer.name}}'), named('A\u001b[31m\u202enna\u0007')))).toBe('A[31mnna')
  })

  test('of own fields is plain text, whatever its name', () => {
    const fields = { type: 'date', date: '2026-01-01', raw: 'r' }
    const own = text('{{order.fields.type}} {{order.fields.date}} {{order.fields.raw}}')
    expect(body(rendered(own, { view: { order: { ...order, fields } } }))).toBe('date 2026-01-01 r')
  })
})

const percent = (text_: string): string => body(rendered(text(text_, 'subject: "No. %order.number%"\ntags: percent')))

describe('the percent style', () => {
  test.each([
    ['Order %order.number%', 'Order 100245'],
    ['100% of %order.number%, 10 % off, 50%', '100% of 100245, 10 % off, 50%'],
    ['{{#order.lines}}%number%;{{/order.lines}}', '1;2;'],
    ['%order.raw.gross%', '1234.56'],
  ])('writes %s as %s', (template, expected) => {
    expect(percent(template)).toBe(expected)
  })

  test('is also that of the subject', () => {
    expect(rendered(text('x', 'subject: "No. %order.number%"\ntags: percent'))).toMatchObject({ subject: 'No. 100245' })
  })

  test('holds for an unknown name instead of printing it', () => {
    expect(reason(rendered(text('%nonsense%', 'subject: S\ntags: percent')))).toContain('nonsense')
  })
})

describe('the language', () => {
  const table = {
    'a/b/en.txt.mustache': '---\nsubject: E\n---\nenglish',
    'a/b/hu.txt.mustache': '---\nsubject: H\n---\nmagyar',
    'a/b/de-AT.txt.mustache': '---\nsubject: D\n---\nösterreichisch',
    'a/b/hu.sms.mustache': 'sms',
    'only/fr/fr.txt.mustache': '---\nsubject: F\n---\nfrançais',
  }
  test.each([
    [['hu'], 'hu'],
    [['HU_hu'], 'hu'],
    [['hu-HU', 'en'], 'hu'],
    [['de-at'], 'de-AT'],
    [['de'], 'en'],
    [['xx', 'hu'], 'hu'],
    [['constructor', '', '../../etc'], 'en'],
    [[], 'en'],
  ])('wanted %j is %s', (languages, expected) => {
    expect(rendered(table, { languages })).toMatchObject({ kind: 'mail', language: expected })
  })

  test('is chosen among the versions that the channel has', () => {
    expect(rendered(table, { languages: ['en'], channel: 'sms' })).toMatchObject({ kind: 'sms', language: 'hu' })
  })

  test('is any that there is when none of the wanted or configured is', () => {
    expect(rendered(table, { template: 'only/fr' })).toMatchObject({ kind: 'mail', language: 'fr' })
  })

  test('is not asked when there is no template for the channel', () => {
    expect(rendered(table, { template: 'only/fr', channel: 'sms' })).toEqual({ kind: 'noTemplate' })
    expect(rendered(table, { template: 'no/such' })).toEqual({ kind: 'noTemplate' })
  })
})

describe('a mail', () => {
  test('without a text template gets its text from the HTML', () => {
    const result = rendered(html('<p>Dear {{customer.name}},</p><ul><li>one</li><li>two</li></ul>'))
    expect(body(result)).toBe('Dear Anna Kovács,\n\n- one\n- two')
  })

  test('takes subject, sender and copies from the front matter', () => {
    const head =
      'subject: "Order {{order.number}}"\nfrom: { address: desk@example.com }\ncc: a@example.com; b@example.com'
    expect(rendered(html('<p>x</p>', head))).toMatchObject({
      subject: 'Order 100245',
      from: { address: 'desk@example.com' },
      cc: ['a@example.com', 'b@example.com'],
    })
  })

  test('has its preheader hidden at the top of the body, escaped', () => {
    const result = rendered(
      html('<html><body class="x"><p>x</p></body></html>', 'subject: S\npreheader: "a < {{order.number}}"'),
    )
    expect(result).toMatchObject({
      html: '<html><body class="x"><div style="display:none;max-height:0;overflow:hidden">a &lt; 100245</div><p>x</p></body></html>',
      text: 'x',
    })
  })

  test('brings the pictures that it shows, each once', () => {
    const table = {
      ...html('<img src="cid:logo.png" alt="Logo"><img src="cid:logo.png">'),
      'assets/logo.png': 'png',
      'assets/x.png': 'x',
    }
    expect(rendered(table)).toMatchObject({
      inline: [{ name: 'logo.png', contentType: 'image/png', content: 'cG5n', contentId: 'logo.png' }],
      text: 'Logo',
    })
  })

  test('is held when a picture is missing', () => {
    expect(reason(rendered(html('<img src="cid:no.png">')))).toContain('assets/no.png')
  })

  test('is held without a subject', () => {
    expect(reason(rendered({ 'a/b/en.txt.mustache': 'x' }))).toContain('no subject')
  })

  test('is held with the place when its template is broken', () => {
    expect(reason(rendered(text('one\n{{#order}}')))).toContain('a/b/en.txt.mustache:5')
  })

  test('whose text alone is an own file takes the subject of that file', () => {
    const table = {
      'packaged:a/b/en.html.mustache': '---\nsubject: packaged\npreheader: P\n---\n<p>x</p>',
      'a/b/en.txt.mustache': '---\nsubject: own\n---\nx',
    }
    expect(rendered(table)).toMatchObject({ subject: 'own' })
  })
})

describe('partials', () => {
  test('are written with the sections open around them, in the language of the template', () => {
    const table = {
      ...text('{{#order.lines}}{{> row}}{{/order.lines}}{{> foot}}'),
      'partials/row.mustache': '{{number}};',
      'partials/foot.mustache': 'any',
      'partials/foot.en.mustache': 'English',
    }
    expect(body(rendered(table))).toBe('1;2;English')
  })

  test('escape their values in HTML', () => {
    const table = { ...html('{{> row}}'), 'partials/row.mustache': '{{customer.name}}' }
    expect(rendered(table, { view: { customer: { name: '<b>' } } })).toMatchObject({ html: '&lt;b&gt;', text: '<b>' })
  })

  test('that are missing or include themselves hold the message', () => {
    expect(reason(rendered(text('{{> no}}')))).toContain('partial no')
    expect(reason(rendered({ ...text('{{> a}}'), 'partials/a.mustache': '{{> a}}' }))).toContain('partial a')
  })
})

const hash = (table: Readonly<Record<string, string>>): string => {
  const result = rendered(table)
  return result.kind === 'noTemplate' ? '' : result.templateHash
}

describe('the hash of a template', () => {
  const table = {
    ...text('{{> p}}'),
    'partials/p.mustache': 'x',
    'partials/q.mustache': 'y',
    'a/b/en.sms.mustache': 's',
  }

  test('is of 16 hex characters and stays the same', () => {
    expect(hash(table)).toMatch(/^[0-9a-f]{16}$/)
    expect(hash(table)).toBe(hash(table))
  })
  test('changes with the file and with its partials, not with others', () => {
    expect(hash({ ...table, ...text('{{> p}}!') })).not.toBe(hash(table))
    expect(hash({ ...table, 'partials/p.mustache': 'z' })).not.toBe(hash(table))
    expect(hash({ ...table, 'partials/q.mustache': 'z', 'a/b/en.sms.mustache': 't' })).toBe(hash(table))
  })
})

const sms = (template: string, rules: Partial<RenderSettings['sms']> = {}, over: TemplateView = {}): Rendered =>
  createRender(filesOf({ 'a/b/hu.sms.mustache': template }), {
    languages: ['hu'],
    sms: { ...settings.sms, ...rules },
  })({
    template: 'a/b',
    channel: 'sms',
    languages: ['hu'],
    view: { ...view, ...over },
  })

describe('an SMS', () => {
  test('is written in the GSM alphabet, with the replaced characters named', () => {
    expect(sms('Fizetendő: {{order.gross}} – köszönjük')).toMatchObject({
      kind: 'sms',
      text: 'Fizetendö: 1234,56 EUR - köszönjük',
      alphabet: 'gsm',
      parts: 1,
    })
    expect(sms('őő –')).toMatchObject({ replaced: ['ő', '–'] })
  })

  test('has plain spaces where the language has no-break ones', () => {
    expect(sms('{{order.gross}}', { policy: 'allow' }, { order: { gross: money(2_499_000, 'HUF') } })).toMatchObject({
      text: '24 990 Ft',
      alphabet: 'gsm',
    })
  })

  test('keeps its letters under allow', () => {
    expect(sms('Fizetendő', { policy: 'allow' })).toMatchObject({ text: 'Fizetendő', alphabet: 'ucs2', replaced: [] })
  })

  test('is held under refuse, with the characters', () => {
    expect(reason(sms('ő és ű', { policy: 'refuse' }))).toContain('ő (U+0151), ű (U+0171)')
  })

  test('is not escaped and has no blanks at its ends', () => {
    expect(sms('\n{{customer.name}}  &\n\n\n', {}, { customer: { name: '<Anna> & Co' } })).toMatchObject({
      text: '<Anna> & Co &',
    })
  })

  test('that is too long is held with the number of parts and the forcing characters', () => {
    expect(reason(sms('x'.repeat(460)))).toContain('needs 4 parts, at most 3')
    const kept = reason(sms(`${'x'.repeat(210)}я`))
    expect(kept).toContain('needs 4 parts')
    expect(kept).toContain('я (U+044F)')
  })

  test('that says nothing is held', () => {
    expect(reason(sms('{{#store}}x{{/store}}'))).toContain('empty')
  })

  test('with a missing value is held', () => {
    expect(reason(sms('{{store.name}}'))).toContain('store.name')
  })
})
