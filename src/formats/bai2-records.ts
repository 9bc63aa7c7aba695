/**
 * The records of a BAI2 file: fields between commas, continued by records 88.
 *
 * A record ends with `/` or with its line; several may stand on one line. The text of a movement is all that follows
 * its references, commas and slashes included. Amounts are whole numbers of the smallest unit. Throws nothing.
 */
export interface Bai2Record {
  readonly line: number
  readonly code: string
  /** Without the code; those of continuations follow. */
  readonly fields: string[]
  /** Of a movement: what its continuations say, line by line. */
  readonly more: string[]
}

/** The records on one line of the file. */
export function recordsOn(text: string, line: number): readonly Bai2Record[] {
  return text
    .split(/\/\s*(?=(?:01|02|03|16|49|88|98|99)[,:])/)
    .map((part) => part.trim().replace(/\/$/, ''))
    .filter((part) => part !== '')
    .map((part) => {
      const [, code = '', rest = ''] = /^(\d\d)[,:]?(.*)$/s.exec(part) ?? ['', '', part]
      return { line, code, fields: rest.split(','), more: [] }
    })
}

export interface Bai2Movement {
  readonly type: string
  readonly amount: string
  readonly valueOn: string | undefined
  readonly bankReference: string
  readonly customerReference: string
  readonly text: string
}

/** Undefined where type or amount are none. */
export function movementOf({ fields }: Bai2Record): Bai2Movement | undefined {
  const [type = '', amount = ''] = fields
  if (!/^\d{3}$/.test(type) || !/^\d{1,15}$/.test(amount)) return undefined
  const { next, valueOn } = afterFunds(fields, 2)
  const [bankReference = '', customerReference = '', ...text] = fields.slice(next)
  return {
    type,
    amount,
    valueOn,
    bankReference: bankReference.trim(),
    customerReference: customerReference.trim(),
    text: text.join(',').trim(),
  }
}

export interface Bai2Summary {
  readonly type: string
  readonly amount: string
}

/** Balances and sums of an account: type, amount, count and funds type, again and again. */
export function summariesOf({ fields }: Bai2Record): readonly Bai2Summary[] {
  const found: Bai2Summary[] = []
  for (let at = 2; at < fields.length;) {
    const [type = '', amount = ''] = fields.slice(at, at + 2)
    if (/^\d{3}$/.test(type) && /^[+-]?\d{1,15}$/.test(amount)) found.push({ type, amount })
    at = afterFunds(fields, at + 3).next
  }
  return found
}

/** What the funds type brings along: a date and time, three amounts, or pairs of days and amounts. */
function afterFunds(
  fields: readonly string[],
  at: number,
): { readonly next: number; readonly valueOn: string | undefined } {
  const funds = fields[at]?.trim()
  if (funds === 'V') return { next: at + 3, valueOn: dayOf(fields[at + 1] ?? '') }
  if (funds === 'S') return { next: at + 4, valueOn: undefined }
  if (funds === 'D') return { next: at + 2 + 2 * (Number(fields[at + 1]) || 0), valueOn: undefined }
  return { next: at + 1, valueOn: undefined }
}

/** `yymmdd`. */
export function dayOf(text: string): string | undefined {
  const [, year, month, day] = /^(\d\d)(\d\d)(\d\d)$/.exec(text.trim()) ?? []
  return day === undefined ? undefined : `20${year}-${month}-${day}`
}

/** `EREF: 1111` of the continuations by their keys; what has none is text. */
export function pairsOf(more: readonly string[]): {
  readonly pairs: ReadonlyMap<string, string>
  readonly text: string
} {
  const pairs = new Map<string, string>()
  const text: string[] = []
  for (const line of more) {
    const [, key, value = ''] = /^\s*([A-Z]{4}):\s*(.*)$/.exec(line) ?? []
    if (key === undefined) text.push(line.trim())
    else if (value.trim() !== '') pairs.set(key, value.trim())
  }
  return { pairs, text: text.filter((each) => each !== '').join(' ') }
}
