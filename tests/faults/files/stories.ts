/**
 * Plays the stories on real file systems and clocks: `node tests/faults/files/stories.ts [--strict] [--only TEXT]`.
 *
 * They mount, fill and take away file systems, so they need root and some programs of Debian (bindfs, faketime,
 * e2fsprogs, util-linux). What cannot be played here is left out and said so; with --strict it has failed.
 * Ends with `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { changingFiles } from './changing-files.ts'
import { clockJumps } from './clock-jumps.ts'
import { fullDisks } from './full-disks.ts'
import { oddFiles } from './odd-files.ts'
import { shares } from './shares.ts'
import type { Story } from './story-kit.ts'

const { values } = parseArgs({ options: { strict: { type: 'boolean', default: false }, only: { type: 'string' } } })

const stories: readonly Story[] = [...changingFiles, ...oddFiles, ...fullDisks, ...shares, ...clockJumps]
const [passed, failed, leftOut]: [string[], string[], string[]] = [[], [], []]

for (const story of stories.filter(({ name }) => values.only === undefined || name.includes(values.only))) {
  const missing = story.needs.filter((program) => !isThere(program))
  const began = performance.now()
  try {
    if (missing.length > 0) {
      if (values.strict) throw new Error(`not to be had here: ${missing.join(', ')}`)
      leftOut.push(story.name)
      process.stdout.write(`left out ${story.name}: not to be had here: ${missing.join(', ')}\n`)
      continue
    }
    await story.run()
    passed.push(story.name)
    process.stdout.write(`ok       ${story.name} (${Math.round((performance.now() - began) / 100) / 10} s)\n`)
  } catch (error) {
    failed.push(story.name)
    process.stdout.write(
      `FAILED   ${story.name}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  }
}
const rest = leftOut.length === 0 ? '' : `, ${leftOut.length} left out`
process.stdout.write(`${passed.length} passed, ${failed.length} failed${rest}\n`)
process.exitCode = failed.length === 0 ? 0 : 1

function isThere(program: string): boolean {
  if (program === 'root') return process.getuid?.() === 0
  if (program === 'loop') return spawnSync('losetup', ['-f']).status === 0
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}
