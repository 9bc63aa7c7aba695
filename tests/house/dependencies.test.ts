import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { importsOf, projectFolder, type SourceFile, sourceFiles } from './source-files.ts'

type Versions = Readonly<Record<string, string>>
const manifest = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
  readonly scripts: Versions
  readonly dependencies: Versions
  readonly devDependencies: Versions
  readonly optionalDependencies?: Versions
}
const { dependencies, devDependencies, optionalDependencies = {} } = manifest

/** Programs of a package that is not called like them, and packages that another one loads by itself. */
const programs: Readonly<Record<string, RegExp>> = {
  typescript: /\btsc\b/,
  'oxlint-tsgolint': /\boxlint --type-aware\b/,
  '@vitest/coverage-v8': /--coverage\b/,
}

const packagesIn = (files: readonly SourceFile[]): ReadonlySet<string> =>
  new Set(files.flatMap(importsOf).map(({ from }) => /^(@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? ''))
const imported = packagesIn(sourceFiles('src'))
const importedByTests = packagesIn([...sourceFiles('tests'), ...sourceFiles('bench')])

it('pins every dependency to one version', () => {
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})

it('uses every dependency', () => {
  expect(Object.keys(dependencies).filter((name) => !imported.has(name))).toEqual([])
})

it('uses every dependency of the development', () => {
  const scripts = Object.values(manifest.scripts).join('\n')
  const isUsed = (name: string): boolean =>
    importedByTests.has(name) ||
    (programs[name] ?? new RegExp(`(^|[\\s/])${name}\\b`, 'm')).test(scripts) ||
    isTypesOf(name)
  expect(Object.keys(devDependencies).filter((name) => !isUsed(name))).toEqual([])
})

const isTypesOf = (name: string): boolean =>
  name === '@types/node' || (name.startsWith('@types/') && imported.has(name.slice('@types/'.length)))

it('ships what it imports', () => {
  const missing = [...imported].filter(
    (name) => !name.startsWith('.') && !name.startsWith('node:') && !(name in dependencies),
  )
  expect(missing).toEqual([])
})
