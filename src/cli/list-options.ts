/**
 * The options that every list of records has: how many, from when to when, any field.
 * Values are checked here; the ledger gets a filter that it understands. Throws a Failure with code 64.
 */
import type { Command } from 'commander'
import type { EntityKind } from '../core/model.ts'
import type { RecordFilter } from '../ledger/ledger.ts'
import { collectFilter, countOf, whenOf, type WhenOptions } from './typed-values.ts'

export interface ListOptions {
  readonly limit: number
  readonly since?: string
  readonly until?: string
  readonly after?: string
  readonly filter?: Readonly<Record<string, string>>
}

export const listOptions = (command: Command): Command =>
  limitOption(command)
    .option('--since <time>', 'came then or later: a date, a time or a duration such as 2d')
    .option('--until <time>', 'came before')
    .option('--after <id>', 'go on after this one')
    .option('--filter <field=value>', 'any field; may be given again', collectFilter)

export const limitOption = (command: Command): Command =>
  command.option('--limit <count>', 'at most so many', countOf('--limit', 1_000_000), 100)

/** The filter for the ledger; `fields` that are undefined do not count. */
export function recordFilter(
  kind: EntityKind,
  options: ListOptions,
  fields: Readonly<Record<string, string | undefined>>,
  time: Pick<WhenOptions, 'now' | 'zone'>,
): RecordFilter {
  const { limit, since, until, after, filter } = options
  const where: Record<string, string> = { ...filter }
  for (const [field, value] of Object.entries(fields)) if (value !== undefined) where[field] = value
  return {
    kind,
    limit,
    where,
    ...(since !== undefined && { since: whenOf(since, '--since', { ...time, towards: 'past' }) }),
    ...(until !== undefined && { until: whenOf(until, '--until', { ...time, towards: 'past' }) }),
    ...(after !== undefined && { after }),
  }
}
