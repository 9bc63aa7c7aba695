/**
 * XML text to small trees, element by element, without holding the document.
 *
 * Wraps saxes (without its namespace mode, which halves the speed): names lose their prefix, the
 * namespace of the root is given to the caller. Refuses every DOCTYPE, more than 100 levels,
 * texts over 1 MiB and records over 16 MiB; the first error ends the reading (saxes alone goes
 * on). Nothing is fetched, no entity is expanded but the five of XML. Throws ReadFailure.
 */
import { SaxesParser } from 'saxes'

import { failure, quoted } from './data-problem.ts'

export interface XmlElement {
  /** Without prefix. */
  readonly name: string
  /** 1-based line of the start tag. */
  readonly line: number
  readonly attributes: Readonly<Record<string, string>>
  children: readonly XmlElement[]
  text: string
}

export interface XmlHandler {
  /** An element outside all trees starts; `path` ends with its name. True: collect it as a tree. */
  open(path: readonly string[], line: number): boolean
  /** A collected tree is complete. `path` leads to its parent. */
  tree(element: XmlElement, path: readonly string[]): void
  /** An element outside all trees ends; `path` ends with its name. */
  close(path: readonly string[], line: number): void
  /** The root: its name and namespace. Throws to refuse it. */
  root(name: string, namespace: string | undefined, line: number): void
}

/** Most elements have no children: they share this list. */
const childless: readonly XmlElement[] = []
const maxDepth = 100
const maxText = 1_048_576
const maxTree = 16 * 1_048_576

export class XmlReader {
  readonly #parser = new SaxesParser()
  readonly #handler: XmlHandler
  readonly #path: string[] = []
  readonly #stack: XmlElement[] = []
  #top: XmlElement | undefined
  #size = 0
  #events = 0
  #silent = 0
  #sawRoot = false

  constructor(handler: XmlHandler) {
    this.#handler = handler
    const parser = this.#parser
    parser.on('error', (error) => {
      throw this.#notWellFormed(error)
    })
    parser.on('doctype', () => {
      throw failure('D020', { place: this.#place() })
    })
    parser.on('opentag', (tag) => this.#open(tag.name, tag.attributes))
    parser.on('closetag', () => this.#close())
    parser.on('text', (text) => this.#text(text))
    parser.on('cdata', (text) => this.#text(text))
  }

  write(text: string): void {
    const before = this.#events
    this.#parser.write(text)
    this.#silent = this.#events === before ? this.#silent + text.length : 0
    if (this.#silent > 2 * maxText) throw this.#tooLarge('a text, tag or comment over 1 MiB')
  }

  end(): void {
    if (this.#path.length > 0 || this.#top) throw failure('D025', { place: this.#place() })
    if (!this.#sawRoot) throw failure('D005')
    this.#parser.close()
  }

  #open(fullName: string, attributes: Readonly<Record<string, string>>): void {
    this.#events += 1
    const colon = fullName.indexOf(':')
    const name = colon < 0 ? fullName : fullName.slice(colon + 1)
    if (this.#path.length + this.#stack.length >= maxDepth) throw this.#tooLarge('more than 100 levels')
    const parent = this.#top
    if (parent) {
      this.#start(name, attributes, parent)
      return
    }
    const line = this.#parser.line
    if (!this.#sawRoot) {
      this.#sawRoot = true
      const key = colon < 0 ? 'xmlns' : `xmlns:${fullName.slice(0, colon)}`
      this.#handler.root(name, attributes[key], line)
    }
    this.#path.push(name)
    if (!this.#handler.open(this.#path, line)) return
    this.#path.pop()
    this.#size = 0
    this.#start(name, attributes, undefined)
  }

  #start(name: string, attributes: Readonly<Record<string, string>>, parent: XmlElement | undefined): void {
    const element: XmlElement = { name, line: this.#parser.line, attributes, children: childless, text: '' }
    this.#grow(name.length + 16)
    if (parent) {
      if (parent.children === childless) parent.children = [element]
      else (parent.children as XmlElement[]).push(element)
      this.#stack.push(parent)
    }
    this.#top = element
  }

  #text(text: string): void {
    this.#events += 1
    if (!this.#top) return
    if (text.length > maxText) throw this.#tooLarge('a text over 1 MiB')
    this.#grow(text.length)
    this.#top.text = this.#top.text === '' ? text : this.#top.text + text
  }

  #close(): void {
    this.#events += 1
    const done = this.#top
    if (!done) {
      this.#handler.close(this.#path, this.#parser.line)
      this.#path.pop()
      return
    }
    this.#top = this.#stack.pop()
    if (!this.#top) this.#handler.tree(done, this.#path)
  }

  #grow(length: number): void {
    this.#size += length
    if (this.#size > maxTree) throw this.#tooLarge('a record over 16 MiB')
  }

  #place() {
    return { line: this.#parser.line, column: this.#parser.column + 1 }
  }

  #tooLarge(found: string): Error {
    return failure('D021', { place: this.#place(), found })
  }

  /** saxes writes `line:column: text`. */
  #notWellFormed(error: Error): Error {
    const text = error.message.replace(/^(?:.*?:)?\d+:\d+:\s*/, '')
    return failure('D019', { place: this.#place(), message: `this is not well-formed XML (${quoted(text)})` }, error)
  }
}

/** Children on a path of local names, e.g. `all(ntry, 'NtryDtls', 'TxDtls')`, in document order. */
export function all(element: XmlElement | undefined, ...path: readonly string[]): readonly XmlElement[] {
  let level: readonly XmlElement[] = element ? [element] : []
  for (const name of path) {
    if (level.length === 0) return level
    const next: XmlElement[] = []
    for (const each of level) for (const child of each.children) if (child.name === name) next.push(child)
    level = next
  }
  return level
}

/** The first element on a path of up to four names, trying every branch only at its first element. */
export function first(
  element: XmlElement | undefined,
  a: string,
  b?: string,
  c?: string,
  d?: string,
): XmlElement | undefined {
  let at = element && childOf(element, a)
  if (b !== undefined) at = at && childOf(at, b)
  if (c !== undefined) at = at && childOf(at, c)
  if (d !== undefined) at = at && childOf(at, d)
  return at
}

function childOf(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of element.children) if (child.name === name) return child
  return undefined
}

/** Trimmed text of the first element on the path; undefined when there is none or it is empty. */
export function textAt(
  element: XmlElement | undefined,
  a: string,
  b?: string,
  c?: string,
  d?: string,
): string | undefined {
  const text = first(element, a, b, c, d)?.text.trim()
  return text === '' ? undefined : text
}
