/**
 * Plays the story once undisturbed, then once for each point with a kill there, and compares.
 *
 * The undisturbed run is of the same program; for a program with a planted bug it is compared with that of the
 * good one first: a bug that shows without a kill says nothing about the sweep.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from './program.ts'
import { differences, type Ending, type Halfway, type Phase, phases, playStory } from './story.ts'
import { killing, lastKind, notDurable, type Point, pointsOf, threadCounts, type Threads, tracing } from './trace.ts'

export interface Undisturbed {
  readonly ending: Ending
  readonly halfway: Halfway
  readonly points: readonly Point[]
  /** What a power cut could take away, by the order of the calls. */
  readonly notDurable: readonly string[]
}

export interface Tried {
  readonly point: Point
  /** What is wrong in the end; empty when nothing is. */
  readonly wrong: readonly string[]
  /** Where it was killed; undefined when it never came to the point. */
  readonly kind: string | undefined
}

/** `work`: a folder for traces and for what the first half of the story leaves. */
export async function undisturbed(
  program: Program,
  work: string,
  modes: readonly Threads[] = threadCounts,
): Promise<Undisturbed> {
  const runs: Undisturbed[] = []
  for (const threads of modes) runs.push(await traced(program, work, threads))
  const [first] = runs
  if (first === undefined) throw new RangeError('no number of threads was asked for')
  const wrong = runs.flatMap(({ ending }) => differences(first.ending, ending))
  if (wrong.length > 0) throw new Error(`two undisturbed runs differ: ${wrong.join('\n')}`)
  return {
    ...first,
    points: runs.flatMap(({ points }) => points),
    notDurable: runs.flatMap((run) => run.notDurable),
  }
}

async function traced(program: Program, work: string, threads: Threads): Promise<Undisturbed> {
  const file = (phase: Phase): string => join(work, `trace-${threads}-${phase}`)
  const wrap = { intake: () => tracing(file('intake')), exports: () => tracing(file('exports')) }
  const { ending, halfway } = await playStory({ program, wrap, threads, keepIn: join(work, `halfway-${threads}`) })
  if (halfway === undefined) throw new Error('the first half left nothing')
  const traces = phases.map((phase) => ({ phase, text: readFileSync(file(phase), 'utf8') }))
  return {
    ending,
    halfway,
    points: traces.flatMap(({ phase, text }) => pointsOf(phase, threads, text)),
    notDurable: traces.flatMap(({ text }) => notDurable(text)),
  }
}

export interface TryOptions {
  readonly program: Program
  readonly reference: Undisturbed
  readonly work: string
  readonly jobs: number
  readonly limitMs: number
  /** Called as they come; true = enough. */
  readonly onTried: (tried: Tried) => boolean
}

export async function tryPoints(points: readonly Point[], options: TryOptions): Promise<void> {
  let next = 0
  let enough = false
  const worker = async (): Promise<void> => {
    while (!enough && next < points.length) {
      const number = next++
      const tried = await tryOne(points[number] as Point, join(options.work, `point-${number}`), options)
      if (options.onTried(tried)) enough = true
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, worker))
}

async function tryOne(point: Point, trace: string, options: TryOptions): Promise<Tried> {
  const { program, reference, limitMs } = options
  const wrap = { [point.phase]: (folder: string) => killing(point, folder, trace) }
  const from = point.phase === 'exports' ? { from: reference.halfway } : {}
  try {
    const { ending } = await playStory({ program, wrap, ...from, limitMs, threads: point.threads })
    return { point, wrong: differences(reference.ending, ending), kind: kindOf(ending.restarts > 0, trace) }
  } catch (error) {
    return { point, wrong: [String(error)], kind: kindOf(true, trace) }
  } finally {
    rmSync(trace, { force: true })
  }
}

const kindOf = (killed: boolean, trace: string): string | undefined =>
  killed ? (lastKind(readFileSync(trace, 'utf8')) ?? 'unknown') : undefined
