/**
 * Starts processes, reads what they cost from /proc, and ends them by their pid.
 *
 * Guarantees: what was started here is ended when the rig ends, however it ends short of SIGKILL. Numbers are NaN where there is no
 * /proc (not Linux). Counts the process itself, not its children: no system here has any. Throws when a program is not there.
 */
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'

const started = new Set<ChildProcess>()
/** Of the kernel's tick, by which /proc/PID/stat counts: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100
const sampleMs = 100
/** How long a process may take to end by itself. */
const patienceMs = 10_000

process.on('exit', () => {
  for (const child of started) {
    // What strace runs would outlive it.
    for (const pid of [childOf(pidOf(child)), pidOf(child)]) if (pid !== undefined) killPid(pid, 'SIGKILL')
  }
})

/** Starts a program whose output goes to the end of a file. */
export async function launch(command: readonly string[], log: string): Promise<ChildProcess> {
  const output = openSync(log, 'a')
  try {
    return await startProcess(command, ['ignore', output, output])
  } finally {
    closeSync(output)
  }
}

export async function startProcess(command: readonly string[], stdio: StdioOptions): Promise<ChildProcess> {
  const [program = '', ...rest] = command
  const child = spawn(program, rest, { stdio })
  started.add(child)
  child.once('exit', () => started.delete(child))
  await once(child, 'spawn')
  return child
}

export const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** Ends a process and waits for its end; SIGKILL when it takes longer than 10 s. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM', pid = pidOf(child)): Promise<void> {
  if (ended(child)) return
  const gone = once(child, 'exit')
  killPid(pid, signal)
  const late = setTimeout(() => killPid(pid, 'SIGKILL'), patienceMs)
  await gone
  clearTimeout(late)
}

function killPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // it ended by itself meanwhile
  }
}

export const pidOf = (child: ChildProcess): number => child.pid ?? Number.NaN

/** Pid of the only child of a process, e.g. of what strace runs; undefined when it has none. */
export function childOf(pid: number): number | undefined {
  const [child] = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean)
  return child === undefined ? undefined : Number(child)
}

/** CPU seconds of a living process and its threads, those that ended included; in steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  // The name, in parentheses, may hold blanks: count from its end. Fields 14 and 15, proc_pid_stat(5).
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12])) / ticksPerSecond
}

/** The same in nanosecond steps, of the threads that live: for a process at rest. */
export function fineCpuSeconds(pid: number): number {
  const threads = entries(`/proc/${pid}/task`)
  const each = threads.map((thread) => Number.parseInt(read(`/proc/${pid}/task/${thread}/schedstat`), 10))
  return each.length === 0 ? Number.NaN : each.reduce((sum, ns) => sum + ns, 0) / 1e9
}

/** Memory that is the process's own (not mapped files), in MB of 2^20 bytes. */
export const memory = (pid: number): number =>
  Number(/^RssAnon:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? Number.NaN) / 1024

/** Samples the memory every 100 ms until the process ends; the result gives the highest so far. */
export function watchMemory(pid: number): () => number {
  let peak = memory(pid)
  const sample = (): void => {
    const now = memory(pid)
    if (Number.isNaN(now)) clearInterval(timer)
    else peak = Math.max(peak, now)
  }
  const timer = setInterval(sample, sampleMs).unref()
  return () => {
    sample()
    return peak
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
