/**
 * Contact data of a party as it came: mail address, phone, language, country, address.
 *
 * What cannot be used is told as a warning and never refuses a record: a wrong mail address or
 * language is left out, a wrong phone number or country is kept as written. Phone numbers become
 * E.164 by the country of the address, else that of the config. Throws nothing.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { CountryCode } from 'libphonenumber-js/max'

import type { Address, Party } from '../core/order.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'
import { remember } from './remember.ts'

const mailAddress = /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+\.[^\s@<>()[\]\\,;:".]{2,}$/
const internationalNumber = /^\+[1-9]\d{7,14}$/

/** One address of the usual form (RFC 5321 without quoted local parts), at most 254 characters. */
export function readEmail(fields: RecordFields, name: string): string | undefined {
  const text = fields.text(name)
  if (text === undefined || (text.length <= 254 && mailAddress.test(text) && !text.includes('..'))) return text
  fields.note('D051', name, text, 'one address such as name@example.com')
  return undefined
}

/** E.164 where the number is valid; numbers that begin with + and digits only are taken as they are. */
export function readPhone(fields: RecordFields, name: string, country: string): string | undefined {
  const text = fields.text(name)
  if (text === undefined || internationalNumber.test(text)) return text
  const number = numbersOf(country)(text)
  if (number !== undefined) return number
  fields.note('D052', name, text, `a number of ${country}, or one that begins with +`)
  return text
}

const rememberedNumbers = 1000
const mostCountries = 20
const countries = new Map<string, (text: string) => string | undefined>()

/** The reader of the numbers of a country; customers, and files that are read twice, bring the same ones again. */
function numbersOf(country: string): (text: string) => string | undefined {
  const known = countries.get(country)
  if (known !== undefined) return known
  if (countries.size >= mostCountries) countries.clear()
  const made = remember((text) => {
    const phone = parsePhoneNumberFromString(text, country as CountryCode)
    return phone?.isValid() ? phone.number : undefined
  }, rememberedNumbers)
  countries.set(country, made)
  return made
}

/** An http or https address: it goes into messages. */
export function readWebAddress(fields: RecordFields, name: string, example: string): string | undefined {
  const address = fields.text(name)
  if (address === undefined || isWebAddress(address)) return address
  fields.note('D035', name, address, `an address such as ${example}`)
  return undefined
}

const isWebAddress = (text: string): boolean =>
  text.length <= 1000 && /^https?:\/\/[^\s<>"'\\]+$/i.test(text) && URL.canParse(text)

/** A language tag (BCP 47), canonical in case: `HU` → `hu`, `pt-br` → `pt-BR`. */
export function readLanguage(fields: RecordFields, name: string): string | undefined {
  const text = fields.text(name)
  if (text === undefined) return undefined
  const tag = text.replaceAll('_', '-')
  if (/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/.test(tag)) {
    return tag
      .split('-')
      .map((part, i) => (i > 0 && part.length === 2 ? part.toUpperCase() : part.toLowerCase()))
      .join('-')
  }
  fields.note('D053', name, text, 'a code such as hu or de-AT')
  return undefined
}

function readCountry(fields: RecordFields): string | undefined {
  const text = fields.text('country')
  if (text === undefined || /^[A-Z]{2}$/.test(text)) return text
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase()
  fields.note('D053', 'country', text, 'a code such as HU')
  return text
}

/** The address under `name` (`shipTo`, `customer.address`); undefined when it is empty. */
export function readAddress(parent: RecordFields, name: string): Address | undefined {
  if (!parent.has(name)) return undefined
  const fields = parent.group(name)
  const address = compact<Address>({
    name: fields.text('name'),
    name2: fields.text('name2'),
    street: fields.text('street'),
    street2: fields.text('street2'),
    postCode: fields.text('postCode'),
    city: fields.text('city'),
    county: fields.text('county'),
    country: readCountry(fields),
  })
  return Object.keys(address).length === 0 ? undefined : address
}

/** Country for phone numbers: that of the address where it is a code. */
export const phoneCountry = (address: Address | undefined, fallback: string): string =>
  address?.country !== undefined && /^[A-Z]{2}$/.test(address.country) ? address.country : fallback

export function readParty(parent: RecordFields, name: string, country: string): Party {
  const fields = parent.group(name)
  const address = readAddress(fields, 'address')
  return compact<Party>({
    number: fields.key('number'),
    name: fields.text('name'),
    contact: fields.text('contact'),
    email: readEmail(fields, 'email'),
    phone: readPhone(fields, 'phone', phoneCountry(address, country)),
    language: readLanguage(fields, 'language'),
    vatId: fields.text('vatId'),
    companyId: fields.text('companyId'),
    address,
  })
}
