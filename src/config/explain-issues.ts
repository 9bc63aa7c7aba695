/**
 * From the schema's issues to findings that a person can act on.
 *
 * One finding for one mistake: of several possible forms only the one that was meant is explained,
 * unknown keys and words get a did-you-mean, numbers that should be text are told to be quoted. Values
 * are not shown here (locate.ts does that, and hides secrets). Throws nothing.
 */
import { assertNever } from '../core/assert-never.ts'
import { expectedWords, orList, shown } from './expected-words.ts'
import type { Finding, Path } from './finding.ts'
import { didYouMean } from './nearest.ts'
import { isMissing, pickBranch } from './pick-branch.ts'
import type { Issue } from './pick-branch.ts'
import { keysAt, nodesAt, valueAt, variantsOf } from './schema-walk.ts'
import type { SchemaNode } from './schema-walk.ts'

/** `data` is what was checked; `issues` must carry their input. */
export function explainIssues(issues: readonly Issue[], data: unknown): readonly Finding[] {
  return issues.flatMap((issue) => explain(issue, [], data))
}

function explain(issue: Issue, base: Path, data: unknown): readonly Finding[] {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]
  if (isMissing(issue) || lacksDiscriminator(issue, path, data)) return [missing(path, data)]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, data))
    case 'invalid_type':
      return [wrongKind(path, data)]
    case 'invalid_value':
      return [wrongWord(path, data, issue.values)]
    case 'invalid_union':
      return issue.errors.length === 0 ? [wrongWord(path, data, optionsOf(issue))] : explainUnion(issue, path, data)
    case 'invalid_key':
      return [impossibleKey(path, issue.issues)]
    case 'invalid_format':
      return [{ code: 'C015', path, message: 'the value has not the right form', expected: issue.message }]
    case 'too_small':
    case 'too_big':
      return [outOfRange(issue, path, data)]
    case 'not_multiple_of':
    case 'invalid_element':
    case 'custom':
      return [{ code: 'C019', path, message: issue.message }]
    default:
      return assertNever(issue, 'schema issue')
  }
}

const lacksDiscriminator = (issue: Issue, path: Path, data: unknown): boolean =>
  issue.code === 'invalid_union' && valueAt(data, path) === undefined

function optionsOf(issue: Issue): readonly unknown[] {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options : []
}

function missing(path: Path, data: unknown): Finding {
  const key = path.at(-1)
  const expected = expectedAt(path, data)
  return { code: 'C011', path, at: 'key', message: `"${key}" is missing`, ...expected }
}

const expectedAt = (path: Path, data: unknown): { readonly expected?: string } => {
  const nodes = nodesAt(path, data)
  return nodes.length === 0 ? {} : { expected: expectedWords({ anyOf: nodes }) }
}

function unknownKey(parent: Path, key: string, data: unknown): Finding {
  const keys = keysAt(parent, data)
  const hint = didYouMean(key, keys)
  const listed = keys.length > 0 && keys.length <= 16 ? { expected: orList(keys) } : {}
  const finding: Finding = { code: 'C010', path: [...parent, key], at: 'key', message: `unknown key "${key}"` }
  return { ...finding, ...(hint === undefined ? listed : { hint }) }
}

/** A value of another kind than the schema has at this place. */
function wrongKind(path: Path, data: unknown): Finding {
  const value = valueAt(data, path)
  const nodes = nodesAt(path, data)
  const expected = expectedWords({ anyOf: nodes })
  const takes = (type: string): boolean => nodes.some((node) => node.type === type)
  if (value === null) {
    return { code: 'C012', path, message: 'the key has no value', expected, hint: 'Give a value, or remove the key.' }
  }
  if ((typeof value === 'number' || typeof value === 'boolean') && takes('string') && !takes('number')) {
    const hint = 'Put it in quotes.'
    return { code: 'C013', path, message: 'text is expected here, not a number or switch', expected, hint }
  }
  const words = typeof value === 'string' ? wordsOf(nodes) : []
  if (words.length > 0) return { ...wrongWord(path, data, words), expected }
  const hint = kindHint(value, takes)
  return { code: 'C012', path, message: 'the value is of the wrong kind', expected, ...(hint ? { hint } : {}) }
}

const wordsOf = (nodes: readonly SchemaNode[]): readonly unknown[] =>
  nodes.flatMap((node) => node.enum ?? (node.const === undefined ? [] : [node.const]))

function kindHint(value: unknown, takes: (type: string) => boolean): string | undefined {
  if (typeof value === 'string' && takes('boolean') && /^(y|yes|on)$/i.test(value)) return 'Write true.'
  if (typeof value === 'string' && takes('boolean') && /^(n|no|off)$/i.test(value)) return 'Write false.'
  if (typeof value === 'string' && (takes('integer') || takes('number')) && /^-?\d+(\.\d+)?$/.test(value)) {
    return 'Write the number without quotes.'
  }
  return takes('array') && typeof value !== 'object' ? `Write it as a list: [${shown(value)}].` : undefined
}

function wrongWord(path: Path, data: unknown, words: readonly unknown[]): Finding {
  const value = valueAt(data, path)
  const texts = words.filter((word) => typeof word === 'string')
  const hint = typeof value === 'string' ? didYouMean(value, texts) : undefined
  const expected = orList(words.map(shown))
  return { code: 'C014', path, message: 'this is not possible here', expected, ...(hint ? { hint } : {}) }
}

function explainUnion(
  issue: Issue & { readonly code: 'invalid_union' },
  path: Path,
  data: unknown,
): readonly Finding[] {
  const picked = pickBranch(issue.errors)
  switch (picked.kind) {
    case 'issues':
      return picked.issues.flatMap((inner) => explain(inner, path, data))
    case 'wrongKind':
      return [wrongKind(path, data)]
    case 'unclear':
      return unclear(path, picked.unknownKeys, data)
    default:
      return assertNever(picked, 'picked form')
  }
}

/** Either the keys are unknown to every form, or they belong to several at once. */
function unclear(path: Path, unknownKeys: readonly string[], data: unknown): readonly Finding[] {
  const keys = keysAt(path, data)
  const strange = unknownKeys.filter((key) => !keys.includes(key))
  if (strange.length > 0) return strange.map((key) => unknownKey(path, key, data))
  const expected = expectedWords({ anyOf: nodesAt(path, data).flatMap(variantsOf) })
  const message = 'the keys do not belong together, or one is missing'
  return [{ code: 'C018', path, message, expected }]
}

function impossibleKey(path: Path, issues: readonly Issue[]): Finding {
  const expected = issues[0]?.message
  const finding: Finding = { code: 'C017', path, at: 'key', message: `"${path.at(-1)}" cannot be a name here` }
  return expected === undefined ? finding : { ...finding, expected }
}

function outOfRange(issue: Issue & { readonly code: 'too_small' | 'too_big' }, path: Path, data: unknown): Finding {
  const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
  const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' entries' : ''
  const value = valueAt(data, path)
  const isEmpty = value === '' || (Array.isArray(value) && value.length === 0)
  const message = isEmpty ? 'the value is empty' : `the value is too ${issue.code === 'too_small' ? 'small' : 'large'}`
  return { code: 'C016', path, message, expected: `${limit}${unit}` }
}
