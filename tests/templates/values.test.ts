import { describe, expect, test } from 'vitest'
import type { TemplateValue } from '../../src/core/rendering.ts'
import { formatFor, isPresent, textOf } from '../../src/templates/values.ts'

const instant = { type: 'instant', instant: Date.UTC(2026, 2, 29, 0, 30), zone: 'Europe/Budapest' } as const
const summer = { ...instant, instant: Date.UTC(2026, 6, 1, 22, 30) }
const date = { type: 'date', date: '2026-03-14' } as const
const decimal = (text: string) => ({ type: 'decimal', decimal: text }) as const
const eur = (minor: number) => ({ type: 'money', minor, currency: 'EUR' }) as const
const nbsp = '\u00a0'
const narrow = '\u202f'

const cases: readonly (readonly [string, TemplateValue, string])[] = [
  ['en', eur(123_456), '€1,234.56'],
  ['en', eur(-50), '-€0.50'],
  ['de', eur(123_456), `1.234,56${nbsp}€`],
  ['fr', eur(123_456), `1${narrow}234,56${nbsp}€`],
  ['hu', { type: 'money', minor: 2_499_000, currency: 'HUF' }, `24${nbsp}990${nbsp}Ft`],
  ['en', { type: 'money', minor: 1500, currency: 'JPY' }, '¥1,500'],
  ['en', { type: 'money', minor: 1500, currency: 'KWD' }, `KWD${nbsp}1.500`],
  ['en', { type: 'money', minor: 1500, currency: 'points' }, '15 points'],
  ['de', { type: 'price', decimal: '12.505', currency: 'EUR' }, `12,505${nbsp}€`],
  ['de', { type: 'price', decimal: '12', currency: 'EUR' }, `12,00${nbsp}€`],
  ['en', decimal('1234567.12345678'), '1,234,567.12345678'],
  ['hu', decimal('0.1'), '0,1'],
  ['en', decimal('999999999999999999.5'), '999,999,999,999,999,999.5'],
  ['en', date, 'Mar 14, 2026'],
  ['hu', date, '2026. márc. 14.'],
  ['de', date, '14.03.2026'],
  ['fr', date, '14 mars 2026'],
  ['hu', instant, '2026. márc. 29. 1:30'],
  ['de', summer, '02.07.2026, 00:30'],
  ['en', instant, 'Mar 29, 2026, 1:30 AM'],
  ['hu', { type: 'word', word: 'collect', names: { en: 'Pick up', hu: 'Átvétel' } }, 'Átvétel'],
  ['de-AT', { type: 'word', word: 'collect', names: { de: 'Abholung' } }, 'Abholung'],
  ['de', { type: 'word', word: 'collect', names: { en: 'Pick up', '*': 'Click & collect' } }, 'Click & collect'],
  ['de', { type: 'word', word: 'toString', names: { en: 'Pick up' } }, 'toString'],
  ['xx', date, 'Mar 14, 2026'],
  ['not a language', date, 'Mar 14, 2026'],
]

describe('a value', () => {
  test.each(cases)('in %s of %j is %s', (language, value, expected) => {
    expect(textOf(value, false, formatFor(language, 'mail'))).toBe(expected)
  })

  test.each([
    [eur(5), '0.05'],
    [decimal('1234.5'), '1234.5'],
    [{ type: 'price', decimal: '12.505', currency: 'EUR' } as const, '12.505'],
    [date, '2026-03-14'],
    [instant, '2026-03-29T01:30:00+01:00'],
  ])('raw of %j is %s', (value, expected) => {
    expect(textOf(value, true, formatFor('hu', 'mail'))).toBe(expected)
  })

  test.each([
    ['fr', eur(123_456), '1 234,56 €'],
    ['en', instant, 'Mar 29, 2026, 1:30 AM'],
    ['ar-EG', decimal('1234'), '1,234'],
  ])('for an SMS in %s has plain spaces and Western digits', (language, value, expected) => {
    expect(textOf(value, false, formatFor(language, 'sms'))).toBe(expected)
  })

  test.each([undefined, true, false, '', ' ', {}, [], { a: 'x' }, [{ a: 'x' }]])('%j can’t be printed', (value) => {
    expect(textOf(value as TemplateValue | undefined, false, formatFor('en', 'mail'))).toBeUndefined()
  })

  test('that is no date of the calendar is written as it is', () => {
    expect(textOf({ type: 'date', date: 'tomorrow' }, false, formatFor('en', 'mail'))).toBe('tomorrow')
  })
})

test.each([
  [undefined, false],
  [false, false],
  [true, true],
  ['', false],
  ['0', true],
  [eur(0), false],
  [eur(-1), true],
  [decimal('0.00'), false],
  [decimal('0.01'), true],
  [date, true],
  [[], false],
  [[{}], true],
  [{}, false],
  [{ a: undefined, b: '' }, false],
  [{ a: { b: 'x' } }, true],
])('a section on %j is rendered: %s', (value, expected) => {
  expect(isPresent(value)).toBe(expected)
})
