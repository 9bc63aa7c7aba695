/**
 * The attributes of one start tag: names and values in turn, values normalised.
 *
 * A name that stands twice, a value without quotes, `<` in a value and attributes that touch each
 * other are refused (XML 1.0, 3.1); line ends and tabs in values become blanks (3.3.3). Tells when
 * the tag does not end in the text yet. Throws nothing: what is wrong is said in words.
 */
import { quoted } from './data-problem.ts'
import type { XmlName, XmlNames } from './xml-names.ts'
import { isXmlSpace, resolved, skipSpace } from './xml-text.ts'

const quote = 0x22
const apostrophe = 0x27
const slash = 0x2f
const equals = 0x3d
const gt = 0x3e
/** More attributes than this are looked up in a set. */
const few = 16

export class XmlAttributes {
  readonly #names: XmlNames
  #end = 0

  constructor(names: XmlNames) {
    this.#names = names
  }

  /** Index of the `>` or `/` after the attributes that were read last, or of what is wrong. */
  get end(): number {
    return this.#end
  }

  /** The attributes from the blank at `start`; undefined when the text ends before the tag; words when they are wrong. */
  read(text: string, start: number): readonly string[] | string | undefined {
    const list: string[] = []
    const many = new Set<string>()
    let at = start
    for (;;) {
      const from = skipSpace(text, at)
      const code = text.charCodeAt(from)
      this.#end = from
      if (from >= text.length) return undefined
      if (code === gt || code === slash) return list
      if (from === at) return 'no blank before an attribute'
      const name = this.#name(text, from)
      if (name === undefined || typeof name === 'string') return name
      if (isThere(name.full, list, many)) {
        this.#end = from
        return `attribute ${quoted(name.full)} stands twice`
      }
      const value = this.#value(text, name)
      if (value === undefined || value.wrong !== undefined) return value?.wrong
      list.push(name.full, value.text)
      at = this.#end
    }
  }

  /** The name at `start`; `#end` is after it. */
  #name(text: string, start: number): XmlName | string | undefined {
    let end = start
    let hash = 0
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code === equals || code === gt || code === slash || isXmlSpace(code)) break
      hash = (Math.imul(hash, 31) + code) | 0
    }
    if (end >= text.length) return undefined
    this.#end = end
    return this.#names.find(text, start, end, hash) ?? `${quoted(text.slice(start, end))} is no name`
  }

  /** The value after the name; `#end` is after its closing quote, or at what is wrong. */
  #value(text: string, name: XmlName): { readonly text: string; readonly wrong?: string } | undefined {
    const sign = skipSpace(text, this.#end)
    const open = text.charCodeAt(sign) === equals ? skipSpace(text, sign + 1) : sign
    if (open >= text.length) return undefined
    const mark = text.charCodeAt(open)
    if (open === sign || (mark !== quote && mark !== apostrophe)) {
      return { text: '', wrong: `attribute ${quoted(name.full)} has no value in quotes` }
    }
    const close = text.indexOf(mark === quote ? '"' : "'", open + 1)
    if (close < 0) return undefined
    const raw = text.slice(open + 1, close)
    this.#end = close + 1
    if (raw.includes('<')) return { text: '', wrong: `"<" in attribute ${quoted(name.full)}` }
    const plain = /[\n\t&]/.test(raw) ? resolved(raw.replace(/[\n\t]/g, ' ')) : raw
    return plain === undefined
      ? { text: '', wrong: `no such reference in attribute ${quoted(name.full)}` }
      : { text: plain }
  }
}

function isThere(name: string, list: readonly string[], many: Set<string>): boolean {
  if (list.length > few * 2) {
    if (many.size === 0) for (let i = 0; i < list.length; i += 2) many.add(list[i] ?? '')
    if (many.has(name)) return true
    many.add(name)
    return false
  }
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return true
  return false
}
