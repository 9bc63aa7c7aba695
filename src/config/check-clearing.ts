/**
 * Clearing between companies: pairs that can fit, settings that belong together, and no entry in two files.
 *
 * Companies of pairs must be known; `control` and `period` belong to clearing; two exports for ERPs that want the same
 * entries would have them booked twice (N43). Throws nothing.
 */
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import type { ClearingPair, Config, Export } from './schema.ts'

export const checkClearing = ({ config }: Pick<CheckContext, 'config'>): readonly Finding[] => [
  ...config.clearing.pairs.flatMap((pair, i) => pairFindings(config, pair, ['clearing', 'pairs', i])),
  ...hiddenPairs(config),
  ...Object.entries(config.exports).flatMap(([code, target]) => exportFindings(target, ['exports', code])),
  ...overlaps(config),
]

function pairFindings(config: Config, pair: ClearingPair, path: Path): readonly Finding[] {
  const known = [config.company.code, ...Object.keys(config.companies)]
  const findings: Finding[] = (['from', 'to'] as const).flatMap((side): readonly Finding[] => {
    const code = pair[side]
    if (code === undefined || known.includes(code)) return []
    return [
      { code: 'C040', path: [...path, side], message: `there is no company "${code}"`, expected: known.join(', ') },
    ]
  })
  if (pair.from !== undefined && pair.from === pair.to) {
    findings.push({ code: 'C130', path: [...path, 'to'], message: 'a company does not clear with itself' })
  }
  if ((pair.basis === 'percent') !== (pair.percent !== undefined)) {
    const message = 'percent belongs to basis: percent, and only to it'
    findings.push({ code: 'C130', path: [...path, 'basis'], message })
  }
  if (pair.costField !== undefined && pair.basis !== 'cost') {
    findings.push({ code: 'C130', path: [...path, 'costField'], message: 'costField belongs to basis: cost' })
  }
  return findings
}

const covers = (a: string | undefined, b: string | undefined): boolean => a === undefined || a === b

/** A pair that fits only what an earlier one fits is never used. */
function hiddenPairs({ clearing: { pairs } }: Config): readonly Finding[] {
  return pairs.flatMap((pair, i): readonly Finding[] => {
    const earlier = pairs.findIndex((other, k) => k < i && covers(other.from, pair.from) && covers(other.to, pair.to))
    if (earlier < 0) return []
    const message = `pair ${earlier + 1} fits the same companies, and the first that fits counts`
    return [{ code: 'C130', path: ['clearing', 'pairs', i], severity: 'warning', message }]
  })
}

function exportFindings({ kind, control, period, file, when }: Export, path: Path): readonly Finding[] {
  const findings: Finding[] = []
  if (kind !== 'clearing' && control !== 'none') {
    findings.push({ code: 'C131', path: [...path, 'control'], message: `${kind} exports have no control figures` })
  }
  if (kind !== 'clearing' && period !== undefined) {
    findings.push({ code: 'C131', path: [...path, 'period'], message: `${kind} exports have no period` })
  }
  if (file.includes('{period}') && period === undefined) {
    const message = '{period} is the day here, since the export has no period'
    findings.push({
      code: 'C131',
      path: [...path, 'file'],
      severity: 'warning',
      message,
      hint: `Set period, or write {date}; when: ${when}`,
    })
  }
  return findings
}

/** Entries of one company in two files for ERPs. */
function overlaps({ exports }: Config): readonly Finding[] {
  const clearing = Object.entries(exports).filter(([, { kind, audience }]) => kind === 'clearing' && audience === 'erp')
  return clearing.flatMap(([code, target], i): readonly Finding[] => {
    const other = clearing.slice(0, i).find(([, earlier]) => isShared(earlier, target))
    if (other === undefined) return []
    const message = `its entries are in the files of export ${other[0]}, too: they would be booked twice`
    const hint = 'Give each its own company or channel, or audience: human to the one that only people read.'
    return [{ code: 'C132', path: ['exports', code], at: 'key', message, hint }]
  })
}

function isShared(a: Export, b: Export): boolean {
  const companies = a.company === undefined || b.company === undefined || a.company === b.company
  const [ours, theirs] = [channelsOf(a), channelsOf(b)]
  return companies && (ours === undefined || theirs === undefined || ours.some((each) => theirs.includes(each)))
}

const channelsOf = ({ channel }: Export): readonly string[] | undefined =>
  channel === undefined ? undefined : [channel].flat()
