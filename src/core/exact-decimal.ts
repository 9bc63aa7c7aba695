/**
 * Exact arithmetic on short decimals as whole numbers: the quick way beside big.js.
 *
 * Decimal text of up to 15 digits is one integer and a scale, so sums and products that stay within
 * 2^53 are exact. NaN where a text is longer or none: then the caller takes big.js. Throws nothing.
 */

const mostDigits = 15
const powers = Array.from({ length: mostDigits + 1 }, (_, i) => 10 ** i)

/** All digits of `-?\d+(\.\d{1,8})?` as one integer with its sign: `-12.50` is -1250; NaN for any other or a longer text. */
export function digitsOf(text: string): number {
  const first = text.charCodeAt(0) === 45 ? 1 : 0
  let value = 0
  let dot = -1
  for (let i = first; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 48 && code <= 57) value = value * 10 + (code - 48)
    else if (code === 46 && dot < 0 && i > first) dot = i
    else return NaN
  }
  const digits = text.length - first - (dot < 0 ? 0 : 1)
  const fraction = dot < 0 ? 1 : text.length - dot - 1
  if (digits === 0 || digits > mostDigits || fraction === 0 || fraction > 8) return NaN
  return first === 1 ? -value : value
}

/** Number of digits after the point. */
export function scaleOf(text: string): number {
  const dot = text.indexOf('.')
  return dot < 0 ? 0 : text.length - dot - 1
}

/** `digits` of the scale `from` at the scale `to`, rounded half away from zero; NaN where it would not be exact. */
export function rescaled(digits: number, from: number, to: number): number {
  if (!Number.isSafeInteger(digits)) return NaN
  const step = powers[Math.abs(from - to)]
  if (step === undefined) return NaN
  return from <= to ? digits * step : quotient(digits, step)
}

/** A quotient of integers within 2^52, rounded half away from zero; `divisor` is positive. */
export function quotient(dividend: number, divisor: number): number {
  const rest = dividend % divisor
  const whole = (dividend - rest) / divisor
  return Math.abs(rest) * 2 >= divisor ? whole + Math.sign(dividend) : whole
}
