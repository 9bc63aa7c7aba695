/**
 * Templates and a view to the frozen words of a message.
 *
 * Guarantees: values are escaped for HTML and written once; a subject is one line; a printed variable
 * without a value, or an SMS that breaks its rules, gives `held` with the reason, never a sentence with a hole.
 * Parsed templates are kept by their file text, so the store is bounded by the files. Does not
 * choose recipients and does not mark rehearsals. Pure; throws nothing for files that were checked.
 */
import type { TemplateFiles, TemplatePart } from '../config/template-files.ts'
import type { Render, Rendered, RenderRequest } from '../core/rendering.ts'
import { choosePartial, chooseVersion } from './choose-version.ts'
import type { Version } from './choose-version.ts'
import { fitSms } from './fit-sms.ts'
import type { SmsRules } from './fit-sms.ts'
import { htmlToText, tidyText } from './html-to-text.ts'
import { mergeHeads } from './front-matter.ts'
import type { HeadLine, TemplateHead } from './front-matter.ts'
import type { TemplateNode } from './parse-nodes.ts'
import type { ParsedTemplate } from './parse-template.ts'
import { createParser } from './parsed-templates.ts'
import type { TemplateParser } from './parsed-templates.ts'
import { imageNames, templateHash } from './template-hash.ts'
import { formatFor } from './values.ts'
import { writeNodes } from './write-nodes.ts'
import type { Writing } from './write-nodes.ts'

export interface RenderSettings {
  /** The configured languages; the first is the default. */
  readonly languages: readonly string[]
  readonly sms: SmsRules
}

type PartialFinder = (name: string, language: string, part: TemplatePart) => readonly TemplateNode[] | undefined

/** One rendering: the chosen version and what was found on the way. */
interface Job {
  readonly files: TemplateFiles
  readonly parser: TemplateParser
  readonly partials: PartialFinder
  readonly request: RenderRequest
  readonly version: Version
  readonly hash: string
  readonly missing: Set<string>
}

/** The `Render` of a set of files and settings; hold it as long as they do not change. */
export function createRender(files: TemplateFiles, settings: RenderSettings): Render {
  const parser = createParser()
  const partials = partialFinder(files, parser)
  const hashes = new Map<string, string>()
  return (request) => {
    const wanted = [...request.languages, ...settings.languages]
    const version = chooseVersion(files, request.template, request.channel, wanted)
    if (!version) return { kind: 'noTemplate' }
    const key = `${request.template} ${request.channel} ${version.language}`
    const hash = hashes.get(key) ?? templateHash(files, parser, version, request.channel)
    hashes.set(key, hash)
    const job: Job = { files, parser, partials, request, version, hash, missing: new Set() }
    return request.channel === 'sms' ? renderSms(job, settings.sms) : renderMail(job)
  }
}

/** Finds partials and remembers them by their name in the template, so as many as the templates can name. */
function partialFinder(files: TemplateFiles, parser: TemplateParser): PartialFinder {
  const known = new Map<string, readonly TemplateNode[] | undefined>()
  return (name, language, part) => {
    const key = `${language} ${part} ${name}`
    if (!known.has(key)) {
      const file = choosePartial(files, name, language)
      known.set(key, file && parser.partial(file, part).nodes)
    }
    return known.get(key)
  }
}

function renderSms(job: Job, rules: SmsRules): Rendered {
  const parsed = parsedPart(job, 'sms')
  if (!parsed) return { kind: 'noTemplate' }
  const fault = faultOf([parsed])
  if (fault !== undefined) return held(job, fault)
  const text = writeNodes(parsed.nodes, job.request.view, writing(job, 'sms'))
  const { head } = parsed
  const to = line(job, head.to)
  if (job.missing.size > 0) return held(job, missingReason(job))
  const fitted = fitSms(text, rules)
  if (fitted.kind === 'tooMuch') return held(job, fitted.reason)
  const { alphabet, parts, replaced } = fitted
  const { hash, version } = job
  return {
    kind: 'sms',
    language: version.language,
    templateHash: hash,
    text: fitted.text,
    alphabet,
    parts,
    ...(head.sender !== undefined && { sender: head.sender }),
    ...(to !== undefined && { to }),
    ...(head.urgent === true && { urgent: true }),
    ...(head.transactional === true && { transactional: true }),
    replaced,
  }
}

