import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { checkFolders, networkFileSystem } from '../../src/config/check-folders.ts'
import { inFolder, loadConfig } from '../../src/config/load.ts'
import type { LoadedConfig } from '../../src/config/load.ts'

const folders: string[] = []
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})

const base = `version: 1
company: { code: HU01, name: Example }
languages: [en, hu]
timeZone: Europe/Budapest
currency: HUF
country: HU
mail:
  transport: smtp
  host: mail.example.com
  auth: { user: orderly, password: "\${SMTP_PASSWORD}" }
  from: { address: shop@example.com }
`
const env = { SMTP_PASSWORD: 'geheim-1' }

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orderly-config-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true, mode: 0o750 })
    await writeFile(join(folder, name), content)
  }
  return folder
}

async function load(
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = env,
): Promise<LoadedConfig> {
  const folder = await folderWith(files)
  const read = await loadConfig(join(folder, 'orderly.yaml'), { env: environment })
  if (read.kind === 'bad') throw new Error(`the config should load: ${JSON.stringify(read.problems)}`)
  return read.loaded
}

test('entries come from the main file, from a file of the section and from its folder alike', async () => {
  const { config, files, folder } = await load({
    'orderly.yaml': `${base}stores: { A: { name: Aa } }\n`,
    'stores.yaml': 'B: { name: Bb }\n',
    'stores/C.yaml': '# comment\nname: Cc\n',
    'stores/.hidden.yaml': 'name: [',
    'calendars/standard.yaml': 'rules: [{ open: "09:00-18:00", on: everyDay }]\n',
    'notes.yaml': 'not: ours\n',
  })
  expect(Object.entries(config.stores).map(([code, { name }]) => [code, name])).toEqual([
    ['A', 'Aa'],
    ['C', 'Cc'],
    ['B', 'Bb'],
  ])
  expect(Object.keys(config.calendars)).toEqual(['standard'])
  expect(files.map((file) => file.replace(`${folder}/`, '')).sort()).toEqual([
    'calendars/standard.yaml',
    'orderly.yaml',
    'stores.yaml',
    'stores/C.yaml',
  ])
})

test('defaults are filled in', async () => {
  const { config } = await load({
    'orderly.yaml': base,
    'imports/x.yaml': 'kind: payments\nfolder: in\nformat: { type: camt }\n',
  })
  expect(config.imports['x']).toMatchObject({ ready: { stableFor: '2s' }, onBadRecord: 'rejectFile', every: '5s' })
  expect(config.sms).toMatchObject({ transport: 'none', port: 2775, sender: [] })
})

test('merge keys and anchors work, and a mistake below them is placed where it is written', async () => {
  const common = `${base}stores:\n  A: &a { name: A, language: hu }\n  B:\n    <<: *a\n    name: B\n`
  const { config } = await load({ 'orderly.yaml': common })
  expect(config.stores['B']).toMatchObject({ name: 'B', language: 'hu' })
  const folder = await folderWith({ 'orderly.yaml': common.replace('language: hu', 'language: xx') })
  const read = await loadConfig(join(folder, 'orderly.yaml'), { env })
  const places = read.kind === 'bad' ? read.problems.map(({ place, code }) => [place.line, place.column, code]) : []
  expect(places).toEqual([[13, 30, 'C044']])
})

test('the config cannot be changed', async () => {
  const { config } = await load({ 'orderly.yaml': base })
  expect(() => {
    config.languages.push('de')
  }).toThrow(TypeError)
  expect(Object.isFrozen(config.mail.retry)).toBe(true)
})

test('secrets stand apart: not in the config, not printed, there when asked for', async () => {
  const loaded = await load({ 'orderly.yaml': base })
  expect(loaded.secrets.get('mail.auth.password')).toBe('geheim-1')
  expect(loaded.secrets.get('sms.password')).toBeUndefined()
  expect(loaded.secrets.values()).toEqual(['geheim-1'])
  expect(loaded.config.mail.auth).toEqual({ user: 'orderly', password: '${SMTP_PASSWORD}' })
  for (const text of [
    inspect(loaded, { depth: 9, showHidden: true }),
    JSON.stringify(loaded.secrets),
    Object.prototype.toString.call(loaded.secrets),
  ]) {
    expect(text).not.toContain('geheim')
  }
})

