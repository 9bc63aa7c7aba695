/**
 * The head of a template file: strict YAML between two `---` lines at the top.
 *
 * Keys: subject, preheader, from (name, address), cc, bcc, transactional, tags; in an SMS sender, to, urgent,
 * transactional, tags. Unknown keys, aliases and wrong values are problems with line and column. Addresses are fixed
 * text: nothing from an order can become a sender or a copy; only the one number of `to` may. Pure; throws nothing.
 */
import { isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { Document } from 'yaml'
import { z } from 'zod'
import type { TemplatePart, TemplateParts } from '../config/template-files.ts'
import type { Place, Problem } from '../core/problem.ts'
import { parseNodes } from './parse-nodes.ts'
import type { TagStyle, TemplateNode } from './parse-nodes.ts'
import { hintOf, templateProblem } from './problem-codes.ts'

/** A line of text with tags, and where it stands. */
export interface HeadLine {
  readonly nodes: readonly TemplateNode[]
  readonly place: Place
}

export interface TemplateHead {
  readonly subject?: HeadLine
  /** What mail programs show beside the subject. */
  readonly preheader?: HeadLine
  readonly fromName?: HeadLine
  readonly fromAddress?: string
  readonly cc?: readonly string[]
  readonly bcc?: readonly string[]
  /** SMS: candidates, best first (N50, N53). */
  readonly sender?: readonly string[]
  /** SMS: the number that it goes to. */
  readonly to?: HeadLine
  readonly urgent?: boolean
  readonly transactional?: boolean
}

export interface FrontMatter {
  readonly head: TemplateHead
  readonly style: TagStyle
  readonly problems: readonly Problem[]
}

const address = z.string().regex(/^[^\s@<>,;{}%]+@[^\s@<>,;{}%]+$/, 'one mail address, without variables, is expected')
const addressList = z
  .union([z.string().transform((text) => text.split(';').flatMap((one) => one.trim() || [])), z.array(z.string())])
  .pipe(z.array(address).max(15))
const words = z.string().trim().min(1).max(500)
const tags = z.enum(['mustache', 'percent']).default('mustache')
const From = z.strictObject({ name: words.optional(), address: address.optional() })
const MailHead = z.strictObject({
  subject: words.optional(),
  preheader: words.optional(),
  from: From.optional(),
  cc: addressList.optional(),
  bcc: addressList.optional(),
  transactional: z.boolean().optional(),
  tags,
})
type MailHead = z.output<typeof MailHead>
const senderWords =
  'store.mobile, store.phone, fromStore.mobile, fromStore.phone, company.phone, a number, or a name of at most 11 characters is expected'
const senderId = z
  .string()
  .regex(
    /^((store|fromStore)\.(mobile|phone)|company\.phone|\+?\d{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 &_+-]{1,11})$/,
    senderWords,
  )
/** One candidate, or several, best first. */
const senders = z
  .union([senderId, z.array(senderId).min(1).max(10)], { error: senderWords })
  .transform((one) => (typeof one === 'string' ? [one] : one))
const SmsHead = z.strictObject({
  sender: senders.optional(),
  to: words.optional(),
  urgent: z.boolean().optional(),
  transactional: z.boolean().optional(),
  tags,
})
type SmsHead = z.output<typeof SmsHead>

/** The YAML with the way from its nodes to places in the file. */
interface Source {
  readonly document: Document
  readonly at: (offset: number) => Place
}

const nothing = { head: {}, style: 'mustache' } as const

/** Reads the text between the `---` lines; the file's first line is the first of these. */
export function readFrontMatter(yaml: string, file: string, part: TemplatePart): FrontMatter {
  const lines = new LineCounter()
  const document = parseDocument(yaml, { lineCounter: lines, stringKeys: true })
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: line + 1, column: col }
  }
  const source: Source = { document, at }
  const faults = [...syntaxProblems(source), ...aliasProblems(source)]
  if (faults.length > 0) return { ...nothing, problems: faults }
  const checked = (part === 'sms' ? SmsHead : MailHead).safeParse(document.toJS() ?? {})
  if (checked.success) return headOf(checked.data, source)
  return { ...nothing, problems: checked.error.issues.flatMap((issue) => issueProblems(issue, part, source)) }
}

