/**
 * How much alike two names are, for suggestions to a person: never a reason to settle anything (mechanisms 1.8).
 *
 * Words are compared without accents, case, order and legal forms; the part of the words that both have counts.
 * Pure, never throws; the names are hostile and are cut at 200 characters.
 */
const legalForms = new Set(['GMBH', 'KFT', 'ZRT', 'SRO', 'AG', 'KG', 'CO', 'LTD', 'BV', 'NV', 'SA', 'SP', 'Z', 'OO'])

/** From 0 to 1: the words that both have, twice, by the words of both. */
export function similarity(a: string, b: string): number {
  const [one, other] = [wordsOf(a), wordsOf(b)]
  if (one.size === 0 || other.size === 0) return 0
  let shared = 0
  for (const word of one) if (other.has(word)) shared += 1
  return (2 * shared) / (one.size + other.size)
}

function wordsOf(name: string): ReadonlySet<string> {
  const plain = name
    .slice(0, 200)
    .normalize('NFKD')
    .replace(/[\p{M}.]/gu, '')
    .toUpperCase()
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '' && !legalForms.has(word))
  return new Set(words)
}