function renderMail(job: Job): Rendered {
  const { request, version, hash } = job
  const [html, txt] = [parsedPart(job, 'html'), parsedPart(job, 'txt')]
  const fault = faultOf([html, txt])
  if (fault !== undefined) return held(job, fault)
  const head = mergeHeads(version.parts, html?.head, txt?.head)
  const subject = line(job, head.subject)
  const fromName = line(job, head.fromName)
  const body = html && withPreheader(writeNodes(html.nodes, request.view, writing(job, 'html')), preheader(job, head))
  const text = txt ? writeNodes(txt.nodes, request.view, writing(job, 'txt')) : htmlToText(body ?? '')
  const inline = body === undefined ? [] : imagesOf(body, job)
  if (job.missing.size > 0) return held(job, missingReason(job))
  if (subject === undefined || subject === '') return held(job, 'the mail has no subject')
  const from = {
    ...(fromName !== undefined && fromName !== '' && { name: fromName }),
    ...(head.fromAddress !== undefined && { address: head.fromAddress }),
  }
  return {
    kind: 'mail',
    language: version.language,
    templateHash: hash,
    subject,
    text: tidyText(text),
    ...(body !== undefined && { html: body }),
    ...(Object.keys(from).length > 0 && { from }),
    cc: head.cc ?? [],
    bcc: head.bcc ?? [],
    ...(head.transactional === true && { transactional: true }),
    inline,
  }
}

function parsedPart(job: Job, part: TemplatePart): ParsedTemplate | undefined {
  const file = job.version.parts[part]
  return file && job.parser.template(file, part)
}

function faultOf(parts: readonly (ParsedTemplate | undefined)[]): string | undefined {
  const [problem] = parts.flatMap((parsed) => parsed?.problems ?? []).filter(({ severity }) => severity === 'error')
  if (!problem) return undefined
  return `the template can’t be used: ${problem.message} (${problem.place.file}:${problem.place.line})`
}

function held(job: Job, reason: string): Rendered {
  const { version, hash, request } = job
  const where = `Template ${request.template} (${request.channel}, ${version.language})`
  return { kind: 'held', reason: `${where}: ${reason}`, language: version.language, templateHash: hash }
}

const missingReason = (job: Job): string => `no value for ${[...job.missing].join(', ')}`

function writing(job: Job, part: TemplatePart): Writing {
  const { language } = job.version
  return {
    format: formatFor(language, job.request.channel),
    escape: part === 'html' ? escapeHtml : String,
    missing: job.missing,
    partial: (name) => job.partials(name, language, part),
  }
}

/** A line of the head, in one line: line ends and control characters become blanks (RFC 5322 §2.2). */
function line(job: Job, head: HeadLine | undefined): string | undefined {
  if (!head) return undefined
  const text = writeNodes(head.nodes, job.request.view, writing(job, 'txt'))
  return text.replace(/[\s\p{Cc}]+/gu, (run) => (/^[\u00a0\u202f]+$/.test(run) ? run : ' ')).trim()
}

function preheader(job: Job, head: TemplateHead): string {
  return line(job, head.preheader) ?? ''
}

/** The preheader is what mail programs show beside the subject; in the mail itself it is hidden. */
function withPreheader(html: string, text: string): string {
  if (text === '') return html
  const hidden = `<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(text)}</div>`
  const body = /<body\b[^>]*>/i.exec(html)
  if (!body) return hidden + html
  const end = body.index + body[0].length
  return html.slice(0, end) + hidden + html.slice(end)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character)

type Inline = Extract<Rendered, { kind: 'mail' }>['inline']

/** The pictures that the HTML shows by `cid:NAME`, from templates/assets (P11). */
function imagesOf(html: string, job: Job): Inline {
  return imageNames(html).flatMap((name) => {
    const asset = job.files.assets.get(name)
    if (!asset) job.missing.add(`picture assets/${name}`)
    return asset ? [{ name, contentType: asset.contentType, content: asset.content, contentId: name }] : []
  })
}
