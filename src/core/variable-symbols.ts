/**
 * Czech and Slovak variable symbols that banks put into other fields: `/VS123456/SS/KS0308`, `VS: 123456`.
 *
 * Up to ten digits, without the zeros before them; whole words only. The text is hostile: it is cut at 2,000
 * characters and at 10 symbols. Throws nothing.
 */
const pattern = /(?<![\p{L}\p{N}])VS[:./ ]{0,2}(\d{1,10})(?![\p{L}\p{N}])/giu

export function variableSymbols(texts: readonly (string | undefined)[]): readonly string[] {
  const found = new Set<string>()
  for (const text of texts) {
    if (text === undefined || !/VS/i.test(text)) continue
    for (const [, digits = ''] of text.slice(0, 2000).matchAll(pattern)) {
      const symbol = digits.replace(/^0+/, '')
      if (symbol !== '' && found.size < 10) found.add(symbol)
    }
  }
  return [...found]
}
