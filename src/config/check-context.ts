/**
 * What a cross check is given: the sound part of the config, the codes that exist, and the time.
 *
 * Throws nothing.
 */
import type { Instant } from '../core/date.ts'
import type { AllNames } from './names.ts'
import type { Config } from './schema.ts'

export interface CheckContext {
  readonly config: Config
  readonly names: AllNames
  readonly now: Instant
}
