/**
 * Lets durable calls of the daemon fail, one place after the other, and compares what the story comes to.
 *
 * `npm run fault-sweep -- --points N --seed S`: strace (Debian package strace) lists the calls of an undisturbed run
 * and puts an error of a full, broken, forbidden or vanished disk into one of them in each other run; then the disk is
 * well again. The outcome must be that of the undisturbed run, the cause must be said, and nothing may spin.
 * Without `--points` every place is tried with every error (hours). Ends with `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describe, draw, type FaultPoint, faultPoints, injecting } from './fault-points.ts'
import { type Call, parseStrace, traced } from './strace-log.ts'
import { differences, phases, playStory, type Told } from './story.ts'

const { values } = parseArgs({
  options: {
    points: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  },
})

/** Lines that a fault may add to the log of a run before it counts as spinning. */
const mostLines = 150

async function sweep(work: string): Promise<void> {
  const logs = { intake: join(work, 'intake'), exports: join(work, 'exports') }
  const reference = await playStory({ intake: () => traced(logs.intake), exports: () => traced(logs.exports) })
  const all = phases.flatMap((phase) =>
    faultPoints(phase, parseStrace(readFileSync(logs[phase], 'latin1')), reference.folder),
  )
  const wanted = all.filter((point) => values.only === undefined || describe(point).includes(values.only))
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed)
  const points = draw(wanted, values.points === undefined ? wanted.length : Number(values.points), seed)
  process.stdout.write(`${all.length} points, trying ${points.length} (--seed ${seed})\n`)
  const { failed, hit } = await tryAll(points, reference, work)
  process.stdout.write(`the fault came about in ${hit} of ${points.length} runs\n`)
  const none = points.length > 0 && hit === 0
  if (none) process.stdout.write('no fault came about at all: the sweep proves nothing\n')
  process.stdout.write(`${points.length - failed} passed, ${failed + (none ? 1 : 0)} failed\n`)
  process.exitCode = failed === 0 && !none ? 0 : 1
}

async function tryAll(
  points: readonly FaultPoint[],
  reference: Told,
  work: string,
): Promise<{ failed: number; hit: number }> {
  let [failed, hit, next] = [0, 0, 0]
  const worker = async (): Promise<void> => {
    while (next < points.length) {
      const number = next++
      const point = points[number]
      if (point === undefined) return
      const { wrong, faults, fell } = await tryOne(point, reference, join(work, `run-${number}`))
      if (faults > 0) hit += 1
      const ends = fell.length === 0 ? '' : `; the daemon ended with ${fell.join(', ')} and was started again`
      const verdict = wrong.length === 0 ? 'ok    ' : 'FAILED'
      process.stdout.write(
        `${verdict} ${describe(point)} (${faults} faults${ends})\n${wrong.map((line) => `${line}\n`).join('')}`,
      )
      if (wrong.length > 0) failed += 1
    }
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker))
  return { failed, hit }
}

interface Tried {
  readonly wrong: readonly string[]
  readonly faults: number
  readonly fell: readonly (number | null)[]
}

async function tryOne(point: FaultPoint, reference: Told, logFile: string): Promise<Tried> {
  try {
    const told = await playStory({ [point.phase]: (folder: string) => injecting(point, folder, logFile) }, 90_000)
    const calls = parseStrace(readFileSync(logFile, 'latin1')).filter(({ injected }) => injected)
    const wrong = [
      ...differences(reference.ending, told.ending),
      ...unsaid(calls, told),
      ...spinning(reference, told),
      ...wrongEnd(calls, told),
    ]
    return { wrong, faults: calls.length, fell: told.fell }
  } catch (error) {
    return { wrong: [error instanceof Error ? (error.stack ?? error.message) : String(error)], faults: 0, fell: [] }
  } finally {
    rmSync(logFile, { force: true })
  }
}

/** Words in which causes are told: of the system, of SQLite, of the program. */
const causes = /ENOSPC|EIO|EDQUOT|EACCES|ESTALE|disk I\/O error|disk is full|unable to open|permission|readonly/i

/**
 * Failures of which nobody needs to hear, or that a library keeps to itself since nothing follows from them: cutting or
 * removing a log that is no longer needed, syncing its folder; a folder that is there already; a rename of the status
 * document, which is tried again at once.
 */
const harmless = (call: Call): boolean =>
  (call.name === 'ftruncate' && /ledger\.db(-wal|-shm)?$/.test(call.path)) ||
  (call.name === 'unlink' && /\.db-(wal|shm)$/.test(call.path)) ||
  (call.name === 'rename' && call.args.includes('/.status.json.tmp"')) ||
  (/^(openat|fsync)$/.test(call.name) && call.path.endsWith('/var')) ||
  (call.name === 'mkdir' && (call.args.includes('.orderly') || call.path.endsWith('/var')))

function unsaid(calls: readonly Call[], { log }: Told): readonly string[] {
  const counting = calls.filter((call) => !harmless(call))
  const lines = log.split('\n').filter((line) => !/"level":"(info|debug)"/.test(line))
  if (counting.length === 0 || lines.some((line) => causes.test(line))) return []
  return [`the cause is not said: ${counting[0]?.name}(${counting[0]?.args}); the log says only\n${lines.join('\n')}`]
}

function spinning(reference: Told, told: Told): readonly string[] {
  const [before, now] = [reference, told].map(({ log }) => log.split('\n').length)
  if (now === undefined || before === undefined || now <= before + mostLines) return []
  return [`${now} lines of log instead of ${before}: something spins\n${told.log.slice(-2_000)}`]
}

/** What was not made durable is not known to be there: a daemon whose ledger cannot be synced must not go on (74). */
function wrongEnd(calls: readonly Call[], { fell, log }: Told): readonly string[] {
  const lost = calls.some(({ name, path }) => /^f(data)?sync$/.test(name) && path.endsWith('/ledger.db-wal'))
  const atTheEnd = log.includes('the end could not be written down')
  if (lost && fell[0] !== 74 && !atTheEnd)
    return [`the ledger could not be synced and the daemon went on (ended: ${fell.join()})\n${log.slice(-1_500)}`]
  const odd = fell.filter((code) => code === null || code === 70 || code === 1)
  return odd.length === 0 ? [] : [`the daemon ended with ${odd.join()}:\n${log.slice(-1_500)}`]
}

if (spawnSync('strace', ['-V']).status !== 0) {
  process.stdout.write('strace is missing: apt-get install strace\n0 passed, 1 failed\n')
  process.exitCode = 1
} else {
  const work = mkdtempSync(join(tmpdir(), 'orderly-faults-'))
  try {
    await sweep(work)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
