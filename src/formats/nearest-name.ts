/**
 * Did-you-mean: the name of a list that is nearest to one that is not in it.
 *
 * Compares without case, blanks and punctuation first, then by the number of edits (Levenshtein),
 * at most a third of the length. Returns undefined when nothing is near. Throws nothing.
 */
const bare = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  const target = bare(wanted)
  let best: string | undefined
  let bestEdits = Math.max(1, Math.floor(target.length / 3)) + 1
  for (const name of names) {
    const candidate = bare(name)
    if (Math.abs(candidate.length - target.length) >= bestEdits) continue
    const edits = editsBetween(target, candidate)
    if (edits < bestEdits) [best, bestEdits] = [name, edits]
  }
  return best
}

/** A hint `Did you mean "x"?`, or undefined. */
export function didYouMean(wanted: string, names: Iterable<string>): string | undefined {
  const name = nearestName(wanted, names)
  return name === undefined ? undefined : `Did you mean "${name}"?`
}

function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
