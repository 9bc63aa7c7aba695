/**
 * Whether a text from outside may be the name of a file in a folder that is known: a name, never a path.
 *
 * Pure, throws nothing.
 */

/** One step within a folder: no separators, no `..`, nothing hidden, no control characters, at most 200 bytes or so. */
export const isPlainFileName = (name: string): boolean =>
  name.length > 0 && name.length <= 200 && !name.startsWith('.') && !/[/\\:\p{C}]/u.test(name)
