/**
 * A regular expression as a sequence of single characters and their repeats, for judging how long it may run.
 *
 * Groups are opened out; where there is a choice inside one, or a look around, its parts count as one part that fits
 * anything. What a part fits is found by trying a sample of characters. Takes patterns that compile under `u`, and
 * only those. Throws nothing.
 */

export interface Part {
  /** Which characters of the sample it fits. */
  readonly fits: ReadonlySet<string>
  readonly min: number
  readonly max: number
}

/** Alternatives at the top, each a sequence. */
export const partsOf = (pattern: string): readonly (readonly Part[])[] => splitChoice(pattern).map(sequence)

const sample: readonly string[] = [
  ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)),
  ...Array.from('\n\t\u00a0éßűя中٣–€'),
]
const everything: ReadonlySet<string> = new Set(sample)

function sequence(text: string): readonly Part[] {
  const parts: Part[] = []
  let at = 0
  while (at < text.length) {
    const end = unitEnd(text, at)
    const unit = text.slice(at, end)
    const [min, max, after] = quantifier(text, end)
    at = after
    parts.push(...partsOfUnit(unit, min, max))
  }
  return parts
}

/** Beyond so many turns a repeated group counts as one that has no end. */
const mostTurns = 20

function partsOfUnit(unit: string, min: number, max: number): readonly Part[] {
  if (/^(\^|\$|\\[bB])$/.test(unit)) return []
  if (!unit.startsWith('(')) return [{ fits: fitting(unit), min, max }]
  const inner = unit.slice(1, -1).replace(/^\?(:|<[^=!>][^>]*>)/, '')
  const inside = inner.startsWith('?') ? [] : splitChoice(inner)
  const [only] = inside
  if (only === undefined || inside.length > 1) {
    const repeats = max > 1 || /[*+{]/.test(inner)
    return [{ fits: everything, min: 0, max: repeats ? Infinity : 1 }]
  }
  const once = sequence(only)
  if (max > mostTurns) {
    const turns = { fits: union(once), min: 0, max: Infinity }
    // A turn that may itself be long or short competes with the next turn.
    return once.some((part) => part.min < part.max) ? [turns, turns] : [turns]
  }
  return Array.from({ length: max }, (_, i) => (i < min ? once : once.map((part) => ({ ...part, min: 0 })))).flat()
}

const union = (parts: readonly Part[]): ReadonlySet<string> => new Set(parts.flatMap(({ fits }) => [...fits]))

function fitting(unit: string): ReadonlySet<string> {
  const one = new RegExp(`^(?:${unit})$`, 'iu')
  return new Set(sample.filter((character) => one.test(character)))
}

/** Where the character, class, escape or group that begins at a place ends. */
function unitEnd(text: string, at: number): number {
  const rest = text.slice(at)
  const escape = /^\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|k<[^>]*>|[^])/u.exec(rest)
  if (escape) return at + escape[0].length
  const whole = /^\[(?:\\[^]|[^\]\\])*\]/u.exec(rest)
  if (whole) return at + whole[0].length
  return rest.startsWith('(') ? groupEnd(text, at) : at + String.fromCodePoint(rest.codePointAt(0) ?? 0).length
}

function groupEnd(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== ')') at = unitEnd(text, at)
  return at + 1
}

function quantifier(text: string, at: number): readonly [min: number, max: number, end: number] {
  const found = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(text.slice(at))
  if (!found) return [1, 1, at]
  const [all, sign, low = '', comma, high] = found
  const end = at + all.length
  if (sign === '?') return [0, 1, end]
  if (sign !== undefined) return [sign === '+' ? 1 : 0, Infinity, end]
  const min = Number(low)
  return [min, comma === '' ? min : high === '' || high === undefined ? Infinity : Number(high), end]
}

function splitChoice(text: string): readonly string[] {
  const choices: string[] = []
  let [start, at] = [0, 0]
  while (at < text.length) {
    if (text[at] !== '|') {
      at = unitEnd(text, at)
      continue
    }
    choices.push(text.slice(start, at))
    at += 1
    start = at
  }
  return [...choices, text.slice(start)]
}
