import { describe, expect, test } from 'vitest'
import { formatProblem } from '../../src/core/problem.ts'
import type { Problem } from '../../src/core/problem.ts'
import { checkExportTemplates } from '../../src/templates/check-exports.ts'
import { checkTemplates } from '../../src/templates/check-templates.ts'
import type { NeededTemplate } from '../../src/templates/check-templates.ts'
import { templateCodes } from '../../src/templates/problem-codes.ts'
import { filesOf } from './files-of.ts'

const check = (table: Readonly<Record<string, string>>, needed: readonly NeededTemplate[] = [], languages = ['en']) =>
  checkTemplates(filesOf(table), needed, languages)
const txt = (body: string, head = 'subject: S') => check({ 'a/b/en.txt.mustache': `---\n${head}\n---\n${body}` })
const html = (body: string) => check({ 'a/b/en.html.mustache': `---\nsubject: S\n---\n${body}` })
const codes = (problems: readonly Problem[]): readonly string[] => problems.map(({ code }) => code)

describe('tags', () => {
  test.each([
    '{{order.number}} {{order.raw.gross}} {{order.lineCount}} {{now}} {{raw.now}} {{company.name}}',
    '{{#order.lines}}{{sku}}{{raw.gross}}{{order.number}}{{/order.lines}}',
    '{{#order}}{{number}}{{#lines}}{{sku}}{{/lines}}{{raw.gross}}{{/order}}',
    '{{#order.isPaid}}{{order.number}}{{/order.isPaid}}{{^order.isPaid}}x{{/order.isPaid}}',
    '{{#order.note}}{{.}}{{/order.note}}',
    '{{order.fields.gift_card}}{{#order.fields}}{{anything}}{{/order.fields}}',
    '{{! a comment }}{{=<% %>=}}<% order.number %>',
    '{{{order.note}}} 50% %order.nonsense%',
  ])('%s has no problem', (body) => {
    expect(txt(body).map(formatProblem)).toEqual([])
  })

  test.each([
    ['{{order.numbr}}', 'T006', 'Did you mean "order.number"?'],
    ['{{#order}}{{numbr}}{{/order}}', 'T006', 'Did you mean "number"?'],
    ['{{#order.lnes}}x{{/order.lnes}}', 'T006', 'Did you mean "order.lines"?'],
    ['{{order.raw.number}}', 'T006', undefined],
    ['{{constructor.name}}', 'T006', undefined],
    ['{{order.number.length}}', 'T006', undefined],
    ['{{__proto__}}', 'T006', undefined],
    ['{{.}}', 'T006', undefined],
    ['{{sku}}', 'T007', undefined],
    ['{{order.lines.sku}}', 'T007', undefined],
    ['{{^order.lines}}{{sku}}{{/order.lines}}', 'T007', undefined],
    ['{{order}}', 'T008', undefined],
    ['{{order.lines}}', 'T008', undefined],
    ['{{order.isPaid}}', 'T008', undefined],
    ['{{order.number', 'T005', undefined],
    ['{{#order}}x', 'T005', undefined],
    ['x{{/order}}', 'T005', undefined],
    ['{{#order}}{{#store}}{{/order}}{{/store}}', 'T005', undefined],
    ['{{> nothing}}', 'T010', undefined],
  ])('%s is %s', (body, code, hint) => {
    const problems = txt(body)
    expect(codes(problems)).toEqual([code])
    if (hint !== undefined) expect(problems[0]?.hint).toBe(hint)
  })

  test('are found with file, line and column, counted from the top of the file', () => {
    const [problem] = txt('one\ntwo {{order.numbr}}', 'subject: S\ncc: a@example.com')
    expect(problem?.place).toEqual({ file: 'a/b/en.txt.mustache', line: 6, column: 5 })
  })

  test('of a line outside its list are told where they belong', () => {
    expect(formatProblem(txt('{{sku}}')[0] as Problem)).toBe(
      'a/b/en.txt.mustache:4:1: This variable belongs to each item of order.lines; found sku' +
        '; expected {{#order.lines}}…{{sku}}…{{/order.lines}} (T007)',
    )
  })

  test('in the percent style are checked alike', () => {
    const [problem, ...rest] = txt('%order.numbr% and 100% of it', 'subject: "%order.number%"\ntags: percent')
    expect(rest).toEqual([])
    expect(problem).toMatchObject({ code: 'T006', found: 'order.numbr', place: { line: 5, column: 1 } })
  })
})

