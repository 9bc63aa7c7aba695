/**
 * Regular expressions of payment matching: they must compile, be short, and not be able to run for ever.
 *
 * They are matched against text that strangers write (flags `giu` are those of the matcher). Refused: repeats
 * within repeats, `(a+)+` or `(a|ab)*`, whose time grows exponentially; repeats that compete for the same text,
 * `\d+\d+x`, whose time grows with its third power; and back references. Throws nothing.
 */
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { type Part, partsOf } from './pattern-parts.ts'

const maxLength = 200

export const checkPatterns = ({ config }: Pick<CheckContext, 'config'>): readonly Finding[] => [
  ...patterns(config.matching.patterns, ['matching', 'patterns']),
  ...(['imports', 'channels'] as const).flatMap((part) =>
    Object.entries(config[part]).flatMap(([code, { matching }]) =>
      matching ? patterns(matching.patterns, [part, code, 'matching', 'patterns']) : [],
    ),
  ),
]

const patterns = (list: readonly string[], path: Path): readonly Finding[] =>
  list.flatMap((pattern, i): readonly Finding[] => {
    const problem = patternProblem(pattern)
    return problem === undefined ? [] : [{ code: 'C095', path: [...path, i], message: problem }]
  })

/** Why a pattern cannot be used, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > maxLength) return `the pattern is longer than ${maxLength} characters`
  try {
    if (new RegExp(`^(?:${pattern})$`, 'u').test('')) return 'the pattern fits the empty text'
  } catch (error) {
    if (error instanceof SyntaxError) return `the pattern cannot be read: ${error.message.replace(/^.*\/u?: /, '')}`
    throw error
  }
  if (repeatsWithinRepeats(pattern)) return 'a repeat within a repeat could take for ever'
  return partsOf(pattern).some(repeatsCompete)
    ? 'two repeats that fit the same text, with something behind them, could take for ever'
    : undefined
}

/** Turns that a repeat may differ by before it counts as one without an end. */
const mostSlack = 10
const isRepeat = ({ min, max }: Part): boolean => max - min > mostSlack

/**
 * Whether one character fits two repeats and all that must stand between them, and something behind may fail: each
 * share of the text between the two is then tried. Many small repeats in a row, such as (a?){20}, are as bad.
 */
function repeatsCompete(parts: readonly Part[]): boolean {
  const mustCome = parts.findLastIndex(({ min }) => min > 0)
  const slack = (from: number, to: number): number =>
    parts.slice(from, to + 1).reduce((sum, { min, max }) => sum + Math.min(max - min, mostSlack + 1), 0)
  return parts.some(
    (first, i) =>
      first.max > first.min &&
      parts.some((second, j) => {
        if (j <= i || j >= mustCome || second.max === second.min) return false
        const shared = [...first.fits].filter((character) => second.fits.has(character))
        const between = parts.slice(i + 1, j).filter(({ min }) => min > 0)
        if (shared.length === 0 || !between.every(({ fits }) => shared.some((one) => fits.has(one)))) return false
        return (isRepeat(first) && isRepeat(second)) || slack(i, j) > mostSlack * 2
      }),
  )
}

/** Whether a group that is repeated without a bound holds a repeat or a choice, or there is a back reference. */
function repeatsWithinRepeats(pattern: string): boolean {
  const plain = pattern.replaceAll(/\\[pP]\{[^}]*\}|\\[^1-9k]/g, 'x').replaceAll(/\[(?:[^\]])*\]/g, 'x')
  if (/\\[1-9k]/.test(plain)) return true
  const open: boolean[] = []
  for (let i = 0; i < plain.length; i++) {
    const char = plain[i]
    const rest = plain.slice(i + 1)
    if (char === '(') open.push(false)
    else if (char === ')') {
      const risky = open.pop() ?? false
      if (risky && /^([*+]|\{\d+,\}|\{\d+,\d{2,}\})/.test(rest)) return true
      if (risky && open.length > 0) open[open.length - 1] = true
    } else if ((/[*+|]/.test(char ?? '') || /^\{\d+,\d*\}/.test(plain.slice(i))) && open.length > 0) {
      open[open.length - 1] = true
    }
  }
  return false
}
