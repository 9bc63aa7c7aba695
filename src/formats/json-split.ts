/**
 * Cuts a JSON document into the texts of its records without holding the document.
 *
 * Follows the path to the list of records (`data.orders`; none: the top level) and yields the
 * text of each element with its line; a single object there is one record. What stands beside
 * the path is skipped. A file that ends early, or goes on after its end, is an error. Does not
 * parse the elements. Throws ReadFailure; elements over 16 MiB are refused.
 */
import { failure, quoted } from './data-problem.ts'
import { didYouMean } from '../config/nearest.ts'

export interface JsonElement {
  readonly text: string
  /** 1-based line where it starts. */
  readonly line: number
}

const maxElement = 16 * 1_048_576
const quote = 0x22
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const space = /[^ \t\r\n]/g

export class JsonSplitter {
  readonly #path: readonly string[]
  readonly #run: Generator<JsonElement | undefined, void>
  readonly #seen = new Set<string>()
  #buffer = ''
  #at = 0
  #line = 1
  #ended = false
  #found = false
  /** Of the value that is being captured: how deep, and up to where it was looked at. */
  #depth = 0
  #passed = 0

  constructor(path: string | undefined) {
    this.#path = path === undefined || path === '' ? [] : path.split('.')
    this.#run = this.#document()
  }

  *push(text: string): Generator<JsonElement> {
    this.#buffer = this.#buffer.slice(this.#at) + text
    this.#at = 0
    yield* this.#advance()
  }

  *end(): Generator<JsonElement> {
    this.#ended = true
    yield* this.#advance()
  }

