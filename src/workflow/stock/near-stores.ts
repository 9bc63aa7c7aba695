/**
 * Stores by distance, with what each has of an order (N08).
 *
 * The distance is that of the great circle on a sphere of 6371 km. Of each item a buffer stays untouched. Stores whose
 * place is not known come last; equal ones in the order of their codes. Pure; throws nothing.
 */
import type { StockLevel } from '../../core/stock-level.ts'
import { compareDecimals, type DecimalText, minusDecimals, plusDecimals } from '../../core/money.ts'

/** Degrees as decimal text. */
interface Place {
  readonly latitude?: string | undefined
  readonly longitude?: string | undefined
}

export interface Wanted {
  readonly sku: string
  readonly variant?: string | undefined
  readonly quantity: DecimalText
}

export interface Candidate extends Place {
  readonly code: string
  readonly location: string
  /** What the order wants, as this store calls the items. */
  readonly wanted: readonly Wanted[]
}

export interface NearStore {
  readonly code: string
  /** Undefined where one of the two places is not known. */
  readonly km?: number
  readonly requested: DecimalText
  readonly fulfilled: DecimalText
  /** `SKU-1: 2 of 3`, for each item of which it has too little. */
  readonly short: readonly string[]
}

/** `levels`: of the items, at any place. */
export function nearStores(
  from: Place | undefined,
  candidates: readonly Candidate[],
  levels: readonly StockLevel[],
  buffer: DecimalText,
): readonly NearStore[] {
  return candidates
    .map((candidate) => storeWith(from, candidate, levels, buffer))
    .toSorted((a, b) => (a.km ?? Infinity) - (b.km ?? Infinity) || compareTexts(a.code, b.code))
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function storeWith(
  from: Place | undefined,
  candidate: Candidate,
  levels: readonly StockLevel[],
  buffer: DecimalText,
): NearStore {
  const km = from && distanceKm(from, candidate)
  let [requested, fulfilled]: [DecimalText, DecimalText] = ['0', '0']
  const short: string[] = []
  for (const { sku, variant, quantity } of together(candidate.wanted)) {
    const available = availableAt(candidate.location, sku, variant, levels, buffer)
    const given = compareDecimals(available, quantity) < 0 ? available : quantity
    requested = plusDecimals(requested, quantity)
    fulfilled = plusDecimals(fulfilled, given)
    if (given !== quantity) short.push(`${[sku, variant].filter(Boolean).join('/')}: ${given} of ${quantity}`)
  }
  return { code: candidate.code, ...(km !== undefined && { km }), requested, fulfilled, short }
}

/** The same item on two lines is wanted once, with both quantities. */
function together(wanted: readonly Wanted[]): readonly Wanted[] {
  const items = new Map<string, Wanted>()
  for (const each of wanted) {
    const key = JSON.stringify([each.sku, each.variant ?? ''])
    const known = items.get(key)
    items.set(key, known ? { ...known, quantity: plusDecimals(known.quantity, each.quantity) } : each)
  }
  return [...items.values()]
}

/** What lies there, less what is reserved and the buffer; never below nothing. */
export function availableAt(
  location: string,
  sku: string,
  variant: string | undefined,
  levels: readonly StockLevel[],
  buffer: DecimalText,
): DecimalText {
  const level = levels.find((each) => each.location === location && each.sku === sku && each.variant === variant)
  if (level === undefined) return '0'
  const left = minusDecimals(minusDecimals(level.quantity, level.reserved), buffer)
  return compareDecimals(left, '0') > 0 ? left : '0'
}

const earthRadiusKm = 6371

/** sin²(angle / 2), the haversine. */
const halfChord = (angle: number): number => Math.sin(angle / 2) ** 2
const inRadians = (degrees: string): number => (Number(degrees) * Math.PI) / 180

/** Haversine; undefined where a place is not known. */
export function distanceKm(a: Place, b: Place): number | undefined {
  const [from, to] = [radians(a), radians(b)]
  if (from === undefined || to === undefined) return undefined
  const chord =
    halfChord(to.north - from.north) + Math.cos(from.north) * Math.cos(to.north) * halfChord(to.east - from.east)
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(chord)))
}

function radians({ latitude, longitude }: Place): { readonly north: number; readonly east: number } | undefined {
  if (latitude === undefined || longitude === undefined) return undefined
  return { north: inRadians(latitude), east: inRadians(longitude) }
}
