/**
 * Checks one order against all that belongs to it: allocations, clearing entries, movements, documents, timers.
 *
 * Pure comparisons of what was read in one state of the ledger. Money is in minor units. Throws nothing.
 */
import { dispatchId, invoiceId, movementId } from '../../core/ids.ts'
import type { Clearing } from '../../core/clearing.ts'
import type { Allocation, Dispatch, Entity, Invoice, Movement, Payment } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import type { AuditTimerRow } from '../../ledger/audit-statements.ts'
import { compareDecimals } from '../../core/money.ts'
import { quantitiesOf } from '../../workflow/collect/hand-over.ts'
import { retentionTimer } from '../../workflow/collect/archive.ts'
import { reminderTimers } from '../../workflow/collect/reminders.ts'
import { nth, takenBack, transferBack } from '../../workflow/instruct.ts'
import { paymentStatusOf } from '../../workflow/order-state.ts'
import { reversalFindings } from './clearing.ts'
import { type Finding, finding } from './finding.ts'

export const standing = ({ allocations }: Payment): readonly Allocation[] =>
  allocations.filter(({ reversedAt }) => reversedAt === undefined)

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)

export function orderFindings(
  order: Order,
  belongings: readonly Entity[],
  timers: readonly AuditTimerRow[],
): readonly Finding[] {
  return [
    ...paidFindings(order, belongings),
    ...clearingFindings(order, belongings),
    ...goodsFindings(order, belongings),
    ...handoverFindings(order),
    ...timerFindings(order, timers),
  ]
}

function paidFindings(order: Order, belongings: readonly Entity[]): readonly Finding[] {
  const payments = belongings.filter((each) => each.kind === 'payment')
  const allocated = sum(
    payments
      .flatMap((payment) => standing(payment).filter(({ document }) => document === order.id))
      .map(({ amount }) => amount),
  )
  const findings: Finding[] = []
  if (allocated !== order.paid) {
    const expected = `${allocated}, the sum of the allocations of ${payments.length} payments`
    findings.push(finding('A030', order.id, { found: `paid ${order.paid}`, expected }))
  }
  const status = paymentStatusOf(order)
  if (status !== order.paymentStatus) {
    findings.push(finding('A033', order.id, { found: order.paymentStatus, expected: `${status}, by its amounts` }))
  }
  return findings
}

export function paymentFindings(payment: Payment): readonly Finding[] {
  const allocations = standing(payment)
  const allocated = sum(allocations.map(({ amount }) => amount))
  const findings: Finding[] = []
  if (allocated > payment.amount) {
    findings.push(
      finding('A031', payment.id, { found: `${allocated} allocated`, expected: `at most ${payment.amount}` }),
    )
  }
  const reverses = payment.evidence.some((text) => text.startsWith('reverses '))
  const isMatched = allocations.length > 0 || (payment.state === 'matched' && reverses)
  if (isMatched !== (payment.state === 'matched')) {
    const expected = payment.state === 'matched' ? 'at least one' : 'none'
    findings.push(
      finding('A032', payment.id, { found: `${allocations.length} allocations, state ${payment.state}`, expected }),
    )
  }
  return findings
}

function clearingFindings(order: Order, belongings: readonly Entity[]): readonly Finding[] {
  const entries = belongings.filter((each) => each.kind === 'clearing')
  const findings = [
    ...entries.filter(({ net, vat, gross }) => net + vat !== gross).map((entry) => unequal(entry)),
    ...reversalFindings(entries),
  ]
  const rest = sum(entries.map(({ gross }) => gross))
  if (rest !== 0) {
    findings.push(finding('A034', order.id, { found: `${rest} over ${entries.length} entries`, expected: '0' }))
  }
  const named: ReadonlySet<string> = new Set(order.collect?.clearing)
  const there: ReadonlySet<string> = new Set(entries.map(({ id }) => id))
  for (const id of named)
    if (!there.has(id))
      findings.push(finding('A035', id, { found: 'nothing', expected: `the entry that order ${order.id} names` }))
  for (const id of there)
    if (!named.has(id))
      findings.push(finding('A035', id, { found: 'an entry', expected: `one that order ${order.id} names` }))
  return findings
}

const unequal = ({ id, net, vat, gross }: Clearing): Finding =>
  finding('A034', id, { found: `net ${net} and VAT ${vat} with gross ${gross}`, expected: `gross ${net + vat}` })

/** How many lines of one number are looked at, beyond those that the order has now: it may have had more. */
const moreLines = 20

