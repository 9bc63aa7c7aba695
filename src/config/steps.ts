/**
 * The steps of a payment workflow with the trigger that each is for and its place in the config.
 *
 * `steps` is what happens once an order is paid: the same as `on.paid`. Throws nothing.
 */
import type { Path } from './finding.ts'
import type { PaymentStep, PaymentWorkflow } from './schema.ts'

export interface PlacedStep {
  readonly step: PaymentStep
  /** As written: `paid`, `status.cancelled`, `document.issued` …. */
  readonly on: string
  /** Within the workflow. */
  readonly path: Path
}

export const stepsOf = ({ steps, on }: PaymentWorkflow): readonly PlacedStep[] => [
  ...(steps ?? []).map((step, i) => ({ step, on: 'paid', path: ['steps', i] })),
  ...Object.entries(on).flatMap(([trigger, list]) =>
    list.map((step, i) => ({ step, on: trigger, path: ['on', trigger, i] })),
  ),
]