test('a password in clear works, with a warning, and does not stay in the config', async () => {
  const { config, secrets, warnings } = await load({ 'orderly.yaml': base.replace('${SMTP_PASSWORD}', 'geheim-2') })
  expect(secrets.get('mail.auth.password')).toBe('geheim-2')
  expect(JSON.stringify(config)).not.toContain('geheim')
  expect(warnings.map(({ code, place }) => [code, place.line])).toEqual([['C034', 10]])
  expect(JSON.stringify(warnings)).not.toContain('geheim')
})

test.each([
  ['a file, without its line end', '${file:secret.txt}', 'pass word\r\n', {}, 'pass word'],
  ['a file, with only one line end taken off', '${file:secret.txt}', 'pass\n\n', {}, 'pass\n'],
  ['a credential of systemd', '${credential:secret.txt}', 'cred', { CREDENTIALS_DIRECTORY: '.' }, 'cred'],
  [
    'a credential by its path',
    '${file:$CREDENTIALS_DIRECTORY/secret.txt}',
    'cred',
    { CREDENTIALS_DIRECTORY: '.' },
    'cred',
  ],
  ['text around a variable', 'a-${PART}-z', '', { PART: 'x' }, 'a-x-z'],
])('a secret can come from %s', async (_, reference, content, variables, expected) => {
  const folder = await folderWith({
    'orderly.yaml': base.replace('${SMTP_PASSWORD}', reference),
    'secret.txt': content,
  })
  const here = Object.entries(variables).map(([name, value]) => [name, value === '.' ? folder : value])
  const read = await loadConfig(join(folder, 'orderly.yaml'), {
    env: Object.fromEntries(here) as Record<string, string>,
  })
  expect(read.kind === 'ok' ? read.loaded.secrets.get('mail.auth.password') : read.problems).toBe(expected)
})

test.each([['${credential:../x}'], ['${credential:..}'], ['${file:}'], ['${UNCLOSED'], ['${}']])(
  'the reference %s is malformed',
  async (reference) => {
    const folder = await folderWith({ 'orderly.yaml': base.replace('${SMTP_PASSWORD}', reference) })
    const read = await loadConfig(join(folder, 'orderly.yaml'), { env: { CREDENTIALS_DIRECTORY: folder } })
    expect(read.kind === 'bad' ? read.problems.map(({ code }) => code) : []).toEqual(['C035'])
  },
)

test('the hash is that of the settings, not of their layout or of secrets', async () => {
  const store = 'A: { name: A, language: en }'
  const one = await load({ 'orderly.yaml': `${base}stores: { ${store}, B: { name: B } }\n` })
  const two = await load(
    { 'orderly.yaml': `# comment\n${base}`, 'stores/B.yaml': 'name: B\n', 'stores.yaml': `${store}\n` },
    { SMTP_PASSWORD: 'another' },
  )
  const other = await load({ 'orderly.yaml': `${base}stores: { ${store}, B: { name: C } }\n` })
  expect(one.hash).toMatch(/^[0-9a-f]{16}$/)
  expect(two.hash).toBe(one.hash)
  expect(other.hash).not.toBe(one.hash)
})

const withColumns = (columns: string) =>
  load({
    'orderly.yaml': `${base}exports: { x: { kind: stock, folder: o, format: { type: csv, columns: ${columns} } } }\n`,
  })

test('the order of columns of an export belongs to the settings', async () => {
  const [one, two] = [await withColumns('{ A: sku, B: move }'), await withColumns('{ B: move, A: sku }')]
  expect(two.hash).not.toBe(one.hash)
})

test('folders are compared through symbolic links', async () => {
  const folder = await folderWith({
    'orderly.yaml': `${base}imports: { x: { kind: payments, folder: link/in, format: { type: camt } } }
exports: { y: { kind: stock, folder: real, format: { type: csv } } }\n`,
    'real/keep': '',
  })
  await symlink(join(folder, 'real'), join(folder, 'link'))
  const read = await loadConfig(join(folder, 'orderly.yaml'), { env })
  expect(read.kind === 'bad' ? read.problems.map(({ code, place }) => [code, place.line]) : []).toEqual([['C050', 13]])
})

