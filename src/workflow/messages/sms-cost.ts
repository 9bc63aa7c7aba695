/**
 * What SMS are estimated to cost: parts times the first price that fits the number (`sms.prices`).
 *
 * An estimate only: what the provider bills is his. Sums are exact, one for each currency; a number without a price is
 * counted apart. Pure; throws nothing for a checked config.
 */
import type { Config } from '../../config/schema.ts'
import { hasPrefix } from '../../config/sms-accounts.ts'
import type { Message } from '../../core/message.ts'
import { type DecimalText, plusDecimals, timesDecimal } from '../../core/money.ts'

export interface Cost {
  readonly currency: string
  readonly amount: DecimalText
}

export interface Estimate {
  readonly parts: number
  readonly costs: readonly Cost[]
  /** Parts to numbers without a price. */
  readonly unpriced: number
}

type Prices = Config['sms']['prices']

/** What so many parts to these numbers, or to numbers that begin so, cost. */
export function estimate(prices: Prices, wanted: Iterable<readonly [number: string, parts: number]>): Estimate {
  const sums = new Map<string, DecimalText>()
  let [parts, unpriced] = [0, 0]
  for (const [number, count] of wanted) {
    parts += count
    const price = prices.find(({ prefix }) => hasPrefix(number, prefixesOf(prefix)))
    if (price === undefined) unpriced += count
    else sums.set(price.currency, plusDecimals(sums.get(price.currency) ?? '0', timesDecimal(price.perPart, count)))
  }
  return { parts, unpriced, costs: [...sums].map(([currency, amount]) => ({ currency, amount })) }
}

/** The SMS among the messages; those that are never sent cost nothing. */
export const estimateMessages = (
  prices: Prices,
  messages: Iterable<Pick<Message, 'sms' | 'recipients'> & { readonly state: string }>,
): Estimate =>
  estimate(
    prices,
    [...messages].flatMap(({ sms, recipients: [first], state }) =>
      sms === undefined || first === undefined || state === 'suppressed' ? [] : [[first.address, sms.parts] as const],
    ),
  )

/** `3 parts, about 0.135 EUR`; undefined where there is nothing to tell. */
export function estimateWords({ parts, costs, unpriced }: Estimate): string | undefined {
  if (parts === 0) return undefined
  const sums = costs.map(({ currency, amount }) => `${amount} ${currency}`).join(' and ')
  const words = [`${parts} ${parts === 1 ? 'part' : 'parts'}`, ...(sums === '' ? [] : [`about ${sums}`])].join(', ')
  return unpriced === 0 || costs.length === 0 ? words : `${words}, and ${unpriced} without a price`
}

/** All prefixes that have a price of their own, in the order of the config; '' for all others. */
export const pricedPrefixes = (prices: Prices): readonly string[] => [
  ...prices.flatMap(({ prefix }) => prefixesOf(prefix)),
  '',
]

const prefixesOf = (prefix: string | readonly string[] | undefined): readonly string[] =>
  prefix === undefined ? [] : typeof prefix === 'string' ? [prefix] : prefix
