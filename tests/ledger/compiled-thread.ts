/**
 * The thread that writes a ledger, compiled, as the daemon has it.
 *
 * Threads of sources would each carry a compiler: dozens of those, one after the other, have crashed V8.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundle } from '../crash/program.ts'

/** Dispose of it when no ledger of it is open any more. */
export interface CompiledThread extends Disposable {
  readonly url: URL
}

export async function compiledThread(): Promise<CompiledThread> {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-thread-'))
  const file = join(folder, 'write-thread.mjs')
  await bundle(fileURLToPath(new URL('../../src/ledger/write-thread.ts', import.meta.url)), file)
  return { url: pathToFileURL(file), [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}
