/**
 * SWIFT MT940 customer statements, in the shapes that banks write them.
 *
 * Reads tag by tag; only known tags count, since a line of text may begin like one. One record for each
 * `:61:` with its `:86:`; movements of an MT942 are not booked yet, so they are counted and told. Opening +
 * movements is compared with closing. Does not read other MT messages. Memory: one movement, and 12 bytes
 * per key. Throws ReadFailure (within the room).
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import { fromMinor, isCurrency, isDecimal, toMinor } from '../core/money.ts'
import { dataProblem, failure, quoted } from './data-problem.ts'
import type { ProblemDetails } from './data-problem.ts'
import { lineMachine, type LineReader } from './line-machine.ts'
import { readProblem, record, statementRecord } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { dateOf, decimalOf, minorOf, movementOf, paymentOf } from './mt940-entry.ts'
import { overlayOf } from './overlay.ts'
import type { Overlay } from './overlay.ts'
import type { FormatProblemCode } from './problem-codes.ts'
import { SeenKeys } from './seen-keys.ts'

type Mt940Format = Extract<ImportFormat, { type: 'mt940' }>

const knownTag = /^:(20|21|25P?|28C?|60[FM]|61|86|62[FM]|64|65|34F|13D?|90[CD]|NS|940|942):/
/** `-`, `-}` and whatever of the SWIFT envelope follows it on the line. */
const endOfMessage = /^-(?:\}.*|[A-Z]{3})?$/
/** Line ends of DOS, and what some banks put around a file. */
const framing = /[\r\u0001\u0003]/g // eslint-disable-line no-control-regex
const longestLine = 100_000
const longestField = 20_001

export const mt940Machine = (format: Mt940Format, kind: ImportKind): Machine =>
  lineMachine(new Mt940Reader(overlayOf(format, kind)), { expected: 'MT940', longestLine })

interface Balance {
  readonly date: string
  readonly minor: number
  readonly currency: string
}
interface Statement {
  readonly line: number
  readonly reference: string
  account?: string | undefined
  number?: string | undefined
  opening?: Balance | undefined
  /** As written, so that one that is not known refuses the movements. */
  currency?: string | undefined
  keys: SeenKeys
  booked: number
  skipped: number
  interim: boolean
  closed: boolean
}
interface Field {
  readonly tag: string
  readonly line: number
  readonly lines: string[]
  length: number
}

class Mt940Reader implements LineReader {
  into: ReadItem[] = []
  readonly #overlay: Overlay
  readonly #keys = new SeenKeys()
  readonly #seen = new Set<string>()
  #at = 0
  #row = 0
  #field: Field | undefined
  /** The movement whose details may still follow. */
  #movement: { readonly field: Field; readonly details: string[] } | undefined
  #statement: Statement | undefined

  constructor(overlay: Overlay) {
    this.#overlay = overlay
  }

  line(text: string): void {
    this.#at += 1
    const line = text.replace(framing, '')
    const tag = knownTag.exec(line)?.[1]
    if (tag !== undefined) {
      this.#endField()
      this.#field = { tag, line: this.#at, lines: [line.slice(tag.length + 2)], length: line.length }
    } else if (endOfMessage.test(line.trim())) {
      this.#endField()
    } else if (this.#field && line.trim() !== '' && this.#field.length < longestField) {
      this.#field.lines.push(line)
      this.#field.length += line.length
    }
  }

  end(): void {
    this.#endField()
    this.#endStatement()
    if (this.#statement === undefined) {
      throw failure('D022', {
        found: 'no line that begins with :20:',
        expected: 'MT940: tags such as :20:, :61:, :86:',
      })
    }
  }

