/**
 * Whether the sweep sees what it is there for: it is run against copies of the program with one bug planted each.
 *
 * `node tests/crash/controls.ts [--only NAME] [--seed S] [--jobs N]`. A control passes when an undisturbed run of the
 * copy is as that of the good program, and kills at calls of the kind that matters show the bug. A bug whose text is
 * not found in src any more fails its control: it must be planted anew. Ends with `N passed, N failed`.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Planted, plantedBugs } from './planted-bugs.ts'
import { buildProgram } from './program.ts'
import { seeded, seedFrom } from './seeded.ts'
import { differences, type Ending, playStory } from './story.ts'
import { straceIsThere } from './trace.ts'
import { type Tried, tryPoints, type Undisturbed, undisturbed } from './try-points.ts'

const { values } = parseArgs({
  options: { only: { type: 'string' }, seed: { type: 'string' }, jobs: { type: 'string', default: '2' } },
})
/** Most kills before a control counts as failed. */
const mostPoints = 24

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function controls(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'orderly-controls-'))
  const seed = seedFrom(values.seed)
  const chosen = plantedBugs.filter(({ name }) => values.only === undefined || name === values.only)
  say(`${chosen.length} planted bugs (--seed ${seed})`)
  let failed = 0
  try {
    const good = await playStory({ program: await buildProgram(join(work, 'good')) })
    for (const planted of chosen) {
      const started = performance.now()
      const verdict = await control(planted, join(work, planted.name), good.ending, seed).catch(
        (error: unknown): Verdict => ({ ok: false, text: String(error) }),
      )
      if (!verdict.ok) failed += 1
      const seconds = ((performance.now() - started) / 1000).toFixed(0)
      say(`${verdict.ok ? 'caught' : 'FAILED'} ${planted.name} (${seconds} s): ${verdict.text}`)
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  say(`${chosen.length - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1
}

interface Verdict {
  readonly ok: boolean
  readonly text: string
}

async function control(planted: Planted, work: string, good: Ending, seed: number): Promise<Verdict> {
  mkdirSync(work, { recursive: true })
  const program = await buildProgram(work, planted.replacements)
  const reference = await undisturbed(program, work, [planted.threads])
  const shown = differences(good, reference.ending)
  if (shown.length > 0) return { ok: false, text: `shows without a kill:\n${shown.join('\n')}` }
  if (planted.where === 'order of calls') return orderVerdict(reference)
  const { where } = planted
  const points = seeded(seed).shuffled(reference.points.filter(where)).slice(0, mostPoints)
  if (points.length === 0) return { ok: false, text: 'there is no call where it could show' }
  let tries = 0
  let caught: Tried | undefined
  const onTried = (tried: Tried): boolean => {
    tries += 1
    if (tried.wrong.length > 0) caught ??= tried
    return caught !== undefined
  }
  await tryPoints(points, { program, reference, work, jobs: Number(values.jobs), limitMs: 20_000, onTried })
  if (caught === undefined) return { ok: false, text: `${tries} kills at calls of the kind did not show it` }
  const [first = ''] = caught.wrong
  return { ok: true, text: `at ${caught.kind ?? caught.point.kind}, kill ${tries}: ${first.split('\n')[0] ?? ''}` }
}

function orderVerdict({ notDurable }: Undisturbed): Verdict {
  const [first] = notDurable
  return first === undefined ? { ok: false, text: 'the order of the calls passed' } : { ok: true, text: first }
}

if (straceIsThere()) await controls()
else {
  say('strace is missing: apt-get install strace\n0 passed, 1 failed')
  process.exitCode = 1
}
