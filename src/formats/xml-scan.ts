/**
 * XML text, chunk by chunk, to the tags and texts of one document; strict, and made for speed.
 *
 * Checks all that makes a document well-formed (XML 1.0, fifth edition; names may have any colons).
 * Refuses every DOCTYPE, more than 100 levels, and what goes on for more than 1 MiB without a tag.
 * Nothing is fetched, no entity is expanded but the five of XML; comments and instructions are
 * skipped. The first error ends the reading; what was told before stays good. Throws ReadFailure.
 */
import { failure, quoted } from './data-problem.ts'
import { XmlAttributes } from './xml-attributes.ts'
import { indexOrEnd, XmlLines } from './xml-lines.ts'
import { isXmlName, XmlNames } from './xml-names.ts'
import type { XmlName } from './xml-names.ts'
import { afterDeclaration, codePoint, forbiddenAt, isXmlSpace, plainLineEnds, resolved, skipSpace } from './xml-text.ts'

export interface XmlSink {
  /** A start tag; `attributes` are names and values in turn. */
  open(name: XmlName, attributes: readonly string[]): void
  /** Text inside the root, in pieces. */
  text(text: string): void
  /** Whether pieces of blanks only are wanted too. */
  readonly wantsBlanks: boolean
  /** The end of the element that was opened last. */
  close(): void
}

export const maxText = 1_048_576
const maxDepth = 100
/** Where more text is needed. */
const more = -1
const bang = 0x21
const slash = 0x2f
const lt = 0x3c
const gt = 0x3e
const question = 0x3f
const noAttributes: readonly string[] = []
/** Shared by all documents, since small files have the same names again. */
const names = new XmlNames()

export class XmlScanner {
  readonly #sink: XmlSink
  readonly #attributes = new XmlAttributes(names)
  readonly #open: XmlName[] = []
  readonly #lines = new XmlLines()
  #buffer = ''
  /** What a chunk ended with and the next one may belong to: CR, or the first half of a character. */
  #held = ''
  #started = false
  #sawRoot = false
  #nameEnd = 0
  #nextReference = 0
  #nextBrackets = 0

  constructor(sink: XmlSink) {
    this.#sink = sink
  }