/** Ids are made of order, line and kind: what is under its own id is there once. */
function goodsFindings(order: Order, belongings: readonly Entity[]): readonly Finding[] {
  return belongings.flatMap((each) => {
    if (each.kind === 'movement' && !isOwn(order, each)) {
      return [foreign(each.id, `${each.move} of line ${each.line}`)]
    }
    if (each.kind === 'invoice' && !isOwnDocument(order, each)) return [foreign(each.id, each.type)]
    if (each.kind === 'dispatch' && !isOwnDispatch(order, each)) {
      return [foreign(each.id, `dispatch to ${each.to}`)]
    }
    return []
  })
}

/** Documents that the ERP issued unasked go by their number; others are the first, second … of their type. */
function isOwnDocument(order: Order, { id, type, source }: Invoice): boolean {
  if (source !== undefined || id === invoiceId(`${order.id}/${type}`)) return true
  return Array.from({ length: moreLines }, (_, i) => invoiceId(`${order.id}/${type}/${i + 2}`)).includes(id)
}

/** After a roll back the same is done for the second, third … time. */
const times = Array.from({ length: moreLines }, (_, i) => i + 1)

/** Where the config chose the carrier, the id is made of the word of the step: `carrier`. */
const isOwnDispatch = (order: Order, { id, to, carriage }: Dispatch): boolean =>
  (carriage === undefined ? [to] : ['carrier', to]).some((name) =>
    times.some((time) => id === dispatchId(nth(`${order.id}/${name}`, time))),
  )

function isOwn(order: Order, { id, line, move, reverses }: Movement): boolean {
  if (reverses !== undefined) return id === takenBack(reverses)
  const most = order.lines.filter(({ number }) => number === line).length + moreLines
  for (let count = 1; count <= most; count++) {
    const rounds = move === 'return' ? times : times.slice(0, (order.round ?? 0) + 1)
    for (const word of move === 'transfer' ? [move, transferBack] : [move]) {
      const key = `${order.id}/${count === 1 ? line : `${line}#${count}`}/${word}`
      if (rounds.some((time) => id === movementId(nth(key, time)))) return true
    }
  }
  return false
}

const foreign = (id: string, what: string): Finding =>
  finding('A036', id, { found: `${what} under another id`, expected: 'one for each order, line and kind' })

/** N32: a delivered order that a person changed by force may differ from what was handed over. */
function handoverFindings(order: Order): readonly Finding[] {
  const { collect } = order
  if (collect?.handovers === undefined) return []
  const wrong = quantitiesOf(order).find(
    ({ ordered, delivered, returned }) =>
      compareDecimals(returned, delivered) > 0 ||
      (collect.delivery !== 'delivered' && compareDecimals(delivered, ordered) > 0),
  )
  if (wrong === undefined) return []
  const { key, ordered, delivered, returned } = wrong
  const found = `line ${key}: ${delivered} handed over, ${returned} brought back`
  return [finding('A039', order.id, { found, expected: `at most ${ordered}, and no more back than out` })]
}

/** Timers that an order must have as it stands, by name. */
function wantedTimers({ collect, keepUntil, erasedAt }: Order): ReadonlyMap<string, number> {
  const wanted = new Map<string, number>()
  if (keepUntil !== undefined && erasedAt === undefined) wanted.set(retentionTimer, keepUntil)
  if (collect?.settings.elsewhere) return wanted // the other side says when it expires
  if (collect?.processing === 'pending' && collect.processingExpiresAt !== undefined) {
    wanted.set('collect.processing', collect.processingExpiresAt)
  }
  if (collect?.delivery === 'ready' && collect.deliveryExpiresAt !== undefined) {
    wanted.set('collect.delivery', collect.deliveryExpiresAt)
  }
  return wanted
}

function timerFindings(order: Order, timers: readonly AuditTimerRow[]): readonly Finding[] {
  const wanted = wantedTimers(order)
  const missing = [...wanted]
    .filter(([name, dueAt]) => !timers.some((timer) => timer.name === name && timer.due_at === dueAt))
    .map(([name, dueAt]) => finding('A027', order.id, { found: 'none', expected: `${name} at ${dueAt}` }))
  // One that has been sent is gone, although the order stands as it did.
  const possible = new Set((order.collect ? reminderTimers(order.collect) : []).map(({ name }) => name))
  const idle = timers
    .filter(({ name }) => !wanted.has(name) && !possible.has(name))
    .map(({ id, name, due_at: dueAt }) =>
      finding('A028', id, { found: `${name} at ${dueAt} for order ${order.id}`, expected: 'none' }),
    )
  return [...missing, ...idle]
}
