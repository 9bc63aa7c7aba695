import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readTemplateFiles } from '../../src/config/template-files.ts'
import type { TemplateFiles } from '../../src/config/template-files.ts'
import { formatProblem } from '../../src/core/problem.ts'
import type { Render } from '../../src/core/rendering.ts'
import { checkExportTemplates } from '../../src/templates/check-exports.ts'
import { checkTemplates } from '../../src/templates/check-templates.ts'
import { exampleView } from '../../src/templates/example-view.ts'
import { createRender } from '../../src/templates/render.ts'

const languages = ['en', 'hu', 'de']
const mails = [
  'customer/received',
  'customer/ready',
  'customer/rejected',
  'customer/expired',
  'customer/collected',
  'customer/order-accepted',
  'customer/order-shipped',
  'customer/payment-received',
  'customer/proforma',
  'customer/invoice',
  'customer/order-cancelled',
  'store/new-order',
  'store/expired',
  'store/reminder',
  'customer/reminder',
  'slips/pick',
  'slips/delivery',
  'desk/new-order',
  'alarm/alarm',
]
const texts = ['customer/reminder', 'store/reminder', 'customer/ready', 'customer/payment-received', 'store/new-order']
const view = exampleView({ zone: 'Europe/Budapest' })

let files: TemplateFiles
let render: Render
beforeAll(async () => {
  files = await readTemplateFiles([join(import.meta.dirname, '../../templates')])
  render = createRender(files, { languages, sms: { policy: 'transliterate', maxParts: 1 } })
})

const inEveryLanguage = (names: readonly string[]) => names.flatMap((name) => languages.map((l) => [name, l] as const))

describe('the shipped templates', () => {
  test('have no problem, in any language', () => {
    const needed = [
      ...mails.map((name) => ({ name, channel: 'mail' as const })),
      ...texts.map((name) => ({ name, channel: 'sms' as const })),
    ]
    const problems = checkTemplates(files, needed, languages, { policy: 'transliterate', maxParts: 1 })
    expect(problems.map(formatProblem)).toEqual([])
  })

  test('of an export ask only for fields of the export', () => {
    expect(
      checkExportTemplates(files, [{ template: 'exports/clearing.xml.mustache', kind: 'clearing' }]).map(formatProblem),
    ).toEqual([])
  })

  test.each(inEveryLanguage(mails))('mail %s in %s renders the example whole', (name, language) => {
    const rendered = render({ template: name, channel: 'mail', languages: [language], view })
    if (rendered.kind !== 'mail') throw new Error(JSON.stringify(rendered))
    expect(rendered.language).toBe(language)
    expect(rendered.subject).toMatch(/\S/)
    for (const text of [rendered.subject, rendered.text, rendered.html ?? '']) {
      expect(text).not.toMatch(/\{\{|\}\}|undefined|\[object/)
    }
    expect(rendered.text).toContain('Example Retail Kft.')
    if (name !== 'alarm/alarm')
      expect(rendered.html).toMatch(new RegExp(`^<!doctype html>\\n<html lang="${language}">`))
    if (name !== 'alarm/alarm') expect(rendered.text).toContain('100245')
  })

  test.each(inEveryLanguage(texts))('SMS %s in %s fits one part of the GSM alphabet', (name, language) => {
    const rendered = render({ template: name, channel: 'sms', languages: [language], view })
    expect(rendered).toMatchObject({ kind: 'sms', language, alphabet: 'gsm', parts: 1 })
  })

  test.each(inEveryLanguage(mails))('mail %s in %s needs no more than every order has', (name, language) => {
    const money = { type: 'money', minor: 100, currency: 'EUR' } as const
    const lines = [{ number: '1', quantity: { type: 'decimal', decimal: '1' } }] as const
    const least = {
      now: { type: 'instant', instant: 0, zone: 'UTC' },
      company: { code: 'C1', name: 'Example' },
      order: { number: '7', gross: money, remaining: money, isPaid: false, lineCount: lines[0].quantity, lines },
      customer: {},
      store: { code: 'S1', name: 'Store' },
      collect: { processing: 'pending', remaining: money },
      alarm: { title: 'A title', what: 'What happened' },
    } as const
    expect(render({ template: name, channel: 'mail', languages: [language], view: least })).toMatchObject({
      kind: 'mail',
    })
  })
})
