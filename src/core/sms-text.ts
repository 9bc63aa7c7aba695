/**
 * The text of an SMS: its alphabet, its parts, and how to keep it in the cheap alphabet.
 *
 * GSM 7 bit default alphabet with its extension table (3GPP TS 23.038 §6.2.1), else UCS-2 (UTF-16).
 * Guarantees: the parts joined are the text; no part is longer than its limit; an extension
 * character or a surrogate pair is never split. Does not look at grapheme clusters: a joined emoji
 * may fall into two parts, where the phone joins it again. Throws only in `encodeGsm`.
 */

export type SmsAlphabet = 'gsm' | 'ucs2'

const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const escape = 0x1b

const extension: ReadonlyMap<string, number> = new Map([
  ['\f', 0x0a],
  ['^', 0x14],
  ['{', 0x28],
  ['}', 0x29],
  ['\\', 0x2f],
  ['[', 0x3c],
  ['~', 0x3d],
  [']', 0x3e],
  ['|', 0x40],
  ['€', 0x65],
])

/** Character to its octets, one septet each, unpacked; the escape itself is no character. */
const gsmCodes: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...Array.from(basic, (char, code) => [char, [code]] as const).filter(([, [code]]) => code !== escape),
  ...Array.from(extension, ([char, code]) => [char, [escape, code]] as const),
])

/** Units (septets, or UTF-16 code units) of a whole message and of a part that carries a 6-octet header. */
const limits = { gsm: { single: 160, part: 153 }, ucs2: { single: 70, part: 67 } } as const

/** `gsm` when every character is in the default alphabet or its extension table. */
export function alphabetOf(text: string): SmsAlphabet {
  return isGsm(text) ? 'gsm' : 'ucs2'
}

/** The distinct characters that force UCS-2, in order of appearance. */
export function offenders(text: string): readonly string[] {
  return [...new Set(Array.from(text).filter((char) => !gsmCodes.has(char)))]
}

/** Unpacked septets, one octet each, as SMPP carries them under data_coding 0. Throws RangeError for other characters. */
export function encodeGsm(text: string): Uint8Array {
  const octets: number[] = []
  for (const char of text) {
    const codes = gsmCodes.get(char)
    if (!codes) throw new RangeError(`character U+${hex(char)} is not in the GSM alphabet`)
    octets.push(...codes)
  }
  return Uint8Array.from(octets)
}

const gsmChars: ReadonlyMap<number, string> = new Map(Array.from(basic, (char, code) => [code, char] as const))
const extensionChars: ReadonlyMap<number, string> = new Map(
  Array.from(extension, ([char, code]) => [code, char] as const),
)

/**
 * The text of unpacked septets, one octet each. After an escape, a code outside the extension table is read in
 * the basic one (TS 23.038 §6.2.1.1); a lone escape is nothing, an octet above 0x7f is U+FFFD.
 */
export function decodeGsm(octets: Uint8Array): string {
  let text = ''
  for (let i = 0; i < octets.length; i++) {
    const escaped = octets[i] === escape
    if (escaped) i += 1
    const code = octets[i]
    if (code === undefined) break
    text += (escaped ? extensionChars.get(code) : undefined) ?? gsmChars.get(code) ?? '\ufffd'
  }
  return text
}

/** Length in the units of the alphabet: septets (extension characters count two) or UTF-16 code units. */
export function smsUnits(text: string, alphabet: SmsAlphabet): number {
  let units = 0
  for (const char of text) units += unitsOf(char, alphabet)
  return units
}

/**
 * The text cut into the parts that are sent: one up to 160 septets or 70 code units, else 153 or 67 each
 * (concatenated with the 8-bit reference, 3GPP TS 23.040 §9.2.3.24.1). The empty text is one empty part.
 */
export function splitParts(text: string, alphabet: SmsAlphabet): readonly string[] {
  if (smsUnits(text, alphabet) <= limits[alphabet].single) return [text]
  const parts: string[] = []
  let part = ''
  let used = 0
  for (const char of text) {
    const units = unitsOf(char, alphabet)
    if (used + units > limits[alphabet].part) {
      parts.push(part)
      part = ''
      used = 0
    }
    part += char
    used += units
  }
  return [...parts, part]
}

/** How many parts the text is sent in. */
export function countParts(text: string, alphabet: SmsAlphabet): number {
  return splitParts(text, alphabet).length
}

/**
 * The text with what is outside GSM replaced by the nearest that is inside: typographic signs, spaces, accented
 * Latin letters. What has no near letter (Cyrillic, emoji …) stays, and then `alphabetOf` the result is still
 * `ucs2`: send the original in that case, since nothing is won by the loss. `replaced` names each character once.
 */
export function transliterate(text: string): { readonly text: string; readonly replaced: readonly string[] } {
  const replaced = new Set<string>()
  const result = text.normalize('NFC').replace(/[^\u0300-\u036f][\u0300-\u036f]*/gu, (cluster) => {
    const near = nearest(cluster)
    if (near !== cluster) replaced.add(cluster)
    return near
  })
  return { text: result, replaced: [...replaced] }
}

function nearest(cluster: string): string {
  if (isGsm(cluster)) return cluster
  const known = replacements.get(cluster)
  if (known !== undefined) return known
  const bare = cluster.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
  if (isGsm(bare)) return bare
  return replacements.get(bare) ?? cluster
}

/** Sets of characters with one replacement each; accents that can simply be dropped need no entry. */
const replacements: ReadonlyMap<string, string> = new Map(
  (
    [
      ['“”„‟«»″〝〞', '"'],
      ['‘’‚‛‹›′`´ʼ', "'"],
      ['‐‑‒–—―−⁃', '-'],
      ['\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000', ' '],
      ['\u00ad\u200b\u200c\u2060\ufeff\u200e\u200f', ''],
      ['\u0085\u2028\u2029', '\n'],
      ['…', '...'],
      ['•·∙●▪', '*'],
      ['×', 'x'],
      ['©', '(c)'],
      ['®', '(R)'],
      ['™', 'TM'],
      ['№', 'No.'],
      ['½', '1/2'],
      ['¼', '1/4'],
      ['¾', '3/4'],
      ['ő', 'ö'],
      ['Ő', 'Ö'],
      ['ű', 'ü'],
      ['Ű', 'Ü'],
      ['łŀ', 'l'],
      ['ŁĿ', 'L'],
      ['đð', 'd'],
      ['ĐÐ', 'D'],
      ['ħ', 'h'],
      ['Ħ', 'H'],
      ['ı', 'i'],
      ['ĸ', 'k'],
      ['ŋ', 'n'],
      ['Ŋ', 'N'],
      ['ŧ', 't'],
      ['Ŧ', 'T'],
      ['þ', 'th'],
      ['Þ', 'Th'],
      ['œ', 'oe'],
      ['Œ', 'OE'],
      ['ĳ', 'ij'],
      ['Ĳ', 'IJ'],
      ['ſ', 's'],
      ['ẞ', 'SS'],
      ['ə', 'e'],
      ['Ə', 'E'],
      ['ﬁ', 'fi'],
      ['ﬂ', 'fl'],
    ] as const
  ).flatMap(([chars, near]) => Array.from(chars, (char) => [char, near] as const)),
)

function isGsm(text: string): boolean {
  for (const char of text) if (!gsmCodes.has(char)) return false
  return true
}

function unitsOf(char: string, alphabet: SmsAlphabet): number {
  return alphabet === 'ucs2' ? char.length : (gsmCodes.get(char)?.length ?? 1)
}

const hex = (char: string): string => (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
