/**
 * Keeps the newest few thousand answers of a pure function of texts.
 *
 * For what a slice of a file asks twice, when its lookups are foreseen and when it is decided. The
 * same texts always give the same answer, so that nothing is changed by it but the time. Throws what
 * the function throws.
 */

const mostAnswers = 4096

export function remembering<T extends object | string>(
  make: (...texts: readonly string[]) => T,
): (...texts: readonly string[]) => T {
  const made = new Map<string, T>()
  return (...texts) => {
    const key = texts.length === 1 ? (texts[0] ?? '') : texts.join('\u0000')
    const known = made.get(key)
    if (known !== undefined) return known
    if (made.size >= mostAnswers) made.clear()
    const answer = make(...texts)
    made.set(key, answer)
    return answer
  }
}
