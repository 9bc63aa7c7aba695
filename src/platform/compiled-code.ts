/**
 * Keeps the program's compiled code in a folder, so that the next start does not compile it again.
 *
 * What lies there is run: so the folder must be this user's own, and no other user but root may be able to change it or
 * to put another one in its place. Only a compiled program does this, and nothing when NODE_COMPILE_CACHE names a folder already. Node
 * takes from it only what was compiled from the very same text. Never throws: without a folder everything is compiled.
 */
import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import { isSource } from './own-files.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Under systemd in the service's CacheDirectory=, else in the user's own cache. */
export function keepCompiledCode(env: Env): void {
  if (isSource(import.meta.url) || env['NODE_COMPILE_CACHE'] !== undefined) return
  const folder = compiledCodeFolder(env)
  if (folder !== undefined) enableCompileCache(folder)
}

/** The folder, made where it is missing; undefined when there is none that is safe. */
export function compiledCodeFolder(env: Env): string | undefined {
  const user = process.getuid?.()
  const base = cacheOf(env)
  if (user === undefined || base === undefined) return undefined
  try {
    const there = realpathSync(base.there)
    if (!isOwn(there, user)) return undefined
    const folder = join(there, ...base.below)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const real = realpathSync(folder)
    return isOwn(real, user) ? real : undefined
  } catch {
    return undefined // it cannot be made or looked at
  }
}

/** `there`: what must be there already; `below`: what is made below it. */
function cacheOf(env: Env): { readonly there: string; readonly below: readonly string[] } | undefined {
  const [service = ''] = (env['CACHE_DIRECTORY'] ?? '').split(':')
  const [home, ofUser] = [env['HOME'] ?? '', env['XDG_CACHE_HOME'] ?? '']
  if (isAbsolute(service)) return { there: service, below: ['compiled'] }
  if (isAbsolute(ofUser)) return { there: ofUser, below: ['orderly', 'compiled'] }
  return isAbsolute(home) ? { there: home, below: ['.cache', 'orderly', 'compiled'] } : undefined
}

/** Whether it and all that it lies in belongs to the user or to root, and can be written by nobody else. */
function isOwn(folder: string, user: number): boolean {
  const { uid, mode } = lstatSync(folder)
  if ((uid !== user && uid !== 0) || (mode & 0o022) !== 0) return false
  const above = dirname(folder)
  return above === folder || isOwn(above, user)
}
