/**
 * The hash that says which words a message was made from.
 *
 * Covers the files of the version for the channel, every partial that they include and the pictures
 * that they show, so a change of any of them changes it. Pure; throws nothing.
 */
import { createHash } from 'node:crypto'
import type { TemplateFile, TemplateFiles, TemplatePart } from '../config/template-files.ts'
import type { Channel } from '../core/message.ts'
import { choosePartial } from './choose-version.ts'
import type { Version } from './choose-version.ts'
import { partialNames } from './parsed-templates.ts'
import type { TemplateParser } from './parsed-templates.ts'

/** The parts of a template that a channel is made from. */
export const partsOf = (channel: Channel): readonly TemplatePart[] => (channel === 'sms' ? ['sms'] : ['html', 'txt'])

/** SHA-256 of the version's files, first 16 hex characters. */
export function templateHash(files: TemplateFiles, parser: TemplateParser, version: Version, channel: Channel): string {
  const texts: TemplateFile[] = []
  for (const part of partsOf(channel)) {
    const file = version.parts[part]
    if (!file) continue
    texts.push(file)
    collectPartials(partialNames(parser.template(file, part).nodes), part)
  }
  const images = texts.flatMap((file) => imageNames(file.text)).flatMap((name) => files.assets.get(name)?.content ?? [])
  const hash = createHash('sha256')
  for (const content of [...texts.map((file) => file.text), ...images]) hash.update(`${content.length}:${content}`)
  return hash.digest('hex').slice(0, 16)

  function collectPartials(names: readonly string[], part: TemplatePart): void {
    for (const name of names) {
      const file = choosePartial(files, name, version.language)
      if (!file || texts.includes(file)) continue
      texts.push(file)
      collectPartials(partialNames(parser.partial(file, part).nodes), part)
    }
  }
}

/** Names after `cid:` in attributes; a value can't bring one into rendered HTML, since its quotes are escaped. */
export function imageNames(html: string): readonly string[] {
  const names = [...html.matchAll(/\s(?:src|background)\s*=\s*["']cid:([^"'\s]+)["']/gi)].map((match) => match[1] ?? '')
  return [...new Set(names)]
}
