/**
 * The codes of what can be wrong with templates: title, cause and what to do, for docs/problems.md.
 *
 * A code never changes its meaning and is never used again for something else. T001 and T002
 * come from reading the folders (config/template-files.ts), the others from this room. Throws nothing.
 */
import { didYouMean } from '../config/nearest.ts'
import type { CodeEntry, CodeTable } from '../config/problem-codes.ts'
import type { Place, Problem } from '../core/problem.ts'

const code = (title: string, cause: string, todo: string): CodeEntry => ({ title, cause, todo })

const files = {
  T001: code(
    'Template file cannot be used',
    'It is too large, not UTF-8, or a link to a place outside the template folder.',
    'Replace it by a text file in UTF-8 of at most 256 KiB, or a picture of at most 1 MiB.',
  ),
  T002: code(
    'Template file has an unknown name',
    'The name is none of <topic>/<name>/<language>.{html,txt,sms}.mustache, partials, assets or exports.',
    'Rename it, or move it elsewhere.',
  ),
  T003: code('Front matter cannot be read', 'It is not closed, or is no valid YAML.', 'Mend the line; quote texts.'),
  T004: code('Front matter does not fit', 'A key is unknown or a value is wrong.', 'Mend it as the message says.'),
  T005: code('Mustache cannot be read', 'A tag or a section is not closed.', 'Close it, in the order of opening.'),
} as const satisfies CodeTable

const variables = {
  T006: code('Unknown variable', 'The name is not in the catalogue.', 'Look it up in the list of variables.'),
  T007: code(
    'Variable outside its list',
    'A variable of order lines stands outside {{#order.lines}}.',
    'Put it between {{#order.lines}} and {{/order.lines}}.',
  ),
  T008: code(
    'Variable cannot be printed',
    'It is a group, a list or yes/no.',
    'Open a section with it, or print one of its values.',
  ),
  T009: code('Unescaped output', 'HTML has {{{name}}} or {{&name}}.', 'Write {{name}}.'),
  T017: code(
    'Variable in an unsafe place',
    'Escaping does not protect an attribute without quotes, a style or a script.',
    'Put the attribute in quotes; keep variables out of styles and scripts.',
  ),
} as const satisfies CodeTable

const wholes = {
  T010: code('Partial is missing', 'The file is not in partials/.', 'Write it, or mend the name.'),
  T011: code('Partials in a circle', 'A partial includes itself, directly or through others.', 'Break the circle.'),
  T012: code(
    'Language version is missing',
    'The template has no version in a configured language; another language is used.',
    'Write the version.',
  ),
  T013: code(
    'Template is missing',
    'The config names a template that does not exist or has no version for the channel.',
    'Write it, or mend the name in the config.',
  ),
  T014: code('Mail has no subject', 'The front matter has no subject.', 'Add subject: between two --- lines.'),
  T015: code(
    'Half of a mail is overridden',
    'HTML and text come from different places: one is an own file, one the packaged default.',
    'Write the other part too.',
  ),
  T016: code(
    'Picture is missing',
    'The HTML names a cid: that is not in assets/.',
    'Add the picture or mend the name.',
  ),
  T018: code('Export template is missing', 'The config names a file that is not in exports/.', 'Write it.'),
  T019: code(
    'Message would be held',
    'Rendered with the example, the template breaks a rule, e.g. of the length of an SMS.',
    'Shorten it, or change sms.encoding in the config.',
  ),
} as const satisfies CodeTable

export const templateCodes = { ...files, ...variables, ...wholes } as const satisfies CodeTable

/** An error with its code and place; found, expected and hint are added where there are any. */
export function templateProblem(code: keyof typeof templateCodes, place: Place, message: string): Problem {
  return { code, severity: 'error', place, message }
}

/** The did-you-mean of a mistyped name, to be spread into a problem; nothing where no name is near. */
export function hintOf(name: string, names: Iterable<string>): { readonly hint?: string } {
  const hint = didYouMean(name, names)
  return hint === undefined ? {} : { hint }
}
