/**
 * What may stand in an XML text: its characters, references, and the XML declaration.
 *
 * References are the five of XML and those by number; every other is refused, since no entity is
 * ever defined. XML 1.0 (fifth edition), 2.2, 2.8, 4.1, 4.6. Throws nothing: bad text is undefined.
 */

/** Characters that XML 1.0 does not allow anywhere. */
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/ // eslint-disable-line no-control-regex

/** Index of the first character, or half of a character pair, that XML does not allow; -1 when there is none. */
export function forbiddenAt(text: string): number {
  const at = text.search(forbidden)
  if (text.isWellFormed()) return at
  const lone = text.search(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/)
  return at < 0 ? lone : Math.min(at, lone)
}

/** `U+0001`, for messages. */
export const codePoint = (text: string, at: number): string =>
  `U+${text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')}`

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const reference = /&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,8})|(amp|lt|gt|quot|apos));|&/g

/** The text with its references resolved; undefined when one of them is none of XML. */
export function resolved(text: string): string | undefined {
  let wrong = false
  const plain = text.replace(reference, (_, hex?: string, decimal?: string, name?: string) => {
    const found = name === undefined ? character(hex, decimal) : named[name]
    wrong ||= found === undefined
    return found ?? ''
  })
  return wrong ? undefined : plain
}

function character(hex: string | undefined, decimal: string | undefined): string | undefined {
  if (hex === undefined && decimal === undefined) return undefined
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  const text = String.fromCodePoint(code)
  return code === 0xfffe || code === 0xffff || forbidden.test(text) ? undefined : text
}

const declaration =
  /^<\?xml\s+version\s*=\s*(["'])1\.[0-9]+\1(?:\s+encoding\s*=\s*(["'])[A-Za-z][A-Za-z0-9._-]*\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\3)?\s*\?>$/

/**
 * Index after the XML declaration, which may stand only at the very beginning; that index itself where there is none.
 * -1 when more text is needed to tell; undefined when the declaration is wrong.
 */
export function afterDeclaration(text: string, at: number): number | undefined {
  if (!text.startsWith('<?xml', at)) return '<?xml'.startsWith(text.slice(at)) ? -1 : at
  if (text.length === at + 5) return -1
  if (!isXmlSpace(text.charCodeAt(at + 5)) && text[at + 5] !== '?') return at
  const end = text.indexOf('?>', at)
  if (end < 0) return -1
  return declaration.test(text.slice(at, end + 2)) ? end + 2 : undefined
}

/** Line ends as one LF each (XML 1.0, 2.11). */
export const plainLineEnds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text)

export const isXmlSpace = (code: number): boolean => code === 32 || code === 10 || code === 9 || code === 13

/** Index of the first character from `from` that is no blank; the length of the text when there is none. */
export function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isXmlSpace(text.charCodeAt(at))) at++
  return at
}
