/** What the program is made of, and what it may do: pinned packages, no code from texts, no ports, few programs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { placesOf, projectFolder, sourceFiles } from '../house/source-files.ts'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}
const read = (name: string): string => readFileSync(join(projectFolder, name), 'utf8')
const lock = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> }
const packages = Object.entries(lock.packages).filter(([path]) => path !== '')

test('every package is pinned by its version, and every one that ships by the hash of its bytes', () => {
  const shipped = packages.filter(([, { dev }]) => dev !== true)
  expect(shipped.length).toBeGreaterThan(20)
  expect(packages.length).toBeGreaterThan(50)
  expect(shipped.filter(([, one]) => !/^sha512-[\w+/]+=*$/.test(one.integrity ?? '')).map(([path]) => path)).toEqual([])
  expect(packages.filter(([, { version }]) => version === undefined).map(([path]) => path)).toEqual([])
})

test('no package runs a script at the installation but the runtime itself', () => {
  const scripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path)
  const { allowScripts } = JSON.parse(read('package.json')) as {
    readonly allowScripts: Readonly<Record<string, boolean>>
  }
  expect(scripts.filter((path) => !Object.hasOwn(allowScripts, path.replace(/^.*node_modules\//, '')))).toEqual(
    scripts.filter((path) => path === 'node_modules/fsevents'),
  )
})

const files = sourceFiles('src')

test('no text becomes code', () => {
  expect(placesOf(files, /\beval\s*\(|\bnew\s+Function\b|\bvm\.|from 'node:vm'|setTimeout\s*\(\s*['"`]/g)).toEqual([])
})

test('other programs are started in two places, never through a shell', () => {
  const starters = files.filter(({ text }) => /from 'node:child_process'/.test(text)).map(({ path }) => path)
  expect(starters.toSorted()).toEqual(['src/cli/open-in-browser.ts', 'src/platform/systemd.ts'])
  expect(
    placesOf(files, /\bexecSync\b|\bexec\s*\(\s*['"`]|shell:\s*true/g).filter((place) => !/\.exec\(/.test(place)),
  ).toEqual([])
})

test('only the demo listens on a port', () => {
  const listening = files.filter(({ text }) => /\bcreateServer\b|new (?:SMTP)?Server\b|from 'node:https?'/.test(text))
  expect(listening.filter(({ path }) => !path.startsWith('src/demo/')).map(({ path }) => path)).toEqual([])
})

test('certificates are never left unchecked for all: no such switch of the environment, no global agent', () => {
  expect(placesOf(files, /NODE_TLS_REJECT_UNAUTHORIZED|globalAgent/g)).toEqual([])
})
