/**
 * What keeps orders from coming to a store, or its people and customers from being told (N06).
 *
 * Judges the store as the workflows see it now, from the config or from a file: contact, opening hours, company,
 * workflows, and the files between its ERP and this one. Folders are named, not looked at. Pure; throws nothing.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { CountryCode } from 'libphonenumber-js/max'
import type { Finding } from '../config/finding.ts'
import type { CollectWorkflow, Config } from '../config/schema.ts'
import type { Instant } from '../core/date.ts'
import { addOpenTime } from '../workflow/collect/opening-hours.ts'
import type { StoreLike } from '../workflow/collect/store-of.ts'

export interface CheckedStore {
  readonly findings: readonly Finding[]
  /** Codes of the collect workflows that its orders may have. */
  readonly workflows: readonly string[]
  /** Imports and exports that its orders go through. */
  readonly folders: readonly {
    readonly section: 'imports' | 'exports'
    readonly name: string
    readonly folder: string
  }[]
}

export function checkStore(config: Config, code: string, store: StoreLike, now: Instant): CheckedStore {
  const company = store.company ?? config.company.code
  const isLocal = company === config.company.code
  const workflows = workflowsFor(config, code, store)
  const exports = Object.entries(config.exports).filter(
    ([, each]) =>
      (each.company === undefined || each.company === company || isLocal) &&
      (each.kind === 'orderToStore' ? !isLocal : each.kind === 'stock' && isLocal),
  )
  const imports = Object.entries(config.imports).filter(([, { kind }]) => kind === 'collectStatus')
  const at = (...rest: readonly string[]): Finding['path'] => ['stores', code, ...rest]
  return {
    workflows: workflows.map(([name]) => name),
    folders: [
      ...imports.map(([name, { folder }]) => ({ section: 'imports' as const, name, folder })),
      ...exports.map(([name, { folder }]) => ({ section: 'exports' as const, name, folder })),
    ],
    findings: [
      ...companyOf(config, company, at('company')),
      ...contact(config, store, workflows, at),
      ...hours(config, store, now, at('calendar')),
      ...lacks(workflows.length === 0, at('workflows'), 'no collect workflow is for this store: its orders go nowhere'),
      ...lacks(exports.length === 0, at(), ways(isLocal, company), isLocal ? 'warning' : undefined),
      ...lacks(imports.length === 0, at(), 'no import of kind collectStatus: its answers must be typed', 'warning'),
      ...lacks(
        !isLocal && store.prepaymentAccount === undefined,
        at('prepaymentAccount'),
        'no prepaymentAccount: what was paid before has none in the clearing, unless the order names it',
        'warning',
      ),
    ],
  }
}

const ways = (isLocal: boolean, company: string): string =>
  isLocal
    ? 'no export of kind stock: nobody is told to move the goods there'
    : `no export of kind orderToStore for ${company}: its ERP gets no order`

function lacks(isLacking: boolean, path: Finding['path'], message: string, severity?: 'warning'): readonly Finding[] {
  return isLacking ? [{ code: 'C124', path, message, ...(severity && { severity }) }] : []
}

function companyOf(config: Config, company: string, path: Finding['path']): readonly Finding[] {
  if (company === config.company.code || Object.hasOwn(config.companies, company)) return []
  const known = [config.company.code, ...Object.keys(config.companies)].join(', ')
  return [{ code: 'C040', path, message: `there is no company "${company}"`, hint: `There are: ${known}.` }]
}

type Workflows = readonly (readonly [string, CollectWorkflow])[]

/** Those that are for the store by its own word and by theirs. */
function workflowsFor(config: Config, code: string, { workflow, workflows }: StoreLike): Workflows {
  return Object.entries(config.workflows).flatMap(([name, each]): Workflows => {
    if (each.kind !== 'collect' || !each.enabled) return []
    const stores = [each.for?.store ?? []].flat()
    const isListed = workflows === undefined || workflow !== undefined || workflows.some(({ use }) => use === name)
    const isNamed = (workflow ?? name) === name && isListed
    return isNamed && (stores.length === 0 || stores.includes(code)) ? [[name, each]] : []
  })
}

function contact(
  config: Config,
  store: StoreLike,
  workflows: Workflows,
  at: (...rest: readonly string[]) => Finding['path'],
): readonly Finding[] {
  const writes = (media: 'mail' | 'sms'): boolean =>
    workflows.some(([name, workflow]) => {
      const own = store.workflows?.find(({ use }) => use === name)?.store?.[media]
      return own !== false && Object.values({ ...workflow.store?.[media], ...own }).some((each) => each !== undefined)
    })
  const { email, mobile, phone, address } = store
  const country = address?.country ?? config.country
  const isAddress = email === undefined || /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]{2,}$/.test(email)
  return [
    ...lacks(email === undefined && writes('mail'), at('email'), 'no email, and its workflow writes to the store'),
    ...(isAddress
      ? []
      : [{ code: 'C047', path: at('email'), message: 'this is no mail address', found: email } as const]),
    ...lacks(
      mobile === undefined && writes('sms'),
      at('mobile'),
      'no mobile, and its workflow writes SMS to the store',
    ),
    ...dialled(mobile, country, at('mobile')),
    ...dialled(phone, country, at('phone'), 'warning'),
  ]
}

/** E.164, as an SMS needs it. */
function dialled(
  number: string | undefined,
  country: string,
  path: Finding['path'],
  severity?: 'warning',
): readonly Finding[] {
  if (number === undefined) return []
  const read = parsePhoneNumberFromString(number, country as CountryCode)
  if (read?.isValid() === true) return []
  const expected = `a number of ${country}, or one that begins with +`
  const found = JSON.stringify(number)
  return [
    { code: 'C123', path, message: 'this number cannot be dialled', found, expected, ...(severity && { severity }) },
  ]
}

const hour = 3_600_000

function hours(config: Config, store: StoreLike, now: Instant, path: Finding['path']): readonly Finding[] {
  const { calendar: name } = store
  if (name === undefined) {
    const message = 'no calendar: its deadlines are counted by the clock, also at night'
    return [{ code: 'C124', path, severity: 'warning', message }]
  }
  const calendar = Object.hasOwn(config.calendars, name) ? config.calendars[name] : undefined
  if (calendar === undefined) return [{ code: 'C040', path, message: `there is no calendar "${name}"` }]
  const opens = addOpenTime(calendar, store.timeZone ?? config.timeZone, now, hour)
  return opens === undefined ? [{ code: 'C072', path, message: `by calendar "${name}" it is not open for a year` }] : []
}