  #endField(): void {
    const field = this.#field
    this.#field = undefined
    if (field === undefined) return
    const { tag, lines } = field
    const text = lines.join('').trim()
    if (tag === '20') this.#begin(field, text)
    const statement = this.#statement
    if (statement === undefined) return
    if (tag === '61') this.#beginMovement(field)
    else if (tag === '86' || tag === 'NS') this.#movement?.details.push(...linesOf(field))
    else if (tag.startsWith('25')) statement.account = accountOf(text)
    else if (tag.startsWith('28')) statement.number = text
    else if (tag.startsWith('60')) this.#open(statement, text)
    else if (tag.startsWith('62')) this.#close(statement, text)
    else if (tag === '34F') statement.interim = true
  }

  #begin(field: Field, reference: string): void {
    this.#endStatement()
    this.#statement = {
      line: field.line,
      reference,
      keys: this.#keys,
      booked: 0,
      skipped: 0,
      interim: false,
      closed: false,
    }
  }

  /** The same statement twice in a file: its movements get the same keys again, so they count once. */
  #open(statement: Statement, text: string): void {
    this.#endMovement()
    statement.opening = balanceOf(text)
    statement.currency = /^[CD]\d{6}([A-Z]{3})/.exec(text)?.[1]
    statement.booked = 0
    statement.closed = false
    const { account, number, reference, line } = statement
    const name = [account, number, reference, text].join('\u0000')
    if (this.#seen.has(name)) {
      statement.keys = new SeenKeys()
      this.#tell('D058', { place: { line }, found: `statement ${nameOf(statement)} stands twice in the file` })
    }
    this.#seen.add(name)
  }

  #close(statement: Statement, text: string): void {
    this.#endMovement()
    statement.closed = true
    const closing = balanceOf(text)
    const { opening } = statement
    if (!opening || !closing) return
    this.#link(statement, opening, closing)
    const expected = opening.minor + statement.booked
    if (opening.currency === closing.currency && expected === closing.minor) return
    this.#tell('D055', {
      place: { line: statement.line },
      found: `closing ${said(closing)} in statement ${nameOf(statement)}`,
      expected: said({ minor: expected, currency: opening.currency }),
    })
  }

  /** A whole statement, or a page of one, is a link of the chain of its account. */
  #link({ line, reference, account, number = '' }: Statement, opening: Balance, closing: Balance): void {
    const [, serial, page] = /^(\d+)(?:\/(\d+))?/.exec(number) ?? []
    const { currency, date } = closing
    const fields = {
      origin: 'mt940',
      account,
      currency,
      reference,
      number: serial,
      page,
      opening: opening.currency === currency ? fromMinor(opening.minor, currency) : undefined,
      closing: fromMinor(closing.minor, currency),
      date,
    }
    this.into.push(statementRecord(++this.#row, line, this.#overlay(fields)))
  }

  #endStatement(): void {
    this.#endMovement()
    const statement = this.#statement
    if (!statement) return
    if (statement.skipped > 0) {
      const found = `${statement.skipped} in statement ${nameOf(statement)}`
      this.#tell('D054', { place: { line: statement.line }, found })
    }
    if (statement.closed || statement.interim || statement.opening === undefined) return
    this.#tell('D055', {
      place: { line: statement.line },
      found: `no closing balance in statement ${nameOf(statement)}`,
    })
  }

  #beginMovement(field: Field): void {
    this.#endMovement()
    this.#movement = { field, details: [] }
  }

  #endMovement(): void {
    const [pending, statement] = [this.#movement, this.#statement]
    this.#movement = undefined
    if (pending === undefined || statement === undefined) return
    const { lines, line } = pending.field
    const movement = movementOf(lines[0] ?? '')
    if (movement === undefined) {
      const place = { line, path: ':61:' }
      const problem = dataProblem('D035', {
        place,
        found: quoted(lines[0] ?? ''),
        expected: 'date, C or D, amount, type',
      })
      this.into.push(readProblem(++this.#row, [problem]))
      return
    }
    const { opening, currency } = statement
    const minor = opening === undefined ? undefined : minorOf(movement, opening.currency)
    if (statement.interim || /^0*(\.0*)?$/.test(movement.amount)) {
      statement.skipped += 1
      return
    }
    statement.booked += minor ?? 0
    const { account, keys } = statement
    const text = { supplementary: lines.slice(1), details: pending.details }
    const fields = paymentOf(movement, text, { account, currency, keys })
    this.into.push(record(++this.#row, line, this.#overlay(fields)))
  }

  #tell(code: FormatProblemCode, details: ProblemDetails): void {
    this.into.push(readProblem(this.#row + 1, [dataProblem(code, details)]))
  }
}

const nameOf = ({ number, reference }: Statement): string => quoted(number ?? reference)
const said = ({ minor, currency }: Pick<Balance, 'minor' | 'currency'>): string =>
  `${fromMinor(minor, currency)} ${currency}`

/** Records of `:NS:` begin with two digits, which are no words. */
const linesOf = ({ tag, lines }: Field): readonly string[] =>
  tag === 'NS' ? lines.map((line) => ` ${line.replace(/^\d\d/, '')}`) : lines

/** Without the currency that some banks write behind it, and without the bank before an IBAN. */
function accountOf(text: string): string {
  const account = text.replace(/\s/g, '').replace(/\/?[A-Z]{3}$/, '')
  return /(?:^|\/)([A-Z]{2}\d{2}[A-Z0-9]{11,30})$/.exec(account)?.[1] ?? account
}

/** `C131016EUR84349,74`. */
function balanceOf(text: string): Balance | undefined {
  const [, mark, date = '', currency = '', amount = ''] = /^([CD])(\d{6})([A-Z]{3})(\d+(?:[.,]\d*)?)/.exec(text) ?? []
  const decimal = decimalOf(amount)
  const day = dateOf(date)
  if (day === undefined || !isCurrency(currency) || !isDecimal(decimal)) return undefined
  return { minor: (mark === 'D' ? -1 : 1) * toMinor(decimal, currency), currency, date: day }
}
