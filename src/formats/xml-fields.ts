/**
 * An XML element to the fields of a record by paths: `Customer/Email`, `@id`, `Lines/Line/@no`.
 *
 * Names are local names. An element that stands more than once on the path of a single field gives
 * a list, which the interpreter refuses where one value is expected. Line fields are relative to
 * the line elements. Does not interpret values. Throws nothing.
 */
import type { RawFields, RawValue } from '../core/incoming.ts'
import { build, leafText, withLines } from './mapping.ts'
import type { Leaf, Mapping, Side } from './mapping.ts'
import { all, attributeOf } from './xml-tree.ts'
import type { XmlElement } from './xml-tree.ts'

type Steps = readonly string[]

export class XmlMapper {
  readonly #mapping: Mapping
  readonly #lines: Steps | undefined
  readonly #headSteps: readonly (Steps | undefined)[]
  readonly #lineSteps: readonly (Steps | undefined)[]

  /** `lines`: path of the line elements; without it line fields are those of the record itself. */
  constructor(mapping: Mapping, lines: string | undefined) {
    this.#mapping = mapping
    this.#lines = lines === undefined ? undefined : pathSteps(lines)
    this.#headSteps = mapping.head.leaves.map(stepsOf)
    this.#lineSteps = mapping.lines.leaves.map(stepsOf)
  }

  map(element: XmlElement): RawFields {
    const { head, lines, hasLines } = this.#mapping
    const fields = fieldsOf(head, this.#headSteps, element)
    if (!hasLines) return withLines(fields, undefined)
    const elements = this.#lines === undefined ? [element] : all(element, ...this.#lines)
    return withLines(
      fields,
      elements.map((line) => fieldsOf(lines, this.#lineSteps, line) ?? {}),
    )
  }
}

/** `Order/Customer` or `/Order/Customer` to its steps. */
export const pathSteps = (path: string): Steps =>
  path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .map(local)

const local = (name: string): string => {
  const colon = name.indexOf(':')
  return colon < 0 ? name : `${name.startsWith('@') ? '@' : ''}${name.slice(colon + 1)}`
}

const stepsOf = (leaf: Leaf): Steps | undefined => (leaf.source === undefined ? undefined : pathSteps(leaf.source))

function fieldsOf(side: Side, steps: readonly (Steps | undefined)[], element: XmlElement) {
  const values = side.leaves.map((leaf, i) => {
    const found = valueAt(element, steps[i])
    return found === undefined || typeof found === 'string' ? leafText(leaf, found) : found
  })
  return build(side.plan, values)
}

/** The text or attribute on the path; a list where it stands more than once. */
export function valueAt(element: XmlElement, steps: Steps | undefined): RawValue | undefined {
  if (steps === undefined) return undefined
  const last = steps.at(-1)
  const attribute = last?.startsWith('@') ? last.slice(1) : undefined
  const holders = all(element, ...(attribute === undefined ? steps : steps.slice(0, -1)))
  const texts = holders
    .map((holder) => (attribute === undefined ? holder.text : attributeNamed(holder, attribute))?.trim() ?? '')
    .filter((text) => text !== '')
  return texts.length > 1 ? texts : texts[0]
}

/** The attribute of exactly this name, else the first with any prefix before it. */
function attributeNamed(element: XmlElement, name: string): string | undefined {
  const exact = attributeOf(element, name)
  if (exact !== undefined) return exact
  const at = element.attributes.findIndex((each, i) => i % 2 === 0 && local(each) === name)
  return at < 0 ? undefined : element.attributes[at + 1]
}