  write(chunk: string): void {
    const all = this.#held + chunk
    const last = all.charCodeAt(all.length - 1)
    const whole = last === 13 || (last >= 0xd800 && last <= 0xdbff) ? all.slice(0, -1) : all
    this.#held = all.slice(whole.length)
    const text = plainLineEnds(whole)
    const end = forbiddenAt(text)
    this.#read(end < 0 ? text : text.slice(0, end))
    if (end >= 0) throw this.#bad(this.#buffer.length, `the character ${codePoint(text, end)} is not allowed`)
    if (this.#buffer.length > 2 * maxText) throw this.#tooLarge(0, 'a text, tag or comment over 1 MiB')
  }

  end(): void {
    if (this.#held !== '') this.write('\n')
    if (!this.#sawRoot && skipSpace(this.#buffer, 0) === this.#buffer.length) throw failure('D005')
    if (this.#open.length === 0 && skipSpace(this.#buffer, 0) === this.#buffer.length) return
    throw failure('D025', { place: this.#lines.place(this.#buffer.length) })
  }

  /** Line of the tag that was told last. */
  get line(): number {
    return this.#lines.line
  }

  /** A failure for the limits of records, at the tag or text that was told last. */
  tooLarge(found: string): Error {
    return failure('D021', { place: { line: this.line }, found })
  }

  /**
   * What is left of the text before is joined with the first tag only, so that the rest is read where it lies: joined
   * texts are slow to read.
   */
  #read(text: string): void {
    const left = this.#buffer
    let from = 0
    if (left !== '') {
      this.#use(left + text.slice(0, text.indexOf('>') + 1), 0)
      const used = this.#scan(0)
      from = Math.max(0, used - left.length)
      this.#lines.move(used - from)
      this.#use(used < left.length ? left.slice(used) + text : text, from)
    } else {
      this.#use(text, 0)
    }
    const at = this.#scan(from)
    this.#lines.move(at)
    this.#use(at === 0 ? this.#buffer : this.#buffer.slice(at), 0)
  }

  /** Makes the text the one that is read, from the index on. */
  #use(text: string, from: number): void {
    this.#buffer = text
    this.#lines.use(text, from)
    this.#nextReference = -1
    this.#nextBrackets = -1
  }

  /** Reads from the index on as far as tags and texts are whole; the index where that ends. */
  #scan(from: number): number {
    const buffer = this.#buffer
    let at = from
    if (!this.#started && buffer !== '') {
      if (buffer.charCodeAt(0) === 0xfeff) at = 1
      const next = afterDeclaration(buffer, at)
      if (next === undefined) throw this.#bad(at, 'the XML declaration is wrong')
      if (next === more) return 0
      at = next
      this.#started = true
    }
    while (at < buffer.length) {
      const next = buffer.charCodeAt(at) === lt ? this.#markup(at) : this.#text(at)
      if (next === more) break
      at = next
    }
    this.#lines.count(at)
    return at
  }

  #markup(at: number): number {
    switch (this.#buffer.charCodeAt(at + 1)) {
      case slash:
        return this.#endTag(at)
      case bang:
        return this.#declaration(at)
      case question:
        return this.#instruction(at)
      default:
        return this.#startTag(at)
    }
  }

  #startTag(at: number): number {
    const buffer = this.#buffer
    const name = this.#name(at)
    if (name === undefined) return more
    let end = this.#nameEnd
    let attributes = noAttributes
    if (isXmlSpace(buffer.charCodeAt(end))) {
      const found = this.#attributes.read(buffer, end)
      if (found === undefined) return more
      if (typeof found === 'string') throw this.#bad(this.#attributes.end, found)
      attributes = found
      end = this.#attributes.end
    }
    const empty = buffer.charCodeAt(end) === slash
    if (empty) end += 1
    if (end >= buffer.length) return more
    if (buffer.charCodeAt(end) !== gt) throw this.#bad(end, `the tag ${quoted(name.full)} is not closed`)
    this.#lines.count(at)
    this.#enter(name, attributes, at)
    if (empty) this.#leave()
    return end + 1
  }

  #enter(name: XmlName, attributes: readonly string[], at: number): void {
    if (this.#open.length === 0) {
      if (this.#sawRoot) throw this.#bad(at, `a second root ${quoted(name.full)}`)
      this.#sawRoot = true
    }
    if (this.#open.length >= maxDepth) throw this.#tooLarge(at, 'more than 100 levels')
    this.#open.push(name)
    this.#sink.open(name, attributes)
  }

  #leave(): void {
    this.#sink.close()
    this.#open.pop()
  }

  /** The name of a start tag; the index after it is `#nameEnd`. */
  #name(at: number): XmlName | undefined {
    const buffer = this.#buffer
    let end = at + 1
    let hash = 0
    for (; end < buffer.length; end++) {
      const code = buffer.charCodeAt(end)
      if (code === gt || code === slash || code <= 32) break
      hash = (Math.imul(hash, 31) + code) | 0
    }
    if (end >= buffer.length) return undefined
    this.#nameEnd = end
    const name = names.find(buffer, at + 1, end, hash)
    if (name === undefined) throw this.#bad(at, `${quoted(buffer.slice(at + 1, end))} is no name`)
    return name
  }

