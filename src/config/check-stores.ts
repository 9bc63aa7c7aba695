/**
 * Stores: their workflows, their place on the map, and who is told of customers that orders for them make.
 *
 * Whether the codes exist is looked at in check-references. Throws nothing.
 */
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { missingNames } from './names.ts'
import type { Config, StoreConfig } from './schema.ts'

type Context = Pick<CheckContext, 'config' | 'names'>

export const checkStores = (context: Context): readonly Finding[] => [
  ...Object.entries(context.config.stores).flatMap(([code, store]) => [
    ...workflows(context, store, ['stores', code, 'workflows']),
    ...place(store, ['stores', code]),
  ]),
  ...customers(context.config),
]

function workflows({ config, names }: Context, store: StoreConfig, path: Path): readonly Finding[] {
  const { workflow, workflows: relations = [] } = store
  const both =
    workflow === undefined || relations.length === 0 || relations.some(({ use }) => use === workflow)
      ? []
      : [contradiction(path, `workflow names "${workflow}" as the only one, which is not in the list`)]
  return [
    ...both,
    ...relations.flatMap(({ use }, i) => {
      const at = [...path, i, 'use']
      const named = config.workflows[use]
      const kind: readonly Finding[] =
        named === undefined || named.kind === 'collect'
          ? []
          : [{ code: 'C084', path: at, message: `"${use}" is a ${named.kind} workflow` }]
      const isTwice = relations.findIndex((each) => each.use === use) < i
      return [
        ...missingNames(names, 'workflows', use, at),
        ...kind,
        ...(isTwice ? [contradiction(at, `"${use}" stands in the list twice`)] : []),
      ]
    }),
  ]
}

const contradiction = (path: Path, message: string): Finding => ({ code: 'C120', path, message })

function place({ latitude, longitude }: StoreConfig, path: Path): readonly Finding[] {
  if ((latitude === undefined) === (longitude === undefined)) return []
  const [given, lacking] = latitude === undefined ? ['longitude', 'latitude'] : ['latitude', 'longitude']
  return [{ code: 'C121', path: [...path, given], at: 'key', message: `${given} without ${lacking}` }]
}

function customers({ exports, workflows: all }: Config): readonly Finding[] {
  if (Object.values(exports).some(({ kind }) => kind === 'customers')) return []
  return Object.entries(all).flatMap(([code, workflow]): readonly Finding[] =>
    workflow.kind !== 'collect' || !workflow.enabled || workflow.customerUpdate === 'never'
      ? []
      : [
          {
            code: 'C122',
            path: ['workflows', code, 'customerUpdate'],
            severity: 'warning',
            message: 'there is no export of kind customers: no ERP is told, and new customers get no number',
          },
        ],
  )
}
