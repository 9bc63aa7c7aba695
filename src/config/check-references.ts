/**
 * Codes that name another entry of the config must be there: stores, channels, calendars, companies, workflows.
 *
 * Stores may also come from import files; where an import of stores exists, unknown stores are not refused.
 * Throws nothing.
 */
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { missingNames } from './names.ts'
import type { Scope } from './schema.ts'

export function checkReferences(context: Pick<CheckContext, 'config' | 'names'>): readonly Finding[] {
  const { config, names } = context
  return [
    ...Object.entries(config.stores).flatMap(([code, store]) => [
      ...missingNames(names, 'workflows', store.workflow, ['stores', code, 'workflow']),
      ...missingNames(names, 'calendars', store.calendar, ['stores', code, 'calendar']),
      ...missingNames(names, 'companies', store.company, ['stores', code, 'company']),
      ...notCollect(context, store.workflow, ['stores', code, 'workflow']),
    ]),
    ...Object.entries(config.channels).flatMap(([code, { company }]) =>
      missingNames(names, 'companies', company, ['channels', code, 'company']),
    ),
    ...Object.entries(config.imports).flatMap(([code, { channel, company }]) => [
      ...missingNames(names, 'channels', channel, ['imports', code, 'channel']),
      ...missingNames(names, 'companies', company, ['imports', code, 'company']),
    ]),
    ...Object.entries(config.exports).flatMap(([code, { channel, company }]) => [
      ...missingNames(names, 'channels', channel, ['exports', code, 'channel']),
      ...missingNames(names, 'companies', company, ['exports', code, 'company']),
    ]),
    ...scopeNames(context, config.stock.for, ['stock', 'for']),
    ...Object.entries(config.workflows).flatMap(([code, workflow]) =>
      scopeNames(context, workflow.for, ['workflows', code, 'for']),
    ),
  ]
}

export function scopeNames(
  { config, names }: Pick<CheckContext, 'config' | 'names'>,
  scope: Scope | undefined,
  path: Path,
): readonly Finding[] {
  if (!scope) return []
  const storesAreImported = Object.values(config.imports).some(({ kind }) => kind === 'stores')
  return [
    ...missingNames(names, 'channels', scope.channel, [...path, 'channel']),
    ...missingNames(names, 'companies', scope.company, [...path, 'company']),
    ...(storesAreImported ? [] : missingNames(names, 'stores', scope.store, [...path, 'store'])),
  ]
}

function notCollect(
  { config }: Pick<CheckContext, 'config'>,
  code: string | undefined,
  path: Path,
): readonly Finding[] {
  const workflow = code === undefined ? undefined : config.workflows[code]
  if (!workflow || workflow.kind === 'collect') return []
  const collecting = Object.entries(config.workflows).flatMap(([name, { kind }]) => (kind === 'collect' ? [name] : []))
  const expected = collecting.length > 0 ? { expected: `a collect workflow: ${collecting.join(', ')}` } : {}
  return [{ code: 'C084', path, message: `"${code}" is a ${workflow.kind} workflow`, ...expected }]
}
