import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'

import { ReadFailure } from '../../src/formats/data-problem.ts'
import { XmlScanner } from '../../src/formats/xml-scan.ts'

interface Told {
  readonly events: readonly string[]
  readonly fine: boolean
}

/** Adds to the events; pieces of one text become one. */
function telling(): { readonly events: string[]; add(event: string): void; text(piece: string): void } {
  const events: string[] = []
  let depth = 0
  return {
    events,
    add(event) {
      depth += event.startsWith('<') ? 1 : -1
      events.push(event)
    },
    text(piece) {
      if (depth === 0) return
      const last = events.at(-1)
      if (last?.startsWith('"')) events[events.length - 1] = last + piece
      else events.push(`"${piece}`)
    },
  }
}

const openEvent = (name: string, attributes: readonly (readonly [string, string])[]): string =>
  `<${name} ${JSON.stringify(attributes)}`

function ours(text: string, size: number): Told {
  const told = telling()
  const scanner = new XmlScanner({
    open: ({ full }, list) => {
      const pairs = list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? ''] as const] : []))
      told.add(openEvent(full, pairs))
    },
    text: (piece) => told.text(piece),
    close: () => told.add('/'),
    wantsBlanks: true,
  })
  try {
    for (let at = 0; at < text.length; at += size) scanner.write(text.slice(at, at + size))
    scanner.end()
    return { events: told.events, fine: true }
  } catch (error) {
    if (!(error instanceof ReadFailure)) throw error
    return { events: told.events, fine: false }
  }
}

function saxes(text: string): Told {
  const told = telling()
  const parser = new SaxesParser()
  let fine = true
  parser.on('error', () => {
    fine = false
  })
  parser.on('opentag', ({ name, attributes }) => told.add(openEvent(name, Object.entries(attributes))))
  parser.on('text', (piece) => told.text(piece))
  parser.on('cdata', (piece) => told.text(piece))
  parser.on('closetag', () => told.add('/'))
  parser.write(text).close()
  return { events: told.events, fine }
}

function picker(seed: number) {
  let state = seed
  const below = (count: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % count
  }
  return { below, of: <T>(list: readonly [T, ...T[]]): T => list[below(list.length)] ?? list[0] }
}

const { below, of } = picker(11)
const texts = ['a', 'b c', ' ', '\n', '\r\n', '\r', '\t', '&amp;', '&lt;', '&#65;', '&#x151;', '\u00e9', '😀'] as const
const rare = [
  '<![CDATA[x<y]]>',
  '<![CDATA[]]>',
  '<!-- c -->',
  '<!---->',
  '<?pi x?>',
  '<?a?>',
  ']]',
  '>',
  '"',
  "'",
  '&#x10FFFF;',
] as const
const wrong = [
  '<!-- a--b -->',
  '<!-->',
  '<?1?>',
  '<?xml version="1.0"?>',
  ']]>',
  '&',
  '&#;',
  '&#x;',
  '&#0;',
  '&#xD800;',
  '&#xFFFF;',
  '&nbsp;',
  '\u0001',
  '\ufffe',
  '<',
  '</',
  '<a b=c/>',
  '<a b="1"b="2"/>',
  '<a b="1" b="2"/>',
  '<a b="<"/>',
  '<1/>',
  '<!foo>',
  '<a b/>',
  '< a/>',
  '<a / >',
] as const

const someText = (): string => Array.from({ length: below(4) }, () => (below(8) === 0 ? of(rare) : of(texts))).join('')
const value = (): string => someText().replaceAll(/[<"']/g, '').replaceAll(']]>', '')
const attribute = (name: string): string => `${of([' ', '  ', '\n'])}${name}${of(['=', ' = '])}"${value()}"`

function element(depth: number): string {
  const name = of(['a', 'b:c', 'Long-name.1', 'ő', '_x', '__proto__', 'constructor'])
  const attributes = ['x', 'y:z', 'xmlns:b'].map((each) => (below(4) === 0 ? attribute(each) : '')).join('')
  const inside = Array.from({ length: depth > 3 ? 0 : below(4) }, () => someText() + element(depth + 1)).join('')
  const start = `<${name}${attributes}${of(['', '', ' ', '\n'])}`
  return below(6) === 0 ? `${start}/>` : `${start}>${inside}${someText()}</${name}${of(['', '', ' '])}>`
}

const heads = [
  '',
  '',
  '<?xml version="1.0"?>',
  "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n",
  '<!-- h -->',
] as const
const documents = Array.from({ length: 500 }, () => of(heads) + element(0) + of(['', '\n', '<!-- end -->', '<?end?>']))

describe('as a parser that many use', () => {
  test.each([1, 3, 10_000])('documents are told the same, in pieces of %d characters', (size) => {
    for (const text of documents) expect({ text, ...ours(text, size) }).toEqual({ text, ...saxes(text) })
  })

  test('what is not well-formed is refused', () => {
    for (const text of documents) {
      const at = below(text.length)
      const broken = (text.slice(0, at) + of(wrong) + text.slice(at + below(2))).toWellFormed()
      expect({ broken, fine: ours(broken, 10_000).fine }).toEqual({ broken, fine: saxes(broken).fine })
      expect({ broken, ...ours(broken, 2) }).toEqual({ broken, ...ours(broken, 10_000) })
    }
  })

  test('a document that was cut is refused', () => {
    for (const text of documents) {
      const cut = text.slice(0, text.lastIndexOf('>', text.length - 1 - below(20)))
      expect({ cut, fine: ours(cut, 10_000).fine }).toEqual({ cut, fine: saxes(cut).fine })
    }
  })
})

function failureOf(text: string, size = 10_000) {
  const scanner = new XmlScanner({ open: () => {}, text: () => {}, close: () => {}, wantsBlanks: false })
  try {
    for (let at = 0; at < text.length; at += size) scanner.write(text.slice(at, at + size))
    scanner.end()
  } catch (error) {
    if (error instanceof ReadFailure) return error.problems[0]
    throw error
  }
  return undefined
}

test.each([
  ['<a>\r\n<b>\r</c>', 3, 1],
  ['<a>\n  <b x="1" x="2"/>', 2, 12],
  ['<a>\n\nab & c</a>', 3, 4],
  ['<a>\nx\u0001</a>', 2, 2],
  ['<a>\n<!DOCTYPE b></a>', 2, 1],
  ['<a\n>\n</b>', 3, 1],
])('%j is refused at its line and column, whatever the pieces', (text, line, column) => {
  for (const size of [1, 2, 5, 10_000]) expect(failureOf(text, size)).toMatchObject({ place: { line, column } })
})

test('thousands of attributes in a tag are read quickly, and a second of the same name is found', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => ` a${i}=""`).join('')
  expect(failureOf(`<a${many}/>`, 65_536)).toBeUndefined()
  expect(failureOf(`<a${many} a4999=""/>`, 65_536)).toMatchObject({ code: 'D019' })
})

test('names that share a slot of the table are told apart', () => {
  const names = Array.from({ length: 3_000 }, (_, i) => `n${i}`)
  const text = `<r>${names.map((name) => `<${name}/>`).join('')}${names.map((name) => `<${name}/>`).join('')}</r>`
  const { events } = ours(text, 4_096)
  expect(events.filter((event) => event.startsWith('<n')).map((event) => event.slice(1, -3))).toEqual([
    ...names,
    ...names,
  ])
})
