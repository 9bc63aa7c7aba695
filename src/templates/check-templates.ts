/**
 * Everything that is wrong with a set of templates, before any message is made from it (N46, P10, P12, P13).
 *
 * Each file: front matter, tags, every variable against the catalogue with its open sections, partials, pictures.
 * Each template that the config names: a version for its channel, in every language, with a subject,
 * that renders with the example. All problems at once, in the order of the files. Pure; throws nothing.
 */
import type { TemplateFile, TemplateFiles, TemplatePart, TemplateParts } from '../config/template-files.ts'
import type { Channel } from '../core/message.ts'
import type { Place, Problem } from '../core/problem.ts'
import { checkNodes } from './check-nodes.ts'
import { choosePartial, serves, withBase } from './choose-version.ts'
import { exampleView } from './example-view.ts'
import type { SmsRules } from './fit-sms.ts'
import { mergeHeads } from './front-matter.ts'
import { ownFieldsOf } from './own-fields.ts'
import { createParser } from './parsed-templates.ts'
import type { TemplateParser } from './parsed-templates.ts'
import { placeOf } from './positions.ts'
import { hintOf, templateProblem } from './problem-codes.ts'
import { createRender } from './render.ts'
import { imageNames } from './template-hash.ts'

/** A template that the config names, and where it does. */
export interface NeededTemplate {
  readonly name: string
  readonly channel: Channel
  readonly place?: Place
}

interface Checking {
  readonly files: TemplateFiles
  readonly parser: TemplateParser
  readonly languages: readonly string[]
}

/** All problems of the files and of what the config needs from them; with `sms`, also those that the SMS rules make. */
export function checkTemplates(
  files: TemplateFiles,
  needed: readonly NeededTemplate[],
  languages: readonly string[],
  sms: SmsRules = { policy: 'allow', maxParts: 255 },
): readonly Problem[] {
  const checking: Checking = { files, parser: createParser(), languages }
  const render = createRender(files, { languages, sms })
  const view = exampleView({ ownFields: ownFieldsOf(files) })
  const ofFiles = [...files.templates].flatMap(([name, versions]) =>
    [...versions].flatMap(([language, parts]) => checkVersion(name, language, parts, checking)),
  )
  const ofNeeds = distinct(needed).flatMap((need) => {
    const lacking = checkNeed(need, checking)
    return lacking.some(({ severity }) => severity === 'error') ? lacking : [...lacking, ...checkExample(need)]
  })
  return [...files.problems, ...ofFiles, ...ofNeeds]

  /** Only what the SMS rules say is new here: everything else was found in the files. */
  function checkExample({ name, channel, place }: NeededTemplate): readonly Problem[] {
    if (ofFiles.some(({ severity }) => severity === 'error')) return []
    return [...(files.templates.get(name)?.keys() ?? [])].sort().flatMap((language) => {
      const rendered = render({ template: name, channel, languages: [language], view })
      if (rendered.kind !== 'held' || rendered.language !== language) return []
      return [{ ...templateProblem('T019', place ?? {}, rendered.reason), severity: 'warning' as const }]
    })
  }
}

function distinct(needed: readonly NeededTemplate[]): readonly NeededTemplate[] {
  return [...new Map(needed.map((need) => [`${need.channel} ${need.name}`, need])).values()]
}

function checkVersion(name: string, language: string, parts: TemplateParts, checking: Checking): readonly Problem[] {
  const problems = (['html', 'txt', 'sms'] as const).flatMap((part) => {
    const file = parts[part]
    return file ? checkFile(file, part, language, checking) : []
  })
  return [...problems, ...subjectProblem(name, parts, checking), ...mixedProblem(parts)]
}

function checkFile(file: TemplateFile, part: TemplatePart, language: string, checking: Checking): readonly Problem[] {
  const { parser, files } = checking
  const parsed = parser.template(file, part)
  const { subject, preheader, fromName, to } = parsed.head
  const partial = (name: string): { file: TemplateFile; part: TemplatePart } | undefined => {
    const found = choosePartial(files, name, language)
    return found && { file: found, part }
  }
  const heads = [subject, preheader, fromName, to].flatMap((line) =>
    line ? checkNodes(line.nodes, { html: false, place: () => line.place, partial, parser }) : [],
  )
  const place = (at: number): Place => placeOf(file.file, parsed.body, at, parsed.bodyLine)
  const body = checkNodes(parsed.nodes, { html: part === 'html', place, partial, parser })
  const images = part === 'html' ? imageProblems(parsed.body, place, files) : []
  return [...parsed.problems, ...heads, ...body, ...images]
}

function imageProblems(body: string, place: (at: number) => Place, files: TemplateFiles): readonly Problem[] {
  return imageNames(body)
    .filter((name) => !files.assets.has(name))
    .map((name) => ({
      ...templateProblem('T016', place(body.indexOf(`cid:${name}`)), 'This picture is not in assets/'),
      found: name,
      ...hintOf(name, files.assets.keys()),
    }))
}

function subjectProblem(name: string, parts: TemplateParts, { parser }: Checking): readonly Problem[] {
  const file = parts.html ?? parts.txt
  if (!file) return []
  const head = (part: 'html' | 'txt') => (parts[part] ? parser.template(parts[part], part).head : undefined)
  if (mergeHeads(parts, head('html'), head('txt')).subject) return []
  const problem = templateProblem('T014', { file: file.file, line: 1, column: 1 }, `The mail ${name} has no subject`)
  return [{ ...problem, expected: 'subject: … between two --- lines at the top' }]
}

function mixedProblem({ html, txt }: TemplateParts): readonly Problem[] {
  if (!html || !txt || html.own === txt.own) return []
  const [own, packaged] = html.own ? [html, txt] : [txt, html]
  return [
    {
      ...templateProblem(
        'T015',
        { file: own.file },
        'One part of this mail is an own file, the other still the packaged one',
      ),
      severity: 'warning',
      found: packaged.file,
      hint: 'Write the other part too, so that all readers get the same words',
    },
  ]
}

function checkNeed({ name, channel, place = {} }: NeededTemplate, { files, languages }: Checking): readonly Problem[] {
  const versions = files.templates.get(name)
  if (!versions) {
    const missing = templateProblem('T013', place, 'There is no such template')
    return [{ ...missing, found: name, ...hintOf(name, files.templates.keys()) }]
  }
  const present = [...versions]
    .filter(([, parts]) => serves(parts, channel))
    .map(([language]) => language.toLowerCase())
  if (present.length === 0) {
    const ending = channel === 'sms' ? 'sms.mustache' : 'html.mustache or txt.mustache'
    const missing = templateProblem('T013', place, `The template has no version for ${channel}`)
    return [{ ...missing, found: name, expected: `templates/${name}/${languages[0] ?? 'en'}.${ending}` }]
  }
  return languages
    .filter((language) => !withBase(language).some((one) => present.includes(one)))
    .map((language) => ({
      ...templateProblem('T012', place, `The template ${name} has no ${channel} version in ${language}`),
      severity: 'warning',
      found: present.join(', '),
    }))
}
