/**
 * What belongs to an order, below its lines: parcels, documents, instructions to send, movements of stock.
 * A table for each kind that it has any of. Prints only; nothing is read here.
 */
import { isoIn } from '../core/date.ts'
import type { Entity, EntityKind, EntityOf } from '../core/model.ts'
import { fromMinor } from '../core/money.ts'
import type { Output } from './print.ts'

export function printOfOrder(out: Output, records: readonly Entity[], zone: string): void {
  printShipments(out, ofKind(records, 'shipment'), zone)
  printDocuments(out, ofKind(records, 'invoice'))
  printDispatches(out, ofKind(records, 'dispatch'))
  printMovements(out, ofKind(records, 'movement'))
}

const ofKind = <K extends EntityKind>(records: readonly Entity[], kind: K): readonly EntityOf<K>[] =>
  records.filter((record): record is EntityOf<K> => record.kind === kind)

function printShipments(out: Output, shipments: readonly EntityOf<'shipment'>[], zone: string): void {
  if (shipments.length === 0) return
  out.line('')
  out.rows(shipments, [
    { head: 'parcel', of: ({ trackingNumber }) => trackingNumber ?? 'without a number' },
    { head: 'carrier', of: ({ carrier }) => carrier },
    { head: 'state', of: ({ state }) => state },
    { head: 'since', of: ({ state, reported, updatedAt }) => timeOf(state, reported) ?? isoIn(updatedAt, zone) },
    { head: 'page', of: ({ trackingUrl }) => trackingUrl },
    { head: 'reason', of: ({ reason }) => reason },
  ])
}

const timeOf = (state: string, reported: EntityOf<'shipment'>['reported']): string | undefined =>
  reported.find((each) => each.state === state)?.at

function printDocuments(out: Output, documents: readonly EntityOf<'invoice'>[]): void {
  if (documents.length === 0) return
  out.line('')
  out.rows(documents, [
    { head: 'document', of: ({ type }) => type },
    { head: 'number', of: ({ number }) => number },
    { head: 'state', of: ({ state }) => state },
    { head: 'total', of: ({ amount, currency }) => `${fromMinor(amount, currency)} ${currency}`, right: true },
    { head: 'due', of: ({ dueDate }) => dueDate },
    { head: 'id', of: ({ id }) => id },
  ])
}

function printDispatches(out: Output, dispatches: readonly EntityOf<'dispatch'>[]): void {
  if (dispatches.length === 0) return
  out.line('')
  out.rows(dispatches, [
    { head: 'dispatch to', of: ({ to }) => to },
    { head: 'state', of: ({ state }) => state },
    { head: 'id', of: ({ id }) => id },
  ])
}

function printMovements(out: Output, movements: readonly EntityOf<'movement'>[]): void {
  if (movements.length === 0) return
  out.line('')
  out.rows(movements, [
    { head: 'movement', of: ({ move, reverses }) => (reverses === undefined ? move : `${move} (taken back)`) },
    { head: 'line', of: ({ line }) => line },
    { head: 'sku', of: ({ sku }) => sku },
    { head: 'quantity', of: ({ quantity }) => quantity, right: true },
    { head: 'from', of: ({ from }) => from },
    { head: 'to', of: ({ to }) => to },
  ])
}
