/**
 * The details of one MT940 movement (`:86:`) in the dialects of banks: who paid, and what for.
 *
 * Known: German subfields (`166?20…?32…`) with SEPA keys inside (`EREF+`, `SVWZ+`), Dutch keys
 * (`/NAME/…/REMI/…`), Polish mBank (`OD: …; TYT.: …`), else free text. Lines are cut anywhere, also within
 * words and keys: they are joined before anything is looked for. The text is hostile. Throws nothing.
 */
export interface Mt940Details {
  readonly counterName?: string | undefined
  readonly counterAccount?: string | undefined
  readonly endToEndId?: string | undefined
  readonly reference?: string | undefined
  readonly message?: string | undefined
}

export function mt940Details(lines: readonly string[]): Mt940Details {
  const joined = lines.join('')
  const separator = /^\d{3}([?>~^])\d\d/.exec(joined)?.[1]
  if (separator !== undefined) return germanDetails(joined, separator)
  if (dutchKey.test(joined.slice(0, 200))) return dutchDetails(joined)
  const text = flowing(lines, 65)
  return polishDetails(text) ?? freeText(text)
}

const dutchKey = /\/(?:EREF|BENM|ORDP|REMI|TRTP|TRCD|CNTP|NAME)\//

/** Lines of a fixed width go on within words; shorter ones end with one. */
function flowing(lines: readonly string[], width: number): string {
  let text = ''
  for (const [i, line] of lines.entries()) {
    const goesOn = i > 0 && (lines[i - 1]?.length ?? 0) >= width
    text += i === 0 || goesOn ? line : ` ${line}`
  }
  return tidy(text) ?? ''
}

const tidy = (text: string | undefined): string | undefined => {
  const one = text?.replace(/\s+/g, ' ').trim()
  return one === undefined || one === '' ? undefined : one
}

/** Business code, then `?` and two digits before each part (German banking industry, DFÜ agreement, annex 3). */
function germanDetails(joined: string, separator: string): Mt940Details {
  const pieces = joined.slice(3).split(new RegExp(`\\${separator}(\\d\\d)`))
  const parts = new Map<string, string>()
  for (let i = 1; i + 1 < pieces.length; i += 2) parts.set(pieces[i] ?? '', pieces[i + 1] ?? '')
  const some = (wanted: RegExp): readonly string[] =>
    [...parts].filter(([no]) => wanted.test(no)).map(([, text]) => text)
  const remittance = sepaParts(flowing(some(/^(?:2\d|6[0-3])$/), 27))
  return {
    ...remittance,
    message: remittance.message ?? (remittance.endToEndId === undefined ? tidy(parts.get('00')) : undefined),
    counterName: flowing(some(/^3[23]$/), 27) || undefined,
    counterAccount: accountIn(parts.get('31')) ?? remittance.counterAccount,
  }
}

const sepaKey = /((?:EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC)\+|MTLG:) ?/

function sepaParts(text: string): Mt940Details {
  const pieces = text.split(sepaKey)
  const parts = new Map<string, string>([['', pieces[0] ?? '']])
  for (let i = 1; i + 1 < pieces.length; i += 2) parts.set(pieces[i] ?? '', pieces[i + 1] ?? '')
  return {
    endToEndId: withoutNone(tidy(parts.get('EREF+'))),
    message: tidy([parts.get(''), parts.get('SVWZ+'), parts.get('MTLG:')].filter(Boolean).join(' ')),
    counterAccount: accountIn(parts.get('IBAN+')),
  }
}

const withoutNone = (id: string | undefined): string | undefined =>
  id === undefined || /^(NOT ?PROVIDED|NONREF|NOTAVAILABLE|-+)$/i.test(id) ? undefined : id

const accountIn = (text: string | undefined): string | undefined => text?.replace(/\s/g, '') || undefined

const dutchKeys =
  /\/(EREF|BENM|ORDP|REMI|TRTP|TRCD|CNTP|NAME|IBAN|BIC|ISDT|CSID|MARF|KREF|RTRN|PREF|SVCL|PURP|ULTD|ULTB|OCMT|CHGS|INIT|ID|ADDR)\//

/** Keys between slashes; an empty one belongs to what follows (`/BENM//NAME/…`). */
function dutchDetails(joined: string): Mt940Details {
  const pieces = joined.replace(/\/(BENM|ORDP|ULTD|ULTB)\//g, '/').split(dutchKeys)
  const parts = new Map<string, string>()
  for (let i = 1; i + 1 < pieces.length; i += 2) {
    const [key = '', text = ''] = [pieces[i], pieces[i + 1]]
    if (text !== '' && !parts.has(key)) parts.set(key, text.replace(/\/+$/, ''))
  }
  const [account, , name] = (parts.get('CNTP') ?? '').split('/')
  const remittance = parts.get('REMI') ?? ''
  const structured = /^STRD\/(?:CUR|ISO)\/([^/]+)/.exec(remittance)?.[1]
  return {
    counterName: tidy(parts.get('NAME') ?? name),
    counterAccount: accountIn(parts.get('IBAN') ?? account),
    endToEndId: withoutNone(tidy(parts.get('EREF'))),
    reference: tidy(structured),
    message: tidy(structured === undefined ? remittance.replace(/^USTD\/\/?/, '') : undefined),
  }
}

function polishDetails(text: string): Mt940Details | undefined {
  const title = /\bTYT\.: ([^;]*)/.exec(text)?.[1]
  if (title === undefined) return undefined
  return {
    counterName: tidy(/\bOD: ([^;]*)/.exec(text)?.[1]),
    counterAccount: accountIn(/\bZ RACH\.: ?(\d{2}[\d ]{20,})/.exec(text)?.[1]),
    message: tidy(title),
  }
}

function freeText(text: string): Mt940Details {
  const [, account, name] = /\bREK: ?([A-Z]{2}\d{2}[A-Z0-9]{10,30})(?:\/NAAM: ?(.*))?/.exec(text) ?? []
  return { message: tidy(text), counterAccount: account, counterName: tidy(name) }
}