  #endTag(at: number): number {
    const buffer = this.#buffer
    const name = this.#open[this.#open.length - 1]?.full
    const start = at + 2
    if (name === undefined || !buffer.startsWith(name, start)) {
      const end = buffer.indexOf('>', start)
      if (end < 0) return more
      const expected = name === undefined ? 'no element is open' : `expected ${quoted(`</${name}>`)}`
      throw this.#bad(at, `${quoted(buffer.slice(at, end + 1))}: ${expected}`)
    }
    let end = start + name.length
    if (buffer.charCodeAt(end) !== gt) {
      end = skipSpace(buffer, end)
      if (end >= buffer.length) return more
      if (buffer.charCodeAt(end) !== gt) throw this.#bad(at, `expected ${quoted(`</${name}>`)}`)
    }
    this.#leave()
    return end + 1
  }

  #declaration(at: number): number {
    const buffer = this.#buffer
    if (buffer.startsWith('<!--', at)) return this.#comment(at)
    if (buffer.startsWith('<![CDATA[', at)) return this.#cdata(at)
    const start = buffer.slice(at, at + 9)
    if (start === '<!DOCTYPE') throw failure('D020', { place: this.#lines.place(at) })
    if (['<!--', '<![CDATA[', '<!DOCTYPE'].some((known) => known.startsWith(start))) return more
    throw this.#bad(at, `${quoted(start)} is no XML`)
  }

  #comment(at: number): number {
    const dashes = this.#buffer.indexOf('--', at + 4)
    if (dashes < 0 || dashes + 2 >= this.#buffer.length) return more
    if (this.#buffer.charCodeAt(dashes + 2) !== gt) throw this.#bad(dashes, '"--" in a comment')
    return dashes + 3
  }

  #cdata(at: number): number {
    if (this.#open.length === 0) throw this.#bad(at, 'text outside the root')
    const end = this.#buffer.indexOf(']]>', at + 9)
    if (end < 0) return more
    this.#tell(this.#buffer.slice(at + 9, end), at)
    return end + 3
  }

  #instruction(at: number): number {
    const end = this.#buffer.indexOf('?>', at + 2)
    if (end < 0) return more
    const [, target = '', rest = ''] = /^([^\s]*)(.*)$/s.exec(this.#buffer.slice(at + 2, end)) ?? []
    if (!isXmlName(target) || /^xml$/i.test(target)) {
      throw this.#bad(at, `${quoted(`<?${target}${rest === '' ? '' : ' …'}?>`)} is not allowed here`)
    }
    return end + 2
  }

  /** Text up to the next tag. */
  #text(at: number): number {
    const buffer = this.#buffer
    const start = skipSpace(buffer, at)
    if (start >= buffer.length) return this.#open.length === 0 ? start : more
    if (buffer.charCodeAt(start) === lt) {
      if (this.#sink.wantsBlanks) this.#tell(buffer.slice(at, start), at)
      return start
    }
    if (this.#open.length === 0) throw this.#bad(start, 'text outside the root')
    const end = buffer.indexOf('<', start)
    if (end < 0) return more
    if (this.#nextReference < start) this.#nextReference = indexOrEnd(buffer, '&', start)
    if (this.#nextBrackets < start) this.#nextBrackets = indexOrEnd(buffer, ']]>', start)
    if (this.#nextBrackets < end) throw this.#bad(this.#nextBrackets, '"]]>" in a text')
    this.#tell(this.#nextReference < end ? this.#resolved(at, end) : buffer.slice(at, end), at)
    return end
  }

  #resolved(at: number, end: number): string {
    const text = resolved(this.#buffer.slice(at, end))
    if (text !== undefined) return text
    throw this.#bad(this.#nextReference, `${quoted(this.#buffer.slice(this.#nextReference, end))}: no such reference`)
  }

  #tell(text: string, at: number): void {
    if (text.length > maxText) throw this.#tooLarge(at, 'a text over 1 MiB')
    this.#sink.text(text)
  }

  #tooLarge(at: number, found: string): Error {
    return failure('D021', { place: this.#lines.place(at), found })
  }

  #bad(at: number, text: string): Error {
    return failure('D019', { place: this.#lines.place(at), message: `this is not well-formed XML (${text})` })
  }
}
