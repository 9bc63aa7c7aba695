/**
 * Which templates the config needs, with the place where each is named, for `orderly check`.
 *
 * Pure: whether they exist and are right is looked at elsewhere.
 */
import { noticesOf } from '../../config/notices.ts'
import type { Config, Workflow } from '../../config/schema.ts'

export interface NeededTemplate {
  readonly name: string
  readonly channel: 'mail' | 'sms'
  /** Where the config names it. */
  readonly path: readonly (string | number)[]
}

export function neededTemplates(config: Config): readonly NeededTemplate[] {
  const alarms = config.alarms ? [{ name: 'alarm/alarm', channel: 'mail' as const, path: ['alarms'] }] : []
  const named = Object.entries(config.workflows).flatMap(([code, workflow]) =>
    workflow.enabled ? ofWorkflow(['workflows', code], workflow) : [],
  )
  const ofStores = Object.entries(config.stores).flatMap(([code, { workflows }]) =>
    (workflows ?? []).flatMap((relation, i) => ofSides(['stores', code, 'workflows', i], relation)),
  )
  return [...alarms, ...named, ...ofStores]
}

type Path = NeededTemplate['path']
type Notice = { readonly mail?: string | undefined; readonly sms?: string | undefined }

function ofWorkflow(path: Path, workflow: Workflow): readonly NeededTemplate[] {
  switch (workflow.kind) {
    case 'notification':
    case 'payment':
      return noticesOf(workflow, path).flatMap(({ notice, path: place }) => ofNotice(place, notice))
    case 'collect':
      return [
        ...ofSides(path, workflow),
        ...workflow.reminders.flatMap((reminder, i) => ofNotice([...path, 'reminders', i], reminder)),
      ]
  }
}

type Sides = Pick<NonNullable<Config['stores'][string]['workflows']>[number], 'store' | 'customer' | 'print'>

/** Templates by state, of a workflow or of what a store says otherwise. */
const ofSides = (path: Path, sides: Sides): readonly NeededTemplate[] => [
  ...(['store', 'customer'] as const).flatMap((side) =>
    (['mail', 'sms'] as const).flatMap((channel) =>
      ofStates([...path, side, channel], channel, sides[side]?.[channel]),
    ),
  ),
  ...ofStates([...path, 'print'], 'mail', sides.print),
]

const ofStates = (
  path: Path,
  channel: NeededTemplate['channel'],
  templates: object | false | undefined,
): readonly NeededTemplate[] =>
  Object.entries(templates || {}).flatMap(([state, name]: [string, unknown]) =>
    typeof name === 'string' ? [{ name, channel, path: [...path, state] }] : [],
  )

const ofNotice = (path: Path, notice: Notice): readonly NeededTemplate[] =>
  (['mail', 'sms'] as const).flatMap((channel) => {
    const name = notice[channel]
    return name === undefined ? [] : [{ name, channel, path: [...path, channel] }]
  })
