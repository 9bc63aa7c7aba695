/**
 * Bytes to text, chunk by chunk, strictly: bytes that do not fit are a problem, never a replacement.
 *
 * Order of decision: byte order mark, the encoding of the config, the XML declaration, else UTF-8.
 * U+FFFD that stands in a UTF file is kept (damaged at the source). A trailing Ctrl-Z is dropped.
 * Does not guess encodings. Throws ReadFailure with line, column and byte, and what to set.
 */
import iconv from 'iconv-lite'

import { failure, quoted } from './data-problem.ts'

export interface Decoder {
  /** Name of the encoding in use; undefined until enough bytes were seen. */
  readonly encoding: string | undefined
  /** Whether the file began with a byte order mark. */
  readonly marked: boolean
  write(bytes: Uint8Array): string
  end(): string
}

/** Decodes bytes that may end within a character; throws on bytes that do not fit. */
interface Step {
  readonly name: string
  write(bytes: Uint8Array): string
  end(): string
}

const sniffed = 512
/** Old end-of-file mark of DOS. */
const ctrlZ = 0x1a
const nothing = new Uint8Array(0)

export function createDecoder(options: { readonly encoding?: string | undefined; readonly xml?: boolean }): Decoder {
  let waiting: Uint8Array = nothing
  let step: Step | undefined
  let held = ''
  let line = 1
  let marked = false
  const choose = (): Step => {
    marked = byteOrderMark(waiting) !== undefined
    step = chooseStep(waiting, options)
    return step
  }

  const finish = (text: string): string => {
    const nul = text.indexOf('\0')
    if (nul >= 0) throw failure('D003', { place: { line: line + newlines(text.slice(0, nul)) } })
    line += newlines(text)
    if (held === '' && text.charCodeAt(text.length - 1) !== ctrlZ) return text
    const all = held + text
    let end = all.length
    while (end > 0 && all.charCodeAt(end - 1) === ctrlZ) end--
    held = all.slice(end)
    return all.slice(0, end)
  }
  return {
    get encoding() {
      return step?.name
    },
    get marked() {
      return marked
    },
    write(bytes) {
      if (step) return finish(step.write(bytes))
      waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
      if (waiting.length < sniffed) return ''
      return finish(choose().write(waiting))
    },
    end() {
      if (step) return finish(step.end())
      const only = choose()
      return finish(only.write(waiting) + only.end())
    },
  }
}

function chooseStep(
  head: Uint8Array,
  options: { readonly encoding?: string | undefined; readonly xml?: boolean },
): Step {
  const name = byteOrderMark(head) ?? options.encoding ?? (options.xml ? declaredEncoding(head) : undefined) ?? 'utf-8'
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (plain === 'utf8') return utf8Step()
  if (plain === 'utf16' || plain === 'utf16le' || plain === 'ucs2') return utf16Step('utf-16le')
  if (plain === 'utf16be') return utf16Step('utf-16be')
  const known: boolean = iconv.encodingExists(name)
  if (!known) throw failure('D001', { found: quoted(name) })
  return tableStep(name)
}

function byteOrderMark(head: Uint8Array): string | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8'
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return undefined
}

/** XML 1.0 appendix F: the declaration is ASCII, or UTF-16 shows by its zero bytes. */
function declaredEncoding(head: Uint8Array): string | undefined {
  if (head[0] === 0x3c && head[1] === 0) return 'utf-16le'
  if (head[0] === 0 && head[1] === 0x3c) return 'utf-16be'
  const text = Buffer.from(head.subarray(0, sniffed)).toString('latin1')
  return /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(text)?.[1]
}

