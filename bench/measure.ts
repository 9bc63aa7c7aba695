/**
 * One run of one system: fresh folders and sinks, start, the job, the numbers.
 *
 * Guarantees: every wait ends at the limit of the run; processes are ended by pid and folders removed, whatever
 * happens. Time runs from the first file's rename into the folder to the last expected message (or row) that arrived.
 * Judges nothing. Throws when a system does not start, ends by itself, or does not finish within the limit.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Amount, orderNumber, writeOrders, writePayments } from './generate.ts'
import { dropCanary, feed, type Kind, makePlace, now, type Place, type RowCount, rowCounter, waiting } from './place.ts'
import { childOf, cpuSeconds, end, ended, fineCpuSeconds, launch, memory, pidOf, watchMemory } from './processes.ts'
import { type Sink, startSink } from './sinks.ts'
import type { System } from './systems.ts'

export interface Settings {
  /** Folder for the runs' own folders. */
  readonly work: string
  readonly keep: boolean
  /** Seconds that one run may take. */
  readonly limit: number
  /** Share of the messages at which the system is killed. */
  readonly at: number
  /** Milliseconds between two files in mode latency. */
  readonly gap: number
  /** Seconds that a system at rest is watched. */
  readonly rest: number
  readonly connections: number
  readonly window: number
  /** Milliseconds until the SMSC answers. */
  readonly smscDelay: number
}

export interface Job {
  readonly kind: Kind
  readonly amount: Amount
}

export type Numbers = Readonly<Record<string, number>>
export const modes = ['throughput', 'latency', 'kill', 'idle', 'start', 'fsyncs'] as const
export type Mode = (typeof modes)[number]

/** What a mode works with. */
interface Run {
  readonly system: System
  readonly job: Job
  readonly settings: Settings
  /** Changes with the kind of job in mode start. */
  place: Place
  readonly mail: Sink
  readonly sms: Sink
  readonly rows: () => RowCount
  /** Throws when the time is up. */
  readonly checkTime: () => void
  process: ChildProcess
  canaries: number
}

const pollMs = 5
const canaryMs = 1_500
/** Nothing came for so long: nothing will come. Orderly looks every second, the floor every 5 s. */
const quietMs = 3_000
const settleMs = 500

export async function measure(mode: Mode, system: System, job: Job, settings: Settings): Promise<Numbers> {
  const root = mkdtempSync(join(settings.work, `orderly-bench-${system.name}-`))
  const remove = (): void => {
    if (!settings.keep) rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', remove)
  await using mail = await startSink('mail', 0)
  await using sms = await startSink('sms', settings.smscDelay)
  const { connections, window } = settings
  const place = makePlace(root, { kind: job.kind, mailPort: mail.port, smsPort: sms.port, connections, window })
  const until = now() + settings.limit * 1000
  const checkTime = (): void => {
    if (now() > until) throw new Error(`not done in ${settings.limit} s`)
  }
  try {
    const shared = { system, job, settings, place, mail, sms, rows: rowCounter(place), checkTime, canaries: 0 }
    system.prepare(place)
    const run: Run = { ...shared, process: await startSystem(system, place) }
    try {
      return await runs[mode](run)
    } finally {
      await end(run.process, 'SIGKILL')
    }
  } catch (error) {
    throw new Error(`${message(error)}${lastLines(join(root, 'system.log'))}`, { cause: error })
  } finally {
    process.off('exit', remove)
    remove()
  }
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-3)
      .join('\n')
      .slice(0, 1_000)
      .replace(/^(?=.)/, '; it said:\n')
  } catch {
    return ''
  }
}

const runs: Readonly<Record<Mode, (run: Run) => Promise<Numbers>>> = {
  throughput,
  latency,
  kill,
  idle,
  start,
  fsyncs,
}

// ── Modes ─────────────────────────────────────────────────────────────────────────────────────

async function throughput(run: Run): Promise<Numbers> {
  const names = await readyWithInput(run)
  const total = totalOf(run)
  const pid = pidOf(run.process)
  const peak = watchMemory(pid)
  const rowsBefore = run.rows().rows
  const cpuBefore = cpuSeconds(pid)
  const from = now()
  feed(run.place, names)
  const last = await allArrived(run, rowsBefore)
  const cpu = cpuSeconds(pid) - cpuBefore
  const seconds = (last - from) / 1000
  const counts = notifies(run) ? await lostAndDoubled(run) : {}
  return { rate: total / seconds, seconds, cpuPer1000: (cpu / total) * 1000, peakMb: peak(), ...counts }
}

async function latency(run: Run): Promise<Numbers> {
  const names = await readyWithInput(run)
  const sent = new Map<string, number>()
  for (const [i, name] of names.entries()) {
    run.checkTime()
    sent.set(orderNumber(1 + i * run.job.amount.perFile), now())
    feed(run.place, [name])
    await sleep(run.settings.gap)
  }
  await allArrived(run, 0)
  const times = await sinkOf(run).times()
  const took = [...sent].map(([order, at]) => (times.get(order) ?? Number.NaN) - at).sort((a, b) => a - b)
  const share = (part: number): number => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? Number.NaN
  return { p50: share(0.5), p90: share(0.9), p99: share(0.99), max: share(1) }
}