const both = (file: string) => `${base}exports:
  a: { kind: stock, folder: o, format: { type: csv } }
  b: { kind: stock, folder: o, file: "${file}", format: { type: csv } }\n`

test('two exports may share a folder when their file names differ', async () => {
  await expect(load({ 'orderly.yaml': both('{export}_{seq}.csv') })).resolves.toBeDefined()
  await expect(load({ 'orderly.yaml': both('a_{date}_{seq:6}.{ext}') })).rejects.toThrow('C051')
})

const disk = `${base}data: var
imports: { x: { kind: payments, folder: in, format: { type: camt } } }
exports: { y: { kind: stock, folder: out/stock, format: { type: csv } } }
`

test('the disk check passes where all folders are there', async () => {
  const loaded = await load({ 'orderly.yaml': disk, 'var/keep': '', 'in/.orderly/keep': '', 'out/stock/keep': '' })
  expect(await checkFolders(loaded)).toEqual([])
})

test('folders that are missing are named with their place; files in their place are errors', async () => {
  const loaded = await load({ 'orderly.yaml': disk, 'in/keep': '', out: '' })
  const problems = await checkFolders(loaded)
  expect(problems.map(({ code, severity, place, message }) => [code, severity, place.line, message])).toEqual([
    ['C100', 'warning', 12, `${inFolder(loaded, 'var')} does not exist`],
    ['C100', 'error', 14, `${inFolder(loaded, 'out/stock')} does not exist`],
  ])
  const file = await load({ 'orderly.yaml': disk, 'var/keep': '', 'in/.orderly': '', 'out/stock': '' })
  expect((await checkFolders(file)).map(({ code, place }) => [code, place.path])).toEqual([
    ['C100', 'imports.x.folder'],
    ['C100', 'exports.y.folder'],
  ])
})

test.skipIf(process.getuid?.() === 0)('a folder that may not be written is an error', async () => {
  const loaded = await load({ 'orderly.yaml': disk, 'var/keep': '', 'in/keep': '', 'out/stock/keep': '' })
  await chmod(inFolder(loaded, 'in'), 0o500)
  expect((await checkFolders(loaded)).map(({ code, place }) => [code, place.path])).toEqual([
    ['C101', 'imports.x.folder'],
  ])
  await chmod(inFolder(loaded, 'in'), 0o700)
})

test('a claim folder that leads to another file system is an error', async () => {
  const loaded = await load({ 'orderly.yaml': disk, 'var/keep': '', 'in/keep': '', 'out/stock/keep': '' })
  await symlink('/dev', join(inFolder(loaded, 'in'), '.orderly'))
  expect((await checkFolders(loaded)).map(({ code }) => code)).toEqual(['C102'])
})

test('a claim folder that is a link is an error: whoever may write there could lead files astray', async () => {
  const loaded = await load({
    'orderly.yaml': disk,
    'var/keep': '',
    'in/keep': '',
    'out/stock/keep': '',
    'other/x': '',
  })
  await symlink(inFolder(loaded, 'other'), join(inFolder(loaded, 'in'), 'rejected'))
  expect((await checkFolders(loaded)).map(({ code }) => code)).toEqual(['C105'])
})

test('a data folder that other users may look into is warned about', async () => {
  const loaded = await load({ 'orderly.yaml': disk, 'var/keep': '', 'in/keep': '', 'out/stock/keep': '' })
  await chmod(inFolder(loaded, 'var'), 0o755)
  expect((await checkFolders(loaded)).map(({ code, severity }) => [code, severity])).toEqual([['C106', 'warning']])
})

test('a CA file that is missing or no certificate is an error', async () => {
  const files = { 'var/keep': '', 'in/keep': '', 'out/stock/keep': '', 'ca.pem': 'not a certificate' }
  for (const name of ['ca.pem', 'none.pem', 'var']) {
    const loaded = await load({ ...files, 'orderly.yaml': disk.replace('  auth', `  caFile: ${name}\n  auth`) })
    expect((await checkFolders(loaded)).map(({ code, place }) => [code, place.line])).toEqual([['C104', 10]])
  }
})

test('network file systems are known by their number, signed or not', () => {
  expect([0x6969, 0xff534d42, 0xff534d42 | 0, 0xef53].map(networkFileSystem)).toEqual([
    'NFS',
    'CIFS',
    'CIFS',
    undefined,
  ])
})
