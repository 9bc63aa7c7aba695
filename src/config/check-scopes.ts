/**
 * Enabled workflows whose `for` can never match, since its parts exclude each other.
 *
 * Channels of other companies than the one that is named; stores that have all chosen another collect
 * workflow; channels for which no import brings orders are not looked at, since files may name any. Warnings
 * only: nothing wrong is sent. Throws nothing.
 */
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { eachOf } from './names.ts'
import type { Config, Scope, Workflow } from './schema.ts'

export const checkScopes = ({ config }: Pick<CheckContext, 'config'>): readonly Finding[] =>
  Object.entries(config.workflows).flatMap(([code, workflow]) => {
    const scope = workflow.for
    if (!workflow.enabled || !scope) return []
    const path = ['workflows', code, 'for']
    return [...otherCompany(config, scope, path), ...chosenElsewhere(config, code, workflow, path)]
  })

const named = (value: string | readonly string[] | undefined): readonly string[] =>
  eachOf(value, []).map(([text]) => text)

function otherCompany(config: Config, scope: Scope, path: Path): readonly Finding[] {
  const companies = named(scope.company)
  const channels = named(scope.channel).map((code) => config.channels[code])
  const known = channels.filter((channel) => channel !== undefined)
  if (companies.length === 0 || known.length === 0 || known.length < channels.length) return []
  if (known.some(({ company = config.company.code }) => companies.includes(company))) return []
  const message = `none of these channels takes orders for ${companies.join(' or ')}: the workflow never applies`
  return [{ code: 'C083', path: [...path, 'channel'], severity: 'warning', message }]
}

function chosenElsewhere(config: Config, code: string, workflow: Workflow, path: Path): readonly Finding[] {
  if (workflow.kind !== 'collect') return []
  const stores = named(workflow.for?.store)
  const chosen = stores.map((store) => config.stores[store]?.workflow)
  if (stores.length === 0 || chosen.some((name) => name === undefined || name === code)) return []
  const message = `each of these stores has chosen another workflow (${[...new Set(chosen)].join(', ')})`
  return [{ code: 'C083', path: [...path, 'store'], severity: 'warning', message }]
}
