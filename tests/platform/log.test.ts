import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { movableClock } from '../../src/platform/clock.ts'
import { createLog } from '../../src/platform/log.ts'
import type { Log, LogLevel } from '../../src/platform/log.ts'

function recorded(secrets: readonly string[] = [], level: LogLevel = 'debug'): { log: Log; lines: string[] } {
  const lines: string[] = []
  const clock = movableClock(Date.UTC(2026, 10, 22, 9, 15))
  return { log: createLog({ level, secrets, clock, destination: { write: (line) => void lines.push(line) } }), lines }
}

const entries = (lines: readonly string[]): unknown[] => lines.map((line) => JSON.parse(line) as unknown)

test('a line is JSON with the level as a word, ISO time, the fields and the message', () => {
  const { log, lines } = recorded()
  log.warn({ file: 'ORD1.csv', count: 3 }, 'file rejected')
  expect(lines).toEqual([
    '{"level":"warn","time":"2026-11-22T09:15:00.000Z","file":"ORD1.csv","count":3,"msg":"file rejected"}\n',
  ])
})

test('entries below the level are not written', () => {
  const { log, lines } = recorded([], 'warn')
  log.debug({}, 'one')
  log.info({}, 'two')
  log.warn({}, 'three')
  log.error({}, 'four')
  expect(entries(lines)).toMatchObject([{ msg: 'three' }, { level: 'error', msg: 'four' }])
})

test('a child carries its fields in every line, redacted too', () => {
  const { log, lines } = recorded(['hunter2'])
  log.child({ import: 'bank', url: 'smtp://u:hunter2@h' }).info({ n: 1 }, 'read')
  expect(entries(lines)).toMatchObject([{ import: 'bank', url: 'smtp://u:[secret]@h', n: 1, msg: 'read' }])
})

test('an error keeps message, stack and cause, and a secret in them is replaced', () => {
  const { log, lines } = recorded(['p4ssw0rd'])
  const cause = new Error('535 bad credentials p4ssw0rd')
  log.error({ err: new Error('cannot log in as u:p4ssw0rd', { cause }) }, 'mail gateway refused')
  expect(lines.join('')).not.toContain('p4ssw0rd')
  expect(entries(lines)).toMatchObject([
    { err: { type: 'Error', message: expect.stringContaining('cannot log in as u:[secret]') } },
  ])
  expect(lines[0]).toContain('535 bad credentials [secret]')
})

test.each([
  ['a quote, a backslash and a line break', 'a"b\\c\nd'],
  ['letters beyond ASCII', 'jelszó-日本'],
  ['characters that a URL escapes', 'p@ss:w/rd'],
  ['a line end at its end, as secrets from files have', 'from-file\n'],
  ['one character', '7'],
  ['a word of the line itself', 'level'],
  ['half a character pair', 'x\uD800y'],
])('a secret with %s does not appear in any form, and the line stays whole', (_, secret) => {
  const { log, lines } = recorded([secret])
  log.info(
    {
      plain: `<${secret}>`,
      inJson: JSON.stringify({ pass: secret }),
      inUrl: `smtp://u:${encodeURIComponent(secret.toWellFormed())}@host`,
      nested: [{ deep: { er: secret } }],
      [`key ${secret}`]: 1,
    },
    `told ${secret} to everybody`,
  )
  expect(lines).toHaveLength(1)
  const [entry] = entries(lines) as Record<string, unknown>[]
  expect(entry).toMatchObject({ level: 'info', time: '2026-11-22T09:15:00.000Z' })
  const { level: _level, time: _time, ...rest } = entry ?? {}
  const values = JSON.stringify(rest).replaceAll('[secret]', '')
  for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())]) {
    expect(values).not.toContain(form)
  }
  expect(rest).toMatchObject({ plain: '<[secret]>', nested: [{ deep: { er: '[secret]' } }] })
})

test('a secret in base64, as mail servers are told it, is replaced', () => {
  const { log, lines } = recorded(['correct horse'])
  log.debug({ line: `334 ${Buffer.from('correct horse').toString('base64')}` }, 'smtp')
  expect(entries(lines)).toMatchObject([{ line: '334 [secret]' }])
})

test('of two secrets, one within the other, nothing of the longer is left', () => {
  const { log, lines } = recorded(['abc', 'abcdef', ''])
  log.info({ a: 'abcdef', b: 'abc' }, 'x')
  expect(entries(lines)).toMatchObject([{ a: '[secret]', b: '[secret]' }])
})

test('a secret that is a number is replaced where it stands as a number', () => {
  const { log, lines } = recorded(['4711'])
  log.info({ pin: 4711, sum: 1_471_100, other: 12 }, 'x')
  expect(entries(lines)).toMatchObject([{ pin: '[secret]', sum: '[secret]', other: 12 }])
})

test('hostile text can neither forge a line nor steer the terminal', () => {
  const { log, lines } = recorded()
  const hostile = 'x\n{"level":"info","msg":"all is well"}\r\u2028\u2029\u0085\u001b[2J\u009b2J\u202Egnp\u007f'
  log.warn({ file: hostile, [hostile]: 1 }, 'file rejected')
  expect(lines).toHaveLength(1)
  // oxlint-disable-next-line no-control-regex
  expect(lines[0]?.trimEnd()).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]+$/)
  expect(entries(lines)).toMatchObject([{ file: hostile, msg: 'file rejected' }])
})

test('what JSON cannot hold does not stop the log', () => {
  const { log, lines } = recorded(['s3cret'])
  const loop: Record<string, unknown> = { name: 's3cret' }
  loop['self'] = loop
  log.info({ loop, big: 12n, none: undefined, call: () => 1, notANumber: Number.NaN }, 'odd')
  expect(lines).toHaveLength(1)
  expect(entries(lines)).toMatchObject([{ loop: { name: '[secret]' }, big: 12, msg: 'odd' }])
})

test('a percent sign in a message is only a percent sign', () => {
  const { log, lines } = recorded()
  log.info({ a: 1 }, '100 %s %o done')
  expect(entries(lines)).toMatchObject([{ msg: '100 %s %o done' }])
})

test('without a destination it writes to standard output, the last line too when the process ends abruptly', async () => {
  const path = join(import.meta.dirname, '../../src/platform/log.ts')
  const script = `import { createLog } from ${JSON.stringify(path)}
    const log = createLog({ level: 'info', secrets: ['abc'] })
    for (let i = 0; i < 1000; i++) log.info({ i, key: 'abc' }, 'line')
    process.kill(process.pid, 'SIGKILL')`
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  const { stdout } = await run.catch((error: unknown) => error as { stdout: string })
  const found = entries(stdout.trim().split('\n')) as { i: number; key: string }[]
  expect(found).toHaveLength(1000)
  expect(found.at(-1)).toMatchObject({ i: 999, key: '[secret]' })
})
