/**
 * A record of kind `shipments` to an IncomingShipment: what a carrier says about a parcel (F27).
 *
 * The carrier's own words are translated under `format.values`. The page of the parcel goes into messages, so only
 * an http or https address passes. Throws nothing: problems are noted.
 */
import { type IncomingShipment, shipmentStates } from '../core/incoming.ts'
import type { Defaults } from './defaults.ts'
import { readWebAddress } from './parse-contact.ts'
import { timeOf } from './parse-status.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

export function parseShipment(fields: RecordFields, defaults: Defaults): IncomingShipment {
  if (!fields.has('state')) fields.note('D030', 'state', undefined, shipmentStates.join(', '))
  return compact<IncomingShipment>({
    kind: 'shipment',
    order: fields.requiredKey('order'),
    channel: fields.key('channel') ?? defaults.statusChannel,
    state: fields.word('state', shipmentStates) ?? 'dispatched',
    carrier: fields.key('carrier'),
    trackingNumber: fields.key('trackingNumber'),
    trackingUrl: readWebAddress(fields, 'trackingUrl', 'https://parcel.example.com/EX123'),
    reason: fields.text('reason'),
    at: timeOf(fields.dateTime('at'), defaults.zone),
  })
}
