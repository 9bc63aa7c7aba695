/**
 * Finds the customer of an order among the customer records of the collecting company (N15).
 *
 * E-mail addresses are compared without regard to case, phone numbers in international form (E.164);
 * an empty one never matches. What fits several customers is a failure that names them, never a choice.
 * Does not create or change a customer. Throws only NotLoaded, from `known`.
 */
import type { CountryCode } from 'libphonenumber-js'
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js'
import type { CollectWorkflow } from '../../config/schema.ts'
import { assertNever } from '../../core/assert-never.ts'
import { customerId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import type { Customer } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'

export type CustomerRule = CollectWorkflow['customerMapping']
export type MappedBy = 'email' | 'phone' | 'emailAndPhone' | 'fixed' | 'source'

export type CustomerMapping =
  | { readonly kind: 'mapped'; readonly number: string; readonly by: MappedBy }
  /** No customer fits: the collecting company makes a new one. */
  | { readonly kind: 'new' }
  /** A person must decide or mend the records; the reason says what was found. */
  | { readonly kind: 'failed'; readonly reason: string }

/** `fixed` is the number for the rule of that name; `country` (ISO 3166-1) is for phone numbers without a prefix. */
export function mapCustomer(
  order: Pick<Order, 'customer'>,
  rule: CustomerRule,
  fixed: string | undefined,
  company: string,
  known: Known,
  country?: string,
): CustomerMapping {
  const byEmail = (): readonly Customer[] => withEmail(order.customer.email, company, known)
  const byPhone = (): readonly Customer[] =>
    withPhone(order.customer.phone, order.customer.address?.country ?? country, company, known)
  switch (rule) {
    case 'none':
      return { kind: 'new' }
    case 'email':
      return only(byEmail(), 'email', company)
    case 'phone':
      return only(byPhone(), 'phone', company)
    case 'emailAndPhone':
      return only(inBoth(byEmail(), byPhone()), 'emailAndPhone', company)
    case 'emailOrPhone': {
      const mapped = only(byEmail(), 'email', company)
      return mapped.kind === 'new' ? only(byPhone(), 'phone', company) : mapped
    }
    case 'fixed':
      return existing(fixed, 'fixed', 'the workflow names no fixedCustomer', company, known)
    case 'source':
      return existing(order.customer.number, 'source', 'the order states no customer number', company, known)
    default:
      return assertNever(rule, 'customer mapping')
  }
}

function withEmail(email: string | undefined, company: string, known: Known): readonly Customer[] {
  const address = email?.trim().toLowerCase() ?? ''
  return address === '' ? [] : of(company, known.find('customer', 'email', address))
}

function withPhone(
  phone: string | undefined,
  country: string | undefined,
  company: string,
  known: Known,
): readonly Customer[] {
  const number = internationalPhone(phone ?? '', country)
  return number === undefined ? [] : of(company, known.find('customer', 'phone', number))
}

/** E.164, or undefined when the text is no phone number that can be dialled from abroad. */
export function internationalPhone(text: string, country: string | undefined): string | undefined {
  if (/^\+[1-9]\d{6,14}$/.test(text)) return text
  const written = text.replace(/^\s*00(?=[1-9])/, '+').slice(0, 60)
  return parsePhoneNumberFromString(written, isCountry(country) ? country : undefined)?.number
}

const isCountry = (country: string | undefined): country is CountryCode =>
  country !== undefined && isSupportedCountry(country)

/** Those of the company; one that Orderly made and that has no number yet gives place to those that have one. */
function of(company: string, customers: readonly Customer[]): readonly Customer[] {
  const own = customers.filter((customer) => customer.company === company)
  const known = own.filter(({ made }) => made === undefined)
  return known.length > 0 ? known : own
}

/** Names of contact data at a company, as both an order that waits and a customer that comes have them. */
export function contactNames(
  company: string,
  { email, phone, address }: Pick<Customer, 'email' | 'phone' | 'address'>,
  country: string | undefined,
): readonly string[] {
  const mail = email?.trim().toLowerCase() ?? ''
  const number = internationalPhone(phone ?? '', address?.country ?? country)
  return [mail, number ?? ''].filter((name) => name !== '').map((name) => `${company}/${name}`)
}

const inBoth = (a: readonly Customer[], b: readonly Customer[]): readonly Customer[] =>
  a.filter(({ id }) => b.some((other) => other.id === id))

function only(found: readonly Customer[], by: MappedBy, company: string): CustomerMapping {
  const [first, ...others] = found
  if (first === undefined) return { kind: 'new' }
  if (others.length === 0) return { kind: 'mapped', number: first.number, by }
  const shown = found.slice(0, 5).map(({ number }) => number)
  const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : ''
  const words: Record<MappedBy, string> = {
    email: 'e-mail address',
    phone: 'phone number',
    emailAndPhone: 'e-mail address and phone number',
    fixed: 'number',
    source: 'number',
  }
  const reason = `${found.length} customers of company ${company} have this ${words[by]}: ${shown.join(', ')}${more}`
  return { kind: 'failed', reason }
}

function existing(
  number: string | undefined,
  by: 'fixed' | 'source',
  absent: string,
  company: string,
  known: Known,
): CustomerMapping {
  if (number === undefined || number === '') return { kind: 'failed', reason: absent }
  const customer = known.get('customer', customerId(company, number))
  if (customer !== undefined) return { kind: 'mapped', number: customer.number, by }
  return { kind: 'failed', reason: `company ${company} has no customer ${number.slice(0, 60)}` }
}
