/**
 * Opens an HTML text in the browser of the person at the terminal, from a file of its own in the temporary folder.
 *
 * The file stays, since the browser reads it when it likes. A machine without a browser is no error.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Opened {
  readonly kind: 'opened' | 'noBrowser'
  readonly file: string
}

export async function openInBrowser(html: string): Promise<Opened> {
  const file = join(await mkdtemp(join(tmpdir(), 'orderly-preview-')), 'preview.html')
  await writeFile(file, html, { mode: 0o600 })
  const [program, ...words] = opener(file)
  const started = await new Promise<boolean>((resolve) => {
    const child = spawn(program, words, { detached: true, stdio: 'ignore' })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
  return { kind: started ? 'opened' : 'noBrowser', file }
}

function opener(file: string): readonly [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', file]
  return [process.platform === 'win32' ? 'explorer' : 'xdg-open', file]
}
