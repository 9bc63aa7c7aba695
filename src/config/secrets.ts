/**
 * Secrets: `${ENV_NAME}`, `${file:/path}` and `${credential:name}`, filled in for passwords only.
 *
 * Which keys are secret says the schema. Values are held apart from the config, in an object that prints as
 * `[secrets]` and nothing else; the config keeps the reference, or a mark for a password in clear. A missing
 * variable or file is a finding, as is a reference anywhere else. Throws only on unexpected I/O errors.
 */
import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { hasCode } from '../platform/files.ts'
import type { Finding, Path } from './finding.ts'
import { pathText } from './finding.ts'
import { childNodes, holdsSecret, nodesAt, rootNodes } from './schema-walk.ts'
import type { SchemaNode } from './schema-walk.ts'

export interface Secrets {
  /** The secret at a dotted path such as `mail.auth.password`; undefined when the config has none there. */
  get(path: string): string | undefined
  /** All values, to be redacted in logs. */
  values(): readonly string[]
}
export type Env = Readonly<Record<string, string | undefined>>
export interface ResolvedSecrets {
  readonly secrets: Secrets
  readonly findings: readonly Finding[]
  /** The data with passwords in clear replaced by `hiddenSecret`. */
  readonly data: unknown
}

export const hiddenSecret = '(hidden)'
const maxSecretBytes = 65_536
const reference = /\$\{([^}]*)\}/g
/** As systemd takes it: no ":" (LoadCredential= ends the name there), no path. */
const credentialName = /^(?!\.+$)[\w.@-]{1,255}$/
const credentialFile = '$CREDENTIALS_DIRECTORY/'

/** Whether the value at a path is, or may hold, a secret. */
export const isSecretPath = (path: Path, data: unknown): boolean => nodesAt(path, data).some((n) => holdsSecret(n))

/**
 * Finds every reference and secret in the data; relative files are taken from `folder`. Without `env` references are
 * left as they are, unread: for a command that has no right to the secrets.
 */
export async function resolveSecrets(data: unknown, folder: string, env: Env | undefined): Promise<ResolvedSecrets> {
  const values = new Map<string, string>()
  const findings: Finding[] = []
  const secret = async (value: string, path: Path): Promise<string> => {
    if (env === undefined && value.includes('${')) return value
    const filled = await fill(value, folder, env ?? {})
    if (filled.kind === 'bad') findings.push(...filled.findings.map((finding) => ({ ...finding, path })))
    else values.set(pathText(path), filled.value)
    if (value.includes('${')) return value
    findings.push(inClear(path))
    return hiddenSecret
  }
  const redact = async (value: unknown, path: Path, nodes: readonly SchemaNode[]): Promise<unknown> => {
    if (typeof value === 'string') {
      if (nodes.some((node) => node.secret === true)) return secret(value, path)
      if (value.includes('${')) findings.push(notHere(value, path))
      return value
    }
    if (typeof value !== 'object' || value === null) return value
    const below = (item: unknown, step: string | number): Promise<unknown> =>
      redact(item, [...path, step], childNodes(nodes, step, item))
    if (Array.isArray(value)) return Promise.all(value.map(below))
    const entries = Object.entries(value).map(async ([key, item]) => [key, await below(item, key)] as const)
    return Object.fromEntries(await Promise.all(entries))
  }
  const redacted = await redact(data, [], rootNodes())
  return { secrets: sealed(values), findings, data: redacted }
}

/** What a checked config takes its secrets from: names of credentials, of variables of the environment, and files. */
export interface SecretSources {
  readonly credentials: readonly string[]
  readonly variables: readonly string[]
  readonly files: readonly string[]
}

/** References stand nowhere but in secrets: elsewhere they are errors of the config. Each once, in the order of the config. */
export function secretSources(config: unknown): SecretSources {
  const names = [...new Set(referencesIn(config))].map((name) =>
    name.startsWith(`file:${credentialFile}`) ? name.replace(`file:${credentialFile}`, 'credential:') : name,
  )
  const after = (prefix: string): readonly string[] =>
    [...new Set(names)].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
  return {
    credentials: after('credential:').filter((name) => credentialName.test(name)),
    files: after('file:'),
    variables: names.filter((name) => !/^(file|credential):/.test(name)),
  }
}

function referencesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [...value.matchAll(reference)].map((match) => match[1] ?? '')
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(referencesIn) : []
}

