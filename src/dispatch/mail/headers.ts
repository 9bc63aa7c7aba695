/**
 * The header lines of a mail (RFC 5322 section 2.2): plain values are written here, all others by nodemailer.
 *
 * Guarantees the bytes that nodemailer's MimeNode writes: a value that it would leave as it is, on a line that needs
 * no folding, is joined without it, since its nodes cost more than all the rest of a mail. Values must be free of
 * control characters, addresses must have passed `checkAddress`. Pure; throws nothing.
 */
import { foldLines, MimeNode } from './nodemailer.ts'

/** A mailbox with its display name, '' for none. */
export interface Mailbox {
  readonly name: string
  readonly address: string
}

/** RFC 5322 section 2.1.1: no line should be longer. */
const longestLine = 75
/** Printable ASCII without a quote; `=?` would be taken for an encoded word. */
const plainText = /^[\x20\x21\x23-\x7e]*$/
const plainName = /^[\w ]*$/
const plainAddress = /^[\w.+-]+@[a-z0-9.-]+$/

/** A header of free text, such as the subject; empty when the text is blank. */
export function textHeader(key: string, value: string): readonly string[] {
  if (value.trim() === '') return []
  const line = `${key}: ${value}`
  const asItIs = line.length <= longestLine && plainText.test(value) && !value.includes('=?')
  return [asItIs ? line : encoded(key, value)]
}

/** `Message-ID`, in angle brackets. */
export function idHeader(key: string, value: string): readonly string[] {
  const line = `${key}: ${value}`
  return [line.length <= longestLine && /^<[\x21-\x3b\x3d\x3f-\x7e]+>$/.test(value) ? line : encoded(key, value)]
}

/** A header of addresses, such as To; empty when there are none. */
export function addressHeader(key: string, mailboxes: readonly Mailbox[]): readonly string[] {
  if (mailboxes.length === 0) return []
  const plain = mailboxes.every(
    ({ name, address }) => plainName.test(name) && plainAddress.test(address) && !address.includes('xn--'),
  )
  const line = `${key}: ${mailboxes.map(shown).join(', ')}`
  // The library normalises the boxes that it is given: it gets its own.
  return [
    plain && line.length <= longestLine
      ? line
      : encoded(
          key,
          mailboxes.map((one) => ({ ...one })),
        ),
  ]
}

const shown = ({ name, address }: Mailbox): string => (name === '' ? address : `${name} <${address}>`)

const encoded = (key: string, value: string | Mailbox[]): string =>
  foldLines(`${key}: ${MimeNode.encodeHeaderValue(key, value)}`, longestLine + 1)
