import { execFile } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { appendFile, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, type TestContext } from 'vitest'
import { obstacle } from '../../src/cli/unit-obstacle.ts'
import { shippedUnit } from '../../src/cli/unit-text.ts'
import { forceAfterMs } from '../../src/daemon/stop.ts'
import { lines, openShop, type Result, type Shop } from './sample-shop.ts'

const exec = promisify(execFile)
let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  await shop[Symbol.asyncDispose]()
})

const unitDir = (): string => shop.path('units')
const unit = (): string => join(unitDir(), 'orderly.service')
const dropIn = (): string => join(unitDir(), 'orderly.service.d', '10-config.conf')
const read = (path: string): string => readFileSync(path, 'utf8')
const valuesOf = (path: string, key: string): readonly string[] =>
  read(path)
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1))
const install = (...more: readonly string[]): Promise<Result> =>
  shop.run(['systemd', 'install', '--unit-dir', unitDir(), ...more])

async function changeConfig(from: string | RegExp, to: string): Promise<void> {
  const text = read(shop.path('config/orderly.yaml'))
  expect(text.search(from)).toBeGreaterThanOrEqual(0)
  await shop.write(
    'config/orderly.yaml',
    text.replace(from, () => to),
  )
}

/** What systemd itself understands of the unit, without starting anything. */
async function verified(context: TestContext): Promise<string> {
  await exec('systemd-analyze', ['--version']).catch(() => context.skip('systemd-analyze is not installed'))
  const plain = await exec('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', unit()])
  expect(plain.stdout + plain.stderr).not.toContain(unitDir())
  const env = { ...process.env, SYSTEMD_LOG_LEVEL: 'debug' }
  const told = await exec('systemd-analyze', ['verify', '--man=no', unit()], { env, maxBuffer: 64 * 1024 * 1024 })
  const text = told.stdout + told.stderr
  const from = text.indexOf('-> Unit orderly.service:')
  return text.slice(from, text.indexOf('-> Unit', from + 10) >>> 0)
}

