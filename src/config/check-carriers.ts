/**
 * Carriers: codes that exist, conditions that can hold, roundings that a currency can have, steps that have a carrier.
 *
 * Which carrier fits an order is for the workflow to say. Throws nothing.
 */
import { compareDecimals, currencyDigits, fromMinor, isCurrency, toMinor } from '../core/money.ts'
import type { CheckContext } from './check-context.ts'
import { scopeNames } from './check-references.ts'
import { checkConditions } from './check-workflows.ts'
import type { Finding, Path } from './finding.ts'
import type { Carrier } from './schema.ts'
import { stepsOf } from './steps.ts'

export function checkCarriers(context: Pick<CheckContext, 'config' | 'names'>): readonly Finding[] {
  const carriers = Object.entries(context.config.carriers)
  return [
    ...carriers.flatMap(([code, carrier]) => oneCarrier(context, carrier, ['carriers', code])),
    ...(carriers.length === 0 ? withoutCarrier(context) : []),
  ]
}

const oneCarrier = (
  context: Pick<CheckContext, 'config' | 'names'>,
  { for: scope, if: conditions, cashOnDelivery }: Carrier,
  path: Path,
): readonly Finding[] => [
  ...scopeNames(context, scope, [...path, 'for']),
  ...(conditions ? checkConditions(conditions, [...path, 'if']) : []),
  ...[cashOnDelivery?.currency ?? []]
    .flat()
    .flatMap((currency) => unknownCurrency(currency, [...path, 'cashOnDelivery', 'currency'])),
  ...Object.entries(cashOnDelivery?.rounding ?? {}).flatMap(([currency, step]) =>
    badRounding(currency, step, [...path, 'cashOnDelivery', 'rounding', currency]),
  ),
]

const unknownCurrency = (currency: string, path: Path): readonly Finding[] =>
  isCurrency(currency) ? [] : [{ code: 'C042', path, message: `there is no currency "${currency}" in ISO 4217` }]

function badRounding(currency: string, step: string, path: Path): readonly Finding[] {
  const unknown = unknownCurrency(currency, path)
  if (unknown.length > 0) return unknown
  const minor = toMinor(step, currency)
  if (minor > 0 && compareDecimals(fromMinor(minor, currency), step) === 0) return []
  const message = `${currency} cannot be rounded to ${step}`
  return [{ code: 'C016', path, message, expected: `more than 0, with at most ${currencyDigits(currency)} decimals` }]
}

function withoutCarrier({ config }: Pick<CheckContext, 'config'>): readonly Finding[] {
  return Object.entries(config.workflows).flatMap(([code, workflow]) =>
    (workflow.kind === 'payment' ? stepsOf(workflow) : []).flatMap(({ step, path }): readonly Finding[] => {
      if (!('dispatch' in step) || step.dispatch !== 'carrier') return []
      const message = 'the config has no carriers, so "carrier" is told to the warehouse as it is'
      const place = ['workflows', code, ...path, 'dispatch']
      return [{ code: 'C040', path: place, severity: 'warning', message, hint: 'Add carriers.' }]
    }),
  )
}
