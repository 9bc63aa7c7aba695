/**
 * The tags of one text against the catalogue of variables, with the sections open around each.
 *
 * Reports unknown variables with a did-you-mean, line variables outside their list, groups that are
 * printed, unescaped output in HTML, places where escaping does not help, and missing or circular partials.
 * Pure; throws nothing.
 */
import type { TemplateFile, TemplatePart } from '../config/template-files.ts'
import { assertNever } from '../core/assert-never.ts'
import type { Place, Problem } from '../core/problem.ts'
import { variables } from '../core/variables.ts'
import type { VariableGroup } from '../core/variables.ts'
import type { TemplateNode } from './parse-nodes.ts'
import type { TemplateParser } from './parsed-templates.ts'
import { placeOf } from './positions.ts'
import { hintOf, templateProblem } from './problem-codes.ts'
import { listsWith, meaningOf, namesIn, openScope } from './scope.ts'
import type { Scope } from './scope.ts'

export interface NodeCheck {
  readonly html: boolean
  readonly place: (at: number) => Place
  /** The file of a partial, and as which part it is read. */
  readonly partial: (name: string) => { readonly file: TemplateFile; readonly part: TemplatePart } | undefined
  readonly parser: TemplateParser
  /** Another catalogue than that of the messages: the one of an export. */
  readonly catalogue?: VariableGroup
}

type ValueNode = Extract<TemplateNode, { kind: 'value' }>

/** All problems of the tags of a text, partials included. */
export function checkNodes(nodes: readonly TemplateNode[], check: NodeCheck): readonly Problem[] {
  return walk(nodes, [{ path: '', group: check.catalogue ?? variables }], check, [])
}

function walk(
  nodes: readonly TemplateNode[],
  scopes: readonly Scope[],
  check: NodeCheck,
  inside: readonly string[],
): readonly Problem[] {
  return nodes.flatMap((node) => {
    switch (node.kind) {
      case 'text':
        return []
      case 'value':
        return valueProblems(node, scopes, check)
      case 'section': {
        const meaning = meaningOf(node.name, scopes)
        const known = meaning.kind === 'value' || meaning.kind === 'group'
        const within = known && !node.inverted ? [...scopes, openScope(meaning)] : scopes
        const own = known ? [] : [unknownProblem(node.name, node.at, scopes, check)]
        return [...own, ...walk(node.nodes, within, check, inside)]
      }
      case 'partial':
        return partialProblems(node.name, node.at, scopes, check, inside)
      default:
        return assertNever(node, 'node of a template')
    }
  })
}

function valueProblems(node: ValueNode, scopes: readonly Scope[], check: NodeCheck): readonly Problem[] {
  const { name, at } = node
  const problems: Problem[] = []
  const meaning = meaningOf(name, scopes)
  if (meaning.kind === 'unknown' || meaning.kind === 'insideList')
    problems.push(unknownProblem(name, at, scopes, check))
  if (meaning.kind === 'group' || (meaning.kind === 'value' && meaning.variable.type === 'flag')) {
    const what = meaning.kind === 'group' ? (meaning.group.list ? 'a list' : 'a group of values') : 'yes or no'
    const printed = templateProblem(
      'T008',
      check.place(at),
      `This is ${what}; it can’t be printed, only open a section`,
    )
    problems.push({ ...printed, found: name, expected: `{{#${name}}}…{{/${name}}}` })
  }
  if (check.html && node.raw) {
    const unescaped = templateProblem('T009', check.place(at), 'Unescaped output is not allowed in HTML')
    problems.push({ ...unescaped, found: `{{{${name}}}}`, expected: `{{${name}}}` })
  }
  if (node.place === 'unprotected') {
    const message = 'A variable in an attribute without quotes, in a style, a script or a tag itself can’t be made safe'
    problems.push({
      ...templateProblem('T017', check.place(at), message),
      found: name,
      hint: 'Put the attribute in quotes',
    })
  }
  return problems
}

function unknownProblem(name: string, at: number, scopes: readonly Scope[], check: NodeCheck): Problem {
  const meaning = meaningOf(name, scopes)
  const [list] = meaning.kind === 'insideList' ? [meaning.list] : listsWith(name, check.catalogue ?? variables)
  if (list !== undefined && /\S/.test(name)) {
    const problem = templateProblem('T007', check.place(at), `This variable belongs to each item of ${list}`)
    return { ...problem, found: name, expected: `{{#${list}}}…{{${name.split('.').at(-1) ?? name}}}…{{/${list}}}` }
  }
  const problem = templateProblem('T006', check.place(at), 'Unknown variable')
  return { ...problem, found: name, ...hintOf(name, namesIn(scopes)) }
}

function partialProblems(
  name: string,
  at: number,
  scopes: readonly Scope[],
  check: NodeCheck,
  inside: readonly string[],
): readonly Problem[] {
  const found = check.partial(name)
  if (!found) {
    const missing = templateProblem('T010', check.place(at), 'There is no such partial')
    return [{ ...missing, found: name, expected: `templates/partials/${name}.mustache` }]
  }
  if (inside.includes(name)) {
    const circle = templateProblem('T011', check.place(at), 'Partials include each other in a circle')
    return [{ ...circle, found: [...inside, name].join(' → ') }]
  }
  const { file, part } = found
  const parsed = check.parser.partial(file, part)
  const place = (offset: number): Place => placeOf(file.file, parsed.body, offset)
  return [...parsed.problems, ...walk(parsed.nodes, scopes, { ...check, place }, [...inside, name])]
}
