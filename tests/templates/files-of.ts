/**
 * Template files from a plain table, as `readTemplateFiles` would give them for a folder.
 *
 * Paths are those below the template folder; a path beginning with `packaged:` is of the package.
 * Does not read the disk; throws for a path that is none.
 */
import type { TemplateAsset, TemplateFile, TemplateFiles, TemplateParts } from '../../src/config/template-files.ts'

export function filesOf(table: Readonly<Record<string, string>>): TemplateFiles {
  const templates = new Map<string, Map<string, TemplateParts>>()
  const partials = new Map<string, Map<string, TemplateFile>>()
  const assets = new Map<string, TemplateAsset>()
  const exports = new Map<string, TemplateFile>()
  for (const [key, text] of Object.entries(table)) {
    const path = key.replace(/^packaged:/, '')
    const file: TemplateFile = { text, file: path, own: path === key }
    const partial = /^partials\/(.+?)(?:\.([\w-]+))?\.mustache$/.exec(path)
    const part = /^(.+)\/([\w-]+)\.(html|txt|sms)\.mustache$/.exec(path)
    if (path.startsWith('assets/')) {
      const name = path.slice('assets/'.length)
      assets.set(name, { name, contentType: 'image/png', content: Buffer.from(text).toString('base64'), file: path })
    } else if (path.startsWith('exports/')) exports.set(path, file)
    else if (partial) {
      const [, name = '', language = ''] = partial
      partials.set(name, (partials.get(name) ?? new Map<string, TemplateFile>()).set(language, file))
    } else if (part) {
      const [, name = '', language = '', kind = ''] = part
      const versions = templates.get(name) ?? new Map<string, TemplateParts>()
      templates.set(name, versions.set(language, { ...versions.get(language), [kind]: file }))
    } else throw new Error(`${path} is no path of a template`)
  }
  return { templates, partials, assets, exports, problems: [] }
}
