/**
 * Address lists must hold addresses, and whoever is to be told must have one.
 *
 * A text list is split at ";" (P01). Stores that workflows write to need `email` or `mobile` (N13, N14).
 * Throws nothing.
 */
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { eachOf } from './names.ts'
import { noticesOf } from './notices.ts'
import type { PlacedNotice } from './notices.ts'
import type { StoreConfig, Workflow } from './schema.ts'

type Context = Pick<CheckContext, 'config'>
type AddressList = string | readonly string[]

export const checkRecipients = (context: Context): readonly Finding[] => [
  ...addressLists(context),
  ...operators(context),
  ...storesWithoutAddress(context),
]

function addressLists(context: Context): readonly Finding[] {
  const { config } = context
  const lists: readonly (readonly [AddressList | undefined, Path])[] = [
    [config.mail.cc, ['mail', 'cc']],
    [config.alarms?.to, ['alarms', 'to']],
    [config.operators, ['operators']],
    ...Object.entries(config.channels).map(
      ([code, channel]) => [channel.operators, ['channels', code, 'operators']] as const,
    ),
    ...allNotices(context).map(({ notice, path }) => [notice.cc, [...path, 'cc']] as const),
  ]
  return lists.flatMap(([list, path]) => (typeof list === 'string' ? textList(list, path) : []))
}

function textList(list: string, path: Path): readonly Finding[] {
  const addresses = list.split(';').map((part) => part.trim())
  const wrong = addresses.filter((part) => part !== '' && !/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(part))
  if (wrong.length === 0 && addresses.some((part) => part !== '')) return []
  const found = JSON.stringify(wrong[0] ?? list)
  return [
    { code: 'C047', path, message: 'this is no mail address', found, expected: 'addresses, with ";" between them' },
  ]
}

const allNotices = ({ config }: Context): readonly PlacedNotice[] =>
  Object.entries(config.workflows).flatMap(([code, workflow]) => noticesOf(workflow, ['workflows', code]))

/** Where a channel has operators of its own, the others may still lack them: one address anywhere is enough here. */
function operators(context: Context): readonly Finding[] {
  const { config } = context
  if (config.operators !== undefined || Object.values(config.channels).some((channel) => channel.operators)) return []
  return allNotices(context).flatMap(({ notice, path }) =>
    eachOf(notice.to, [...path, 'to']).flatMap(([to, place]): readonly Finding[] =>
      to === 'operators'
        ? [{ code: 'C085', path: place, message: 'there are no operators', hint: 'Add operators: to the main file.' }]
        : [],
    ),
  )
}

function storesWithoutAddress({ config }: Context): readonly Finding[] {
  return Object.entries(config.stores).flatMap(([code, store]) => {
    const workflows = Object.entries(config.workflows).filter(([name, workflow]) => isFor(name, workflow, code, store))
    const wanted = (media: 'mail' | 'sms'): string | undefined =>
      workflows.find(
        ([name, workflow]) => workflow.kind === 'collect' && writesTo(store, name, workflow.store?.[media], media),
      )?.[0]
    return [
      ...(store.email === undefined ? lacks(code, 'email', wanted('mail')) : []),
      ...(store.mobile === undefined ? lacks(code, 'mobile', wanted('sms')) : []),
    ]
  })
}

/** What the store says of its own goes before what the workflow says. */
function writesTo(store: StoreConfig, workflow: string, templates: object | undefined, media: 'mail' | 'sms'): boolean {
  const own = store.workflows?.find(({ use }) => use === workflow)?.store?.[media]
  return own !== false && hasTemplate({ ...templates, ...own })
}

const hasTemplate = (templates: object | undefined): boolean =>
  Object.values(templates ?? {}).some((template) => template !== undefined)

function isFor(
  name: string,
  workflow: Workflow,
  store: string,
  { workflow: chosen, workflows: relations }: StoreConfig,
): boolean {
  const stores = eachOf(workflow.for?.store, []).map(([code]) => code)
  const isListed = relations === undefined || relations.some(({ use }) => use === name)
  return workflow.enabled && isListed && (chosen ?? name) === name && (stores.length === 0 || stores.includes(store))
}

function lacks(code: string, key: 'email' | 'mobile', workflow: string | undefined): readonly Finding[] {
  if (workflow === undefined) return []
  const message = `the store has no ${key}, but workflow "${workflow}" writes to it`
  return [{ code: 'C085', path: ['stores', code, key], at: 'key', severity: 'warning', message }]
}
