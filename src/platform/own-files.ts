/**
 * Files of this program, whether it runs from its sources or compiled.
 *
 * All code lies two levels below the program's folder: in `src/ROOM`, or in `dist/program`, where modules of a name of
 * their own stand beside each other. Reads nothing and throws nothing.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Whether the file (`import.meta.url`) is a TypeScript source. */
export const isSource = (url: string): boolean => url.endsWith('.ts')

/** The module of that name beside the file: `writer` is `writer.ts` or `writer.js`. */
export const besides = (url: string, name: string): URL => new URL(`./${name}.${isSource(url) ? 'ts' : 'js'}`, url)

/** Where package.json, config and templates lie. */
export const programFolder = fileURLToPath(new URL('../..', import.meta.url)).replace(/(?<=.)[/\\]$/, '')

/** What is run. */
export const mainFile = join(programFolder, isSource(import.meta.url) ? 'src/cli/main.ts' : 'dist/cli/main.js')
