/**
 * Line and column of a place in a text that is read piece by piece.
 *
 * Counts line ends only as far as it is asked, so that a text without any costs nothing. Places are
 * indexes in the piece that is being read; `move` follows when its beginning is dropped. Lines and
 * columns begin at 1, columns are characters (UTF-16 units). Throws nothing.
 */

export class XmlLines {
  #text = ''
  #line = 1
  /** Where the current line begins, in the text or before it. */
  #lineStart = 0
  /** Line ends before this index are counted; and the next one, -1 when it was not looked for. */
  #counted = 0
  #lineEnd = -1

  /** The line of the place that was counted last. */
  get line(): number {
    return this.#line
  }

  /** Goes on in another text; what stands before the index was counted in the one before. */
  use(text: string, from: number): void {
    this.#text = text
    this.#counted = from
    this.#lineEnd = -1
  }

  /** So many characters at the beginning of the text are dropped. */
  move(count: number): void {
    this.#lineStart -= count
  }

  /** Counts the line ends before the index. */
  count(at: number): void {
    if (this.#lineEnd < 0) this.#lineEnd = indexOrEnd(this.#text, '\n', this.#counted)
    while (this.#lineEnd < at) {
      this.#line += 1
      this.#lineStart = this.#lineEnd + 1
      this.#lineEnd = indexOrEnd(this.#text, '\n', this.#lineStart)
    }
  }

  place(at: number): { readonly line: number; readonly column: number } {
    this.count(at)
    return { line: this.#line, column: at - this.#lineStart + 1 }
  }
}

/** Index of the part from the index on; Infinity when it is not in the text. */
export function indexOrEnd(text: string, part: string, from: number): number {
  const at = text.indexOf(part, from)
  return at < 0 ? Infinity : at
}
