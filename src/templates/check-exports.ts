/**
 * The export templates that the config names: that they exist, and that they ask only for fields of their kind.
 *
 * An export template sees `count` and, in `{{#lines}}`, the fields of core/export-fields.ts. It has no
 * front matter, no partials and no formatted values. Pure; throws nothing.
 */
import type { TemplateFiles } from '../config/template-files.ts'
import { exportFields } from '../core/export-fields.ts'
import type { Place, Problem } from '../core/problem.ts'
import type { Variable, VariableGroup } from '../core/variables.ts'
import { checkNodes } from './check-nodes.ts'
import { parsePartial } from './parse-template.ts'
import { createParser } from './parsed-templates.ts'
import { placeOf } from './positions.ts'
import { hintOf, templateProblem } from './problem-codes.ts'

/** An export template as the config names it, e.g. `exports/clearing.xml.mustache`. */
export interface NeededExportTemplate {
  readonly template: string
  readonly kind: keyof typeof exportFields
  readonly place?: Place
}

/** Problems of the named export templates, in the order given. */
export function checkExportTemplates(
  files: TemplateFiles,
  needed: readonly NeededExportTemplate[],
): readonly Problem[] {
  return needed.flatMap(({ template, kind, place }) => {
    const file = files.exports.get(template)
    if (!file) {
      const missing = templateProblem('T018', place ?? {}, 'There is no such export template')
      return [{ ...missing, found: template, ...hintOf(template, files.exports.keys()) }]
    }
    const parsed = parsePartial(file, 'txt')
    const tags = checkNodes(parsed.nodes, {
      html: false,
      place: (at) => placeOf(file.file, parsed.body, at),
      partial: () => undefined,
      parser: createParser(),
      catalogue: catalogueOf(kind),
    })
    return [...parsed.problems, ...tags]
  })
}

const variable = (about: string): Variable => ({ type: 'text', about, example: '' })

function catalogueOf(kind: keyof typeof exportFields): VariableGroup {
  const fields = Object.entries(exportFields[kind]).map(([name, { about }]) => [name, variable(about)] as const)
  const lines: VariableGroup = { about: 'The lines', list: true, variables: Object.fromEntries(fields) }
  const control = kind === 'clearing' ? { control: controlGroup } : {}
  return { about: 'The file', variables: { count: variable('Number of lines'), lines, ...control } }
}

/** Export values are text already; there is no raw form of them. */

const group = (about: string, names: Readonly<Record<string, string>>, list?: true): VariableGroup => ({
  about,
  ...(list && { list }),
  variables: Object.fromEntries(Object.entries(names).map(([name, text]) => [name, variable(text)])),
})

const sumNames = {
  company: 'Company',
  counterCompany: 'The other company',
  type: 'Type of the entries; none in totals',
  currency: 'Currency',
  count: 'Number of entries',
  net: 'Without VAT',
  vat: 'VAT',
  gross: 'With VAT',
}

/** Control figures of a clearing file. */
const controlGroup: VariableGroup = {
  about: 'Control figures',
  variables: {
    ...group('', {
      export: 'Name of the export',
      company: 'Company of the export',
      sequence: 'Number of the file',
      name: 'Name of the file',
      period: 'Period',
      from: 'First day',
      to: 'Last day',
      count: 'Number of entries',
      replaces: 'Name of the refused file that it replaces',
    }).variables,
    sums: group('Sums by type', sumNames, true),
    totals: group('Sums over all types', sumNames, true),
  },
}
