/**
 * Looks at export files on disk: has each that is there the recorded hash, do its lines in the ledger still make it,
 * and is there any that the ledger does not know.
 *
 * A file that is not there was taken by the ERP, unless the caller knows better. Reads only.
 */
import { createHash } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config, Export } from '../../config/schema.ts'
import type { ExportFields } from '../../core/batch.ts'
import { fileControl } from '../../core/clearing-control.ts'
import { writeExport } from '../../formats/write.ts'
import type { AuditReads } from '../../ledger/audit-reads.ts'
import type { AuditEvent } from '../../ledger/audit-rows.ts'
import type { AuditExportRow } from '../../ledger/audit-statements.ts'
import { type Finding, finding } from './finding.ts'
import { hashOf, unlessGone } from './folders.ts'

export interface PlacedOptions {
  readonly reads: AuditReads
  readonly config: Pick<Config, 'exports'>
  readonly configHash: string
  readonly folderOf: (exported: Export) => string
  /** Nobody takes files from the folders: each must be there. */
  readonly kept: boolean
}

export interface Placed {
  readonly row: AuditExportRow
  readonly events: readonly AuditEvent[]
}

/** `gone`: it was taken; `there`: as recorded; `open`: not placed yet, or held. */
export interface PlacedResult {
  readonly state: 'there' | 'gone' | 'open'
  readonly findings: readonly Finding[]
}

export async function placedFindings({ row, events }: Placed, options: PlacedOptions): Promise<PlacedResult> {
  const target = Object.hasOwn(options.config.exports, row.export) ? options.config.exports[row.export] : undefined
  if (row.state !== 'written' || row.sha256 === null || target === undefined) return { state: 'open', findings: [] }
  const bytes = bytesOf(row, events, target, options)
  const findings: Finding[] = []
  const made = bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex')
  if (made !== undefined && made !== row.sha256) {
    findings.push(
      finding('A056', row.id, {
        found: `bytes with hash ${made}`,
        expected: `${row.sha256}, as ${row.name} was written`,
      }),
    )
  }
  const path = join(options.folderOf(target), row.name)
  const sha256 = await unlessGone(hashOf(path), undefined)
  if (sha256 === undefined)
    return { state: 'gone', findings: [...findings, ...(options.kept ? [notThere(row, path)] : [])] }
  if (options.kept && target.doneFile !== undefined) findings.push(...(await doneFindings(row, target.doneFile, path)))
  if (sha256 !== row.sha256)
    findings.push(await changedFinding(row, path, sha256, made === row.sha256 ? bytes : undefined))
  return { state: 'there', findings }
}

const notThere = (row: AuditExportRow, path: string): Finding =>
  finding('A058', row.id, { found: 'no file', expected: `${row.name} with ${row.lines} lines`, file: path })

async function doneFindings(row: AuditExportRow, pattern: string, path: string): Promise<readonly Finding[]> {
  const done = join(
    dirname(path),
    pattern.replaceAll('{name}', () => row.name),
  )
  if ((await unlessGone(lstat(done), undefined)) !== undefined) return []
  return [finding('A058', row.id, { found: 'no done file', expected: done, file: path })]
}

/** The bytes that the lines give; undefined where the layout may have changed since. */
function bytesOf(
  row: AuditExportRow,
  events: readonly AuditEvent[],
  config: Export,
  { reads, configHash }: PlacedOptions,
): Uint8Array | undefined {
  const written = events.findLast(({ name }) => name === 'export.written')
  // A text template is no part of the config, and its changes are not known.
  const { kind, format, audience, control: place } = config
  if (written?.configHash !== configHash || written.before !== undefined || format.type === 'text') return undefined
  const fields = reads.fieldsOf(row.key) as readonly ExportFields[]
  const control = kind === 'clearing' && { control: { place, of: fileControl(row.export, config, row, fields) } }
  const result = writeExport(fields, { kind, format, audience, ...control })
  return result.kind === 'written' ? result.bytes : new Uint8Array()
}

async function changedFinding(
  row: AuditExportRow,
  path: string,
  sha256: string,
  right: Uint8Array | undefined,
): Promise<Finding> {
  const found = right === undefined ? '' : `, other from line ${await firstOtherLine(path, right)} on`
  return finding('A055', row.id, { found: `hash ${sha256}${found}`, expected: row.sha256 ?? 'no hash', file: path })
}

async function firstOtherLine(path: string, right: Uint8Array): Promise<number> {
  const bytes = await readFile(path)
  let [at, line] = [0, 1]
  for (; at < right.length && bytes[at] === right[at]; at++) if (right[at] === 0x0a) line += 1
  return line
}

export interface OutFolder {
  readonly folder: string
  /** Names that exports write there. */
  readonly patterns: readonly RegExp[]
  /** Names of done files. */
  readonly doneFiles: readonly string[]
}

/** Export folders of the config, with the names that are written to them. */
export function outFolders(config: Pick<Config, 'exports'>, folderOf: PlacedOptions['folderOf']): readonly OutFolder[] {
  const byFolder = Map.groupBy(Object.entries(config.exports), ([, target]) => folderOf(target))
  return [...byFolder].map(([folder, targets]) => ({
    folder,
    patterns: targets.map(([name, target]) => patternOf(name, target)),
    doneFiles: targets.flatMap(([, { doneFile }]) => (doneFile === undefined ? [] : [doneFile])),
  }))
}

/** `S{seq:6}.csv` as an expression; only names with a number are taken for ours. */
function patternOf(name: string, { file }: Export): RegExp {
  const parts = file.split(/(\{\w+(?::\d{1,2})?\})/).map((part) => {
    if (part.startsWith('{seq')) return '\\d+'
    if (part === '{export}') return literal(name)
    return part.startsWith('{') ? '.+' : literal(part)
  })
  return new RegExp(file.includes('{seq') ? `^${parts.join('')}$` : '^(?!)$')
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** Names in the folder that look like those of an export, done files left out; and temporary files with their age. */
export async function namesLikeOurs({ folder, patterns, doneFiles }: OutFolder): Promise<readonly string[]> {
  const names = await unlessGone(readdir(folder), [])
  const there = new Set(names)
  const isDone = (name: string): boolean =>
    doneFiles.some((pattern) => {
      const [before = '', after = ''] = pattern.split('{name}')
      const about = name.slice(before.length, name.length - after.length)
      return (
        name === before + about + after &&
        about !== name &&
        (there.has(about) || patterns.some((each) => each.test(about)))
      )
    })
  return names.filter((name) => !name.startsWith('.') && patterns.some((each) => each.test(name)) && !isDone(name))
}

/** Ids of export files that have a temporary file older than the age, with its path. */
export async function leftOvers(folder: string, olderThan: number): Promise<readonly { id: string; path: string }[]> {
  const found: { id: string; path: string }[] = []
  for (const name of await unlessGone(readdir(folder), [])) {
    const id = /^\.(xfl_\w+)\.tmp$/.exec(name)?.[1]
    if (id === undefined) continue
    const path = join(folder, name)
    const stat = await unlessGone(lstat(path), undefined)
    if (stat !== undefined && stat.mtimeMs < olderThan) found.push({ id, path })
  }
  return found
}
