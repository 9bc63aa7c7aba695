/**
 * The view of `preview --example`: every variable of the catalogue with its example.
 *
 * Lists have two items; own fields (groups with free names) have the names that are passed in.
 * Pure; throws RangeError when an example of the catalogue is none of its type.
 */
import { assertNever } from '../core/assert-never.ts'
import type { TemplateValue, TemplateView } from '../core/rendering.ts'
import { toMinor } from '../core/money.ts'
import { variables } from '../core/variables.ts'
import type { Variable, VariableGroup } from '../core/variables.ts'

export interface ExampleOptions {
  /** IANA zone of times. */
  readonly zone?: string
  /** Names of own fields that the template uses (`ownFieldsOf`). */
  readonly ownFields?: readonly string[]
}

/** A view in which nothing is missing. */
export function exampleView(options: ExampleOptions = {}): TemplateView {
  return groupView(variables, { zone: options.zone ?? 'UTC', ownFields: options.ownFields ?? [] })
}

function groupView(group: VariableGroup, options: Required<ExampleOptions>): TemplateView {
  const own = group.open ? options.ownFields.map((name) => [name, 'example'] as const) : []
  const named = Object.entries(group.variables).map(([name, child]) => [name, childValue(child, options)] as const)
  return Object.fromEntries([...named, ...own])
}

function childValue(child: Variable | VariableGroup, options: Required<ExampleOptions>): TemplateValue {
  if ('type' in child) return exampleValue(child, options.zone)
  const view = groupView(child, options)
  return child.list ? [view, view] : view
}

function exampleValue({ type, example }: Variable, zone: string): TemplateValue {
  switch (type) {
    case 'text':
      return example
    case 'flag':
      return example === 'true'
    case 'decimal':
      return { type, decimal: example }
    case 'date':
      return { type, date: example }
    case 'instant':
      return { type, instant: Date.parse(example), zone }
    case 'money': {
      const [amount = '', currency = ''] = example.split(' ')
      return { type, minor: toMinor(amount, currency), currency }
    }
    default:
      return assertNever(type, 'type of a variable')
  }
}
