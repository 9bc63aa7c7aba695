/**
 * What a person types becomes the thing that is meant: an id, an order number, `channel/number`, a bank key, a file name.
 *
 * Guarantees that nothing is guessed: two things under one name are `several`, with all of them. An exact
 * name goes before a similar one (other case, leading zeros). Only looks; the text is never part of a query.
 */
import type { ExportFileId, ExportLineId, FileId, MessageId } from '../core/ids.ts'
import { orderId, paymentId } from '../core/ids.ts'
import type { Lookup } from '../core/known.ts'
import type { Message } from '../core/message.ts'
import type { Entity, EntityKind, Payment } from '../core/model.ts'
import { normaliseReference } from '../core/references.ts'
import type { Order } from '../core/order.ts'
import type { ExportFile, Ledger, StoredExportLine, StoredFile } from '../ledger/ledger.ts'

export type OtherRecord = Exclude<Entity, Order | Payment>
export type Target =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'payment'; readonly payment: Payment }
  | { readonly kind: 'record'; readonly record: OtherRecord }
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'exportFile'; readonly file: ExportFile }
  | { readonly kind: 'exportLine'; readonly line: StoredExportLine }
  | { readonly kind: 'file'; readonly file: StoredFile }
export type TargetKind = Target['kind']
type Of<K extends TargetKind> = Extract<Target, { kind: K }>

export type Resolved<K extends TargetKind = TargetKind> =
  | { readonly kind: 'found'; readonly target: Of<K> }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly candidates: readonly Of<K>[] }

/** Files are looked for by name among this many of the newest. */
const newestFiles = 10_000
/** Most candidates that are worth telling. */
const mostCandidates = 20

/** The thing of one of the `kinds` that `text` names. */
export async function resolveTarget<K extends TargetKind>(
  ledger: Ledger,
  text: string,
  kinds: readonly K[],
): Promise<Resolved<K>> {
  const wanted = (target: Target): target is Of<K> => kinds.some((kind) => kind === target.kind)
  const name = text.trim()
  if (name === '') return { kind: 'none' }
  for (const look of [byId, byKey, byNumber, byFileName, byBankKey, bySimilarNumber]) {
    const found = distinct((await look(ledger, name, kinds)).filter(wanted))
    const [first, ...others] = found
    if (first === undefined) continue
    return others.length === 0
      ? { kind: 'found', target: first }
      : { kind: 'several', candidates: found.slice(0, mostCandidates) }
  }
  return { kind: 'none' }
}

/** The id of whatever it is. */
export function idOf(target: Target): string {
  switch (target.kind) {
    case 'order':
      return target.order.id
    case 'payment':
      return target.payment.id
    case 'record':
      return target.record.id
    case 'message':
      return target.message.id
    case 'exportFile':
    case 'file':
      return target.file.id
    case 'exportLine':
      return target.line.id
  }
}

const distinct = <T extends Target>(targets: readonly T[]): readonly T[] => [
  ...new Map(targets.map((target) => [idOf(target), target])).values(),
]

const recordKinds: Readonly<Record<string, EntityKind>> = {
  ord: 'order',
  pay: 'payment',
  cus: 'customer',
  sto: 'store',
  inv: 'invoice',
  clr: 'clearing',
  clf: 'clearingFile',
  prk: 'parked',
  mov: 'movement',
  dsp: 'dispatch',
  shp: 'shipment',
  stm: 'statement',
  map: 'mapping',
  opt: 'optOut',
  stk: 'stockLevel',
}

async function byId(ledger: Ledger, text: string): Promise<readonly Target[]> {
  const prefix = /^([a-z]{3})_[0-9a-z]{1,40}$/.exec(text)?.[1]
  const kind = prefix === undefined ? undefined : recordKinds[prefix]
  if (prefix === undefined) return []
  if (kind !== undefined) return asTargets([await ledger.record(kind, text)])
  switch (prefix) {
    case 'msg':
      return present(await ledger.message(text as MessageId)).map((message) => ({ kind: 'message', message }))
    case 'fil':
      return present(await ledger.file(text as FileId)).map((file) => ({ kind: 'file', file }))
    case 'xln':
      return present(await ledger.exportLine(text as ExportLineId)).map((line) => ({ kind: 'exportLine', line }))
    case 'xfl':
      return (await ledger.exportFiles(undefined, newestFiles))
        .filter(({ id }) => id === (text as ExportFileId))
        .map((file) => ({ kind: 'exportFile', file }))
    default:
      return []
  }
}

const present = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value])

const asTargets = (records: readonly (Entity | undefined)[]): readonly Target[] =>
  records
    .filter((record) => record !== undefined)
    .map((record): Target => {
      if (record.kind === 'order') return { kind: 'order', order: record }
      if (record.kind === 'payment') return { kind: 'payment', payment: record }
      return { kind: 'record', record }
    })

/** `channel/number` and `account/bank key`; a number may hold slashes itself. */
async function byKey(ledger: Ledger, text: string): Promise<readonly Target[]> {
  const lookups: Lookup[] = []
  for (let at = text.indexOf('/'); at > 0 && lookups.length < 40; at = text.indexOf('/', at + 1)) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)]
    lookups.push({ by: 'id', kind: 'order', id: orderId(before, after) })
    lookups.push({ by: 'id', kind: 'payment', id: paymentId(before, after) })
  }
  return await loaded(ledger, lookups)
}

const loaded = async (ledger: Ledger, lookups: readonly Lookup[]): Promise<readonly Target[]> =>
  lookups.length === 0 ? [] : asTargets([...(await ledger.load(lookups)).loaded.values()].flat())

const byNumber = (ledger: Ledger, value: string): Promise<readonly Target[]> =>
  loaded(ledger, [
    { by: 'reference', kind: 'order', name: 'number', value },
    { by: 'reference', kind: 'order', name: 'externalNumber', value },
    { by: 'reference', kind: 'invoice', name: 'number', value },
    { by: 'reference', kind: 'shipment', name: 'number', value },
    { by: 'reference', kind: 'clearingFile', name: 'number', value },
    { by: 'reference', kind: 'payment', name: 'endToEndId', value },
  ])

async function byFileName(ledger: Ledger, text: string, kinds: readonly TargetKind[]): Promise<readonly Target[]> {
  const exports = kinds.includes('exportFile') ? await ledger.exportFiles(undefined, newestFiles) : []
  const imports = kinds.includes('file') ? await ledger.files(undefined, newestFiles) : []
  return [
    ...exports.filter(({ name }) => name === text).map((file): Target => ({ kind: 'exportFile', file })),
    ...imports.filter(({ name }) => name === text).map((file): Target => ({ kind: 'file', file })),
  ]
}

/** The bank's key is unique within an account only. Reads all payments: after everything that is quicker. */
const byBankKey = async (ledger: Ledger, number: string, kinds: readonly TargetKind[]): Promise<readonly Target[]> =>
  kinds.includes('payment') ? asTargets(await ledger.records({ kind: 'payment', number, limit: mostCandidates })) : []

/** `web-100245` for `WEB-100245`, as payments quote it. */
async function bySimilarNumber(ledger: Ledger, text: string): Promise<readonly Target[]> {
  const value = normaliseReference(text)
  return value === '' ? [] : await loaded(ledger, [{ by: 'reference', kind: 'order', name: 'token', value }])
}
