/**
 * The one word by which records of a kind are counted in the totals.
 *
 * It stands in a column of its own, so that counting and filtering by it need not read the stored
 * JSON. Pure; it judges nothing about which state may follow which.
 */
import { assertNever } from '../core/assert-never.ts'
import type { Entity } from '../core/model.ts'

/** Status of an order, state of a payment …; '' where a kind has none. */
export function stateOf(entity: Entity): string {
  switch (entity.kind) {
    case 'order':
      return entity.status
    case 'payment':
    case 'invoice':
    case 'clearing':
    case 'clearingFile':
    case 'dispatch':
    case 'shipment':
    case 'parked':
    case 'statement':
    case 'run':
    case 'command':
    case 'mapping':
    case 'optOut':
      return entity.state
    case 'movement':
      return entity.move
    case 'customer':
    case 'store':
    case 'stockLevel':
      return ''
    default:
      return assertNever(entity, 'entity')
  }
}
