/**
 * The files that are made from the schema and the catalogues: written, and checked for being stale.
 *
 * config/orderly.schema.json, config/orderly.example.yaml, docs/config.md, docs/fields.md and
 * docs/problems.md. Rooms above hand in their own tables of codes. `staleReference` writes nothing.
 * Throws the system's error when a file cannot be read or written.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hasCode, replaceAtomic } from '../platform/files.ts'
import { wordsOfPattern } from './expected-words.ts'
import { configCodes } from './problem-codes.ts'
import type { CodeTable } from './problem-codes.ts'
import { exampleFile } from './reference-example.ts'
import { fieldsPage } from './reference-fields.ts'
import { configPage, problemsPage } from './reference-page.ts'
import { configSchema } from './schema-walk.ts'

/** Relative path → content. `moreCodes`: the tables of other rooms. */
export function referenceFiles(moreCodes: readonly CodeTable[] = []): ReadonlyMap<string, string> {
  return new Map([
    ['config/orderly.schema.json', schemaFile()],
    ['config/orderly.example.yaml', exampleFile()],
    ['docs/config.md', configPage()],
    ['docs/fields.md', fieldsPage()],
    ['docs/problems.md', problemsPage([configCodes, ...moreCodes])],
  ])
}

/** Writes all of them under `folder` (that of the package); returns those that changed. */
export async function writeReference(folder: string, moreCodes: readonly CodeTable[] = []): Promise<readonly string[]> {
  const files = referenceFiles(moreCodes)
  const stale = await staleReference(folder, moreCodes)
  for (const name of stale) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await replaceAtomic(dirname(path), basename(path), files.get(name) ?? '')
  }
  return stale
}

/** The files under `folder` that are missing or not as they would be written now. */
export async function staleReference(folder: string, moreCodes: readonly CodeTable[] = []): Promise<readonly string[]> {
  const stale: string[] = []
  for (const [name, content] of referenceFiles(moreCodes)) {
    if ((await contentOf(join(folder, name))) !== content) stale.push(name)
  }
  return stale
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, ['ENOENT', 'ENOTDIR'])) return undefined
    throw error
  }
}

/**
 * JSON Schema for editors: what Orderly knows under other names is said in the words of yaml-language-server
 * (`patternErrorMessage`) and of JSON Schema (`writeOnly` for passwords). It names no host but json-schema.org.
 */
function schemaFile(): string {
  const { $schema, ...rest } = configSchema()
  return `${JSON.stringify({ $schema, title: 'Orderly config', ...rest }, forEditors, 2)}\n`
}

const forEditors = (key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const node = value as Readonly<Record<string, unknown>>
  if (key === 'properties' || key === 'definitions') return node
  const { secret, ...rest } = node
  const words = typeof node['pattern'] === 'string' ? wordsOfPattern(node['pattern']) : undefined
  return {
    ...rest,
    ...(secret === true ? { writeOnly: true } : {}),
    ...(words === undefined ? {} : { patternErrorMessage: `expected ${words}` }),
  }
}
