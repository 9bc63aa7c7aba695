/**
 * Applies a carrier's word to a parcel of the order: a new one, or one step forward (F27).
 *
 * A state that was reported before changes nothing; one that the parcel has passed is noted and has no effect, so
 * files may come twice and in any order. What follows (status of the order, rules) follows once. Pure.
 */
import { shipmentId } from '../../core/ids.ts'
import { type IncomingShipment, type ShipmentState, shipmentStates } from '../../core/incoming.ts'
import type { Shipment } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import type { Draft } from '../draft.ts'
import { runRules } from '../run-rules.ts'
import { setStatus } from '../set-status.ts'
import { writeBackTracking } from '../write-back.ts'

export type ShipmentTaken = 'applied' | 'repeated' | 'updated' | 'refused'

export function applyShipment(draft: Draft, order: Order, incoming: IncomingShipment): ShipmentTaken {
  const parcels = draft.find('shipment', 'order', order.id)
  const known = meant(parcels, incoming)
  if (known === 'several') {
    return refuseShipment(draft, order, incoming, 'the order has several parcels, and the row has no tracking number')
  }
  const shipment = told(draft, order, incoming, known)
  if (known !== undefined && isSame(known, shipment)) return 'repeated'
  draft.put(shipment)
  const isForward = known === undefined || known.state !== shipment.state
  const event = draft.happened({
    name: eventName(known, shipment),
    subject: shipment.id,
    ...(isForward && { before: known === undefined ? {} : { state: known.state }, after: { state: shipment.state } }),
    text: wordsOf(order, incoming),
  })
  if (isForward || !isSameParcel(known, shipment)) writeBackTracking(draft, order, shipment, { event })
  if (!isForward) return 'updated'
  follow(draft, order, shipment, parcels, event)
  return 'applied'
}

/** The parcel with that tracking number, else the one that has none yet; without a number the only parcel. */
function meant(parcels: readonly Shipment[], { trackingNumber }: IncomingShipment): Shipment | undefined | 'several' {
  if (trackingNumber === undefined) return parcels.length > 1 ? 'several' : parcels[0]
  return (
    parcels.find((each) => each.trackingNumber === trackingNumber) ??
    parcels.find((each) => each.trackingNumber === undefined)
  )
}

/** The parcel after the row. What a late row says is only taken where nothing was known. */
function told(draft: Draft, order: Order, incoming: IncomingShipment, known: Shipment | undefined): Shipment {
  const { state, carrier, trackingNumber, trackingUrl, reason, at } = incoming
  const said = {
    ...(carrier !== undefined && { carrier }),
    ...(trackingNumber !== undefined && { trackingNumber }),
    ...(trackingUrl !== undefined && { trackingUrl }),
    ...(reason !== undefined && { reason }),
  }
  const report = { state, ...(at !== undefined && { at }) }
  if (known !== undefined) {
    const isLate = rank(state) < rank(known.state)
    const reported = known.reported.some((each) => each.state === state) ? known.reported : [...known.reported, report]
    const next = isLate ? { ...said, ...known } : { ...known, ...said, state }
    return { ...next, reported, updatedAt: draft.now }
  }
  return {
    kind: 'shipment',
    id: shipmentId(`${order.id}/${trackingNumber ?? ''}`),
    version: 0,
    order: order.id,
    orderNumber: order.number,
    state,
    ...said,
    reported: [report],
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  }
}

const rank = (state: ShipmentState): number => shipmentStates.indexOf(state)

const isSameParcel = (known: Shipment, now: Shipment): boolean =>
  (['carrier', 'trackingNumber', 'trackingUrl'] as const).every((name) => known[name] === now[name])

function isSame(known: Shipment, now: Shipment): boolean {
  const names = ['state', 'carrier', 'trackingNumber', 'trackingUrl', 'reason'] as const
  return names.every((name) => known[name] === now[name]) && known.reported.length === now.reported.length
}

function eventName(
  known: Shipment | undefined,
  now: Shipment,
): `shipment.${'reported' | 'moved' | 'late' | 'updated'}` {
  if (known === undefined) return 'shipment.reported'
  if (known.state !== now.state) return 'shipment.moved'
  return known.reported.length === now.reported.length ? 'shipment.updated' : 'shipment.late'
}

/** The rules of the state, for this parcel; the status of the order, for all of its parcels together. */
function follow(draft: Draft, order: Order, shipment: Shipment, before: readonly Shipment[], event: number): void {
  const now = [...before.filter(({ id }) => id !== shipment.id), shipment]
  const least = leastFar(now)
  const isFurther = before.length === 0 || rank(least) > rank(leastFar(before))
  const status = isFurther ? draft.setup.config.shipments.statusMap[least] : undefined
  if (status !== undefined) setStatus(draft, order, status, { event }, { reason: `shipment ${least}`, shipment })
  draft.fire({
    order: order.id,
    trigger: `shipment:${shipment.state}`,
    occurrence: `${shipment.id}/${shipment.state}`,
    because: event,
    shipment,
  })
  runRules(draft)
}

/** An order is as far as its last parcel. */
const leastFar = (parcels: readonly Shipment[]): ShipmentState =>
  shipmentStates.find((state) => parcels.some((each) => each.state === state)) ?? 'dispatched'

const wordsOf = (order: Order, { state, carrier, trackingNumber }: IncomingShipment): string =>
  [`parcel of order ${order.number}:`, state, carrier, trackingNumber].filter(Boolean).join(' ').slice(0, 250)

export function refuseShipment(draft: Draft, order: Order, incoming: IncomingShipment, reason: string): ShipmentTaken {
  const text = `${wordsOf(order, incoming)} was refused: ${reason}`.slice(0, 250)
  const event = draft.happened({ name: 'shipment.refused', subject: order.id, text })
  raiseAlarm(
    draft,
    {
      key: `shipment-refused/${draft.source?.fileId ?? order.id}`,
      subject: order.id,
      title: 'The report of a carrier was refused',
      what: text,
      ...(draft.source?.file !== undefined && { where: draft.source.file }),
      next: 'Name the channel or the tracking number in the file.',
    },
    event,
  )
  return 'refused'
}
