/**
 * Names of elements and attributes in an XML text, each made and checked once.
 *
 * A small table by hash gives the same object for the same name again, so that names are compared
 * without reading them and make no text for each tag. Its size is fixed: names that meet in a slot
 * take turns. Checks names by XML 1.0 (fifth edition), 2.3. Throws nothing: bad names are undefined.
 */
import { ownCopy } from './remember.ts'

export interface XmlName {
  /** As it stands in the file. */
  readonly full: string
  /** Without the prefix. */
  readonly local: string
}

const slots = 512
/** Longer names are not kept. */
const longest = 100
const nameStart =
  ':A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}'
const pattern = new RegExp(`^[${nameStart}][${nameStart}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}]*$`, 'u')

export class XmlNames {
  readonly #table: (XmlName | undefined)[] = Array.from({ length: slots })

  /** The name from `start` to `end` of the text, whose hash is given; undefined when it is none. */
  find(text: string, start: number, end: number, hash: number): XmlName | undefined {
    const slot = (hash ^ (hash >>> 9)) & (slots - 1)
    const known = this.#table[slot]
    if (known !== undefined && known.full.length === end - start && text.startsWith(known.full, start)) return known
    const made = nameOf(text.slice(start, end))
    if (made !== undefined && end - start <= longest) this.#table[slot] = made
    return made
  }
}

export const isXmlName = (text: string): boolean => pattern.test(text)

function nameOf(text: string): XmlName | undefined {
  if (!isXmlName(text)) return undefined
  const full = ownCopy(text)
  const colon = full.indexOf(':')
  return { full, local: colon < 0 ? full : ownCopy(full.slice(colon + 1)) }
}
