/**
 * A function of a text that remembers its last answers: dates, currencies and phone numbers repeat.
 *
 * Bounded: at `most` texts it forgets all of them and begins again. Keeps copies of the texts, so
 * that no part of a file stays in memory through them. The function must depend on the text alone.
 */

/** Texts up to this length are copies anyway: the engine makes slices only of longer ones. */
const shortText = 12

export function remember<T>(work: (text: string) => T, most: number): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined || known.has(text)) return found as T
    if (known.size >= most) known.clear()
    const answer = work(text)
    known.set(text.length <= shortText ? text : ownCopy(text), answer)
    return answer
  }
}

/** The same text without the larger one that it may be a part of. */
export const ownCopy = (text: string): string => Object.keys({ [text]: 0 })[0] ?? text
