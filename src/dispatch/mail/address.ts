/**
 * Checks one mail address strictly: one mailbox, never a list, never a header, never an SMTP command.
 * Guarantees: what passes has no control character, space, bracket or second @, keeps the lengths of
 * RFC 5321 section 4.5.3.1, and has its domain in ASCII (punycode).
 * Quoted local parts and address literals are not taken. Pure; throws nothing.
 */
import { domainToASCII } from 'node:url'

export type AddressCheck =
  | { readonly kind: 'good'; readonly address: string; readonly needsUtf8: boolean }
  | { readonly kind: 'bad'; readonly reason: string }

const asciiLocal = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const wideLocal =
  /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\p{ASCII}\p{C}\p{Z}])+(?:\.(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\p{ASCII}\p{C}\p{Z}])+)*$/u
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const notInName = /[\p{C}\p{Z}%/\\:?#[\]@<>"]/u

/** What most addresses look like, at a length that keeps all limits: nothing more needs to be looked at. */
const ordinary = /^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$/
const ordinaryLength = 63

const bad = (reason: string): AddressCheck => ({ kind: 'bad', reason })

/**
 * Checks the text of one address (RFC 5321 4.1.2, dot-string only; RFC 6531 for a local part beyond
 * ASCII, which then `needsUtf8`). Spaces around it are dropped. The reason does not repeat the text.
 */
export function checkAddress(text: string): AddressCheck {
  if (text.length <= ordinaryLength && ordinary.test(text)) return { kind: 'good', address: text, needsUtf8: false }
  const address = text.replaceAll(/^ +| +$/g, '')
  if (address === '') return bad('it is empty')
  if (address.length > 512) return bad('it is longer than 254 bytes')
  if (/\p{Cc}/u.test(address)) return bad('it holds a control character or line break')
  if (/[\p{C}\p{Z}]/u.test(address)) return bad('it holds a space or an invisible character')
  const parts = address.split('@')
  const [local, domain] = parts
  if (parts.length !== 2 || local === undefined || domain === undefined) {
    return bad(parts.length < 2 ? 'it has no @' : 'it has more than one @')
  }
  return joined(local.normalize('NFC'), domain)
}

function joined(local: string, domain: string): AddressCheck {
  const needsUtf8 = /\P{ASCII}/u.test(local)
  if (!(needsUtf8 ? wideLocal : asciiLocal).test(local)) {
    return bad(local === '' ? 'nothing stands before the @' : 'the part before the @ is not a plain mailbox name')
  }
  if (Buffer.byteLength(local) > 64) return bad('the part before the @ is longer than 64 bytes')
  const name = asciiDomain(domain)
  if (name === undefined) return bad('the part after the @ is not a domain name')
  const address = `${local}@${name}`
  return Buffer.byteLength(address) > 254 ? bad('it is longer than 254 bytes') : { kind: 'good', address, needsUtf8 }
}

/** Lower-case ASCII form of a domain name (RFC 5891), undefined when it is none. */
function asciiDomain(domain: string): string | undefined {
  if (domain === '' || notInName.test(domain)) return undefined
  const ascii = /\P{ASCII}/u.test(domain) ? domainToASCII(domain) : domain.toLowerCase()
  return ascii.length <= 253 && ascii.split('.').every((part) => label.test(part)) ? ascii : undefined
}
