/**
 * ISO 20022 camt.053 (statement), .052 (intraday report) and .054 (notification), versions 01 to 13.
 *
 * Reads every version, and the Swiss and national namespaces, by local names. One record per
 * transaction detail, or per entry without details; only booked entries are money, the others are
 * counted and told. Opening + entries is compared with closing; what does not add up is told and
 * kept. Memory: one entry, and 12 bytes per key. Throws ReadFailure (within the room).
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import { fromMinor } from '../core/money.ts'
import { balanceOf, camtLink } from './camt-balances.ts'
import { readEntry } from './camt-entry.ts'
import type { Statement } from './camt-entry.ts'
import { dataProblem, failure, quoted } from './data-problem.ts'
import type { ProblemDetails } from './data-problem.ts'
import { readProblem, record, statementRecord } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { overlayOf } from './overlay.ts'
import type { Overlay } from './overlay.ts'
import type { FormatProblemCode } from './problem-codes.ts'
import { SeenKeys } from './seen-keys.ts'
import { first, textAt, XmlReader } from './xml-tree.ts'
import type { XmlElement, XmlHandler } from './xml-tree.ts'
import { xmlDriver } from './xml.ts'

type CamtFormat = Extract<ImportFormat, { type: 'camt' }>

/** Message, and the element of one statement in it, by type of file. */
const layouts: Readonly<Record<string, readonly [string, string]>> = {
  '052': ['BkToCstmrAcctRpt', 'Rpt'],
  '053': ['BkToCstmrStmt', 'Stmt'],
  '054': ['BkToCstmrDbtCdtNtfctn', 'Ntfctn'],
}
const newestVersion = 13

export function camtMachine(format: CamtFormat, kind: ImportKind): Machine {
  const reader = new CamtHandler(overlayOf(format, kind))
  return xmlDriver(new XmlReader(reader), reader.ready, () => reader.atEnd())
}

class CamtHandler implements XmlHandler {
  readonly ready: ReadItem[] = []
  readonly #overlay: Overlay
  readonly #keys = new SeenKeys()
  readonly #statements = new Set<string>()
  #layout: readonly [string, string] | undefined
  #statement: Statement | undefined
  #origin = ''
  #row = 0
  #count = 0

  constructor(overlay: Overlay) {
    this.#overlay = overlay
  }

  root(name: string, namespace: string | undefined, line: number): void {
    const [, type = '', version = ''] = /camt\.(05[234])\.\d{3}\.(\d{2})(?:\D|$)/.exec(namespace ?? '') ?? []
    this.#layout = layouts[type]
    this.#origin = `camt.${type}`
    if (name !== 'Document' || !this.#layout) {
      const found = `${quoted(name)} in ${quoted(namespace ?? 'no namespace')}`
      throw failure('D022', { place: { line }, found, expected: 'Document in the namespace of camt.052, .053 or .054' })
    }
    if (Number(version) > newestVersion) this.#tell('D060', { place: { line }, found: quoted(namespace ?? '') })
  }

