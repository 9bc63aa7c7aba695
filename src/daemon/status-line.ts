/**
 * One line for `systemctl status`: how the daemon is, as the status document says it.
 *
 * Only words, names of the config and counts: nothing from outside. Throws nothing.
 */
import type { StatusDocument } from './status-document.ts'

export function statusLine({ config, imports, exports, transports, queue }: StatusDocument): string {
  return [
    foldersPart(
      'import',
      Object.entries(imports).map(([name, { online }]) => [name, online] as const),
    ),
    foldersPart(
      'export',
      Object.entries(exports).map(([name, { ok }]) => [name, ok] as const),
    ),
    ...Object.entries(transports).map(([channel, { state }]) => `${channel} ${state}`),
    ...queuePart(queue),
    ...(config.rejected === undefined ? [] : ['a changed config was rejected, the old one goes on']),
  ].join('; ')
}

function foldersPart(what: string, all: readonly (readonly [name: string, ok: boolean])[]): string {
  const away = all.filter(([, ok]) => !ok).map(([name]) => name)
  const count = `${all.length} ${what}${all.length === 1 ? '' : 's'}`
  return away.length === 0
    ? count
    : `${count}, trouble with ${away.slice(0, 3).join(', ')}${away.length > 3 ? ' …' : ''}`
}

function queuePart(queue: StatusDocument['queue']): readonly string[] {
  const count = (wanted: string): number =>
    queue.filter(({ state }) => state === wanted).reduce((sum, one) => sum + one.count, 0)
  return (['queued', 'held'] as const).map((state) => `${count(state)} ${state}`)
}
