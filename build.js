/**
 * What `npm run build` makes of src: a few files with all packages that they need, since loading a thousand files one by
 * one is most of a start.
 *
 * All code lies two levels below the program's folder (src/platform/own-files.ts). The texts of the licences of the
 * packages go beside it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'

const packageOf = /^\0?(?<folder>.*\/node_modules\/(?<name>@[^/]+\/[^/]+|[^/@]+))\//

const licences = {
  name: 'licences',
  generateBundle() {
    const found = new Map()
    for (const id of this.getModuleIds()) {
      const { folder, name } = packageOf.exec(id)?.groups ?? {}
      if (folder === undefined || found.has(name) || !existsSync(folder)) continue
      const { license, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
      const parts = texts.map((file) => readFileSync(join(folder, file), 'utf8').trim())
      found.set(name, [`${name} ${version} (${license})`, ...parts].join('\n\n'))
    }
    const source = [...found].toSorted().map(([, text]) => text)
    this.emitFile({ type: 'asset', fileName: 'LICENSES-of-packages.txt', source: `${source.join('\n\n----\n\n')}\n` })
  },
}

await build({
  input: { 'cli/main': 'src/cli/main.ts', 'program/write-thread': 'src/ledger/write-thread.ts' },
  platform: 'node',
  plugins: [licences],
  checks: { eval: false },
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'program/[name].js',
    sourcemap: true,
  },
})
