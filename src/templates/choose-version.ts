/**
 * Which language version of a template is used, and with which parts.
 *
 * Chain (N47, P10): each wanted language exactly, then its base language; then the configured
 * languages in order; then whatever there is, since a message in another language is better than
 * none. Languages come from files and are compared in canonical form only. Pure; throws nothing.
 */
import type { TemplateFile, TemplateFiles, TemplateParts } from '../config/template-files.ts'
import type { Channel } from '../core/message.ts'

export interface Version {
  readonly language: string
  readonly parts: TemplateParts
}

/** The version for a channel; undefined when the template has none for it in any language. */
export function chooseVersion(
  files: TemplateFiles,
  name: string,
  channel: Channel,
  wanted: readonly string[],
): Version | undefined {
  const versions = files.templates.get(name)
  if (!versions) return undefined
  const usable = new Map([...versions].filter(([, parts]) => serves(parts, channel)))
  for (const language of [...wanted.flatMap(withBase), ...[...usable.keys()].sort()]) {
    const found = keyOf(usable, language)
    if (found !== undefined) return { language: found, parts: usable.get(found) ?? {} }
  }
  return undefined
}

/** Whether the parts are enough for the channel. */
export const serves = (parts: TemplateParts, channel: Channel): boolean =>
  channel === 'sms' ? parts.sms !== undefined : parts.html !== undefined || parts.txt !== undefined

/** The partial for a language: its own, its base language's, the one for all languages. */
export function choosePartial(files: TemplateFiles, name: string, language: string): TemplateFile | undefined {
  const versions = files.partials.get(name)
  if (!versions) return undefined
  for (const one of withBase(language)) {
    const found = keyOf(versions, one)
    if (found !== undefined) return versions.get(found)
  }
  return versions.get('')
}

/** `de-AT` → `de-at`, `de`. */
export function withBase(language: string): readonly string[] {
  const whole = normal(language)
  const base = whole.split('-')[0] ?? whole
  return whole === base ? [whole] : [whole, base]
}

const normal = (language: string): string => language.trim().replaceAll('_', '-').toLowerCase()

function keyOf(versions: ReadonlyMap<string, unknown>, language: string): string | undefined {
  for (const key of versions.keys()) if (key !== '' && normal(key) === normal(language)) return key
  return undefined
}
