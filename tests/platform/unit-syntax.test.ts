import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import {
  commandLine,
  listWord,
  mountUnits,
  plainPath,
  whyNoPath,
  whyNoProgram,
} from '../../src/platform/unit-syntax.ts'

test.each([
  ['/srv/in', '/srv/in'],
  ['/srv/ERP in', '"/srv/ERP in"'],
  ['/srv/100%n', '"/srv/100%%n"'],
  ['/srv/$HOME', '"/srv/$HOME"'],
  ['/srv/a\\b', '"/srv/a\\\\b"'],
  ['/srv/a\\', '"/srv/a\\\\"'],
  ['/srv/"q"', '"/srv/\\"q\\""'],
  ["/srv/it's", '"/srv/it\'s"'],
  ['/srv/bejövő', '"/srv/bejövő"'],
  ['/srv/#a;b', '"/srv/#a;b"'],
])('%s stands in a list as %s', (path, written) => {
  expect(listWord(path)).toBe(written)
  expect(listWord(path, '-')).toBe(written.startsWith('"') ? `"-${written.slice(1)}` : `-${written}`)
})

test('a command line takes no variables, and its words stay apart', () => {
  expect(commandLine(['/usr/bin/node', '/opt/a b/main.js', 'run', '--config', '/etc/${X}/100%.yaml'])).toBe(
    ':/usr/bin/node "/opt/a b/main.js" run --config "/etc/${X}/100%%.yaml"',
  )
  expect(commandLine(['/opt/my node'])).toBe('":/opt/my node"')
})

test('a path that stands to the end of its line has only its percent signs doubled', () => {
  expect(plainPath('/etc/a b/50%/"x"')).toBe('/etc/a b/50%%/"x"')
})

test.each([
  ['/srv/a\nUser=root', /control character/],
  ['/srv/a\0', /control character/],
  ['/srv/a\u0085b', /control character/],
  ['/srv/\ud800', /not Unicode/],
])('%j cannot be written in a unit', (path, why) => {
  expect(whyNoPath(path)).toMatch(why)
})

test('a program may have blanks and percent signs in its path, but no quotes and backslashes', () => {
  expect(['/opt/my node', '/opt/50%/node', '/opt/$x/node'].map(whyNoProgram)).toEqual([undefined, undefined, undefined])
  for (const path of ['/opt/"a"/node', "/opt/it's/node", '/opt/a\\b/node']) expect(whyNoProgram(path)).toMatch(/quote/)
})

const paths = ['/srv/ERP in/bejövő-1', '/srv/a.b/.hidden/100%', '/.x', '/srv//double/', '/a\\b/"c"']

test('mount units are named as systemd names them, for each folder on the way', async (context) => {
  expect(mountUnits('/srv/exchange/in')).toEqual(['srv.mount', 'srv-exchange.mount', 'srv-exchange-in.mount'])
  expect(mountUnits('/')).toEqual([])
  expect(mountUnits(`/${'x'.repeat(300)}`)).toEqual([])
  const run = promisify(execFile)
  await run('systemd-escape', ['--version']).catch(() => context.skip('systemd-escape is not installed'))
  const { stdout } = await run('systemd-escape', ['--path', '--suffix=mount', '--', ...paths])
  expect(paths.map((path) => mountUnits(path).at(-1)).join(' ')).toBe(stdout.trim())
})