/** An object that gives its values only when asked for them by name. */
function sealed(values: ReadonlyMap<string, string>): Secrets {
  return Object.freeze({
    get: (path: string) => values.get(path),
    values: () => [...new Set(values.values())].filter((value) => value !== ''),
    toJSON: print,
    toString: print,
    [Symbol.for('nodejs.util.inspect.custom')]: print,
  })
}

const print = (): string => '[secrets]'

type SecretFinding = Omit<Finding, 'path'>
type Filled =
  | { readonly kind: 'ok'; readonly value: string }
  | { readonly kind: 'bad'; readonly findings: readonly SecretFinding[] }

async function fill(text: string, folder: string, env: Env): Promise<Filled> {
  const findings: SecretFinding[] = []
  let value = ''
  let end = 0
  for (const match of text.matchAll(reference)) {
    const part = await lookUp(match[1] ?? '', folder, env)
    if (part.kind === 'bad') findings.push(...part.findings)
    else value += text.slice(end, match.index) + part.value
    end = match.index + match[0].length
  }
  const rest = text.slice(end)
  if (rest.includes('${')) findings.push(malformed('${ without }'))
  return findings.length > 0 ? { kind: 'bad', findings } : { kind: 'ok', value: value + rest }
}

async function lookUp(name: string, folder: string, env: Env): Promise<Filled> {
  if (name.startsWith('file:')) return fromFile(name.slice(5), folder, env)
  if (name.startsWith('credential:')) return fromCredential(name.slice(11), env)
  if (!/^[A-Za-z_]\w*$/.test(name)) return bad(malformed(`\${${name}}`))
  const value = env[name]
  if (value !== undefined && value !== '') return { kind: 'ok', value }
  const what = value === undefined ? 'not set' : 'empty'
  const hint = 'Set it for the service (Environment= or EnvironmentFile= of the unit).'
  return bad({ code: 'C031', message: `the environment variable ${name} is ${what}`, found: `\${${name}}`, hint })
}

const bad = (finding: SecretFinding): Filled => ({ kind: 'bad', findings: [finding] })

async function fromCredential(name: string, env: Env): Promise<Filled> {
  const found = `\${credential:${name}}`
  if (!credentialName.test(name)) return bad(malformed(found))
  const folder = env['CREDENTIALS_DIRECTORY']
  if (folder) return readSecret(join(folder, name), found, 'C033')
  const hint = 'Add LoadCredential= to the unit; by hand use ${file:…}.'
  return bad({ code: 'C033', message: 'there is no CREDENTIALS_DIRECTORY: systemd gave no credentials', found, hint })
}

async function fromFile(path: string, folder: string, env: Env): Promise<Filled> {
  const found = `\${file:${path}}`
  if (path.startsWith(credentialFile)) return fromCredential(path.slice(credentialFile.length), env)
  return path === '' ? bad(malformed(found)) : readSecret(resolve(folder, path), found, 'C032')
}

/** Takes off one line end, which editors and `echo` leave. */
async function readSecret(path: string, found: string, code: 'C032' | 'C033'): Promise<Filled> {
  const refuse = (why: string): Filled => bad({ code, message: `${path} ${why}`, found })
  try {
    const { size } = await stat(path)
    if (size > maxSecretBytes) return refuse('is too large for a secret')
    const value = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)).replace(/\r?\n$/, '')
    return value === '' ? refuse('is empty') : { kind: 'ok', value }
  } catch (error) {
    if (error instanceof TypeError) return refuse('is not UTF-8')
    if (hasCode(error, ['ENOENT', 'ENOTDIR'])) return refuse('does not exist')
    if (hasCode(error, ['EACCES', 'EPERM'])) return refuse('may not be read by this user')
    if (hasCode(error, ['EISDIR'])) return refuse('is a folder')
    throw new Error(`${path} could not be read`, { cause: error })
  }
}

const malformed = (found: string): SecretFinding => ({
  code: 'C035',
  message: 'this reference cannot be understood',
  found,
  expected: '${ENV_NAME}, ${file:/path} or ${credential:name}',
})

const notHere = (value: string, path: Path): Finding => ({
  code: 'C030',
  path,
  message: 'variables are filled in for passwords only',
  found: value.match(reference)?.[0] ?? '${',
  hint: 'Write the value itself.',
})

const inClear = (path: Path): Finding => ({
  code: 'C034',
  path,
  severity: 'warning',
  message: 'the password stands in clear in the config',
  hint: 'Use ${ENV_NAME}, ${file:/path} or ${credential:name}.',
})
