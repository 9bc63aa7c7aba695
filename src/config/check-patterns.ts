/**
 * Regular expressions of payment matching: they must compile, be short, and not be able to run for ever.
 *
 * They are matched against text that strangers write (flags `giu` are those of the matcher). Refused: repeats
 * within repeats, `(a+)+` or `(a|ab)*`, whose time grows exponentially, and back references. Throws nothing.
 */
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'

const maxLength = 200

export const checkPatterns = ({ config }: Pick<CheckContext, 'config'>): readonly Finding[] => [
  ...patterns(config.matching.patterns, ['matching', 'patterns']),
  ...Object.entries(config.imports).flatMap(([code, { matching }]) =>
    matching ? patterns(matching.patterns, ['imports', code, 'matching', 'patterns']) : [],
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
  return repeatsWithinRepeats(pattern) ? 'a repeat within a repeat could take for ever' : undefined
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
