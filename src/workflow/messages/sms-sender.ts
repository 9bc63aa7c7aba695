/**
 * Who an SMS is from: the first candidate that has a value and can be a sender (N53).
 *
 * A candidate is a field of stores or company, a number, or a name. Numbers lose blanks and marks; nobody writes to
 * himself. A number has at most 15 digits, a name at most 11 characters (3GPP TS 23.040 §9.1.2.5). Pure; throws nothing.
 */
import type { Config } from '../../config/schema.ts'
import type { StoreLike } from '../collect/store-of.ts'

export interface SenderSources {
  /** The collecting store, or the one that sends, by `sendFrom`. */
  readonly store?: StoreLike | undefined
  /** The store that sent the order. */
  readonly fromStore?: StoreLike | undefined
  readonly company: Config['company']
}

/** Chooses for a recipient among the candidates of a template, or else of the config. */
export type ChooseSender = (candidates: readonly string[], recipient: string) => string | undefined

export const smsSenderFrom =
  ({ store, fromStore, company }: SenderSources): ChooseSender =>
  (candidates, recipient) => {
    const values: Record<string, string | undefined> = {
      'store.mobile': store?.mobile,
      'store.phone': store?.phone,
      'fromStore.mobile': fromStore?.mobile,
      'fromStore.phone': fromStore?.phone,
      'company.phone': company.phone,
    }
    for (const candidate of candidates) {
      const value = Object.hasOwn(values, candidate) ? values[candidate] : candidate
      const digits = value?.replace(/[\s()/.-]/g, '')
      if (digits !== undefined && digits === recipient) continue
      if (digits !== undefined && /^\+?\d{3,15}$/.test(digits)) return digits
      if (value !== undefined && /^(?=.*[A-Za-z])[A-Za-z0-9 .&_+-]{1,11}$/.test(value)) return value
    }
    return undefined
  }