function utf8Step(): Step {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let before: Uint8Array = nothing
  let offset = 0
  let line = 1
  let lineStart = 0
  return {
    name: 'utf-8',
    write(bytes) {
      try {
        const text = decoder.decode(bytes, { stream: true })
        for (let i = bytes.indexOf(10); i >= 0; i = bytes.indexOf(10, i + 1)) {
          line += 1
          lineStart = offset + i + 1
        }
        offset += bytes.length
        before = bytes.length > 3 ? bytes.subarray(-3) : bytes
        return text
      } catch (error) {
        const carried = unfinishedTail(before)
        const all = Buffer.concat([carried, bytes])
        const bad = firstInvalidUtf8(all)
        const good = all.subarray(0, bad)
        const at = offset - carried.length + bad
        const start = good.includes(10) ? at - (good.length - 1 - good.lastIndexOf(10)) : lineStart
        throw badBytes('utf-8', all.subarray(bad, bad + 1), line + count(good), at - start + 1, at, error)
      }
    },
    end() {
      try {
        return decoder.decode()
      } catch (error) {
        throw failure('D025', { place: { line }, message: 'the file ends in the middle of a character' }, error)
      }
    },
  }
}

function badBytes(name: string, bytes: Uint8Array, line: number, column: number, at: number, cause?: unknown): Error {
  const found = `byte 0x${Buffer.from(bytes).toString('hex').toUpperCase()} at offset ${at}`
  const hint = `Set format.encoding to that of the program that writes the file, e.g. ${
    name === 'utf-8' ? 'windows-1250, windows-1252 or cp852' : 'utf-8 or another code page'
  }.`
  return failure('D002', { place: { line, column }, found, expected: name, hint }, cause)
}

const count = (bytes: Uint8Array): number => {
  let n = 0
  for (let i = bytes.indexOf(10); i >= 0; i = bytes.indexOf(10, i + 1)) n += 1
  return n
}

function newlines(text: string): number {
  let n = 0
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) n += 1
  return n
}

/** The last bytes of a chunk that begin a character without ending it. */
function unfinishedTail(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte >= 0xc0) return sequenceLength(byte) > back ? bytes.subarray(-back) : nothing
  }
  return nothing
}

const sequenceLength = (lead: number): number =>
  lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0

/** Index of the first byte that begins no valid UTF-8 character (RFC 3629). */
function firstInvalidUtf8(bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i] ?? 0
    const length = sequenceLength(lead)
    if (length === 0) return i
    const second = bytes[i + 1] ?? 0
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (length > 1 && (second < low || second > high)) return i
    for (let j = 2; j < length; j++) if (((bytes[i + j] ?? 0) & 0xc0) !== 0x80) return i
    i += length
  }
  return bytes.length
}

function utf16Step(name: 'utf-16le' | 'utf-16be'): Step {
  const decoder = new TextDecoder(name, { fatal: true })
  let line = 1
  const run = (work: () => string): string => {
    try {
      const text = work()
      line += newlines(text)
      return text
    } catch (error) {
      throw failure('D002', { place: { line }, found: 'half of a character pair', expected: name }, error)
    }
  }
  return {
    name,
    write: (bytes) => run(() => decoder.decode(bytes, { stream: true })),
    end: () => run(() => decoder.decode()),
  }
}

/** Code pages by iconv-lite, which marks what does not fit as U+FFFD; C1 codes mean a wrong ISO 8859 setting. */
function tableStep(name: string): Step {
  const decoder = iconv.getDecoder(name)
  const bad = /^(iso-?8859|latin)/i.test(name) ? /[\ufffd\u0080-\u0084\u0086-\u009f]/ : /\ufffd/
  let line = 1
  let column = 1
  const check = (text: string): string => {
    const at = text.search(bad)
    const good = at < 0 ? text : text.slice(0, at)
    const start = good.lastIndexOf('\n')
    line += newlines(good)
    column = start < 0 ? column + good.length : good.length - start
    if (at < 0) return text
    const byte = text.charCodeAt(at)
    const found = byte < 0x100 ? `character 0x${byte.toString(16).toUpperCase()}` : 'a byte without a character'
    throw failure('D002', {
      place: { line, column },
      found,
      expected: name,
      hint: 'Set format.encoding to that of the program that writes the file, e.g. windows-1250, windows-1252 or utf-8.',
    })
  }
  return {
    name,
    write: (bytes) => check(decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))),
    end: () => check(decoder.end() ?? ''),
  }
}
