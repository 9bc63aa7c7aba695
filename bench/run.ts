/**
 * The front door of the rig: `node bench/run.ts [options] [WORKLOAD…]`; see README.md.
 *
 * Runs every system on every workload, repetitions interleaved, prints a table for each and writes JSON lines on
 * request. Loopback only; its folders lie under the temporary folder or --work. Exit code 1 when a run failed, 64
 * when the arguments are wrong.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseAmount } from './generate.ts'
import { type Job, measure, type Mode, modes, type Settings } from './measure.ts'
import { orderlyProgram } from './orderly.ts'
import { kinds } from './place.ts'
import { systemOf, type System, systemNames } from './systems.ts'
import { type Result, tableOf } from './table.ts'

const usage = `node bench/run.ts [options] [WORKLOAD…]

WORKLOAD is KIND:FILESxRECORDS, e.g. mail:10x100. KIND: ${kinds.join(' ')}.
Without --mode and WORKLOAD: a short look at everything.

  --mode MODE       ${modes.join(' ')} (throughput)
  --reps N          repetitions, interleaved (3; 1 without WORKLOAD)
  --system NAME     only this one; ${systemNames.join(', ')}
  --source          run src/ even when dist/ is built
  --limit S         seconds that one run may take (60)
  --work DIR        folder for ledgers and files (the temporary folder)
  --keep            leave the folders of the runs
  --json FILE       append one line of JSON per run
  --at SHARE        kill: at this share of the messages (0.4)
  --gap MS          latency: between two files (50)
  --rest S          idle: how long to watch (5)
  --connections N   SMTP connections (5)
  --window N        unanswered SMS (10)
  --smsc-delay MS   the SMSC answers so late (0)
`

interface Task {
  readonly mode: Mode
  readonly workload: string
  readonly job: Job
}

class UsageError extends Error {}

const workloadsOf: Readonly<Record<Mode, readonly string[]>> = {
  throughput: ['mail:100x1', 'mail:5x100', 'sms:5x100', 'none:10x200', 'payments:1x2000'],
  latency: ['mail:40x1'],
  kill: ['mail:5x100'],
  idle: ['mail:1x1'],
  start: ['mail:5x1000'],
  fsyncs: ['none:100x1'],
}

function readArguments() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      mode: text,
      reps: text,
      system: text,
      source: flag,
      limit: text,
      work: text,
      keep: flag,
      json: text,
      at: text,
      gap: text,
      rest: text,
      connections: text,
      window: text,
      'smsc-delay': text,
      help: flag,
    },
  })
  return { ...values, workloads: positionals }
}
type Arguments = ReturnType<typeof readArguments>

function oneOf<T extends string>(what: string, text: string, words: readonly T[]): T {
  const word = words.find((one) => one === text)
  if (word === undefined) throw new UsageError(`${what} ${text} is not known; expected ${words.join(', ')}`)
  return word
}

function amountOf(option: string, text: string | undefined, standard: number, most = 1_000_000): number {
  const value = text === undefined ? standard : Number(text)
  if (!(value >= 0 && value <= most)) throw new UsageError(`${option} ${text} is not a number from 0 to ${most}`)
  return value
}

function taskOf(mode: Mode, workload: string): Task {
  const [word = '', size = ''] = workload.split(':')
  const kind = oneOf('kind of workload', word, kinds)
  const amount = parseAmount(size)
  if (!amount) throw new UsageError(`workload ${workload}: expected KIND:FILESxRECORDS, e.g. mail:10x100`)
  const withMessages = kind === 'mail' || kind === 'sms'
  if (!withMessages && (mode === 'latency' || mode === 'kill')) throw new UsageError(`${mode} needs mail or sms`)
  if (kind !== 'mail' && (mode === 'idle' || mode === 'start')) throw new UsageError(`${mode} needs mail`)
  return { mode, workload, job: { kind, amount } }
}

function tasksOf({ mode: word, workloads }: Arguments): readonly Task[] {
  if (word === undefined && workloads.length === 0)
    return modes.flatMap((mode) => workloadsOf[mode].map((workload) => taskOf(mode, workload)))
  const mode = oneOf('mode', word ?? 'throughput', modes)
  return (workloads.length === 0 ? workloadsOf[mode] : workloads).map((workload) => taskOf(mode, workload))
}

function settingsOf(given: Arguments): Settings {
  const work = resolve(given.work ?? tmpdir())
  mkdirSync(work, { recursive: true })
  return {
    work,
    keep: given.keep,
    limit: amountOf('--limit', given.limit, 60, 86_400),
    at: amountOf('--at', given.at, 0.4, 1),
    gap: amountOf('--gap', given.gap, 50),
    rest: amountOf('--rest', given.rest, 5, 3_600),
    connections: Math.max(1, amountOf('--connections', given.connections, 5, 50)),
    window: Math.max(1, amountOf('--window', given.window, 10, 1_000)),
    smscDelay: amountOf('--smsc-delay', given['smsc-delay'], 0),
  }
}

const print = (text: string): boolean => process.stdout.write(text)

const short = (value: number): number => Number(value.toPrecision(3))

function lineOf({ numbers, error }: Result): string {
  return (
    error ??
    Object.entries(numbers ?? {})
      .map(([key, value]) => `${key} ${short(value)}`)
      .join(', ')
  )
}

async function runOnce(task: Task, system: System, settings: Settings): Promise<Result> {
  const { mode, workload, job } = task
  const about = { mode, workload, system: system.name }
  try {
    return { ...about, numbers: await measure(mode, system, job, settings) }
  } catch (error) {
    return { ...about, error: error instanceof Error ? error.message : String(error) }
  }
}

async function runAll(given: Arguments): Promise<boolean> {
  const tasks = tasksOf(given)
  const settings = settingsOf(given)
  const surveying = given.mode === undefined && given.workloads.length === 0
  const repetitions = Math.max(1, amountOf('--reps', given.reps, surveying ? 1 : 3, 1_000))
  const names = given.system === undefined ? systemNames : [oneOf('system', given.system, systemNames)]
  const systems = names.map((name) => systemOf(name, given.source))
  print(`orderly is ${relative(process.cwd(), orderlyProgram(given.source))}; median [min-max] of ${repetitions}\n\n`)
  const results: Result[] = []
  for (const task of tasks) {
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      for (const system of systems) {
        const result = await runOnce(task, system, settings)
        results.push(result)
        console.error(`  ${task.mode} ${task.workload} ${system.name} #${repetition}: ${lineOf(result)}`)
        const at = new Date().toISOString()
        if (given.json !== undefined)
          appendFileSync(given.json, `${JSON.stringify({ at, load: loadavg()[0], repetition, ...result })}\n`)
      }
    }
    print(`${tableOf(results, task.mode, task.workload)}\n`)
  }
  return results.every(({ error }) => error === undefined)
}

// process.exit makes the processes that were started end too; see processes.ts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

try {
  const given = readArguments()
  if (given.help) print(usage)
  else process.exitCode = (await runAll(given)) ? 0 : 1
} catch (error) {
  const ours = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
  if (!ours) throw error
  console.error(`${(error as Error).message}\n\n${usage}`)
  process.exitCode = 64
}
