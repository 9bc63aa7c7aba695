import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { projectFolder, sourceFiles } from './source-files.ts'

const script = `
const before = process.eventNames().length
for (const url of process.argv.slice(1)) {
  try { await import(url) } catch (error) { console.log(url, error) }
  if (process.eventNames().length !== before) { console.log(url, 'listens to the process'); break }
}`

it('loads every module in an empty folder, with an empty environment, and nothing happens', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orderly-import-'))
  const modules = sourceFiles('src')
    .map(({ path }) => path)
    .filter((path) => path !== 'src/cli/main.ts' && !path.endsWith('.d.ts'))
  const urls = modules.map((path) => pathToFileURL(join(projectFolder, path)).href)
  try {
    // A timer or socket left behind would keep the process alive until the time is over.
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script, ...urls],
      { cwd: folder, env: {}, timeout: 15_000 },
    )
    expect(stdout).toBe('')
    expect(stderr).toBe('')
    expect(await readdir(folder)).toEqual([])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
