/**
 * XML text to small trees, element by element, without holding the document.
 *
 * Names lose their prefix; the namespace of the root is given to the caller. Refuses records over
 * 16 MiB, and what the scanner refuses: DOCTYPE, more than 100 levels, texts over 1 MiB, all that
 * is not well-formed. The first error ends the reading. Throws ReadFailure.
 */
import type { XmlName } from './xml-names.ts'
import { XmlScanner } from './xml-scan.ts'
import type { XmlSink } from './xml-scan.ts'

export interface XmlElement {
  /** Without prefix. */
  readonly name: string
  /** 1-based line of the start tag. */
  readonly line: number
  /** Names as they stand in the file, and values, in turn. */
  readonly attributes: readonly string[]
  text: string
  /** First and last child, and the next one of the same parent. */
  child: XmlElement | undefined
  last: XmlElement | undefined
  next: XmlElement | undefined
}

export interface XmlHandler {
  /** An element outside all trees starts; `path` ends with its name. True: collect it as a tree. */
  open(path: readonly string[], line: number): boolean
  /** A collected tree is complete. `path` leads to its parent. */
  tree(element: XmlElement, path: readonly string[]): void
  /** An element outside all trees ends; `path` ends with its name. */
  close(path: readonly string[]): void
  /** The root: its name and namespace. Throws to refuse it. */
  root(name: string, namespace: string | undefined, line: number): void
}

const maxTree = 16 * 1_048_576

export class XmlReader implements XmlSink {
  readonly #scanner = new XmlScanner(this)
  readonly #handler: XmlHandler
  readonly #path: string[] = []
  readonly #stack: XmlElement[] = []
  #top: XmlElement | undefined
  #size = 0
  #sawRoot = false

  constructor(handler: XmlHandler) {
    this.#handler = handler
  }

  write(text: string): void {
    this.#scanner.write(text)
  }

  end(): void {
    this.#scanner.end()
  }

  open(name: XmlName, attributes: readonly string[]): void {
    const { line } = this.#scanner
    const element: XmlElement = {
      name: name.local,
      line,
      attributes,
      text: '',
      child: undefined,
      last: undefined,
      next: undefined,
    }
    const parent = this.#top
    if (parent !== undefined) {
      if (parent.last === undefined) parent.child = element
      else parent.last.next = element
      parent.last = element
      this.#stack.push(parent)
    } else if (!this.#begins(name, element)) {
      return
    }
    this.#top = element
    this.#grow(name.local.length + 16)
    for (const text of attributes) this.#grow(text.length)
  }

  text(text: string): void {
    const top = this.#top
    if (top === undefined) return
    this.#grow(text.length)
    top.text = top.text === '' ? text : top.text + text
  }

  get wantsBlanks(): boolean {
    return this.#top !== undefined && this.#top.text !== ''
  }

  close(): void {
    const done = this.#top
    if (done === undefined) {
      this.#handler.close(this.#path)
      this.#path.pop()
      return
    }
    this.#top = this.#stack.pop()
    if (this.#top === undefined) this.#handler.tree(done, this.#path)
  }

  /** Whether the handler wants the element as a tree. */
  #begins(name: XmlName, { line, attributes }: XmlElement): boolean {
    if (!this.#sawRoot) {
      this.#sawRoot = true
      const prefix = name.full.slice(0, -name.local.length)
      const declared = prefix === '' ? 'xmlns' : `xmlns:${prefix.slice(0, -1)}`
      this.#handler.root(name.local, valueOf(attributes, declared), line)
    }
    this.#path.push(name.local)
    if (!this.#handler.open(this.#path, line)) return false
    this.#path.pop()
    this.#size = 0
    return true
  }

  #grow(length: number): void {
    this.#size += length
    if (this.#size > maxTree) throw this.#scanner.tooLarge('a record over 16 MiB')
  }
}

function valueOf(attributes: readonly string[], name: string): string | undefined {
  for (let i = 0; i < attributes.length; i += 2) if (attributes[i] === name) return attributes[i + 1]
  return undefined
}

/** The value of the attribute of exactly this name, prefix and all. */
export const attributeOf = (element: XmlElement | undefined, name: string): string | undefined =>
  element === undefined ? undefined : valueOf(element.attributes, name)

export function childrenOf(element: XmlElement | undefined): readonly XmlElement[] {
  const children: XmlElement[] = []
  for (let child = element?.child; child !== undefined; child = child.next) children.push(child)
  return children
}

/** Children on a path of local names, e.g. `all(ntry, 'NtryDtls', 'TxDtls')`, in document order. */
export function all(element: XmlElement | undefined, ...path: readonly string[]): readonly XmlElement[] {
  let level: readonly XmlElement[] = element ? [element] : []
  for (const name of path) {
    if (level.length === 0) return level
    const next: XmlElement[] = []
    for (const each of level) {
      for (let child = each.child; child !== undefined; child = child.next) if (child.name === name) next.push(child)
    }
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
  for (let child = element.child; child !== undefined; child = child.next) if (child.name === name) return child
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
