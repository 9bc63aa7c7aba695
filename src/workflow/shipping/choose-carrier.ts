/**
 * Chooses who brings an order and what is collected at the door (F26): the first carrier of the config that fits.
 *
 * Money is collected only where something is open and the payment method says so; an order of which some is to be
 * collected goes to no carrier that does not collect it. Whoever is no carrier of the config is a plain name, such
 * as a warehouse. Pure.
 */
import type { Carrier } from '../../config/schema.ts'
import type { Carriage } from '../../core/model.ts'
import { compareDecimals, isDecimal, type Minor, roundTo, toMinor } from '../../core/money.ts'
import type { Order } from '../../core/order.ts'
import { listOf } from '../compile.ts'
import { evaluate } from '../conditions.ts'
import type { Draft } from '../draft.ts'
import { openAmount } from '../order-state.ts'

export type Choice =
  | { readonly kind: 'to'; readonly to: string; readonly cashOnDelivery?: Minor; readonly carriage?: Carriage }
  | { readonly kind: 'none'; readonly reason: string }

export function chooseCarrier(draft: Draft, order: Order, to: string): Choice {
  const { carriers } = draft.setup.config
  const all = Object.entries(carriers)
  const wanted = to === 'carrier' ? all : all.filter(([code]) => code === to)
  if (wanted.length === 0) return plain(order, to)
  const collected = new Set(all.flatMap(([, { cashOnDelivery }]) => cashOnDelivery?.methods ?? []))
  const reasons: string[] = []
  for (const [code, carrier] of wanted) {
    const reason = obstacle(order, carrier, collected)
    if (reason === undefined) return taken(order, code, carrier)
    reasons.push(`${code}: ${reason}`)
  }
  return { kind: 'none', reason: reasons.join('; ') }
}

/** A name that the config says nothing of: the method `cod` is the one by which money is collected. */
function plain(order: Order, to: string): Choice {
  const open = openAmount(order)
  return { kind: 'to', to, ...(open > 0 && order.paymentMethod === 'cod' && { cashOnDelivery: open }) }
}

/** Why the carrier cannot bring the order. `collected`: the payment methods by which any carrier collects. */
function obstacle(order: Order, carrier: Carrier, collected: ReadonlySet<string>): string | undefined {
  const conditions = carrier.if ? [carrier.if] : []
  const { holds, seen } = evaluate({ ...(carrier.for && { scope: carrier.for }), conditions }, order)
  if (!holds) return `${seen.at(-1)?.field ?? 'for'} is ${seen.at(-1)?.seen ?? 'another'}`
  const { paymentMethod = '', currency } = order
  if (openAmount(order) <= 0 || !(collected.has(paymentMethod) || paymentMethod === 'cod')) return undefined
  const { cashOnDelivery: cash } = carrier
  if (!cash?.methods.includes(paymentMethod)) return `collects no money by ${paymentMethod}`
  const collects = cash.currency === undefined || listOf<string>(cash.currency).includes(currency)
  return collects ? undefined : `collects no ${currency}`
}

function taken(order: Order, code: string, carrier: Carrier): Choice {
  const { name, profile, services } = carrier
  const cash = cashOf(order, carrier)
  const weight = weightOf(order, carrier)
  return {
    kind: 'to',
    to: code,
    ...(cash > 0 && { cashOnDelivery: cash }),
    carriage: {
      carrier: name ?? code,
      ...(profile !== undefined && { profile }),
      ...(carrier.package.type !== undefined && { package: carrier.package.type }),
      ...(weight !== undefined && { weight }),
      services,
    },
  }
}

/** What is open, rounded as the carrier rounds the currency; 0 when nothing is to be collected. */
function cashOf(order: Order, { cashOnDelivery }: Carrier): Minor {
  const open = openAmount(order)
  if (open <= 0 || !cashOnDelivery?.methods.includes(order.paymentMethod ?? '')) return 0
  const { rounding } = cashOnDelivery
  const step = Object.hasOwn(rounding, order.currency) ? rounding[order.currency] : undefined
  return step === undefined ? open : roundTo(open, Math.max(1, toMinor(step, order.currency)))
}

/** The own field `weight` of the order, in kg, at least what the carrier wants stated. */
function weightOf({ fields }: Order, { package: { weight } }: Carrier): string | undefined {
  const own = fields && Object.hasOwn(fields, 'weight') ? fields['weight']?.replace(',', '.') : undefined
  if (own === undefined || !isDecimal(own)) return weight
  return weight !== undefined && compareDecimals(own, weight) < 0 ? weight : own
}