describe('HTML', () => {
  test.each([
    '<p title="{{order.note}}">{{order.note}}</p><a href="{{order.publicUrl}}">x</a>',
    '<style>p{color:red}</style>{{order.note}}',
    '<a href="https://x.example/{{order.number}}">x</a>',
  ])('%s has no problem', (body) => {
    expect(html(body).map(formatProblem)).toEqual([])
  })

  test.each([
    ['{{{order.note}}}', 'T009'],
    ['{{&order.note}}', 'T009'],
    ['<p title={{order.note}}>', 'T017'],
    ['<p {{order.note}}>', 'T017'],
    ['<{{order.note}}>', undefined],
    ['<p style="color:{{order.note}}">', 'T017'],
    ['<p onclick="x(\'{{order.note}}\')">', 'T017'],
    ['<script>{{order.note}}</script>', 'T017'],
    ['<style>{{#order.note}}{{.}}{{/order.note}}</style>', 'T017'],
    ['<img src="cid:logo.png">', 'T016'],
  ])('%s is %s', (body, code) => {
    expect(codes(html(body))).toEqual(code === undefined ? [] : [code])
  })
})

describe('the front matter', () => {
  test.each([
    ['subject: S\nsubjct: T', 'T004', { line: 3, column: 1 }],
    ['subject: S\nfrom: { adress: a@b.example }', 'T004', { line: 3, column: 9 }],
    ['subject: S\nfrom: { address: "{{customer.email}}" }', 'T004', { line: 3, column: 18 }],
    ['subject: S\ncc: a@b.example; nobody', 'T004', { line: 3, column: 5 }],
    ['subject: S\ncc: [ "%customer.email%" ]', 'T004', { line: 3, column: 7 }],
    ['subject: S\ntags: erb', 'T004', { line: 3, column: 7 }],
    ['subject: 12', 'T004', { line: 2, column: 10 }],
    ['subject: {{order.number}}', 'T003', {}],
    ['subject: "a', 'T003', {}],
    ['subject: S\nsubject: T', 'T003', { line: 3 }],
    ['subject: &a S\npreheader: *a', 'T003', { line: 3, column: 12 }],
    ['subject: "{{#order}}"', 'T005', { line: 2, column: 10 }],
    ['subject: "{{order.numbr}}"', 'T006', { line: 2, column: 10 }],
    ['subject: S\npreheader: "{{order}}"', 'T008', { line: 3, column: 12 }],
    ['preheader: x', 'T014', { line: 1 }],
  ])('%s is %s', (head, code, place) => {
    const [problem] = txt('x', head)
    expect(problem).toMatchObject({ code, place: { file: 'a/b/en.txt.mustache', ...place } })
  })

  test('that is not closed is told', () => {
    expect(codes(check({ 'a/b/en.txt.mustache': '---\nsubject: S\nText' }))).toContain('T003')
  })

  test('of an SMS has no subject', () => {
    expect(codes(check({ 'a/b/en.sms.mustache': '---\nsubject: S\n---\nx' }))).toEqual(['T004'])
    expect(codes(check({ 'a/b/en.sms.mustache': '---\ntags: percent\n---\n%order.number%' }))).toEqual([])
    expect(codes(check({ 'a/b/en.sms.mustache': '{{order.number}}' }))).toEqual([])
  })

  test('is read with a line of --- inside the body', () => {
    expect(codes(txt('one\n---\ntwo'))).toEqual([])
  })
})

const using = (partials: Readonly<Record<string, string>>) =>
  check({ 'a/b/en.txt.mustache': '---\nsubject: S\n---\n{{#order.lines}}{{> x}}{{/order.lines}}', ...partials })

describe('partials', () => {
  test('are checked with the sections around them, at their own place', () => {
    expect(using({ 'partials/x.mustache': '{{sku}}' })).toEqual([])
    expect(using({ 'partials/x.en.mustache': 'a\n {{skuu}}' })).toMatchObject([
      { code: 'T006', place: { file: 'partials/x.en.mustache', line: 2, column: 2 } },
    ])
    expect(codes(using({ 'partials/x.hu.mustache': '{{sku}}' }))).toEqual(['T010'])
  })

  test('in a circle are told', () => {
    const [problem] = using({ 'partials/x.mustache': '{{> y}}', 'partials/y.mustache': '{{> x}}' })
    expect(problem).toMatchObject({ code: 'T011', found: 'x → y → x' })
  })
})

