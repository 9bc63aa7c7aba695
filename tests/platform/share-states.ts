/** Mounts, unmounts and remounts a share over and over and prints what the guard says; needs mount rights. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shareGuard } from '../../src/platform/share-guard.ts'

const root = process.argv[2] ?? ''
const share = join(root, 'share')
const folder = join(share, 'in', 'orders')
const mount = (at: string): void => void execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', at])
const said: string[] = []

mkdirSync(folder, { recursive: true }) // the empty folder that shows when the share is away
mkdirSync(join(root, 'other'))
mount(share)
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'marker'), '')

const guard = shareGuard(folder)
const marked = shareGuard(folder, { marker: 'marker' })
const say = async (): Promise<void> => {
  said.push((await guard.look()).kind, (await marked.look()).kind)
}

await say()
execFileSync('umount', [share])
await say()
await say()
const late = shareGuard(folder, { marker: 'marker' }) // a daemon that starts while the share is away
said.push((await late.look()).kind)
mount(join(root, 'other')) // takes the number that was free, so that the share comes back under another one
mount(share)
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'marker'), '')
await say()
said.push((await late.look()).kind)
execFileSync('umount', [share])
await say()
process.stdout.write(said.join(' '))
