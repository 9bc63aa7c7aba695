/**
 * Identifiers that carry their kind (`ord_…`, `pay_…`) and are derived from business keys.
 *
 * An id is a hash of what makes the thing itself (channel and order number, account and bank
 * reference, the message's dedupe key). So the same cause decided twice, before and after a
 * crash, yields the same ids and the same bytes. Nothing here reads a clock or a random source.
 */
import { hash } from 'node:crypto'
import { remembering } from './remember.ts'

export type OrderId = `ord_${string}`
export type PaymentId = `pay_${string}`
export type CustomerId = `cus_${string}`
export type StoreId = `sto_${string}`
export type InvoiceId = `inv_${string}`
export type ClearingId = `clr_${string}`
export type ClearingFileId = `clf_${string}`
export type ParkedId = `prk_${string}`
export type MovementId = `mov_${string}`
export type DispatchId = `dsp_${string}`
export type CommandId = `cmd_${string}`
export type RunId = `run_${string}`
export type StatementId = `stm_${string}`
export type ShipmentId = `shp_${string}`
export type MappingId = `map_${string}`
export type StockLevelId = `stk_${string}`
export type OptOutId = `opt_${string}`
export type MessageId = `msg_${string}`
export type FileId = `fil_${string}`
export type TimerId = `tmr_${string}`
export type ExportLineId = `xln_${string}`
export type ExportFileId = `xfl_${string}`

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford base 32: no i, l, o, u

/** Ten bits as two characters. */
const pairs = Array.from({ length: 1024 }, (_, n) => (alphabet[n >> 5] ?? '') + (alphabet[n & 31] ?? ''))

/** Values of the hexadecimal digits by their character codes. */
const hexValues = new Uint8Array(128)
for (let value = 0; value < 16; value++) hexValues[value.toString(16).charCodeAt(0)] = value

/** 20 characters (100 bits) of the SHA-256 of the parts, each with its length so that parts cannot run together. */
export function digest(...parts: readonly string[]): string {
  let input = ''
  for (const part of parts) input += `${part.length}:${part}`
  // Of all encodings that `hash` gives, hexadecimal costs least: five of its digits are four of ours.
  const hex = hash('sha256', input)
  let text = ''
  for (let at = 0; at < 25; at += 5) {
    let bits = 0
    for (let i = at; i < at + 5; i++) bits = (bits << 4) | (hexValues[hex.charCodeAt(i)] ?? 0)
    text += (pairs[bits >> 10] ?? '') + (pairs[bits & 1023] ?? '')
  }
  return text
}

/**
 * A digest whose first four characters are the same for numbers that differ only in their last three: records that
 * come together lie together in the ledger's index, which keeps a large ledger quick.
 */
function neighbourly(kind: string, scope: string, number: string): string {
  return page(kind, scope, number.slice(0, -3)) + digest(kind, scope, number).slice(0, 16)
}

const page = remembering((kind = '', scope = '', number = '') => digest(`${kind}-page`, scope, number).slice(0, 4))

/** The same for what hangs on a record: digits of the first id in its key, then a digest of its own. */
function besideRecord(kind: string, scope: string, key: string): string {
  const digits = /(?:^|\/)[a-z]{3}_([\da-z]{4})/.exec(key)?.[1]
  return digits === undefined ? digest(kind, scope, key) : digits + digest(kind, scope, key).slice(0, 16)
}

const orderDigest = remembering((channel = '', number = '') => neighbourly('order', channel, number))
const paymentDigest = remembering((account = '', bankKey = '') => neighbourly('payment', account, bankKey))

export const orderId = (channel: string, number: string): OrderId => `ord_${orderDigest(channel, number)}`
export const paymentId = (account: string, bankKey: string): PaymentId => `pay_${paymentDigest(account, bankKey)}`
export const customerId = (company: string, number: string): CustomerId => `cus_${digest('customer', company, number)}`
export const storeId = (code: string): StoreId => `sto_${digest('store', code)}`
export const invoiceId = (key: string): InvoiceId => `inv_${digest('invoice', key)}`
export const clearingId = (key: string): ClearingId => `clr_${digest('clearing', key)}`
/** The record of a clearing file has the same digits as the export file. */
export const clearingFileId = (file: ExportFileId): ClearingFileId => `clf_${file.slice(4)}`
export const parkedId = (key: string): ParkedId => `prk_${digest('parked', key)}`
export const movementId = (key: string): MovementId => `mov_${digest('movement', key)}`
export const dispatchId = (key: string): DispatchId => `dsp_${digest('dispatch', key)}`
export const commandId = (key: string): CommandId => `cmd_${digest('command', key)}`
export const statementId = (key: string): StatementId => `stm_${digest('statement', key)}`
export const runId = (key: string): RunId => `run_${digest('run', key)}`
export const shipmentId = (key: string): ShipmentId => `shp_${digest('shipment', key)}`
/** What a collecting company calls a customer or item that orders `from` a store or company call `key`. */
export const mappingId = (about: string, company: string, from: string, key: string): MappingId =>
  `map_${digest('mapping', about, company, from, key)}`
export const stockLevelId = (location: string, sku: string, variant: string): StockLevelId =>
  `stk_${digest('stock-level', location, sku, variant)}`
export const optOutId = (channel: string, address: string): OptOutId => `opt_${digest('opt-out', channel, address)}`
export const messageId = (dedupeKey: string): MessageId => `msg_${besideRecord('message', '', dedupeKey)}`
export const fileId = (importName: string, sha256: string): FileId => `fil_${digest('file', importName, sha256)}`
export const timerId = (subject: string, name: string, dueAt: number): TimerId =>
  `tmr_${digest('timer', subject, name, String(dueAt))}`
export const exportLineId = (exportName: string, dedupeKey: string): ExportLineId =>
  `xln_${besideRecord('export-line', exportName, dedupeKey)}`
export const exportFileId = (exportName: string, sequence: number): ExportFileId =>
  `xfl_${digest('export-file', exportName, String(sequence))}`