test('the real command writes a unit and a drop-in that systemd takes, hardened, and says what to do next', async (context) => {
  await changeConfig('sms: { ', 'sms: { systemId: orderly, password: "${credential:smpp-password}", ')
  const { code, out, err } = await shop.spawn(['systemd', 'install', '--unit-dir', unitDir(), '--user', 'orderly-test'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/useradd --system .* orderly-test\n/)
  expect(out).toMatch(/systemctl daemon-reload\n {2}systemctl enable --now orderly\n$/)
  expect(valuesOf(unit(), 'User')).toEqual(['orderly-test'])
  expect(valuesOf(unit(), 'Type')).toEqual(['notify'])
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const config = shop.path('config/orderly.yaml')
  expect(valuesOf(unit(), 'ExecStart')).toEqual([`:${process.execPath} ${main} run --config ${config}`])
  expect(valuesOf(dropIn(), 'LoadCredential')).toEqual([`smpp-password:${shop.path('credentials/smpp-password')}`])
  expect(out).toContain(`${shop.path('credentials/smpp-password')}   # then put the password alone into it`)
  const seen = await verified(context)
  const folders = ['in/bank', 'in/orders', 'out/clearing', 'out/status']
  expect(seen).toContain(
    `ReadWritePaths: ${[shop.path('var'), ...folders.map((name) => `-${shop.path(name)}`)].join(' ')}\n`,
  )
  expect(seen).toContain(`DropIn Path: ${dropIn()}`)
  await exec('systemd-analyze', ['security', '--no-pager', '--offline=true', '--threshold=15', unit()])
})

test('no program may have more rights by the drop-in: the check does find a unit without hardening', async (context) => {
  await exec('systemd-analyze', ['--version']).catch(() => context.skip('systemd-analyze is not installed'))
  await shop.write('units/soft.service', '[Service]\nExecStart=/bin/true\n')
  const words = ['security', '--no-pager', '--offline=true', '--threshold=15', shop.path('units/soft.service')]
  await expect(exec('systemd-analyze', words)).rejects.toThrow()
})

const odd = 'ERP "in" 100%n $HOME ${X} a\\b é😀 #1;2'
const oddIn = odd.replace('${X}', '$X') // a config takes no ${…} outside of passwords

test('paths with blanks, percent and dollar signs, quotes, backslashes and other alphabets arrive as they are', async (context) => {
  const folder = shop.path(odd)
  await shop.write(`${odd}/config/orderly.yaml`, read(shop.path('config/orderly.yaml')))
  const text = read(`${folder}/config/orderly.yaml`).replace(
    'folder: ../in/bank',
    () => `folder: ${JSON.stringify(`../${oddIn}`)}`,
  )
  await shop.write(`${odd}/config/orderly.yaml`, text)
  const config = `${folder}/config/orderly.yaml`
  expect((await install('--config', config)).code).toBe(0)
  const seen = await verified(context)
  const written = ['in/orders', 'out/clearing', 'out/status', oddIn].map((name) => `-${folder}/${name}`).toSorted()
  expect(seen).toContain(`ReadWritePaths: ${folder}/var ${written.join(' ')}\n`)
  expect(seen).toContain(`RequiresMountsFor: ${config} (origin-file)`)
  // systemd prints words as a shell would take them
  expect(seen).toContain(`--config "${config.replace(/["\\$]/g, '\\$&')}"\n`)
})

test('a folder that no unit can name is refused, and nothing is written', async () => {
  await changeConfig('folder: ../in/bank', 'folder: "../in/a\\nUser=root"')
  const { code, err } = await install()
  expect([code, existsSync(unitDir())]).toEqual([78, false])
  expect(err).toMatch(/in\/a\\nUser=root: it holds a line break/)
})

test('a second run changes nothing and says so; a changed config replaces the drop-in only', async () => {
  await install()
  const before = [unit(), dropIn()].map((path) => statSync(path, { bigint: true }))
  const again = await install()
  expect(again.out).toMatch(/orderly\.service: unchanged\n.*10-config\.conf: unchanged\n/)
  expect(again.out).toContain('Nothing changed.')
  expect(again.out).not.toContain('daemon-reload')
  expect([unit(), dropIn()].map((path) => statSync(path, { bigint: true }).ino)).toEqual(before.map(({ ino }) => ino))
  await changeConfig('folder: ../out/status', 'folder: ../out/new')
  const changed = await install()
  expect(changed.out).toMatch(/orderly\.service: unchanged\n.*10-config\.conf: replaced\n[\s\S]*restart orderly\n$/)
  expect(valuesOf(dropIn(), 'ReadWritePaths')).toContain(`-${shop.path('out/new')}`)
  expect(valuesOf(dropIn(), 'ReadWritePaths')).not.toContain(`-${shop.path('out/status')}`)
  expect(readdirSync(unitDir()).toSorted()).toEqual(['orderly.service', 'orderly.service.d'])
})

test('what a person changed is left as it is, with code 73; drop-ins of others are not touched', async () => {
  await install()
  await appendFile(unit(), '# mine\n')
  const own = await shop.write('units/orderly.service.d/override.conf', '[Service]\nUMask=0007\n')
  await changeConfig('folder: ../out/status', 'folder: ../out/new')
  const before = read(unit())
  const { code, out, err } = await install()
  expect(code).toBe(73)
  expect(out).toMatch(/orderly\.service: left alone: a person wrote it\n.*10-config\.conf: replaced\n/)
  expect(err).toMatch(/was changed since; it is left as it is\.\n.*systemctl edit orderly/)
  expect([read(unit()), read(own)]).toEqual([before, '[Service]\nUMask=0007\n'])
})

test('a unit of somebody else and a masked one are left alone', async () => {
  await shop.write('units/orderly.service', '[Service]\nExecStart=/bin/true\n')
  expect((await install()).code).toBe(73)
  expect(read(unit())).toBe('[Service]\nExecStart=/bin/true\n')
  await mkdir(shop.path('masked'))
  await symlink('/dev/null', shop.path('masked/orderly.service'))
  const masked = await shop.run(['systemd', 'install', '--unit-dir', shop.path('masked')])
  expect([masked.code, lstatSync(shop.path('masked/orderly.service')).isSymbolicLink()]).toEqual([73, true])
})

test('--dry-run and --print write nothing; --print shows the very files', async () => {
  const dry = await install('--dry-run')
  const print = await install('--print')
  expect([dry.code, print.code, existsSync(unitDir())]).toEqual([0, 0, false])
  expect(dry.out).toMatch(/orderly\.service: would be written\n.*10-config\.conf: would be written\n/)
  const json = lines<{ file: string; text: string }>((await install('--print', '--json')).out)
  await install()
  expect(json).toEqual([unit(), dropIn()].map((file) => ({ file, text: read(file) })))
  expect(print.out).toBe([unit(), dropIn()].map((file) => `# ${file}\n${read(file)}\n`).join(''))
  expect(lines((await install('--json')).out)).toEqual(
    [unit(), dropIn()].map((file) => ({ file, state: 'unchanged', dryRun: false })),
  )
})

test('no secret is needed to install, and none gets into the unit', async () => {
  await changeConfig('sms: { ', 'sms: { systemId: orderly, password: "in-clear-Zaq12", ')
  await changeConfig(
    'mail: { transport: files, ',
    'mail: { transport: files, auth: { user: u, password: "${SMTP_PASSWORD}" }, ',
  )
  const { code, out, err } = await install()
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('give the service the variable SMTP_PASSWORD')
  expect(out + read(unit()) + read(dropIn())).not.toContain('Zaq12')
})

test.each([
  [['--user', 'root'], 64, /must not run as root/],
  [['--user', 'a b'], 64, /is no name of a user/],
  [['--user', 'x\nUser=root'], 64, /is no name of a user/],
  [['--config', 'missing.yaml'], 78, /missing\.yaml/],
])('%j is refused with code %i', async (words, code, text) => {
  const result = await install(...words)
  expect([result.code, existsSync(unitDir())]).toEqual([code, false])
  expect(result.err).toMatch(text)
})

test('a broken config installs nothing and shows its problems', async () => {
  await changeConfig('currency: EUR', 'curency: EUR')
  const result = await install()
  expect([result.code, existsSync(unitDir())]).toEqual([78, false])
  expect(result.err).toMatch(/curency.*Did you mean "?currency/)
})

test.each([
  [{ platform: 'darwin', uid: 0, booted: false }, 69, /no systemd on darwin/],
  [{ platform: 'linux', uid: 0, booted: false }, 69, /not started by systemd/],
  [{ platform: 'linux', uid: 1000, booted: true }, 77, /only root/],
])('%j: code %i and what to do instead', (machine, code, text) => {
  const failure = obstacle(machine)
  expect([failure?.exitCode, failure?.message]).toEqual([code, expect.stringMatching(text)])
  expect(failure?.message).toContain('--unit-dir')
})

test('on a machine where it cannot be installed the real command says so', async (context) => {
  const able = process.getuid?.() === 0 && existsSync('/run/systemd/system')
  if (able) context.skip('it could be installed here')
  const { code, err } = await shop.run(['systemd', 'install'])
  expect([69, 77]).toContain(code)
  expect(err).toContain('--unit-dir')
  expect(obstacle({ platform: 'linux', uid: 0, booted: true })).toBe(undefined)
})

test('systemd waits longer than the daemon needs to end, and does not start again what needs a person', async () => {
  await install()
  expect(Number(valuesOf(unit(), 'TimeoutStopSec')[0]) * 1000).toBeGreaterThan(forceAfterMs)
  expect(valuesOf(unit(), 'RestartPreventExitStatus')).toEqual(['64 75 78'])
  expect(valuesOf(unit(), 'Restart')).toEqual(['on-failure'])
})

test('a data folder below /var/lib is made by systemd, another one is to be made by hand', async () => {
  await install()
  expect(valuesOf(unit(), 'StateDirectory')).toEqual([])
  await changeConfig('data: ../var', 'data: /var/lib/orderly/hu')
  const { out } = await install()
  expect(valuesOf(unit(), 'StateDirectory')).toEqual(['orderly/hu'])
  expect(valuesOf(dropIn(), 'ReadWritePaths')).not.toContain('/var/lib/orderly/hu')
  expect(out).not.toContain('0750')
})

test('the unit that ships is made of the same text', () => {
  expect(read(join(import.meta.dirname, '../../systemd/orderly.service'))).toBe(shippedUnit())
})
