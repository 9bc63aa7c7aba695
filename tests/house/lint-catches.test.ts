import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectFolder } from './source-files.ts'

/** Exit code and output of the lint over one file, in a copy of the project's settings. */
async function lint(text: string): Promise<{ readonly code: number; readonly output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'orderly-lint-'))
  try {
    for (const name of ['package.json', 'tsconfig.json', '.oxlintrc.json'])
      await cp(join(projectFolder, name), join(folder, name))
    await symlink(join(projectFolder, 'node_modules'), join(folder, 'node_modules'))
    await mkdir(join(folder, 'src'))
    await writeFile(join(folder, 'src', 'planted.ts'), text)
    return await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run(folder: string): Promise<{ readonly code: number; readonly output: string }> {
  const program = join(projectFolder, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const options = { cwd: folder, env: { PATH: join(projectFolder, 'node_modules', '.bin') } }
  return new Promise((resolve) => {
    execFile(process.execPath, [program, '--type-aware', '--deny-warnings', 'src'], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    )
  })
}

const save = `import { writeFile } from 'node:fs/promises'\n\nexport async function save(path: string): Promise<void> {\n`

// Without its type checker the lint says so in one line and succeeds: only a fault that it finds shows that it looks.
it('finds a promise that nobody waits for', async () => {
  const { code, output } = await lint(`${save}  writeFile(path, 'x')\n}\n`)
  expect(output).toContain('no-floating-promises')
  expect(code).not.toBe(0)
})

it('finds a switch that forgets a case', async () => {
  const text = `export function f(kind: 'a' | 'b'): number {\n  switch (kind) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n`
  const { code, output } = await lint(text)
  expect(output).toContain('switch-exhaustiveness-check')
  expect(code).not.toBe(0)
})

it('has nothing to say about the same file without the fault', async () => {
  expect(await lint(`${save}  await writeFile(path, 'x')\n}\n`)).toMatchObject({ code: 0 })
})
