/**
 * The text part of a mail made from its HTML, where no text template is written.
 *
 * Paragraphs, lists, table rows, links with their address, pictures by their alt text, entities.
 * Meant for the HTML of mail templates; it is no browser: styles are not read except `display:none`.
 * Pure, linear in the size of the HTML; throws nothing.
 */

const tokenPattern = /<!--[\s\S]*?(?:-->|$)|<!?\/?[a-z][^>]*>|[^<]+|</gi
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
  text: string
  /** Text inside is not for readers; the depth of open elements within it. */
  hidden: number
  readonly lists: { ordered: boolean; count: number }[]
  readonly links: { href: string; from: number }[]
}

/** Rendered HTML to text with line feeds. */
export function htmlToText(html: string): string {
  const writer: Writer = { text: '', hidden: 0, lists: [], links: [] }
  for (const [token] of html.matchAll(tokenPattern)) {
    if (token.startsWith('<!')) continue
    const tag = /^<(\/?)([a-z][a-z0-9]*)/i.exec(token)
    if (!tag) addText(writer, token)
    else if (tag[1] === '/') closeTag(writer, (tag[2] ?? '').toLowerCase())
    else openTag(writer, (tag[2] ?? '').toLowerCase(), token)
  }
  return tidyText(writer.text)
}

/** No blanks at line ends, at most one blank line in a row, none at the ends. */
export function tidyText(text: string): string {
  return text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function addText(writer: Writer, source: string): void {
  if (writer.hidden > 0) return
  const text = decodeEntities(source).replace(/[ \t\n\r\f]+/g, ' ')
  writer.text += /(^|[\s])$/.test(writer.text) ? text.replace(/^ /, '') : text
}

function openTag(writer: Writer, name: string, token: string): void {
  const invisible = skipped.has(name) || /display\s*:\s*none/i.test(attributeOf(token, 'style'))
  const closes = !void_.has(name) && !token.endsWith('/>')
  if (writer.hidden > 0 || invisible) {
    if (closes) writer.hidden++
    return
  }
  if (paragraphs.has(name)) lineEnds(writer, 2)
  else if (blocks.has(name)) lineEnds(writer, 1)
  openSpecial(writer, name, token)
}

function openSpecial(writer: Writer, name: string, token: string): void {
  if (name === 'br') writer.text = `${writer.text.replace(/ +$/, '')}\n`
  else if (name === 'hr') {
    lineEnds(writer, 2)
    writer.text += '---\n\n'
  } else if (name === 'img') addText(writer, attributeOf(token, 'alt'))
  else if (name === 'a')
    writer.links.push({ href: decodeEntities(attributeOf(token, 'href')), from: writer.text.length })
  else if (name === 'ul' || name === 'ol') writer.lists.push({ ordered: name === 'ol', count: 0 })
  else if (name === 'li') writer.text += bullet(writer)
  else if ((name === 'td' || name === 'th') && /[^\s]$/.test(writer.text)) writer.text += '  '
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
  if (name === 'td' || name === 'th') writer.text = writer.text.replace(/([^\s]) $/, '$1')
  if (paragraphs.has(name)) lineEnds(writer, 2)
  else if (blocks.has(name)) lineEnds(writer, 1)
}

/** `label (address)`, or the address alone where the label says the same. */
function closeLink(writer: Writer): void {
  const link = writer.links.pop()
  if (!link || !/^(https?:|mailto:|tel:)/i.test(link.href)) return
  const label = writer.text.slice(link.from).trim()
  const bare = link.href.replace(/^(mailto:|tel:)/i, '')
  if (label === '') writer.text += bare
  else if (label !== bare && label.replace(/\s/g, '') !== bare) writer.text += ` (${bare})`
}

function lineEnds(writer: Writer, count: number): void {
  const text = writer.text.replace(/[ \t]+$/, '')
  const present = /\n*$/.exec(text)?.[0].length ?? 0
  writer.text = text === '' ? '' : text + '\n'.repeat(Math.max(0, count - present))
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
