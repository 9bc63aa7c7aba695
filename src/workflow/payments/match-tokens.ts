/**
 * Document numbers in the text of a payment: found by the admin's patterns, whole tokens only (F04).
 *
 * A hit that has a letter or digit right before or behind it is part of something longer and is left
 * out: `123` is not found in `41234`. Where a pattern has a group, the group is the number, if it is not
 * cut out of a longer one. The text is hostile: it is cut at 2,000 characters and at 40 tokens. Throws
 * Error naming a pattern that does not compile (the config check finds it before).
 */
import type { Matching } from '../../config/schema.ts'
import { remembering } from '../../core/remember.ts'

const longestText = 2000
const mostTokens = 40
const compiled = new Map<string, RegExp>()

/** Tokens in the order in which they stand, each once. */
export const tokensIn = (texts: readonly string[], matching: Matching): readonly string[] =>
  tokens(cut(texts.join('\n')), ...matching.patterns)

const tokens = remembering((text = '', ...patterns): readonly string[] => {
  const found = new Set<string>()
  for (const pattern of patterns) {
    for (const token of wholeTokens(text, compile(pattern))) {
      if (found.size >= mostTokens) return [...found]
      found.add(token)
    }
  }
  return [...found]
})

/** Whether two numbers are the same: without regard to case, and to leading zeros where configured. */
export function sameNumber(a: string, b: string, matching: Matching): boolean {
  const form = (text: string): string => {
    const upper = text.trim().toUpperCase()
    return matching.stripLeadingZeros ? upper.replace(/^0+(?=.)/, '') : upper
  }
  return form(a) === form(b)
}

/** A word at the cut goes as well: its beginning is not a whole token. */
const cut = (text: string): string =>
  text.length <= longestText ? text : text.slice(0, longestText).replace(/[\p{L}\p{N}]+$/u, '')

function* wholeTokens(text: string, pattern: RegExp): Generator<string> {
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const all = match.indices?.[0] ?? [match.index, match.index]
    const [from, to] = match.indices?.[1] ?? all
    const whole = !isAt(text, all[0], inWord) && !isAt(text, all[1], inWord)
    if (whole && to > from && !cutsRun(text, from) && !cutsRun(text, to)) yield text.slice(from, to)
    else pattern.lastIndex = nextAfter(text, match.index)
  }
}

const inWord = /(?<=[\p{L}\p{N}])(?=[\p{L}\p{N}])/uy
const inDigits = /(?<=\p{N})(?=\p{N})/uy
const inLetters = /(?<=\p{L})(?=\p{L})/uy

/** Whether the place lies between two characters of that sort. */
function isAt(text: string, place: number, between: RegExp): boolean {
  between.lastIndex = place
  return between.test(text)
}

/** A group may begin behind letters (`WEB(\d+)`), but never within a number or a word. */
const cutsRun = (text: string, place: number): boolean => isAt(text, place, inDigits) || isAt(text, place, inLetters)

/** A hit inside a longer word may hide a whole one that begins later: search on from the next character. */
const nextAfter = (text: string, index: number): number => index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1)

function compile(pattern: string): RegExp {
  let regex = compiled.get(pattern)
  if (regex === undefined) {
    try {
      regex = new RegExp(pattern, 'dgiu')
    } catch (cause) {
      throw new Error(`matching.patterns: "${pattern}" is no regular expression; mend it in the config`, { cause })
    }
    compiled.set(pattern, regex)
  }
  return regex
}
