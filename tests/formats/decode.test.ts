import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'

import { ReadFailure } from '../../src/formats/data-problem.ts'
import { createDecoder } from '../../src/formats/decode.ts'
import { chunksOf } from './reading.ts'

function decode(bytes: Uint8Array, options: { encoding?: string; xml?: boolean } = {}, size = 3): string {
  const decoder = createDecoder(options)
  return (
    chunksOf(bytes, size)
      .map((chunk) => decoder.write(chunk))
      .join('') + decoder.end()
  )
}

function problemOf(bytes: Uint8Array, options: { encoding?: string; xml?: boolean } = {}, size = 3) {
  try {
    decode(bytes, options, size)
  } catch (error) {
    if (error instanceof ReadFailure) return error.problems[0]
    throw error
  }
  throw new Error('decoded without a problem')
}

const letters = 'Árvíztűrő tükörfúrógép, Łódź, Příliš žluťoučký'

describe('decode', () => {
  test.each(['windows-1250', 'iso-8859-2', 'cp852', 'utf-8', 'utf-16le', 'utf-16be'])(
    'reads %s byte for byte',
    (encoding) => {
      for (const size of [1, 2, 5, 10_000])
        expect(decode(iconv.encode(letters, encoding), { encoding }, size)).toBe(letters)
    },
  )

  test.each([
    ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
    ['utf-16le', Buffer.from([0xff, 0xfe])],
    ['utf-16be', Buffer.from([0xfe, 0xff])],
  ])('lets a byte order mark of %s decide, whatever the config says, and drops it', (encoding, mark) => {
    const bytes = Buffer.concat([mark, iconv.encode(letters, encoding)])
    expect(decode(bytes, { encoding: 'windows-1250' }, 1)).toBe(letters)
  })

  test('takes the encoding of the XML declaration, below that of the config', () => {
    const xml = `<?xml version="1.0" encoding='ISO-8859-2'?><a>ő</a>`
    expect(decode(iconv.encode(xml, 'iso-8859-2'), { xml: true }, 1)).toBe(xml)
    expect(decode(iconv.encode(xml, 'windows-1250'), { xml: true, encoding: 'windows-1250' })).toBe(xml)
    expect(problemOf(iconv.encode(xml, 'iso-8859-2'))?.code).toBe('D002')
  })

  test('reads UTF-16 XML without a byte order mark', () => {
    expect(decode(iconv.encode('<a>ő</a>', 'utf-16le'), { xml: true }, 1)).toBe('<a>ő</a>')
  })

  test.each([1, 2, 3, 1000])('says line, column and byte of what is not UTF-8 (chunks of %i)', (size) => {
    const bytes = Buffer.concat([Buffer.from('első\nmásodik ő'), Buffer.from([0xf5]), Buffer.from('x\nharmadik')])
    const problem = problemOf(bytes, {}, size)
    expect(problem).toMatchObject({ code: 'D002', place: { line: 2 }, expected: 'utf-8' })
    expect(problem?.found).toBe('byte 0xF5 at offset 17')
    expect(problem?.place.column).toBe(12)
    expect(problem?.hint).toContain('format.encoding')
  })

  test.each([
    ['an overlong form', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a character beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a lone continuation byte', [0x41, 0x80]],
  ])('refuses %s as UTF-8', (_, bytes) => {
    expect(problemOf(Buffer.from([...bytes, 0x0a, 0x41]))?.code).toBe('D002')
  })

  test('says that a file ends in the middle of a character', () => {
    expect(problemOf(Buffer.from('ő').subarray(0, 1))).toMatchObject({ code: 'D025', place: { line: 1 } })
  })

  test('keeps a replacement character that stands in the file', () => {
    expect(decode(Buffer.from('M\ufffdller'))).toBe('M\ufffdller')
  })

  test('never replaces: a byte without a character in the code page is a problem', () => {
    const bytes = Buffer.from([0x41, 0x0a, 0x41, 0x81])
    expect(problemOf(bytes, { encoding: 'windows-1250' })).toMatchObject({
      code: 'D002',
      place: { line: 2, column: 2 },
    })
  })

  test('takes C1 codes under ISO 8859 for the sign of a Windows code page', () => {
    expect(problemOf(iconv.encode('100 €', 'windows-1252'), { encoding: 'iso-8859-1' })?.hint).toContain('windows-1252')
  })

  test('refuses NUL with the line, since it is UTF-16 or no text at all', () => {
    expect(problemOf(Buffer.from('a;b\nc\0;d'))).toMatchObject({ code: 'D003', place: { line: 2 } })
  })

  test('names an encoding that does not exist', () => {
    expect(problemOf(Buffer.from('a'), { encoding: 'windows-99' })).toMatchObject({
      code: 'D001',
      found: '"windows-99"',
    })
  })

  test('drops a Ctrl-Z at the end only', () => {
    expect(decode(Buffer.from('a\x1ab\n\x1a\x1a'), {}, 1)).toBe('a\x1ab\n')
  })

  test('an empty file is empty text', () => {
    expect(decode(Buffer.alloc(0))).toBe('')
  })
})
