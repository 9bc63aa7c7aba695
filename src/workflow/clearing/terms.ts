/**
 * What two companies agreed about clearing: the first pair of the config that fits them.
 *
 * How goods and fee are valued is kept by the order from its start (decision 5); accounts are those of the day on which
 * a line is made, so that a refused entry can be written again with the right one. Pure; throws nothing.
 */
import type { ClearingPair, Config } from '../../config/schema.ts'
import type { Clearing } from '../../core/clearing.ts'
import type { ClearingTerms } from '../../core/order.ts'

/** Undefined where nothing was agreed: sales price and VAT of the order. */
export function termsOf(config: Pick<Config, 'clearing'>, from: string, to: string): ClearingTerms | undefined {
  const pair = pairOf(config, from, to)
  if (pair === undefined) return undefined
  const { basis, percent, costField, vat, feeVat } = pair
  return {
    basis,
    vat,
    ...(percent !== undefined && { percent }),
    ...(costField !== undefined && { costField }),
    ...(feeVat !== undefined && { feeVat }),
  }
}

/** The account of an entry in the books of its company; `collector` is the company that hands the goods over. */
export function accountOf(
  config: Pick<Config, 'clearing'>,
  { company, counterCompany, position }: Pick<Clearing, 'company' | 'counterCompany' | 'position'>,
  collector: string,
): string | undefined {
  const isCollector = company === collector
  const pair = isCollector ? pairOf(config, counterCompany, company) : pairOf(config, company, counterCompany)
  return pair?.accounts?.[isCollector ? 'to' : 'from']?.[position]
}

const pairOf = ({ clearing }: Pick<Config, 'clearing'>, from: string, to: string): ClearingPair | undefined =>
  clearing.pairs.find(
    (pair) => (pair.from === undefined || pair.from === from) && (pair.to === undefined || pair.to === to),
  )
