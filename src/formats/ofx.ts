/**
 * OFX bank and card statements, versions 1 (SGML, leaf tags unclosed) and 2 (XML, or what calls itself so).
 *
 * Reads tag by tag: a leaf has text before the next tag, whether it is closed or not. One record for each movement
 * (`STMTTRN`); of sign-on and other answers nothing is taken. There are no opening balances, so statements make no
 * chain. No entities but those of characters, no declarations. Memory: one movement. Throws ReadFailure (within the room).
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import { digest } from '../core/ids.ts'
import type { RawFields } from '../core/incoming.ts'
import { failure, quoted } from './data-problem.ts'
import { record } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { overlayOf } from './overlay.ts'
import type { Overlay } from './overlay.ts'
import { SeenKeys } from './seen-keys.ts'

type OfxFormat = Extract<ImportFormat, { type: 'ofx' }>

/** A tag, or a section of text as it is. */
const mark = /<!\[CDATA\[([\s\S]*?)\]\]>|<([/?!]?)([A-Za-z0-9_.]*)[^<>]*>/g
const longestPart = 200_000

export function ofxMachine(format: OfxFormat, kind: ImportKind): Machine {
  const reader = new OfxReader(overlayOf(format, kind))
  let rest = ''
  return {
    push(text, into) {
      reader.into = into
      const all = rest + text
      // What is behind the last tag may go on; a CDATA section counts when it is whole.
      const open = all.lastIndexOf('<![CDATA[')
      const cut = open > all.lastIndexOf(']]>') ? open : all.lastIndexOf('<')
      rest = all.slice(Math.max(0, cut))
      if (rest.length > longestPart) throw failure('D022', { found: 'a tag without an end', expected: 'OFX' })
      reader.read(all.slice(0, Math.max(0, cut)))
    },
    end(into) {
      reader.into = into
      reader.read(rest)
      reader.end()
    },
  }
}

class OfxReader {
  into: ReadItem[] = []
  readonly #overlay: Overlay
  readonly #keys = new SeenKeys()
  #line = 1
  #row = 0
  #seen = false
  /** The leaf whose text comes, and what it holds so far. */
  #leaf = ''
  #text = ''
  #account: { currency?: string; id?: string } = {}
  #movement: { readonly line: number; readonly fields: Map<string, string> } | undefined

  constructor(overlay: Overlay) {
    this.#overlay = overlay
  }

  read(text: string): void {
    let at = 0
    for (const match of text.matchAll(mark)) {
      this.#gather(text.slice(at, match.index))
      at = match.index + match[0].length
      const [whole, cdata, prefix = '', name = ''] = match
      if (cdata !== undefined) this.#text += cdata
      else if (prefix === '' || prefix === '/') this.#tag(name.toUpperCase(), prefix === '/')
      this.#line += whole.split('\n').length - 1
    }
    this.#gather(text.slice(at))
  }

  end(): void {
    this.#endLeaf()
    this.#endMovement()
    if (!this.#seen) throw failure('D022', { found: 'no tag OFX', expected: 'OFX' })
  }

  #gather(text: string): void {
    this.#line += text.split('\n').length - 1
    if (this.#leaf !== '' && this.#text.length < longestPart) this.#text += characters(text)
  }

  #tag(name: string, isEnd: boolean): void {
    this.#endLeaf()
    if (name === 'OFX') this.#seen = true
    if (!this.#seen) throw failure('D022', { place: { line: this.#line }, found: quoted(name), expected: 'OFX' })
    if (name === 'STMTTRN') {
      this.#endMovement()
      if (!isEnd) this.#movement = { line: this.#line, fields: new Map() }
    } else if (!isEnd && (name === 'STMTRS' || name === 'CCSTMTRS')) {
      this.#account = {}
    }
    this.#leaf = isEnd ? '' : name
  }

  #endLeaf(): void {
    const [name, text] = [this.#leaf, this.#text.trim()]
    this.#leaf = ''
    this.#text = ''
    if (name === '' || text === '') return
    if (this.#movement !== undefined) this.#movement.fields.set(name, this.#movement.fields.get(name) ?? text)
    else if (name === 'CURDEF') this.#account.currency = text.toUpperCase()
    else if (name === 'ACCTID') this.#account.id = text
  }

  #endMovement(): void {
    const movement = this.#movement
    this.#movement = undefined
    if (movement === undefined) return
    this.into.push(record(++this.#row, movement.line, this.#overlay(this.#fieldsOf(movement.fields))))
  }

  #fieldsOf(found: ReadonlyMap<string, string>): RawFields {
    const { id: account, currency } = this.#account
    const amount = found.get('TRNAMT')
    const bookedOn = dayOf(found.get('DTPOSTED'))
    const name = found.get('NAME')
    const message = [found.get('MEMO'), found.get('REFNUM'), checkNumber(found.get('CHECKNUM'))]
    return {
      account,
      bankKey: this.#keyOf(found, account, bookedOn),
      bookedOn,
      valueOn: dayOf(found.get('DTAVAIL')),
      amount: amount === undefined ? undefined : signed(amount),
      currency: found.get('CURSYM')?.toUpperCase() ?? currency,
      counterName: name,
      message: message.filter((text) => text !== undefined).join(' ') || name,
      method: methods[found.get('TRNTYPE')?.toUpperCase() ?? ''] ?? 'transfer',
      reversal: 'false',
      origin: 'ofx',
    }
  }

  /** FITID is unique within the account, where the bank gives one. */
  #keyOf(found: ReadonlyMap<string, string>, account = '', bookedOn = ''): string {
    const id = found.get('FITID') ?? digest('ofx', ...[...found].flat())
    const key = `${bookedOn}/${id.slice(0, 80)}/${found.get('TRNAMT') ?? ''}`
    const before = this.#keys.add(`${account}/${key}`)
    return before === 0 ? key : `${key}#${before + 1}`
  }
}

/** `20090401122017.000[-5:EST]` is the day that the bank wrote; what is none stays as it is, to be refused. */
function dayOf(text: string | undefined): string | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})(?:\d{4,6}.*)?$/.exec(text ?? '') ?? []
  return day === undefined ? text : `${year}-${month}-${day}`
}

/** Some banks write a decimal comma. */
const signed = (amount: string): string => amount.replace(/^\+/, '').replace(/^(-?\d*),(\d{1,4})$/, '$1.$2')

const checkNumber = (text: string | undefined): string | undefined => (text === '0' ? undefined : text)

const methods: Readonly<Record<string, string>> = { POS: 'card', ATM: 'card', DIRECTDEBIT: 'directDebit', CASH: 'cash' }

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

const characters = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (whole, name: string) => named[name] ?? whole)
    : text
