/**
 * Message ids in the styles of the trade: what the answer says, and what the receipt will say.
 */
import { randomUUID } from 'node:crypto'
import { assertNever } from '../../../src/core/assert-never.ts'
import type { IdStyle } from './behaviour.ts'

export interface MessageIds {
  readonly answered: string
  readonly inReceipts: string
}

/** Gives ids that are new each time; the chain continues over calls. */
export function idMaker(): (style: IdStyle) => MessageIds {
  let count = 0
  let chain = '16'
  return (style) => {
    count += 1
    switch (style) {
      case 'same':
        return { answered: String(1_000_000 + count), inReceipts: String(1_000_000 + count) }
      case 'uuid': {
        const id = randomUUID()
        return { answered: id, inReceipts: id }
      }
      case 'hexThenDecimal': {
        const number = 0xfedc_ba98_7654_0000n + BigInt(count)
        return { answered: number.toString(16), inReceipts: number.toString() }
      }
      case 'upperCase': {
        const id = `ab_${count}-c0de`
        return { answered: id, inReceipts: id.toUpperCase() }
      }
      case 'zerosStripped':
        return { answered: String(count).padStart(10, '0'), inReceipts: String(count) }
      case 'chain': {
        const answered = chain
        chain = BigInt(`0x${answered}`).toString()
        return { answered, inReceipts: chain }
      }
      default:
        return assertNever(style, 'style of ids')
    }
  }
}
