/**
 * The other party and the remittance information of one camt transaction detail (`TxDtls`).
 *
 * For a credit the payer is the debtor, for a debit the payee is the creditor; names stand in `Nm`
 * or, from version 08, in `Pty/Nm`. Further structured references and document numbers join the
 * text, so that matching sees them. Without a detail the text of the entry counts. Throws nothing.
 */
import type { RawFields } from '../core/incoming.ts'
import { all, first, textAt } from './xml-tree.ts'
import type { XmlElement } from './xml-tree.ts'

export function camtParty(detail: XmlElement | undefined, direction: string | undefined): RawFields {
  const parties = first(detail, 'RltdPties')
  const side = direction === 'debit' ? 'Cdtr' : 'Dbtr'
  const account = first(parties, `${side}Acct`, 'Id')
  return {
    counterName: nameOf(first(parties, side)) ?? nameOf(first(parties, `Ultmt${side}`)),
    counterAccount: (textAt(account, 'IBAN') ?? textAt(account, 'Othr', 'Id') ?? textAt(account, 'BBAN'))?.replace(
      /\s/g,
      '',
    ),
  }
}

const nameOf = (party: XmlElement | undefined): string | undefined => textAt(party, 'Pty', 'Nm') ?? textAt(party, 'Nm')

export function camtRemittance(detail: XmlElement | undefined, entry: XmlElement): RawFields {
  const info = first(detail, 'RmtInf')
  const structured = all(info, 'Strd')
  const [reference, ...more] = texts(structured, 'CdtrRefInf', 'Ref')
  const parts = [
    ...texts(info ? [info] : [], 'Ustrd'),
    ...more,
    ...texts(structured, 'RfrdDocInf', 'Nb'),
    ...texts(structured, 'AddtlRmtInf'),
  ]
  const fallback = textAt(detail, 'AddtlTxInf') ?? textAt(entry, 'AddtlNtryInf')
  if (parts.length === 0 && fallback !== undefined) parts.push(fallback)
  const reason = first(detail, 'RtrInf', 'Rsn')
  const code = textAt(reason, 'Cd') ?? textAt(reason, 'Prtry')
  if (code !== undefined) parts.push(code)
  return { reference, message: parts.length === 0 ? undefined : parts.join(' ') }
}

function texts(elements: readonly XmlElement[], ...path: readonly string[]): string[] {
  const found: string[] = []
  for (const element of elements) {
    for (const each of all(element, ...path)) {
      const text = each.text.trim()
      if (text !== '') found.push(text)
    }
  }
  return found
}
