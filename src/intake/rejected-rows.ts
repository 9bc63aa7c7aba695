/**
 * The refused rows of a file in the file's own layout, ready to be mended and dropped again.
 *
 * Reads the head of the file once more (skipped lines, header, encoding). Undefined where the
 * format has no rows (XML) or a record kept no text.
 */
import { createReadStream } from 'node:fs'
import { readHead, rejectedFile } from '../formats/reject-file.ts'
import type { ImportSource } from './import-source.ts'
import type { BadEntry } from './read-entries.ts'

export async function rejectedRows(
  source: ImportSource,
  path: string,
  bad: readonly BadEntry[],
): Promise<Uint8Array | undefined> {
  const texts = bad.map(({ text }) => text).filter((text) => text !== undefined)
  if (texts.length === 0) return undefined
  const { format } = source.config
  const head = await readHead(createReadStream(path) as AsyncIterable<Buffer>, format)
  return head && rejectedFile(head, texts, format)
}
