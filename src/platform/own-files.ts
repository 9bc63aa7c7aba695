/**
 * Files of this program beside each other, whether it runs from its sources or compiled.
 *
 * Reads nothing and throws nothing.
 */

/** Whether the file (`import.meta.url`) is a TypeScript source. */
export const isSource = (url: string): boolean => url.endsWith('.ts')

/** The module of that name beside the file: `writer` is `writer.ts` or `writer.js`. */
export const besides = (url: string, name: string): URL => new URL(`./${name}.${isSource(url) ? 'ts' : 'js'}`, url)
