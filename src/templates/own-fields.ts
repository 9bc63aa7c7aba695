/**
 * The own fields (`order.fields.…`) that templates print, for the example view.
 *
 * The catalogue leaves these names free, so the templates are the only place that knows them.
 * Pure; throws nothing.
 */
import type { TemplateFile, TemplateFiles } from '../config/template-files.ts'

const fieldPattern = /\bfields\.([a-z_][\w-]*)/gi

/** Distinct names, in order of appearance. */
export function ownFieldsOf(files: TemplateFiles): readonly string[] {
  const texts: TemplateFile[] = []
  for (const versions of files.templates.values())
    for (const parts of versions.values()) texts.push(...Object.values(parts))
  for (const versions of files.partials.values()) texts.push(...versions.values())
  const names = texts.flatMap(({ text }) => [...text.matchAll(fieldPattern)].map((match) => match[1] ?? ''))
  return [...new Set(names)]
}