/**
 * The head of a mail: each key from the first file that has it. An own file goes before a packaged one (its author has
 * the last word), of the same origin the HTML before the text.
 */
export function mergeHeads(parts: TemplateParts, html?: TemplateHead, txt?: TemplateHead): TemplateHead {
  const textFirst = parts.txt?.own === true && parts.html?.own === false
  return textFirst ? { ...html, ...txt } : { ...txt, ...html }
}

function syntaxProblems({ document, at }: Source): readonly Problem[] {
  return [...document.errors, ...document.warnings].map((fault) => ({
    ...templateProblem('T003', at(fault.pos[0]), plainMessage(fault.message)),
    hint: 'Put a text in quotes when it begins with {{ or % or holds ": " or " #"',
  }))
}

const plainMessage = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')

function aliasProblems({ document, at }: Source): readonly Problem[] {
  const problems: Problem[] = []
  visit(document, {
    Alias: (_, node) => {
      problems.push(templateProblem('T003', at(node.range?.[0] ?? 0), 'Aliases are not allowed in front matter'))
    },
  })
  return problems
}

function headOf(data: Partial<MailHead & SmsHead> & { readonly tags: TagStyle }, source: Source): FrontMatter {
  const problems: Problem[] = []
  const line = (text: string | undefined, ...path: readonly string[]): HeadLine | undefined => {
    if (text === undefined) return undefined
    const place = source.at(valueOffset(source.document, path))
    const parsed = parseNodes(text, data.tags, false)
    if (parsed.kind === 'parsed') return { nodes: parsed.nodes, place }
    problems.push(templateProblem('T005', place, parsed.message))
    return undefined
  }
  const head = {
    subject: line(data.subject, 'subject'),
    preheader: line(data.preheader, 'preheader'),
    fromName: line(data.from?.name, 'from', 'name'),
    fromAddress: data.from?.address,
    cc: data.cc,
    bcc: data.bcc,
    sender: data.sender,
    to: line(data.to, 'to'),
    urgent: data.urgent,
    transactional: data.transactional,
  }
  return { head: defined(head), style: data.tags, problems }
}

/** Without the keys that have no value, so that heads can be laid over each other. */
function defined(head: { readonly [K in keyof TemplateHead]-?: TemplateHead[K] | undefined }): TemplateHead {
  return Object.fromEntries(Object.entries(head).filter(([, value]) => value !== undefined))
}

function issueProblems(issue: z.core.$ZodIssue, part: TemplatePart, source: Source): readonly Problem[] {
  if (issue.code !== 'unrecognized_keys') {
    return [templateProblem('T004', source.at(valueOffset(source.document, issue.path)), issue.message)]
  }
  const shape = part === 'sms' ? SmsHead.shape : issue.path.length > 0 ? From.shape : MailHead.shape
  const allowed = Object.keys(shape)
  return issue.keys.map((key) => ({
    ...templateProblem('T004', source.at(keyOffset(source.document, key)), 'Unknown key in the front matter'),
    found: key,
    expected: allowed.join(', '),
    ...hintOf(key, allowed),
  }))
}

function valueOffset(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isScalar(node) || (node !== null && typeof node === 'object' && 'range' in node)) {
      return (node.range as readonly number[] | null | undefined)?.[0] ?? 0
    }
  }
  return 0
}

function keyOffset(document: Document, key: string): number {
  let offset = 0
  visit(document, {
    Pair: (_, pair) => {
      if (isScalar(pair.key) && pair.key.value === key) offset = pair.key.range?.[0] ?? 0
    },
  })
  return offset
}
