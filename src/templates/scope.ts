/**
 * What a name in a template means: the innermost open section that declares it decides.
 *
 * The one place for this rule; the check and the rendering both ask here, so what was checked
 * is what is rendered. A name is looked up in the catalogue only, so the prototype of a value
 * (`constructor`, `__proto__`) can't be reached, and a missing value of a line never falls
 * through to a value of the order that has the same name. Pure; throws nothing.
 */
import { assertNever } from '../core/assert-never.ts'
import type { Variable, VariableGroup } from '../core/variables.ts'

/** One open section, or the root: a group with names, or a single value for `{{.}}`. */
export interface Scope {
  readonly path: string
  readonly group?: VariableGroup
  readonly variable?: Variable
}

export type Meaning =
  | {
      readonly kind: 'value'
      /** Index of the scope that declares it. */
      readonly scope: number
      /** Keys from the data of that scope; empty for `{{.}}`. */
      readonly keys: readonly string[]
      /** Asked for under `raw`: the canonical form. */
      readonly raw: boolean
      readonly variable: Variable
      /** Full name for people. */
      readonly path: string
    }
  | {
      readonly kind: 'group'
      readonly scope: number
      readonly keys: readonly string[]
      readonly group: VariableGroup
      readonly path: string
    }
  /** A value of a list, asked for outside the section of the list. */
  | { readonly kind: 'insideList'; readonly list: string }
  | { readonly kind: 'unknown' }

const unknown: Meaning = { kind: 'unknown' }
const customField: Variable = { type: 'text', about: 'Own field', example: 'example' }

/** What `name` means with these sections open, outermost first. */
export function meaningOf(name: string, scopes: readonly Scope[]): Meaning {
  if (name === '.') return currentValue(scopes)
  const keys = name.split('.')
  for (let scope = scopes.length - 1; scope >= 0; scope--) {
    const { group, path } = scopes[scope] ?? {}
    if (group && declares(group, keys[0] ?? '')) return descend(group, keys, scope, path ?? '')
  }
  return unknown
}

/** The scope that a section on this meaning opens. */
export function openScope(meaning: Meaning): Scope {
  switch (meaning.kind) {
    case 'group':
      return { path: meaning.path, group: meaning.group }
    case 'value':
      return { path: meaning.path, variable: meaning.variable }
    case 'insideList':
    case 'unknown':
      return { path: '' }
    default:
      return assertNever(meaning, 'meaning of a name')
  }
}

function currentValue(scopes: readonly Scope[]): Meaning {
  const { variable, path } = scopes.at(-1) ?? {}
  if (!variable || variable.type === 'flag') return unknown
  return { kind: 'value', scope: scopes.length - 1, keys: [], raw: false, variable, path: path ?? '' }
}

function declares(group: VariableGroup, key: string): boolean {
  return childOf(group, key) !== undefined || (key === 'raw' && Object.values(group.variables).some(hasRaw))
}

/** Values that are formatted have a raw twin under `raw`. */
const hasRaw = (child: Variable | VariableGroup): boolean =>
  'type' in child && child.type !== 'text' && child.type !== 'flag'

function childOf(group: VariableGroup, key: string): Variable | VariableGroup | undefined {
  if (Object.hasOwn(group.variables, key)) return group.variables[key]
  return group.open && /^[a-z_][\w-]*$/i.test(key) && key !== '__proto__' ? customField : undefined
}

function descend(start: VariableGroup, keys: readonly string[], scope: number, prefix: string): Meaning {
  let group = start
  const path = [prefix, ...keys].filter(Boolean).join('.')
  for (const [index, key] of keys.entries()) {
    const last = index === keys.length - 1
    if (key === 'raw' && childOf(group, key) === undefined) return rawOf(group, keys, index, scope, path)
    const child = childOf(group, key)
    if (child === undefined) return unknown
    if ('type' in child) return last ? { kind: 'value', scope, keys, raw: false, variable: child, path } : unknown
    if (last) return { kind: 'group', scope, keys, group: child, path }
    if (child.list) return { kind: 'insideList', list: [prefix, ...keys.slice(0, index + 1)].filter(Boolean).join('.') }
    group = child
  }
  return unknown
}

function rawOf(group: VariableGroup, keys: readonly string[], index: number, scope: number, path: string): Meaning {
  const child = childOf(group, keys[index + 1] ?? '')
  if (index !== keys.length - 2 || child === undefined || !('type' in child) || !hasRaw(child)) return unknown
  const without = [...keys.slice(0, index), ...keys.slice(index + 1)]
  return { kind: 'value', scope, keys: without, raw: true, variable: child, path }
}

/** Every name that can be written with these sections open, with the dotted ones; for the did-you-mean. */
export function namesIn(scopes: readonly Scope[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { group } of scopes) if (group) collect(group, '', names)
  return names
}

/** The lists that have a variable of this name, e.g. `order.lines` for `sku`. */
export function listsWith(name: string, group: VariableGroup, prefix = ''): readonly string[] {
  return Object.entries(group.variables).flatMap(([key, child]) => {
    if ('type' in child) return []
    const path = prefix === '' ? key : `${prefix}.${key}`
    const own = child.list && Object.hasOwn(child.variables, name) ? [path] : []
    return [...own, ...listsWith(name, child, path)]
  })
}

function collect(group: VariableGroup, prefix: string, names: Set<string>): void {
  for (const [key, child] of Object.entries(group.variables)) {
    names.add(prefix + key)
    if (!('type' in child) && !child.list) collect(child, `${prefix}${key}.`, names)
    if (hasRaw(child)) names.add(`${prefix}raw.${key}`)
  }
}