async function kill(run: Run): Promise<Numbers> {
  const names = await readyWithInput(run)
  const total = totalOf(run)
  const sink = sinkOf(run)
  feed(run.place, names)
  await until(run, () => sink.tally().orders >= total * run.settings.at)
  await end(run.process, 'SIGKILL')
  const killedAt = sink.tally().orders
  const restartedAt = now()
  run.process = await startSystem(run.system, run.place)
  const quiet = (): boolean => {
    const { orders, lastOfAll } = sink.tally()
    // What is missing may wait for its next try or for the next look into the folder: wait longer for it.
    const patience = orders < total ? quietMs * 5 : quietMs
    return now() - Math.max(lastOfAll, restartedAt) > patience
  }
  await until(run, quiet)
  return { killedAt, ...(await lostAndDoubled(run)), left: waiting(run.place) }
}

async function idle(run: Run): Promise<Numbers> {
  const startSeconds = await ready(run)
  await sleep(quietMs)
  const pid = pidOf(run.process)
  const before = fineCpuSeconds(pid)
  const from = now()
  await sleep(run.settings.rest * 1000)
  const cpuPercent = ((fineCpuSeconds(pid) - before) / (now() - from)) * 100_000
  return { startSeconds, restMb: memory(pid), cpuPercent }
}

/** Time to the first mail with an empty ledger, and with one that holds the orders of the job. */
async function start(run: Run): Promise<Numbers> {
  const emptySeconds = await ready(run)
  await restartAs(run, 'none')
  await ready(run)
  const names = writeOrders(run.place.stage, run.job.amount)
  const rowsBefore = run.rows().rows
  feed(run.place, names)
  await until(run, () => run.rows().rows - rowsBefore >= totalOf(run) && waiting(run.place) === 0)
  await restartAs(run, 'mail')
  const fullSeconds = await ready(run)
  return { startSeconds: fullSeconds, emptySeconds, restMb: memory(pidOf(run.process)) }
}

async function fsyncs(run: Run): Promise<Numbers> {
  await end(run.process)
  const calls = join(run.place.root, 'calls')
  const command = ['strace', '-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', calls, ...run.system.command(run.place)]
  run.process = await launch(command, join(run.place.root, 'system.log')).catch((error: unknown) => {
    throw new Error('strace is not installed', { cause: error })
  })
  try {
    const names = await readyWithInput(run)
    await sleep(settleMs)
    const rowsBefore = run.rows().rows
    const before = callsIn(calls)
    feed(run.place, names)
    await allArrived(run, rowsBefore)
    await until(run, () => run.rows().rows - rowsBefore >= totalOf(run))
    await sleep(settleMs)
    const count = callsIn(calls) - before
    return { perOrder: count / totalOf(run), fsyncs: count }
  } finally {
    // strace ends with what it runs.
    await end(run.process, 'SIGKILL', childOf(pidOf(run.process)))
  }
}

/** Calls that were begun; strace writes `… resumed` when one went on after others. */
const callsIn = (file: string): number => readFileSync(file, 'utf8').match(/\b(fsync|fdatasync)\(/g)?.length ?? 0

// ── Steps ─────────────────────────────────────────────────────────────────────────────────────

const startSystem = (system: System, place: Place): Promise<ChildProcess> =>
  launch(system.command(place), join(place.root, 'system.log'))

const totalOf = ({ job }: Run): number => job.amount.files * job.amount.perFile
const notifies = ({ place }: Run): boolean => place.kind === 'mail' || place.kind === 'sms'
const sinkOf = ({ place, mail, sms }: Run): Sink => (place.kind === 'sms' ? sms : mail)

async function until(run: Run, done: () => boolean): Promise<void> {
  while (!done()) {
    run.checkTime()
    if (ended(run.process)) throw new Error(`${run.system.name} ended by itself`)
    await sleep(pollMs)
  }
}

/** Drops an order now and then until one has had its effect; gives the seconds that it took. */
async function ready(run: Run): Promise<number> {
  const from = now()
  const canaries = sinkOf(run).tally().canaries
  const { rows } = run.rows()
  let dropped = -Infinity
  await until(run, () => {
    if (now() - dropped > canaryMs) {
      dropped = now()
      dropCanary(run.place, (run.canaries += 1))
    }
    if (notifies(run)) return sinkOf(run).tally().canaries > canaries
    return run.place.kind === 'payments' ? waiting(run.place) === 0 : run.rows().rows > rows
  })
  return (now() - from) / 1000
}

/** Up and settled, with the input lying ready; for payments the orders are in the ledger. */
async function readyWithInput(run: Run): Promise<readonly string[]> {
  const { place, job } = run
  await ready(run)
  const orders = writeOrders(place.stage, job.amount)
  await sleep(settleMs)
  if (place.kind !== 'payments') return orders
  feed(place, orders)
  await until(run, () => waiting(place) === 0)
  await sleep(settleMs)
  return writePayments(place.stage, job.amount)
}

/** Waits for a message, or a row, for each record; gives the time of the last. */
async function allArrived(run: Run, rowsBefore: number): Promise<number> {
  const total = totalOf(run)
  const sink = sinkOf(run)
  if (notifies(run)) {
    await until(run, () => sink.tally().orders >= total)
    return sink.tally().last
  }
  await until(run, () => run.rows().rows - rowsBefore >= total)
  return run.rows().last
}

async function lostAndDoubled(run: Run): Promise<Numbers> {
  await sleep(settleMs)
  const { orders, messages } = sinkOf(run).tally()
  return { lost: totalOf(run) - orders, doubled: messages - orders }
}

/** Ends the system in an orderly way and starts it on the same ledger for another kind of job. */
async function restartAs(run: Run, kind: Kind): Promise<void> {
  await end(run.process)
  run.place = { ...run.place, kind }
  run.system.prepare(run.place)
  run.process = await startSystem(run.system, run.place)
}
