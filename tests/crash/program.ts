/**
 * The program as one file each for the daemon, its thread and the command line, with or without a planted bug.
 *
 * Made of the sources by rolldown (it comes with vitest): such a file starts five times as fast as the
 * sources, which is what a sweep of a thousand crashes waits for. A bug is planted by replacing exact
 * texts on the way into the bundle; a text that is not found once and only once is an error, so that a control
 * cannot go stale in silence.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

export interface Replacement {
  readonly find: string
  readonly put: string
}

export interface Program {
  /** The daemon as a command; its config file is to be added. */
  readonly daemon: readonly string[]
  /** `orderly` as a command. */
  readonly orderly: readonly string[]
  /** For both: the compiled code is kept, so that only the first start compiles. */
  readonly env: NodeJS.ProcessEnv
}

const project = fileURLToPath(new URL('../..', import.meta.url))

/** Makes the program in `folder`. Throws when a text to replace is not there exactly once in all of src. */
export async function buildProgram(folder: string, planted: readonly Replacement[] = []): Promise<Program> {
  const changed = plant(planted)
  mkdirSync(join(folder, 'program', 'bundle'), { recursive: true })
  copyFileSync(join(project, 'package.json'), join(folder, 'package.json'))
  for (const name of ['templates', 'config', 'node_modules']) symlinkSync(join(project, name), join(folder, name))
  const daemon = join(folder, 'program', 'bundle', 'daemon.mjs')
  const orderly = join(folder, 'program', 'bundle', 'orderly.mjs')
  const taken = new Set([
    ...(await bundle(join(project, 'tests', 'end-to-end', 'run-daemon.ts'), daemon, changed)),
    // Its thread is a file of its own beside it.
    ...(await bundle(
      join(project, 'src', 'ledger', 'write-thread.ts'),
      join(folder, 'program', 'bundle', 'write-thread.js'),
      changed,
    )),
  ])
  const unused = [...changed.keys()].filter((path) => !taken.has(path)).map((path) => relative(project, path))
  if (unused.length > 0) throw new Error(`the daemon does not load ${unused.join(', ')}`)
  await bundle(join(project, 'src', 'cli', 'main.ts'), orderly, changed)
  return {
    daemon: [process.execPath, daemon],
    orderly: [process.execPath, orderly],
    env: { NODE_COMPILE_CACHE: join(folder, 'compiled') },
  }
}

/** Texts of the changed source files by their path. Throws as buildProgram does. */
export function plant(planted: readonly Replacement[]): ReadonlyMap<string, string> {
  const changed = new Map<string, string>()
  const texts = new Map(planted.length === 0 ? [] : sources().map((path) => [path, readFileSync(path, 'utf8')]))
  for (const { find, put } of planted) {
    const places = [...texts].filter(([, text]) => text.includes(find))
    const [place] = places
    if (places.length !== 1 || place === undefined || place[1].split(find).length !== 2)
      throw new Error(
        `the text to replace must be in src once, it is in ${places.length} files ` +
          `(${places.map(([path]) => relative(project, path)).join(', ')}): ${JSON.stringify(find)}`,
      )
    const text = place[1].replace(find, () => put)
    texts.set(place[0], text)
    changed.set(place[0], text)
  }
  return changed
}

const sources = (): readonly string[] =>
  readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(project, 'src', name))

/** One file of a module and all that it imports, with these texts in place of those of the sources; gives the paths of them. */
export async function bundle(
  input: string,
  file: string,
  changed: ReadonlyMap<string, string> = new Map(),
): Promise<ReadonlySet<string>> {
  const taken = new Set<string>()
  const made = await rolldown({
    input,
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'plant',
        load: (path) => {
          const code = changed.get(path)
          if (code === undefined) return undefined
          taken.add(path)
          return { code, moduleType: 'ts' }
        },
      },
    ],
  })
  // Packages in CommonJS ask for node's own modules with require.
  const banner =
    "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);"
  await made.write({ file, format: 'esm', codeSplitting: false, banner })
  await made.close()
  return taken
}