describe('a template that the config names', () => {
  const table = {
    'a/b/en.txt.mustache': '---\nsubject: S\n---\nx',
    'a/b/hu.sms.mustache': 'ő'.repeat(100),
  }
  const place = { file: 'orderly.yaml', line: 3, column: 4 }

  test('must be there', () => {
    const [problem] = check(table, [{ name: 'a/c', channel: 'mail', place }])
    expect(problem).toMatchObject({ code: 'T013', severity: 'error', place, found: 'a/c' })
  })

  test('must serve the channel', () => {
    const only = { 'a/b/en.txt.mustache': table['a/b/en.txt.mustache'] }
    expect(check(only, [{ name: 'a/b', channel: 'sms' }])).toMatchObject([
      { code: 'T013', expected: 'templates/a/b/en.sms.mustache' },
    ])
  })

  test('should be there in every language; a base language is enough', () => {
    const problems = check(table, [{ name: 'a/b', channel: 'mail', place }], ['en-GB', 'hu', 'de'])
    expect(problems).toMatchObject([
      { code: 'T012', severity: 'warning', place },
      { code: 'T012', severity: 'warning', place },
    ])
    expect(problems[0]?.message).toContain('mail version in hu')
  })

  test('should render within the rules for SMS', () => {
    const needed = [{ name: 'a/b', channel: 'sms' as const, place }]
    const problems = checkTemplates(filesOf(table), needed, ['hu'], { policy: 'allow', maxParts: 1 })
    expect(problems).toMatchObject([{ code: 'T019', severity: 'warning', place }])
    expect(problems[0]?.message).toContain('needs 2 parts')
    expect(checkTemplates(filesOf(table), needed, ['hu'], { policy: 'transliterate', maxParts: 1 })).toEqual([])
  })

  test('with own fields renders in the check', () => {
    const own = {
      'a/b/en.txt.mustache':
        '---\nsubject: S\n---\n{{order.fields.gift}} {{#order.fields}}{{fields.x}}{{/order.fields}}',
    }
    expect(
      check({ 'a/b/en.txt.mustache': own['a/b/en.txt.mustache'].split(' {{#')[0] ?? '' }, [
        { name: 'a/b', channel: 'mail' },
      ]),
    ).toEqual([])
  })
})

test('half an overridden mail is a warning', () => {
  const problems = check({
    'packaged:a/b/en.html.mustache': '---\nsubject: S\n---\nx',
    'a/b/en.txt.mustache': 'x',
  })
  expect(problems).toMatchObject([{ code: 'T015', severity: 'warning', place: { file: 'a/b/en.txt.mustache' } }])
})

const exports = (body: string) =>
  codes(
    checkExportTemplates(filesOf({ 'exports/c.mustache': body }), [
      { template: 'exports/c.mustache', kind: 'clearing' },
    ]),
  )

describe('an export template', () => {
  test.each([
    ['{{count}}{{#lines}}{{gross}}{{#store}}{{store}}{{/store}}{{/lines}}', []],
    ['{{#lines}}{{sku}}{{/lines}}', ['T006']],
    ['{{gross}}', ['T007']],
    ['{{#lines}}', ['T005']],
    ['{{> x}}', ['T010']],
  ])('%s has the problems %j', (body, expected) => {
    expect(exports(body)).toEqual(expected)
  })

  test('must be there', () => {
    const [problem] = checkExportTemplates(filesOf({}), [{ template: 'exports/x.mustache', kind: 'stock' }])
    expect(problem).toMatchObject({ code: 'T018', found: 'exports/x.mustache' })
  })
})

test('every code has a title, a cause and something to do', () => {
  for (const [code, entry] of Object.entries(templateCodes)) {
    expect(code).toMatch(/^T\d{3}$/)
    for (const text of [entry.title, entry.cause, entry.todo]) expect(text.length).toBeGreaterThan(5)
  }
})
