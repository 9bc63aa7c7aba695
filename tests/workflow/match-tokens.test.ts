import { describe, expect, it } from 'vitest'
import { type Matching, Config } from '../../src/config/schema.ts'
import { sameNumber, tokensIn } from '../../src/workflow/payments/match-tokens.ts'

const defaults: Matching = Config.shape.matching.parse(undefined)
const patterns = (...list: string[]): Matching => ({ ...defaults, patterns: list })

describe('document numbers in the text of a payment (F04)', () => {
  it.each<[string, string[], string, string[]]>([
    ['words and numbers by default', defaults.patterns, 'Order HU-1001, 1002/A; ok', ['Order', 'HU-1001', '1002/A']],
    ['no part of a longer number', ['\\d{3}'], 'paid 41234', []],
    ['no part of a longer word', ['\\d{4}'], 'X1234 1234Y 5678', ['5678']],
    ['a whole number that begins inside a failed hit', ['[A-Z]+ ?\\d+|\\d{4}'], 'éAB 1234', ['1234']],
    ['the group of a pattern', ['order\\s*#?(\\d+)'], 'ORDER #1001 and 1002', ['1001']],
    ['no group that is part of a longer number', ['order (\\d{3})'], 'order 41234', []],
    ['a group behind the letters that the pattern asks for', ['WEB(\\d+)'], 'web123 XWEB124', ['123']],
    ['no group that a wide pattern cuts out of a number', ['.*(\\d{3}).*'], 'paid 41234', []],
    ['each once, over all patterns', ['\\d+', '[A-Z]\\d+', '\\d{4}'], '1001 A7 1001', ['1001', 'A7']],
    ['nothing for a pattern that fits emptiness', ['x*'], 'abc', []],
    ['numbers in letters of any script', defaults.patterns, 'számla ŐRÜLT-77', ['számla', 'ŐRÜLT-77']],
  ])('%s', (_, list, text, expected) => {
    expect(tokensIn([text], patterns(...list))).toEqual(expected)
  })

  it('reads the texts one after the other, never across them', () => {
    expect(tokensIn(['10', '01'], patterns('\\d+'))).toEqual(['10', '01'])
  })

  it('cuts hostile text at 2,000 characters without making a short number of a long one', () => {
    expect(tokensIn([`${' '.repeat(1997)}12345`], patterns('\\d+'))).toEqual([])
    expect(tokensIn([`${' '.repeat(1996)}123 45`], patterns('\\d+'))).toEqual(['123'])
  })

  it('gives 40 tokens at most', () => {
    const text = Array.from({ length: 100 }, (_, i) => String(1000 + i)).join(' ')
    expect(tokensIn([text], defaults)).toHaveLength(40)
  })

  it('names a pattern that is none', () => {
    expect(() => tokensIn(['x'], patterns('(['))).toThrow(/matching\.patterns: "\(\[" is no regular expression/)
  })
})

describe('two numbers are the same', () => {
  it.each([
    ['hu-1001', 'HU-1001', true, true],
    ['00123', '123', true, true],
    ['00123', '123', false, false],
    ['123', '41234', true, false],
    ['HU1001', 'HU-1001', true, false],
    ['0', '000', true, true],
  ])('%s and %s, zeros stripped %s: %s', (a, b, stripLeadingZeros, same) => {
    expect(sameNumber(a, b, { ...defaults, stripLeadingZeros })).toBe(same)
    expect(sameNumber(b, a, { ...defaults, stripLeadingZeros })).toBe(same)
  })
})
