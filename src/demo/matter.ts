/**
 * What the demo tells about: everything that the ledger, the folders and the demo's own servers hold at the end.
 *
 * Gathered once, as plain values, for the story and the expectations. Only reads. Throws on I/O errors.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import iconv from 'iconv-lite'
import type { LoadedConfig } from '../config/load.ts'
import { inFolder } from '../config/load.ts'
import type { Message } from '../core/message.ts'
import type { EntityKind, EntityOf } from '../core/model.ts'
import type { ExportFile, Ledger, StoredFile, StoredPart } from '../ledger/ledger.ts'
import { hasCode } from '../platform/files.ts'
import type { SampleFile } from './sample-files.ts'
import type { ReceivedSms } from './smsc.ts'
import type { ReceivedMail } from './smtp-sink.ts'

export type Resting = 'processed' | 'rejected' | 'duplicate'

export interface DroppedFile {
  readonly sample: SampleFile
  /** Where it lies now, and under which path below the demo's folder; undefined when it is nowhere. */
  readonly lies: { readonly in: Resting; readonly path: string } | undefined
  /** First lines of the problems file beside it, where there is one. */
  readonly problems: readonly string[]
  /** As recorded; undefined for a duplicate. */
  readonly stored: StoredFile | undefined
}

export interface WrittenFile {
  readonly file: ExportFile
  /** Below the demo's folder. */
  readonly path: string
  /** Undefined when it is not there. */
  readonly content: string | undefined
}

export interface Matter {
  readonly folder: string
  /** For the commands at the end. */
  readonly configFile: string
  /** Config of the exports by name, in the order of the config. */
  readonly exportNames: readonly string[]
  readonly dropped: readonly DroppedFile[]
  readonly orders: readonly EntityOf<'order'>[]
  readonly payments: readonly EntityOf<'payment'>[]
  readonly clearing: readonly EntityOf<'clearing'>[]
  readonly invoices: readonly EntityOf<'invoice'>[]
  readonly parked: readonly EntityOf<'parked'>[]
  readonly messages: readonly Message[]
  /** Of all SMS. */
  readonly parts: readonly StoredPart[]
  readonly timers: number
  readonly mails: readonly ReceivedMail[]
  readonly texts: readonly ReceivedSms[]
  readonly written: readonly WrittenFile[]
}

/** Folders of the two servers below the demo's folder. */
export const mailFolder = 'mails'
export const smsFolder = 'sms'

export interface Sources {
  readonly folder: string
  readonly configFile: string
  readonly loaded: LoadedConfig
  readonly ledger: Ledger
  readonly samples: readonly SampleFile[]
  readonly mails: readonly ReceivedMail[]
  readonly texts: readonly ReceivedSms[]
}

/** More than the demo ever makes of anything. */
const most = 1000

export async function gather(sources: Sources): Promise<Matter> {
  const { folder, configFile, loaded, ledger, mails, texts } = sources
  const messages = (await ledger.messages({ limit: most })).toSorted((a, b) => a.createdAt - b.createdAt)
  const sms = messages.filter(({ channel }) => channel === 'sms')
  const parts = await Promise.all(sms.map(({ id }) => ledger.parts(id)))
  return {
    folder,
    configFile,
    exportNames: Object.keys(loaded.config.exports),
    dropped: await droppedFiles(sources),
    orders: (await records(ledger, 'order')).toSorted((a, b) => (a.number < b.number ? -1 : 1)),
    payments: (await records(ledger, 'payment')).toSorted((a, b) => (a.bankKey < b.bankKey ? -1 : 1)),
    clearing: await records(ledger, 'clearing'),
    invoices: await records(ledger, 'invoice'),
    parked: await records(ledger, 'parked'),
    messages,
    parts: parts.flat(),
    timers: (await ledger.totals()).timers,
    mails,
    texts,
    written: await writtenFiles(sources),
  }
}

async function records<K extends EntityKind>(ledger: Ledger, kind: K): Promise<readonly EntityOf<K>[]> {
  return (await ledger.records({ kind, limit: most })) as readonly EntityOf<K>[]
}

async function droppedFiles({ ledger, loaded, samples, folder }: Sources): Promise<readonly DroppedFile[]> {
  const stored = await ledger.files(undefined, most)
  const files: DroppedFile[] = []
  for (const sample of samples) {
    const home = importFolder(loaded, sample.import)
    const found = await whereItLies(home, sample.name)
    const path = found && join(home, found.below, sample.name)
    files.push({
      sample,
      lies: found && path !== undefined ? { in: found.in, path: relative(folder, path) } : undefined,
      problems: path === undefined ? [] : ((await textOf(`${path}.problems.txt`))?.trimEnd().split('\n') ?? []),
      stored: stored.find((file) => file.import === sample.import && file.name === sample.name),
    })
  }
  return files
}

/** Absolute. Throws on a name that the config does not know. */
export function importFolder(loaded: LoadedConfig, name: string): string {
  const source = loaded.config.imports[name]
  if (source === undefined) throw new Error(`the shipped config has no import "${name}", which the demo needs`)
  return inFolder(loaded, source.folder)
}

async function whereItLies(
  home: string,
  name: string,
): Promise<{ readonly in: Resting; readonly below: string } | undefined> {
  const days = await namesIn(join(home, 'processed'))
  const places = [
    ...days.map((day) => ({ in: 'processed', below: join('processed', day) }) as const),
    { in: 'rejected', below: 'rejected' } as const,
    { in: 'duplicate', below: 'duplicate' } as const,
  ]
  for (const place of places) if ((await namesIn(join(home, place.below))).includes(name)) return place
  return undefined
}

async function writtenFiles({ ledger, loaded, folder }: Sources): Promise<readonly WrittenFile[]> {
  const files = await ledger.exportFiles(undefined, most)
  const written = files.map(async (file): Promise<WrittenFile> => {
    const target = loaded.config.exports[file.export]
    const path = join(inFolder(loaded, target?.folder ?? '.'), file.name)
    const content = await bytesOf(path)
    const text = content && iconv.decode(content, target?.format.encoding ?? 'utf-8')
    return { file, path: relative(folder, path), content: text }
  })
  return (await Promise.all(written)).toSorted((a, b) => a.file.sequence - b.file.sequence)
}

const textOf = async (path: string): Promise<string | undefined> => (await bytesOf(path))?.toString('utf8')

const bytesOf = (path: string): Promise<Buffer | undefined> => unlessGone(path, readFile(path))
const namesIn = async (folder: string): Promise<readonly string[]> => (await unlessGone(folder, readdir(folder))) ?? []

async function unlessGone<T>(path: string, reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return undefined
    throw new Error(`${path} cannot be read`, { cause: error })
  }
}
