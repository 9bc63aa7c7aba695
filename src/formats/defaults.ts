/**
 * What the records of an import lack and the config knows.
 *
 * Made by the caller from the import and the config; interpreters use it where a file has no
 * value of its own. Reads nothing itself and throws nothing.
 */
export interface Defaults {
  /** Channel of orders. */
  readonly channel?: string
  /** Channel of status and payments, only where the import names one: else any channel is meant. */
  readonly statusChannel?: string
  readonly company: string
  readonly account?: string
  /** ISO 4217. */
  readonly currency: string
  /** ISO 3166-1, for phone numbers. */
  readonly country: string
  /** IANA zone of times without an offset. */
  readonly zone?: string
}
