/**
 * What every decision needs besides the input and what is known: config, rules and words.
 *
 * A frozen value made once per config load. `render` is passed in, so that the workflows
 * yield frozen text without knowing the templates' room.
 */
import type { Config } from '../config/schema.ts'
import type { Render } from '../core/rendering.ts'
import { compileRules, type Rules } from './compile.ts'

export interface Setup {
  readonly config: Config
  readonly configHash: string
  readonly render: Render
  readonly rules: Rules
  /** Why nobody is told of what is decided, when nobody is: `import --no-send`. */
  readonly muted?: string
  /** Orders that were delivered may be changed all the same: `import --force` (N33). */
  readonly forced?: true
}

/** Why nobody is told of what a file of the import leads to; undefined when they are. */
export function mutedBy({ config, muted }: Setup, importName: string): string | undefined {
  const source = Object.hasOwn(config.imports, importName) ? config.imports[importName] : undefined
  return muted ?? (source?.send === false ? `import ${importName} has send: false` : undefined)
}

export const makeSetup = (config: Config, configHash: string, render: Render): Setup => ({
  config,
  configHash,
  render,
  rules: compileRules(config),
})
