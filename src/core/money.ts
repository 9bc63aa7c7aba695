/**
 * Money as whole minor units (cents, fillér) of one currency, and decimals as exact text.
 *
 * Amounts are safe integers; quantities, prices and percentages are decimal text (`12.50`,
 * `-3`) reckoned with big.js, never binary floats. Throws RangeError on text that is no
 * decimal or an amount outside the safe range; says which text it was.
 */
import { Big } from 'big.js'
import { digitsOf, quotient, rescaled, scaleOf } from './exact-decimal.ts'

/** Amount in minor units of the currency that stands beside it, e.g. 1250 with `EUR` is 12.50. */
export type Minor = number
/** Exact decimal text: `^-?\d{1,18}(\.\d{1,8})?$`. */
export type DecimalText = string

export interface Money {
  readonly minor: Minor
  readonly currency: string
}

const decimalPattern = /^-?\d{1,18}(\.\d{1,8})?$/
const digitsByCurrency = new Map<string, number>(
  [
    ['BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', 0],
    ['BHD IQD JOD KWD LYD OMR TND', 3],
    ['CLF UYW', 4],
  ].flatMap(([codes, digits]) =>
    String(codes)
      .split(' ')
      .map((code): [string, number] => [code, Number(digits)]),
  ),
)

export const isDecimal = (text: string): boolean => decimalPattern.test(text)

/**
 * Fraction digits of a currency by ISO 4217 (JPY 0, EUR and HUF 2, KWD 3); 2 for unknown codes. A table of our own:
 * Intl follows usage (HUF 0) and changes between versions, which would change the meaning of stored amounts.
 */
export const currencyDigits = (currency: string): number => digitsByCurrency.get(currency) ?? 2

/** Whether the code is an ISO 4217 currency in use. */
export const isCurrency = (code: string): boolean => currencyCodes().has(code)

let codes: ReadonlySet<string> | undefined
function currencyCodes(): ReadonlySet<string> {
  codes ??= new Set(Intl.supportedValuesOf('currency'))
  return codes
}

/** Decimal text to minor units, rounded half away from zero to the currency's digits. */
export function toMinor(text: DecimalText, currency: string): Minor {
  const quick = rescaled(digitsOf(text), scaleOf(text), currencyDigits(currency))
  if (Number.isSafeInteger(quick)) return safe(quick, text)
  if (!isDecimal(text)) throw new RangeError(`"${text}" is not a decimal number such as 1234.50`)
  const digits = currencyDigits(currency)
  const dot = text.indexOf('.')
  const fraction = dot < 0 ? '' : text.slice(dot + 1)
  const minor =
    fraction.length <= digits
      ? Number((dot < 0 ? text : text.slice(0, dot)) + fraction.padEnd(digits, '0'))
      : Number(new Big(text).times(new Big(10).pow(digits)).round(0, Big.roundHalfUp).toFixed(0))
  return safe(minor, text)
}

/** Minor units to decimal text with exactly the currency's digits: 1250 EUR → `12.50`. */
export function fromMinor(minor: Minor, currency: string): DecimalText {
  const digits = currencyDigits(currency)
  const sign = minor < 0 ? '-' : ''
  const text = String(Math.abs(minor)).padStart(digits + 1, '0')
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** quantity × unit price (decimal text) in minor units, rounded half away from zero. */
export function lineAmount(quantity: DecimalText, unitPrice: DecimalText, currency: string): Minor {
  const digits = currencyDigits(currency)
  const quick = rescaled(digitsOf(quantity) * digitsOf(unitPrice), scaleOf(quantity) + scaleOf(unitPrice), digits)
  if (Number.isSafeInteger(quick)) return safe(quick, quantity)
  const product = new Big(quantity).times(unitPrice)
  return safe(
    Number(product.times(new Big(10).pow(digits)).round(0, Big.roundHalfUp).toFixed(0)),
    `${quantity} × ${unitPrice}`,
  )
}

export const plusDecimals = (a: DecimalText, b: DecimalText): DecimalText => new Big(a).plus(b).toFixed()
/** So many times the decimal, exactly. */
export const timesDecimal = (a: DecimalText, count: number): DecimalText => new Big(a).times(count).toFixed()
export const minusDecimals = (a: DecimalText, b: DecimalText): DecimalText => new Big(a).minus(b).toFixed()

/** To the nearest multiple of `step` (both positive minor units), half of it up: 1237 by 500 is 1000, 1250 is 1500. */
export const roundTo = (minor: Minor, step: Minor): Minor => Math.floor((2 * minor + step) / (2 * step)) * step

/** `percent` (decimal text, e.g. `27` or `5.5`) of an amount, rounded half away from zero. */
export function percentOf(minor: Minor, percent: DecimalText): Minor {
  const quick = rescaled(minor * digitsOf(percent), scaleOf(percent) + 2, 0)
  if (Number.isSafeInteger(quick)) return safe(quick, percent)
  return safe(Number(new Big(minor).times(percent).div(100).round(0, Big.roundHalfUp).toFixed(0)), `${percent} %`)
}

/** The VAT contained in a gross amount at `percent`, rounded half away from zero: gross × p / (100 + p). */
export function vatInGross(gross: Minor, percent: DecimalText): Minor {
  const product = gross * digitsOf(percent)
  const whole = rescaled(100, 0, scaleOf(percent)) + digitsOf(percent)
  if (Number.isSafeInteger(product) && whole > 0) return safe(quotient(product, whole), percent)
  const rate = new Big(percent)
  return safe(Number(new Big(gross).times(rate).div(rate.plus(100)).round(0, Big.roundHalfUp).toFixed(0)), 'VAT')
}

/** Exact comparison of decimal text, e.g. of quantities: negative, 0 or positive. */
export const compareDecimals = (a: DecimalText, b: DecimalText): number => new Big(a).cmp(b)
/** Quotient of decimal text, rounded half away from zero to 8 digits, e.g. a price per base quantity. */
export const divideDecimals = (a: DecimalText, b: DecimalText): DecimalText =>
  new Big(a).div(b).round(8, Big.roundHalfUp).toFixed()

/** `part / whole` of an amount (decimal text, e.g. quantities), rounded half away from zero. */
export const shareOf = (minor: Minor, part: DecimalText, whole: DecimalText): Minor =>
  safe(Number(new Big(minor).times(part).div(whole).round(0, Big.roundHalfUp).toFixed(0)), `${part} of ${whole}`)

/**
 * Splits an amount in proportion to weights so that the parts add up to it exactly
 * (largest remainder; ties go to the earlier part).
 */
export function allocate(total: Minor, weights: readonly number[]): Minor[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  if (sum === 0) return weights.map((_, i) => (i === 0 ? total : 0))
  const exact = weights.map((weight) => new Big(total).times(weight).div(sum))
  const parts = exact.map((share) => Number(share.round(0, Big.roundDown).toFixed(0)))
  let rest = total - parts.reduce((a, b) => a + b, 0)
  const order = exact
    .map((share, i) => ({ i, remainder: share.minus(parts[i] ?? 0).abs() }))
    .sort((a, b) => b.remainder.cmp(a.remainder) || a.i - b.i)
  for (const { i } of order) {
    if (rest === 0) break
    const step = Math.sign(rest)
    parts[i] = (parts[i] ?? 0) + step
    rest -= step
  }
  return parts
}

function safe(minor: number, text: string): Minor {
  if (!Number.isSafeInteger(minor)) throw new RangeError(`"${text}" is larger than an amount can be`)
  return minor === 0 ? 0 : minor
}
