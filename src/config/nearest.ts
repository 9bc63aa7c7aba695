/**
 * "Did you mean": the word of a list that a mistyped one most likely stands for.
 *
 * Damerau-Levenshtein (optimal string alignment) without regard to case, at most 2 apart and
 * less than half of the word; else a word that begins with it, or holds its letters in order
 * (`qty` → `quantity`). Proposes nothing rather than something far-fetched. Throws nothing.
 */

/** The nearest candidate, or undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: { readonly candidate: string; readonly score: number } | undefined
  for (const candidate of candidates) {
    const score = scoreOf(wanted, candidate.toLowerCase())
    if (score !== undefined && (best === undefined || score < best.score)) best = { candidate, score }
  }
  return best?.candidate
}

/** `Did you mean "x"?`, or undefined. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const candidate = nearest(word, candidates)
  return candidate === undefined ? undefined : `Did you mean "${candidate}"?`
}

/** 0 best; undefined when too far apart. */
function scoreOf(word: string, candidate: string): number | undefined {
  if (word === '' || word.length > 60 || candidate.length > 60) return undefined
  const apart = distance(word, candidate)
  if (apart <= 2 && apart * 2 < Math.max(word.length, candidate.length)) return apart
  const lastPart = candidate.slice(candidate.lastIndexOf('.') + 1)
  if (lastPart === word) return 2.3
  if (word.length >= 2 && (candidate.startsWith(word) || word.startsWith(candidate))) return 2.5
  return word.length >= 3 && lettersInOrder(word, candidate) ? 3 : undefined
}

function lettersInOrder(word: string, candidate: string): boolean {
  if (word[0] !== candidate[0]) return false
  let at = 0
  for (const letter of word) {
    at = candidate.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
export function distance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
