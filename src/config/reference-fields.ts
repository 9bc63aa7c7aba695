/**
 * docs/fields.md: the fields of imports, exports and conditions and the variables of templates, from their catalogues.
 *
 * Pure text. Throws nothing.
 */
import { conditionFields } from '../core/condition-fields.ts'
import { exportFields } from '../core/export-fields.ts'
import { variables } from '../core/variables.ts'
import type { Variable, VariableGroup } from '../core/variables.ts'
import { freeImportFields, importFields } from './import-fields.ts'
import { generatedMark, table } from './reference-page.ts'
import { importKinds } from './schema.ts'

/** docs/fields.md */
export function fieldsPage(): string {
  const imports = importKinds.map((kind) => {
    const rows = Object.entries(importFields[kind]).map(([name, { type, about, required }]) => [
      `\`${name}\``,
      type,
      required ? 'yes' : '',
      about,
    ])
    const free = freeImportFields(kind).map((prefix) => [`\`${prefix}<name>\``, 'text', '', 'Own fields of the file'])
    return `### Import \`${kind}\`\n\n${table(['Field', 'Type', 'Required', 'About'], [...rows, ...free])}`
  })
  const exports = Object.entries(exportFields).map(([kind, fields]) => {
    const rows = Object.entries(fields).map(([name, { type, about }]) => [`\`${name}\``, type, about])
    return `### Export \`${kind}\`\n\n${table(['Field', 'Type', 'About'], rows)}`
  })
  const asked = Object.entries(conditionFields).map(([name, { type, about }]) => [`\`order.${name}\``, type, about])
  const free = ['`order.fields.<name>`', 'text', 'Own fields of the import']
  const conditions = table(['Field', 'Type', 'About'], [...asked, free])
  const words = table(['Variable', 'Type', 'About', 'Example'], variableRows(variables, ''))
  const parts = ['## Import fields', importIntro, ...imports, '## Export fields', exportIntro, ...exports]
  parts.push('## Condition fields', conditionIntro, conditions)
  return `${['# Fields and variables', generatedMark, ...parts, '## Template variables', variableIntro, words].join('\n\n')}\n`
}

const importIntro = `Names that \`fields\`, \`constants\` and \`values\` of an import may use. Required ones must be mapped or constant, unless the
format knows them itself (UBL, bank statements). Types: text; decimal and money in the marks of the format; date by \`dates\`; flag: true, false,
yes, no, 1, 0; list: words with \`;\` or \`,\` between them.`
const exportIntro =
  'Names that `columns` and `fields` of an export may use. Without them all fields are written, in this order.'
const conditionIntro = `Names that \`if\` of a workflow, step or notice may use; \`order.\` may be left out. Amounts compare in the units of the
currency (24990, 12.50), dates as yyyy-MM-dd.`
const variableIntro = `Written as \`{{name}}\`. Money, dates and numbers are formatted for the language of the message; \`raw\` before the
last part of the name gives the plain value, e.g. \`{{order.raw.gross}}\`. Lists are sections: \`{{#order.lines}}{{sku}}{{/order.lines}}\`.`

function variableRows(group: VariableGroup, prefix: string): readonly (readonly string[])[] {
  return Object.entries(group.variables).flatMap(([name, item]) => {
    const key = `${prefix}${name}`
    if (isVariable(item)) return [[`\`${key}\``, item.type, item.about, item.example]]
    const open = item.open ? [[`\`${key}.<name>\``, 'text', item.about, '']] : []
    return [...open, ...variableRows(item, item.list ? `${key}[].` : `${key}.`)]
  })
}

const isVariable = (item: Variable | VariableGroup): item is Variable => 'type' in item
