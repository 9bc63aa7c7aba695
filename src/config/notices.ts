/**
 * The notices of a workflow with their paths: those of states, and those of steps.
 *
 * Throws nothing.
 */
import { assertNever } from '../core/assert-never.ts'
import type { Path } from './finding.ts'
import type { Notice, Workflow } from './schema.ts'
import { stepsOf } from './steps.ts'

export interface PlacedNotice {
  readonly notice: Notice
  readonly path: Path
}

/** `path` is that of the workflow. Collect workflows name templates by state and have no notices. */
export function noticesOf(workflow: Workflow, path: Path): readonly PlacedNotice[] {
  switch (workflow.kind) {
    case 'collect':
      return []
    case 'payment':
      return stepsOf(workflow).flatMap(({ step, path: place }) =>
        'send' in step ? [{ notice: step.send, path: [...path, ...place, 'send'] }] : [],
      )
    case 'notification':
      return Object.entries(workflow.on).flatMap(([status, notices]): readonly PlacedNotice[] =>
        Array.isArray(notices)
          ? notices.map((notice: Notice, i) => ({ notice, path: [...path, 'on', status, i] }))
          : [{ notice: notices, path: [...path, 'on', status] }],
      )
    default:
      return assertNever(workflow, 'workflow')
  }
}