  *#advance(): Generator<JsonElement> {
    for (;;) {
      const step = this.#run.next()
      if (step.done || step.value === undefined) return
      yield step.value
    }
  }

  /** Yields elements, and undefined whenever more text is needed. */
  *#document(): Generator<JsonElement | undefined, void> {
    if ((yield* this.#next(true)) === '') throw failure('D005')
    yield* this.#value(0)
    const rest = yield* this.#next(true)
    if (rest !== '') throw this.#bad(rest, 'the end of the document')
    if (this.#found) return
    const path = this.#path.join('.')
    throw failure('D017', { expected: quoted(path), hint: didYouMean(path, this.#seen) })
  }

  *#value(depth: number): Generator<JsonElement | undefined, void> {
    const first = yield* this.#next()
    if (depth < this.#path.length) {
      if (first === '{') yield* this.#members(depth)
      else yield* this.#capture()
      return
    }
    this.#found = true
    if (first === '[') {
      yield* this.#elements()
    } else if (first === '{') {
      yield yield* this.#capture()
    } else {
      const { text } = yield* this.#capture()
      throw failure('D018', { place: { line: this.#line }, found: quoted(text), expected: 'a list or an object' })
    }
  }

  *#elements(): Generator<JsonElement | undefined, void> {
    this.#at += 1
    if ((yield* this.#next()) === ']') {
      this.#at += 1
      return
    }
    for (;;) {
      yield* this.#next()
      yield yield* this.#capture()
      if (yield* this.#closed(']')) return
    }
  }

  *#members(depth: number): Generator<JsonElement | undefined, void> {
    this.#at += 1
    if ((yield* this.#next()) === '}') {
      this.#at += 1
      return
    }
    for (;;) {
      const quote = yield* this.#next()
      if (quote !== '"') throw this.#bad(quote, 'a key in quotes')
      const { text, line } = yield* this.#capture()
      const key = stringOf(text, line)
      const colon = yield* this.#next()
      if (colon !== ':') throw this.#bad(colon, '":"')
      this.#at += 1
      yield* this.#next()
      if (this.#seen.size < 1000) this.#seen.add([...this.#path.slice(0, depth), key].join('.'))
      if (key === this.#path[depth]) yield* this.#value(depth + 1)
      else yield* this.#capture()
      if (yield* this.#closed('}')) return
    }
  }

  /** After a value: false after a comma, true after the closing bracket. */
  *#closed(bracket: string): Generator<undefined, boolean> {
    const next = yield* this.#next()
    this.#at += 1
    if (next === bracket) return true
    if (next === ',') return false
    this.#at -= 1
    throw this.#bad(next, `"," or "${bracket}"`)
  }

  /** The next character that is no blank; '' at the end of the file where that is allowed. */
  *#next(endAllowed = false): Generator<undefined, string> {
    for (;;) {
      space.lastIndex = this.#at
      const match = space.exec(this.#buffer)
      this.#moveTo(match ? match.index : this.#buffer.length)
      if (match) return match[0]
      if (this.#ended && endAllowed) return ''
      yield* this.#more()
    }
  }

  /** The text of the value at the current position, up to its end. */
  *#capture(): Generator<undefined, JsonElement> {
    this.#buffer = this.#buffer.slice(this.#at)
    this.#at = 0
    const line = this.#line
    const first = this.#buffer[0]
    const end = first === '"' ? yield* this.#stringEnd(0) : yield* this.#valueEnd()
    const text = this.#buffer.slice(0, end)
    if (text === '') throw this.#bad(first ?? '', 'a value')
    this.#moveTo(end)
    return { text, line }
  }

  *#valueEnd(): Generator<undefined, number> {
    if (this.#buffer[0] !== '{' && this.#buffer[0] !== '[') return yield* this.#scalarEnd()
    this.#depth = 0
    this.#passed = 0
    for (;;) {
      const end = this.#closing()
      if (end > 0) return end
      yield* this.#more()
    }
  }

  /** Index after the bracket that closes the value; 0 when it is not in the buffer yet. Goes on where it stopped. */
  #closing(): number {
    const buffer = this.#buffer
    let depth = this.#depth
    let i = this.#passed
    for (; i < buffer.length; i++) {
      const code = buffer.charCodeAt(i)
      if (code === quote) {
        const end = stringEnd(buffer, i)
        if (end < 0) break
        i = end - 1
      } else if (code === openBrace || code === openBracket) {
        depth += 1
      } else if (code === closeBrace || code === closeBracket) {
        depth -= 1
        if (depth === 0) return i + 1
      }
    }
    this.#depth = depth
    this.#passed = i
    return 0
  }

  *#scalarEnd(): Generator<undefined, number> {
    for (;;) {
      const at = this.#buffer.search(/[\s,\]}:]/)
      if (at >= 0) return at
      if (this.#ended) return this.#buffer.length
      yield* this.#more()
    }
  }

  /** Index after the closing quote of the string that opens at `start`. */
  *#stringEnd(start: number): Generator<undefined, number> {
    for (;;) {
      const end = stringEnd(this.#buffer, start)
      if (end >= 0) return end
      yield* this.#more()
    }
  }

  /** Waits for more text; the position is kept, the buffer only grows. */
  *#more(): Generator<undefined, void> {
    if (this.#ended) throw failure('D025', { place: { line: this.#line } })
    if (this.#buffer.length - this.#at > maxElement) {
      throw failure('D012', { place: { line: this.#line }, expected: 'at most 16 MiB' })
    }
    yield undefined
  }

  #moveTo(at: number): void {
    for (let i = this.#buffer.indexOf('\n', this.#at); i >= 0 && i < at; i = this.#buffer.indexOf('\n', i + 1)) {
      this.#line += 1
    }
    this.#at = at
  }

  #bad(found: string, expected: string): Error {
    const text = this.#buffer.slice(this.#at, this.#at + 40)
    return failure('D016', { place: { line: this.#line }, found: quoted(text === '' ? found : text), expected })
  }
}

/** Index after the closing quote of the string that opens at `start`; -1 when it is not in the text. */
function stringEnd(text: string, start: number): number {
  let at = start
  for (;;) {
    at = text.indexOf('"', at + 1)
    if (at < 0) return -1
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return at + 1
  }
}

function stringOf(text: string, line: number): string {
  try {
    return String(JSON.parse(text))
  } catch (error) {
    throw failure('D016', { place: { line }, found: quoted(text) }, error)
  }
}
