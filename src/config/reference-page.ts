/**
 * The reference pages as Markdown: docs/config.md from the schema, docs/problems.md from the codes.
 *
 * Pure text; the same input gives the same bytes. Throws nothing.
 */
import type { CodeTable } from './problem-codes.ts'
import { referenceSections } from './reference-rows.ts'
import type { Group, Row, SectionText } from './reference-rows.ts'

export const generatedMark = '<!-- Written by `orderly docs --write`; changes here are lost. -->'

const intro = `# Config

${generatedMark}

Everything that can stand in \`orderly.yaml\` and in the folders beside it. \`workflows/x.yaml\` holds the entry \`x\` of
\`workflows\`; the same goes for \`stores\`, \`channels\`, \`calendars\`, \`carriers\`, \`imports\` and \`exports\`. A map of several may
stand in \`stores.yaml\`, or in the main file. Unknown keys are errors. \`orderly check\` finds every problem at once.

- Durations: \`500ms\`, \`2s\`, \`15m\`, \`4h\`, \`3d\`, \`2w\`, \`1y\`.
- Decimal numbers stand in quotes, so that no digit is lost: \`"0.50"\`.
- Relative folders start at the folder of \`orderly.yaml\`.
- Passwords, and only they, may be \`\${ENV_NAME}\`, \`\${file:/path}\` or \`\${credential:name}\` (systemd).
`

/** docs/config.md */
export function configPage(): string {
  const sections = referenceSections()
  const contents = sections.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(' · ')
  return `${[intro, contents, ...sections.map(sectionPage)].join('\n\n').replaceAll(/\n{3,}/g, '\n\n')}\n`
}

function sectionPage({ name, about, otherForms, groups }: SectionText): string {
  const other = otherForms === '' ? '' : `Instead of a map: ${otherForms}.`
  const variants = groups.map(groupPage)
  return [`## ${name}`, about, other, ...variants].filter((text) => text !== '').join('\n\n')
}

function groupPage({ variant, about, rows }: Group): string {
  const head = variant === undefined ? '' : `### \`${variant}\`\n\n${about === undefined ? '' : `${about}\n\n`}`
  return rows.length === 0
    ? head.trimEnd()
    : head + table(['Key', 'Type', 'Default', 'About', 'Example'], rows.map(cells))
}

function cells({ key, type, required, default: preset, about, example }: Row): readonly string[] {
  const standard = required ? '**required**' : preset === undefined ? '' : codeText(preset)
  return [codeText(key), type, standard, about, example === undefined ? '' : codeText(example)]
}

/** Code that may itself hold backquotes. */
const codeText = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``)

/** A Markdown table; bars within cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const line = (cellTexts: readonly string[]): string =>
  `| ${cellTexts.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`

/** docs/problems.md: all codes of all tables, in order. */
export function problemsPage(tables: readonly CodeTable[]): string {
  const all = tables.flatMap((codes) => Object.entries(codes)).sort(([a], [b]) => (a < b ? -1 : 1))
  const groups = [...Map.groupBy(all, ([code]) => code.slice(0, 1))]
  const parts = groups.map(([letter, entries]) => {
    const rows = entries.map(([code, { title, cause, todo }]) => [`\`${code}\``, title, cause, todo])
    return `## ${letter}: ${areas[letter] ?? 'others'}\n\n${table(['Code', 'Problem', 'Cause', 'What to do'], rows)}`
  })
  const about = 'Every problem has a code that stays the same. It stands at the end of the message.'
  return `${['# Problems', generatedMark, about, ...parts].join('\n\n')}\n`
}

const areas: Readonly<Record<string, string>> = {
  A: 'audit',
  C: 'config',
  D: 'data of import files',
  L: 'ledger',
  M: 'mail',
  S: 'SMS',
  T: 'templates',
  X: 'exports',
}
