/**
 * What is put into the import folders, and what it must come to: the truth that the books are compared with.
 *
 * Orders of three sorts, told apart by chance: sent by courier, collected in a store (both CSV, windows-1250), and of
 * the trade (JSON lines). Many are paid (camt.053), answered by the store, or given a status by the ERP, some of that
 * before the order itself has come. Each order has a customer of its own, so that messages can be counted.
 */
import type { Seeded } from '../crash/seeded.ts'
import { answers, camt, orderCsv } from '../end-to-end/samples.ts'

export interface PlannedOrder {
  readonly number: string
  readonly sort: 'courier' | 'collect' | 'trade'
  readonly email: string
  /** As it stands in the file, and as it is dialled. */
  readonly phone: { readonly written: string; readonly dialled: string }
  /** By the bank. */
  readonly paid: boolean
  /** By the store. */
  readonly confirmed: boolean
  /** By a person at the command line: neither bank nor store says anything. */
  readonly byHand: boolean
  /** The last word of the ERP. */
  readonly shipped: boolean
}

export type ImportName = 'orders' | 'trade' | 'bank' | 'answers' | 'erp'

export interface Drop {
  readonly import: ImportName
  readonly name: string
  readonly bytes: Uint8Array
  /** Records that its reading must count. */
  readonly records: number
}

export interface Load {
  /** The next orders with what belongs to them, and some of what was left of earlier ones. */
  next(count: number): readonly Drop[]
  /** All of them in one file of one sort. */
  big(count: number, sort: 'shop' | 'trade'): readonly Drop[]
  /** Whatever has not been told yet. */
  rest(): readonly Drop[]
  readonly orders: readonly PlannedOrder[]
}

interface Told {
  readonly import: 'bank' | 'answers' | 'erp'
  readonly order: string
}

const firstNumber = 4_000_000

/** `byHand`: percent of the orders that are left to a person. */
export function makeLoad(chance: Seeded, { byHand }: { readonly byHand: number }): Load {
  const orders: PlannedOrder[] = []
  let left: Told[] = []
  let files = 0

  const file = (name: ImportName, ending: string, records: number, bytes: Uint8Array | string): Drop => {
    files += 1
    const text = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    return { import: name, name: `${name}-${String(files).padStart(6, '0')}.${ending}`, bytes: text, records }
  }
  const plan = (sorts: readonly PlannedOrder['sort'][]): PlannedOrder => {
    const order = planOrder(chance, firstNumber + orders.length, chance.pick(sorts), byHand)
    orders.push(order)
    for (const name of toldOf(order)) left.push({ import: name, order: order.number })
    return order
  }
  const ofOrders = (some: readonly PlannedOrder[]): readonly Drop[] => {
    const [shop, trade] = [some.filter(({ sort }) => sort !== 'trade'), some.filter(({ sort }) => sort === 'trade')]
    return [
      ...(shop.length === 0 ? [] : [file('orders', 'csv', shop.length, shopFile(shop))]),
      ...(trade.length === 0 ? [] : [file('trade', 'jsonl', trade.length, tradeFile(trade))]),
    ]
  }
  const tell = (share: number): readonly Drop[] => {
    const [now, later] = [[] as Told[], [] as Told[]]
    for (const each of chance.shuffled(left)) (chance.percent(share) ? now : later).push(each)
    left = later
    return inPieces(chance, now).flatMap((piece) => toldFiles(piece, file))
  }
  return {
    orders,
    next: (count) => {
      const drops: Drop[] = []
      for (const piece of inPieces(chance, Array.from({ length: count })))
        drops.push(...ofOrders(piece.map(() => plan(['courier', 'collect', 'trade']))))
      // Told before, with, or after the orders.
      return chance.shuffled([...tell(60), ...drops])
    },
    big: (count, sort) =>
      ofOrders(Array.from({ length: count }, () => plan(sort === 'shop' ? ['courier', 'collect'] : ['trade']))),
    rest: () => tell(100),
  }
}

function planOrder(chance: Seeded, number: number, sort: PlannedOrder['sort'], byHandShare: number): PlannedOrder {
  const byHand = sort !== 'trade' && chance.percent(byHandShare)
  const digits = String(number)
  return {
    number: digits,
    sort,
    email: `c${digits}@example.com`,
    phone: { written: `0630${digits}`, dialled: `3630${digits}` },
    paid: !byHand && sort !== 'trade' && chance.percent(60),
    confirmed: !byHand && sort === 'collect' && chance.percent(60),
    byHand,
    shipped: sort === 'trade' && chance.percent(60),
  }
}

const toldOf = ({ paid, confirmed, shipped }: PlannedOrder): readonly Told['import'][] => [
  ...(paid ? (['bank'] as const) : []),
  ...(confirmed ? (['answers'] as const) : []),
  ...(shipped ? (['erp'] as const) : []),
]

/** Pieces of one up to eighty. */
function inPieces<T>(chance: Seeded, list: readonly T[]): readonly (readonly T[])[] {
  const pieces: (readonly T[])[] = []
  for (let at = 0; at < list.length;) {
    const size = chance.percent(30) ? 1 : chance.between(2, 80)
    pieces.push(list.slice(at, at + size))
    at += size
  }
  return pieces
}

const shopFile = (orders: readonly PlannedOrder[]): Uint8Array =>
  orderCsv(
    orders.map(({ number, sort, email, phone }) => ({
      number,
      email,
      phone: phone.written,
      ...(sort === 'collect' && { deliver: 'collect', store: 'KOS01' }),
    })),
  )

const tradeFile = (orders: readonly PlannedOrder[]): string =>
  orders
    .map(({ number, email }) => ({
      number,
      date: '2026-11-21',
      gross: '125.00',
      customer: { name: 'Büro & Söhne', email },
      lines: [{ sku: 'CH-1', quantity: '10', unitPrice: '12.50', vatPercent: '0' }],
    }))
    .map((order) => `${JSON.stringify(order)}\n`)
    .join('')

type MakeFile = (name: ImportName, ending: string, records: number, bytes: string) => Drop

function toldFiles(piece: readonly Told[], file: MakeFile): readonly Drop[] {
  const of = (name: Told['import']): readonly string[] =>
    piece.filter((each) => each.import === name).map(({ order }) => order)
  const [bank, store, erp] = [of('bank'), of('answers'), of('erp')]
  const payments = bank.map((order) => ({ reference: `R${order}`, amount: '24990.00', text: `rendeles ${order}` }))
  return [
    ...(bank.length === 0 ? [] : [file('bank', 'xml', bank.length, camt(payments, `S${bank[0] ?? ''}`))]),
    ...(store.length === 0
      ? []
      : [file('answers', 'csv', store.length, answers(store.map((no) => [no, 'confirmed', ''])))]),
    ...(erp.length === 0
      ? []
      : [file('erp', 'csv', erp.length, ['No;Status', ...erp.map((no) => `${no};shipped`), ''].join('\n'))]),
  ]
}
