/**
 * The text part of a mail made from its HTML, where no text template is written.
 *
 * Paragraphs, lists, table rows, links with their address, pictures by their alt text, entities.
 * Meant for the HTML of mail templates; it is no browser: styles are not read except `display:none`.
 * Pure, linear in the size of the HTML; throws nothing.
 */

const tokenPattern = /<!--[\s\S]*?(?:-->|$)|<!?\/?[a-z][^<>]*>|[^<]+|</gi
const skipped: ReadonlySet<string> = new Set(['head', 'style', 'script', 'title'])
const void_: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'meta', 'link', 'input', 'col', 'wbr'])
/** Blank lines (two line ends) around these, one line end around the others. */
const paragraphs: ReadonlySet<string> = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'ul',
  'ol',
  'table',
  'blockquote',
])
const blocks: ReadonlySet<string> = new Set([
  'div',
  'tr',
  'li',
  'section',
  'article',
  'header',
  'footer',
  'body',
  'center',
])

interface Writer {
  /** Finished lines with the line ends before them. */
  text: string
  line: string
  /** Line ends before the next line, and blanks before the next word. */
  ends: number
  gap: number
  /** Text inside is not for readers; the depth of open elements within it. */
  hidden: number
  readonly lists: { ordered: boolean; count: number }[]
  readonly links: { href: string; label: string }[]
}

/** Rendered HTML to text with line feeds. */
export function htmlToText(html: string): string {
  const writer: Writer = { text: '', line: '', ends: 0, gap: 0, hidden: 0, lists: [], links: [] }
  for (const [token] of html.matchAll(tokenPattern)) {
    if (token.startsWith('<!')) continue
    const tag = /^<(\/?)([a-z][a-z0-9]*)/i.exec(token)
    if (!tag) addText(writer, token)
    else if (tag[1] === '/') closeTag(writer, (tag[2] ?? '').toLowerCase())
    else openTag(writer, (tag[2] ?? '').toLowerCase(), token)
  }
  endLine(writer, 0)
  return tidyText(writer.text)
}

/** No blanks at line ends, at most one blank line in a row, none at the ends. */
export function tidyText(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd())
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function addText(writer: Writer, source: string): void {
  if (writer.hidden > 0) return
  const text = decodeEntities(source).replace(/[ \t\n\r\f]+/g, ' ')
  if (text.startsWith(' ')) writer.gap = Math.max(writer.gap, 1)
  const words = text.trim()
  if (words === '') return
  addWords(writer, words)
  writer.gap = text.endsWith(' ') ? 1 : 0
}

function addWords(writer: Writer, words: string): void {
  const gap = writer.line === '' ? '' : ' '.repeat(writer.gap)
  writer.line += gap + words
  writer.gap = 0
  const link = writer.links.at(-1)
  if (link) link.label += gap + words
}

/** Ends the current line, if there is anything on it, and keeps at least so many line ends before the next. */
function endLine(writer: Writer, ends: number): void {
  if (writer.line !== '') {
    writer.text += '\n'.repeat(writer.text === '' ? 0 : writer.ends) + writer.line
    writer.line = ''
    writer.ends = 0
  }
  writer.gap = 0
  writer.ends = Math.max(writer.ends, ends)
}

function openTag(writer: Writer, name: string, token: string): void {
  const invisible = skipped.has(name) || /display\s*:\s*none/i.test(attributeOf(token, 'style'))
  const closes = !void_.has(name) && !token.endsWith('/>')
  if (writer.hidden > 0 || invisible) {
    if (closes) writer.hidden++
    return
  }
  if (paragraphs.has(name)) endLine(writer, 2)
  else if (blocks.has(name)) endLine(writer, 1)
  openSpecial(writer, name, token)
}

function openSpecial(writer: Writer, name: string, token: string): void {
  if (name === 'br') endLine(writer, writer.line === '' ? writer.ends + 1 : 1)
  else if (name === 'hr') {
    endLine(writer, 2)
    addWords(writer, '---')
    endLine(writer, 2)
  } else if (name === 'img') addText(writer, attributeOf(token, 'alt'))
  else if (name === 'a') writer.links.push({ href: decodeEntities(attributeOf(token, 'href')), label: '' })
  else if (name === 'ul' || name === 'ol') writer.lists.push({ ordered: name === 'ol', count: 0 })
  else if (name === 'li') addText(writer, bullet(writer))
  else if (name === 'td' || name === 'th') writer.gap = 2
}

function bullet(writer: Writer): string {
  const list = writer.lists.at(-1)
  if (!list?.ordered) return '- '
  list.count++
  return `${list.count}. `
}

function closeTag(writer: Writer, name: string): void {
  if (writer.hidden > 0) {
    if (!void_.has(name)) writer.hidden--
    return
  }
  if (name === 'a') closeLink(writer)
  if (name === 'ul' || name === 'ol') writer.lists.pop()
  if (paragraphs.has(name)) endLine(writer, 2)
  else if (blocks.has(name)) endLine(writer, 1)
}

/** `label (address)`, or the address alone where the label says the same. */
function closeLink(writer: Writer): void {
  const link = writer.links.pop()
  if (!link || !/^(https?:|mailto:|tel:)/i.test(link.href)) return
  const label = link.label.trim()
  const bare = link.href.replace(/^(mailto:|tel:)/i, '')
  if (label.replace(/\s/g, '') === bare) return
  if (label !== '') writer.gap = 1
  addWords(writer, label === '' ? bare : `(${bare})`)
}

function attributeOf(token: string, name: string): string {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(token)
  return match?.[1] ?? match?.[2] ?? ''
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  middot: '·',
  bull: '•',
  copy: '©',
  reg: '®',
  euro: '€',
  times: '×',
  laquo: '«',
  raquo: '»',
  rarr: '→',
  zwnj: '',
  shy: '',
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return Object.hasOwn(entities, name) ? (entities[name] ?? whole) : whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole
  })
}