  open(path: readonly string[], line: number): boolean {
    const [message, statement] = this.#layout ?? []
    if (path[1] !== undefined && path[1] !== message) {
      throw failure('D022', { place: { line }, found: quoted(path[1]), expected: quoted(message ?? '') })
    }
    if (path.length === 3 && path[2] === statement) {
      this.#count += 1
      this.#statement = {
        keys: this.#keys,
        origin: this.#origin,
        balances: [],
        booked: 0,
        skipped: 0,
        mixed: false,
        begun: false,
        isLast: true,
        line,
      }
      return false
    }
    return path.length >= 3
  }

  tree(element: XmlElement): void {
    const statement = this.#statement
    if (!statement) {
      if (element.name === 'GrpHdr') this.#pages(first(element, 'MsgPgntn'), element.line)
    } else if (element.name === 'Ntry') {
      this.#entry(element, statement)
    } else {
      this.#header(element, statement)
    }
  }

  close(path: readonly string[]): void {
    const statement = this.#statement
    if (path.length !== 3 || !statement) return
    this.#statement = undefined
    if (statement.skipped > 0) {
      this.#tell('D054', {
        place: { line: statement.line },
        found: `${statement.skipped} in statement ${nameOf(statement)}`,
      })
    }
    this.#checkBalances(statement)
    this.#link(statement)
  }

  atEnd(): void {
    if (this.#count === 0) throw failure('D024', { expected: `an element ${this.#layout?.[1] ?? ''}` })
  }

  #entry(element: XmlElement, statement: Statement): void {
    if (!statement.begun) this.#repeated(statement)
    statement.begun = true
    const { payments, problems } = readEntry(element, statement)
    const errors = problems.filter((problem) => problem.severity === 'error')
    const remarks = problems.filter((problem) => problem.severity === 'warning')
    if (remarks.length > 0) this.ready.push(readProblem(this.#row + 1, remarks))
    if (errors.length > 0) this.ready.push(readProblem(++this.#row, errors))
    for (const payment of payments) {
      this.#row += 1
      this.ready.push(record(this.#row, payment.line, this.#overlay(payment.fields, ...payment.elements)))
    }
  }

  #header(element: XmlElement, statement: Statement): void {
    if (element.name === 'Acct') {
      const id = textAt(element, 'Id', 'IBAN') ?? textAt(element, 'Id', 'Othr', 'Id') ?? textAt(element, 'Id', 'BBAN')
      statement.account = id?.replace(/\s/g, '')
      statement.currency = textAt(element, 'Ccy')
    } else if (element.name === 'CreDtTm') {
      statement.day = element.text.trim().slice(0, 10)
    } else if (element.name === 'Bal') {
      statement.balances.push(element)
    } else if (element.name === 'Id') {
      statement.id = element.text.trim()
    } else if (element.name === 'CpyDplctInd') {
      this.#tell('D058', { place: { line: element.line }, found: quoted(element.text.trim()) })
    } else if (element.name.endsWith('Pgntn')) {
      statement.page = textAt(element, 'PgNb')
      statement.isLast = textAt(element, 'LastPgInd') !== 'false'
      this.#pages(element, element.line)
    } else if (element.name === 'ElctrncSeqNb' || (element.name === 'LglSeqNb' && statement.number === undefined)) {
      statement.number = element.text.trim()
    }
  }

  /** The same statement twice in a file: its entries get the same keys again, so they count once. */
  #repeated(statement: Statement): void {
    if (statement.id === undefined) return
    const name = [statement.account, statement.id, statement.page].join('\u0000')
    if (!this.#statements.has(name)) {
      this.#statements.add(name)
      return
    }
    statement.keys = new SeenKeys()
    this.#tell('D058', {
      place: { line: statement.line },
      found: `statement ${nameOf(statement)} stands twice in the file`,
    })
  }

  #pages(element: XmlElement | undefined, line: number): void {
    if (textAt(element, 'LastPgInd') !== 'false') return
    this.#tell('D058', { place: { line }, found: `page ${textAt(element, 'PgNb') ?? '?'}, not the last` })
  }

  /** A whole statement is a link of the chain of its account. */
  #link(statement: Statement): void {
    const fields = this.#origin === 'camt.053' ? camtLink(statement) : undefined
    if (fields !== undefined) this.ready.push(statementRecord(++this.#row, statement.line, this.#overlay(fields)))
  }

  #checkBalances(statement: Statement): void {
    const opening = balanceOf(statement, 'OPBD') ?? balanceOf(statement, 'PRCD')
    const closing = balanceOf(statement, 'CLBD')
    if (!opening || !closing) return
    const { currency } = opening
    const expected = opening.minor + statement.booked
    if (currency === closing.currency && !statement.mixed && expected === closing.minor) return
    const found = `${fromMinor(closing.minor, closing.currency)} ${closing.currency}`
    this.#tell('D055', {
      place: { line: statement.line },
      found: `closing ${found} in statement ${nameOf(statement)}`,
      expected: `${fromMinor(expected, currency)} ${currency}${statement.mixed ? ', with entries in other currencies' : ''}`,
    })
  }

  #tell(code: FormatProblemCode, details: ProblemDetails): void {
    this.ready.push(readProblem(this.#row + 1, [dataProblem(code, details)]))
  }
}

const nameOf = (statement: Statement): string => quoted(statement.id ?? 'without id')
