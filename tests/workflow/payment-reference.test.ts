import { describe, expect, it } from 'vitest'
import { readReference, referencesIn } from '../../src/workflow/payments/payment-reference.ts'

describe('the scheme of a reference and its check digits', () => {
  it.each([
    ['RF18 5390 0754 7034', 'RF', true],
    ['rf18539007547034', 'RF', true],
    ['RF19 5390 0754 7034', 'RF', false],
    ['RF18 5390 0754 7043', 'RF', false],
    ['21 00000 00003 13947 14300 09017', 'QRR', true],
    ['210000000003139471430009017', 'QRR', true],
    ['210000000003139471430009071', 'QRR', false],
    ['+++090/9337/55493+++', 'BE', true],
    ['***090/9337/55493***', 'BE', true],
    ['+++090/9337/55439+++', 'BE', false],
    ['090933755493', 'BE', true],
    ['000000000097', 'BE', true],
    ['1234561', 'FI', true],
    ['20260012', 'plain', true],
    ['VS-2026/17', 'plain', true],
    ['', 'plain', true],
  ])('%s is %s, right: %s', (text, scheme, valid) => {
    expect(readReference(text)).toMatchObject({ scheme, valid })
  })

  it('finds every mistyped digit of an RF, Swiss or Belgian reference', () => {
    for (const right of ['RF18539007547034', '210000000003139471430009017', '+++090/9337/55493+++']) {
      for (let i = 0; i < right.length; i++) {
        if (!/\d/.test(right[i] ?? '')) continue
        const wrong = right.slice(0, i) + ((Number(right[i]) + 1) % 10) + right.slice(i + 1)
        expect(readReference(wrong).valid, wrong).toBe(false)
      }
    }
  })

  it('looks an RF reference up by the national one inside as well, when it is right', () => {
    expect(readReference('RF18 5390 0754 7034').forms).toEqual(['RF18 5390 0754 7034', '539007547034'])
    expect(readReference('RF19 5390 0754 7034').forms).toEqual(['RF19 5390 0754 7034'])
  })
})

describe('references written into free text', () => {
  it.each([
    ['an RF reference among words', 'invoice RF18 5390 0754 7034 thank you', ['RF18 5390 0754 7034']],
    ['a Belgian one', 'mededeling +++090/9337/55493+++ dank u', ['+++090/9337/55493+++']],
    ['a Swiss one', 'Ref 21 00000 00003 13947 14300 09017', ['21 00000 00003 13947 14300 09017']],
    ['none with wrong check digits', 'RF19 5390 0754 7034 +++090/9337/55439+++', []],
    ['none that is part of a longer word', 'XRF18539007547034', []],
    ['no plain numbers', '1234561 090933755493', []],
  ])('%s', (_, text, expected) => {
    expect(referencesIn(text).map((reference) => reference.text)).toEqual(expected)
  })

  it('is quick on hostile text', () => {
    const began = performance.now()
    for (const unit of ['RF11 ', 'RF11', '21 00000 ', '+++090/', 'RF11A A A A A A A A A '])
      referencesIn(unit.repeat(500))
    expect(performance.now() - began).toBeLessThan(1000)
  })
})
