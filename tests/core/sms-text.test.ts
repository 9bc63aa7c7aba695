import { SegmentedMessage } from 'sms-segments-calculator'
import { describe, expect, it } from 'vitest'
import {
  alphabetOf,
  countParts,
  encodeGsm,
  offenders,
  smsUnits,
  splitParts,
  transliterate,
} from '../../src/core/sms-text.ts'

/** Every character of 3GPP TS 23.038 §6.2.1 but the escape, in the order of its tables. */
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const extended = '\f^{}\\[~]|€'

/** Repeatable pseudo-random numbers in [0, below). */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
}

function randomText(roll: (below: number) => number, alphabet: readonly string[], longest: number): string {
  return Array.from({ length: roll(longest) }, () => alphabet[roll(alphabet.length)]).join('')
}

describe('alphabet', () => {
  it('takes every character of the default alphabet and its extension table as GSM', () => {
    expect(alphabetOf(basic + extended)).toBe('gsm')
    expect(offenders(basic + extended)).toEqual([])
  })

  it.each(['ő', 'ç', '`', '\u00a0', '„', '–', 'я', '😀', '\u001b', '\t', '\0'])('needs UCS-2 for %j', (char) => {
    expect(alphabetOf(`a${char}b`)).toBe('ucs2')
    expect(offenders(`a${char}b${char}`)).toEqual([char])
  })

  it('names each offender once, in order of appearance', () => {
    expect(offenders('Az ő ára 5 – űr, ő')).toEqual(['ő', 'á', '–', 'ű'])
  })

  it.each([
    ['@', [0x00]],
    ['_', [0x11]],
    ['$', [0x02]],
    ['A', [0x41]],
    ['à', [0x7f]],
    ['Ç', [0x09]],
    ['€', [0x1b, 0x65]],
    ['[', [0x1b, 0x3c]],
    ['|', [0x1b, 0x40]],
    ['\f', [0x1b, 0x0a]],
  ])('encodes %j as the octets %j', (char, octets) => {
    expect([...encodeGsm(char)]).toEqual(octets)
  })

  it('refuses to encode what is not in the alphabet instead of putting a space there', () => {
    expect(() => encodeGsm('ő')).toThrow('U+0151')
  })
})

describe('parts', () => {
  it.each([
    ['', 'gsm', 1],
    ['a'.repeat(160), 'gsm', 1],
    ['a'.repeat(161), 'gsm', 2],
    ['a'.repeat(306), 'gsm', 2],
    ['a'.repeat(307), 'gsm', 3],
    ['€'.repeat(80), 'gsm', 1],
    ['€'.repeat(81), 'gsm', 2],
    ['ő'.repeat(70), 'ucs2', 1],
    ['ő'.repeat(71), 'ucs2', 2],
    ['ő'.repeat(134), 'ucs2', 2],
    ['ő'.repeat(135), 'ucs2', 3],
    ['😀'.repeat(35), 'ucs2', 1],
    ['😀'.repeat(36), 'ucs2', 2],
  ] as const)('counts the parts of %j (%s) as %i', (text, alphabet, parts) => {
    expect(countParts(text, alphabet)).toBe(parts)
  })

  it('never splits an extension character: 81 euro signs are 76 and 5', () => {
    const parts = splitParts('€'.repeat(81), 'gsm')
    expect(parts.map((part) => smsUnits(part, 'gsm'))).toEqual([152, 10])
  })

  it('never splits a surrogate pair: 36 emoji are 33 and 3', () => {
    const parts = splitParts('😀'.repeat(36), 'ucs2')
    expect(parts.map((part) => part.length)).toEqual([66, 6])
    expect(parts.every((part) => part.isWellFormed())).toBe(true)
  })

  it('agrees with an independent calculator on 400 random texts', () => {
    const roll = dice(42)
    const plain = Array.from('ab @1€[~ñÉ')
    const wide = [...plain, 'ő', 'Ж', '中', '😀']
    for (let i = 0; i < 400; i++) {
      const text = randomText(roll, i % 2 === 0 ? plain : wide, 500)
      const oracle = new SegmentedMessage(text)
      const alphabet = alphabetOf(text)
      expect(alphabet, text).toBe(oracle.encodingName === 'GSM-7' ? 'gsm' : 'ucs2')
      const parts = splitParts(text, alphabet)
      expect(parts.length, text).toBe(Math.max(1, oracle.segmentsCount))
      expect(parts.join('')).toBe(text)
    }
  })
})

describe('transliteration', () => {
  it.each([
    ['Árvíztűrő tükörfúrógép', 'Arviztürö tükörfurogép'],
    ['ŐŰőű', 'ÖÜöü'],
    ['Příliš žluťoučký kůň', 'Prilis zlutoucky kun'],
    ['Zażółć gęślą jaźń Łódź', 'Zazolc gesla jazn Lodz'],
    ['Ľubomír ďakuje', 'Lubomir dakuje'],
    ['Şcoală țară ş ţ', 'Scoala tara s t'],
    ['façade Ça', 'facade Ça'],
    ['„Kész” – ‘ok’…', '"Kész" - \'ok\'...'],
    ['12\u00a0990\u202fFt', '12 990 Ft'],
    ['soft\u00adhyphen\u200b', 'softhyphen'],
    ['Ærø ß å É', 'Ærø ß å É'],
    ['e\u0301 o\u030b', 'é ö'],
    ['œuvre Þór', 'oeuvre Thor'],
  ])('turns %j into %j', (from, to) => {
    expect(transliterate(from).text).toBe(to)
    expect(alphabetOf(to)).toBe('gsm')
  })

  it('names what it replaced, once each', () => {
    expect(transliterate('ő ű ő –')).toEqual({ text: 'ö ü ö -', replaced: ['ő', 'ű', '–'] })
  })

  it.each(['привет', '你好', '😀', 'हिन्दी', 'й'])('leaves %j as it is, since there is no near letter', (text) => {
    expect(transliterate(text)).toEqual({ text, replaced: [] })
  })

  it('leaves a text that is GSM already untouched', () => {
    expect(transliterate(basic + extended)).toEqual({ text: basic + extended, replaced: [] })
  })
})
