/**
 * Structured payment references: which scheme a text is, whether its check digits are right, and
 * under which forms documents are looked up.
 *
 * RF (ISO 11649), Swiss QR-reference and ISR (27 digits), Belgian structured communication and the
 * Finnish reference are known; anything else, such as a variable symbol, is plain and compared as it
 * is. Pure, never throws; the text is hostile.
 */
import { remembering } from '../../core/remember.ts'

export interface PaymentReference {
  /** As written, for people. */
  readonly text: string
  readonly scheme: 'RF' | 'QRR' | 'BE' | 'FI' | 'plain'
  /** False only where the scheme is beyond doubt and its check digits are wrong. */
  readonly valid: boolean
  /** What documents are looked up by: the whole, and the national reference inside an RF one. */
  readonly forms: readonly string[]
}

/** Reads one reference as the bank delivers it in its own field. */
export function readReference(text: string): PaymentReference {
  const compact = text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase()
  const forms = [text.trim()]
  if (/^RF\d{2}[A-Z0-9]{1,21}$/.test(compact)) {
    const valid = rfFits(compact)
    return { text, scheme: 'RF', valid, forms: valid ? [...forms, compact.slice(4)] : forms }
  }
  if (/^\d{27}$/.test(compact)) return { text, scheme: 'QRR', valid: recursiveFits(compact), forms }
  if (belgian.test(text)) return { text, scheme: 'BE', valid: belgianFits(compact), forms }
  if (/^\d{12}$/.test(compact) && belgianFits(compact)) return { text, scheme: 'BE', valid: true, forms }
  if (/^\d{4,20}$/.test(compact) && finnishFits(compact)) return { text, scheme: 'FI', valid: true, forms }
  return { text, scheme: 'plain', valid: true, forms }
}

const belgian = /^\s*[+*]{3}\d{3}\/\d{4}\/\d{5}[+*]{3}\s*$/

/** References written into free text that cannot be taken for anything else; only with right check digits. */
export function referencesIn(text: string): readonly PaymentReference[] {
  return mayHoldReference.test(text) ? readAll(text) : none
}

/** What every written reference has somewhere: most texts have none of it. */
const mayHoldReference = /[+*]{3}|\d{2} ?\d{5}|RF\d{2}/i

const none: readonly PaymentReference[] = []

const readAll = remembering((text = ''): readonly PaymentReference[] => {
  const found = new Set<string>()
  for (const match of text.matchAll(/[+*]{3}\d{3}\/\d{4}\/\d{5}[+*]{3}/g)) found.add(match[0])
  for (const match of text.matchAll(/(?<!\d)\d{2}(?: ?\d{5}){5}(?!\d)/g)) found.add(match[0])
  for (const match of text.matchAll(/(?<![\p{L}\p{N}])RF\d{2}(?: ?[A-Z0-9]+){1,8}/giu)) {
    for (const rf of rfBeginnings(match[0])) found.add(rf)
  }
  return [...found]
    .map(readReference)
    .filter(({ scheme, valid }) => valid && scheme !== 'plain')
    .slice(0, 10)
})

/** Where an RF reference is printed in groups, words may follow it: every beginning with right digits. */
function rfBeginnings(text: string): readonly string[] {
  const groups = text.split(' ')
  return groups
    .map((_, i) => groups.slice(0, i + 1).join(' '))
    .filter((beginning) => readReference(beginning).scheme === 'RF' && readReference(beginning).valid)
}

/** ISO 11649: the first four characters moved to the end, letters as 10 … 35, modulo 97 is 1. */
function rfFits(compact: string): boolean {
  let rest = 0
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

/** Swiss QR-reference and ISR: modulo 10, recursive; the last digit is the check digit. */
function recursiveFits(digits: string): boolean {
  const table = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5]
  let carry = 0
  for (const digit of digits.slice(0, -1)) carry = table[(carry + Number(digit)) % 10] ?? 0
  return (10 - carry) % 10 === Number(digits.at(-1))
}

/** Belgian structured communication: ten digits modulo 97 (97 for 0) are the last two. */
function belgianFits(digits: string): boolean {
  return (Number(digits.slice(0, 10)) % 97 || 97) === Number(digits.slice(10))
}

/** Finnish reference: weights 7, 3, 1 from the right before the check digit, which fills up to the next ten. */
function finnishFits(digits: string): boolean {
  const weights = [7, 3, 1]
  let sum = 0
  for (let i = 0; i < digits.length - 1; i++) sum += Number(digits.at(-2 - i)) * (weights[i % 3] ?? 0)
  return (10 - (sum % 10)) % 10 === Number(digits.at(-1))
}
