/**
 * Which matching rules a payment goes by (F05): those of its import, else of its channel, else the general ones.
 *
 * One set counts as a whole: what it leaves out has the default, not the value of the next. Throws nothing.
 */
import type { Config, Matching } from '../../config/schema.ts'

export function matchingOf(
  { imports, channels, matching }: Config,
  payment: { readonly source: { readonly import: string }; readonly channel?: string },
): Matching {
  const { source, channel } = payment
  const ofImport = Object.hasOwn(imports, source.import) ? imports[source.import]?.matching : undefined
  const ofChannel = channel !== undefined && Object.hasOwn(channels, channel) ? channels[channel]?.matching : undefined
  return ofImport ?? ofChannel ?? matching
}
