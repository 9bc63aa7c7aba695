/**
 * Texts as systemd unit files must hold them: paths in lists, words of a command line, names of mount units.
 *
 * After systemd.syntax(7), systemd.unit(5) and systemd.service(5): "%" begins a specifier, a backslash and a quote
 * are escaped within quotes, "$" stays as it is where the command line has the prefix ":". Says which texts cannot
 * be written at all. Does not look at the disk. Throws nothing.
 */

/** One word of a list such as ReadWritePaths=; `prefix`: "-" where a missing path is no error. */
export const listWord = (text: string, prefix: '' | '-' = ''): string => quoted(prefix + text)

/**
 * A command line without variables, by an absolute path. Not every path can be written as the program: see
 * whyNoProgram.
 */
export const commandLine = ([program = '', ...words]: readonly string[]): string =>
  [quoted(`:${program}`), ...words.map((word) => (/^[\w./@:=+-]+$/.test(word) ? word : quoted(word)))].join(' ')

/** The part of a line after "NAME:" that is taken as it stands, as in LoadCredential=. */
export const plainPath = (path: string): string => path.replaceAll('%', '%%')

/** Why no unit can name this path; undefined when one can. */
export function whyNoPath(path: string): string | undefined {
  if (/\p{Cc}/u.test(path)) return 'it holds a line break or another control character'
  return path.isWellFormed() ? undefined : 'it is not Unicode'
}

/** Why ExecStart= cannot begin with this path: systemd refuses quotes and backslashes there, escaped or not. */
export const whyNoProgram = (path: string): string | undefined =>
  whyNoPath(path) ??
  (/["'\\]/.test(path) ? 'systemd takes no program with a quote or a backslash in its path' : undefined)

/** The mount units that may hold an absolute path, each part of it one (systemd-escape --path); none for "/". */
export function mountUnits(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return parts.map((_, i) => `${unitName(parts.slice(0, i + 1))}.mount`).filter((name) => name.length < 256)
}

const quoted = (text: string): string =>
  /^[\w./:-]+$/.test(text) ? text : `"${text.replaceAll('%', '%%').replace(/["\\]/g, '\\$&')}"`

const unitName = (parts: readonly string[]): string => parts.map(escapedPart).join('-').replace(/^\./, '\\x2e')

const escapedPart = (part: string): string =>
  Array.from(Buffer.from(part), (byte) => {
    const character = String.fromCharCode(byte)
    return /[\w:.]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`
  }).join('')
