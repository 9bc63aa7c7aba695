/**
 * A record of kind `payments` to an IncomingPayment.
 *
 * The amount becomes positive, its sign or `direction` says which way. Without a reference of the
 * bank the key is made from the content and its number among equal ones of the file, so that two
 * equal payments on one day stay two and a repeated file has no effect. Throws nothing.
 */
import type { CollectiveEntry } from '../core/collective-entry.ts'
import { digest } from '../core/ids.ts'
import type { IncomingPayment } from '../core/incoming.ts'
import type { Defaults } from './defaults.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'
import type { SeenKeys } from './seen-keys.ts'

/** Words of banks for the two directions: ISO 20022, English, German. */
const directions = ['credit', 'debit', 'CRDT', 'DBIT', 'C', 'D', 'H', 'S'] as const
const isDebit = (word: (typeof directions)[number]): boolean => ['debit', 'DBIT', 'D', 'S'].includes(word)

export function parsePayment(fields: RecordFields, defaults: Defaults, seen: SeenKeys): IncomingPayment {
  const currency = fields.currency('currency', defaults.currency)
  const signed = fields.money('amount', currency)
  if (!fields.has('amount')) fields.note('D030', 'amount')
  if (signed === 0) fields.note('D059', 'amount', '0')
  const word = fields.word('direction', directions)
  const content = {
    account: accountOf(fields, defaults),
    direction: (word === undefined ? (signed ?? 0) < 0 : isDebit(word)) ? ('debit' as const) : ('credit' as const),
    amount: Math.abs(signed ?? 0),
    currency,
    bookedOn: fields.date('bookedOn'),
    valueOn: fields.date('valueOn'),
    counterName: fields.text('counterName'),
    counterAccount: fields.text('counterAccount')?.replace(/\s/g, ''),
    reference: fields.text('reference'),
    endToEndId: fields.text('endToEndId'),
    message: fields.longText('message'),
  }
  return compact<IncomingPayment>({
    kind: 'payment',
    bankKey: fields.key('bankKey') ?? contentKey(content, seen),
    ...content,
    method: fields.key('method') ?? 'transfer',
    channel: fields.key('channel') ?? defaults.statusChannel,
    reversal: fields.flag('reversal') ?? false,
    origin: fields.key('origin'),
    entry: fields.has('entry') ? entryOf(fields.group('entry'), currency) : undefined,
  })
}

const parts = ['sum', 'detail'] as const

/** What a reader of bank statements says of an entry of many payments. */
function entryOf(fields: RecordFields, currency: string): CollectiveEntry | undefined {
  const [part, key, total] = [fields.word('part', parts), fields.key('key'), fields.money('total', currency)]
  if (part === undefined || key === undefined || total === undefined) return undefined
  const count = Number(fields.key('count') ?? 0)
  return compact<CollectiveEntry>({
    part,
    key,
    reference: fields.key('reference'),
    batch: fields.key('batch'),
    count: Number.isSafeInteger(count) && count > 0 ? count : undefined,
    total,
  })
}

/** The account of the file, else that of the import; a problem is noted where there is none. */
export function accountOf(fields: RecordFields, defaults: Defaults): string {
  const account = fields.key('account')?.replace(/\s/g, '') ?? defaults.account
  if (account === undefined) fields.note('D030', 'account', undefined, undefined, 'Set account of the import.')
  return account ?? ''
}

function contentKey(content: Readonly<Record<string, string | number | undefined>>, seen: SeenKeys): string {
  const texts = Object.values(content).map((value) => String(value ?? ''))
  const key = `${content['bookedOn'] ?? content['valueOn'] ?? ''}/${digest('payment', ...texts)}`
  const before = seen.add(key)
  return before === 0 ? key : `${key}#${before + 1}`
}
