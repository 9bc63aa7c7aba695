/**
 * The one word by which records of a kind are counted in the totals.
 *
 * It stands in a column of its own, so that counting and filtering by it need not read the stored
 * JSON. Pure; it judges nothing about which state may follow which.
 */
import { assertNever } from '../core/assert-never.ts'
import type { Entity } from '../core/model.ts'

/** Status of an order, state of a payment, type of a clearing entry …; '' where a kind has none. */
export function stateOf(entity: Entity): string {
  switch (entity.kind) {
    case 'order':
      return entity.status
    case 'payment':
    case 'invoice':
    case 'dispatch':
    case 'shipment':
    case 'parked':
    case 'run':
    case 'command':
      return entity.state
    case 'clearing':
      return entity.type
    case 'movement':
      return entity.move
    case 'customer':
    case 'store':
      return ''
    default:
      return assertNever(entity, 'entity')
  }
}
