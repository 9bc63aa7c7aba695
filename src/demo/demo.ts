/**
 * The demo: the daemon at work in a temporary place, with a mail server and an SMS gateway of its own on loopback.
 *
 * Drops sample files in three rounds, waits until all is quiet, tells the story and checks that it is the expected
 * one. Nothing leaves the machine; the folder stays for looking at. Prints only through `print`. It ends by itself
 * within a minute. Throws on I/O errors and when the shipped config lacks what the demo needs.
 */
import { appendFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inFolder } from '../config/load.ts'
import { formatProblem, type Problem } from '../core/problem.ts'
import { type DaemonEnd, runDaemon } from '../daemon/daemon.ts'
import { ledgerFile } from '../daemon/data-files.ts'
import { type LoadedSetup, loadSetup } from '../daemon/load-setup.ts'
import { readinessOf } from '../intake/readiness.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import { systemClock } from '../platform/clock.ts'
import { writeAtomic } from '../platform/files.ts'
import { type DemoPlace, layOut, passwordVariable } from './demo-config.ts'
import { checkExpectations } from './expectations.ts'
import { gather, importFolder, mailFolder, type Matter, smsFolder } from './matter.ts'
import { lookForWork, waitUntilQuiet } from './quiet.ts'
import { type Round, type SampleFile, sampleRounds } from './sample-files.ts'
import { openSmsc, type Smsc } from './smsc.ts'
import { openSmtpSink, type SmtpSink } from './smtp-sink.ts'
import { tellStory } from './story.ts'

export interface DemoOptions {
  readonly print: (line: string) => void
  /** Must be empty or not there; a new temporary folder when absent. */
  readonly folder?: string
  /** Ends the demo early. */
  readonly signal?: AbortSignal
  /** Leave out what is going on; print the story only. */
  readonly quiet?: boolean
}

export interface DemoEnd {
  /** Whether everything came as expected. */
  readonly ok: boolean
  /** Where everything lies. */
  readonly folder: string
}

/** Most milliseconds for all rounds. */
const limitMs = 60_000
const account = { systemId: 'orderly', password: 'demo' } as const

export async function runDemo(options: DemoOptions): Promise<DemoEnd> {
  const { print } = options
  const folder = options.folder === undefined ? await mkdtemp(join(tmpdir(), 'orderly-demo-')) : resolve(options.folder)
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) {
    print(`${folder} is not empty: the demo wants a folder of its own. Name another one, or none.`)
    return { ok: false, folder }
  }
  for (const name of [mailFolder, smsFolder]) await mkdir(join(folder, name))
  await using sink = await openSmtpSink(join(folder, mailFolder))
  await using smsc = await openSmsc({ ...account, folder: join(folder, smsFolder), clock: systemClock })
  const place = await layOut(folder, { mailPort: sink.port, smsPort: smsc.port, systemId: account.systemId })
  const setup = await loadSetup(place.configFile, env)
  if (setup.kind === 'bad') return tellProblems(options, folder, setup.problems)
  const played = await play(options, { place, setup: setup.value, sink, smsc })
  return tellEnd(options, folder, played)
}

const env = { [passwordVariable]: account.password }

function tellProblems({ print }: DemoOptions, folder: string, problems: readonly Problem[]): DemoEnd {
  for (const problem of problems) print(formatProblem(problem))
  print('The config does not load, so the demo cannot run.')
  return { ok: false, folder }
}

interface Stage {
  readonly place: DemoPlace
  readonly setup: LoadedSetup
  readonly sink: SmtpSink
  readonly smsc: Smsc
}

interface Played {
  /** Undefined when the daemon did not come up. */
  readonly matter: Matter | undefined
  /** What was still going on when the time was over. */
  readonly unfinished: readonly string[]
}

/** Runs the daemon, plays the rounds, stops it, and gathers what there is. */
async function play(options: DemoOptions, stage: Stage): Promise<Played> {
  const { place, setup, sink, smsc } = stage
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const { promise: ready, resolve: onReady } = Promise.withResolvers<'ready'>()
  const logTo = { write: (line: string) => appendFileSync(join(place.folder, 'daemon.log'), line) }
  const daemon = runDaemon({ configFile: place.configFile, env, signal, logTo, onReady: () => onReady('ready') })
  try {
    const first = await Promise.race([ready, daemon])
    if (first !== 'ready') return { matter: undefined, unfinished: [notRunning(first)] }
    const dataFolder = inFolder(setup.loaded, setup.loaded.config.data)
    await using ledger = await openLedger(ledgerFile(dataFolder), { readOnly: true, busyTimeoutMs: 5_000 })
    const rounds = sampleRounds(systemClock.now(), setup.loaded.config.timeZone)
    const samples = rounds.flatMap(({ files }) => files)
    const look = (): Promise<readonly string[]> =>
      lookForWork({ ledger, folders: importFolders(setup), receiptsDue: () => smsc.receiptsDue() })
    const unfinished = await playRounds(options, setup, rounds, { look, signal })
    stop.abort()
    await daemon
    const { folder, plainConfigFile: configFile } = place
    const sources = { folder, configFile, loaded: setup.loaded, ledger, samples, mails: sink.mails, texts: smsc.texts }
    return { matter: await gather(sources), unfinished }
  } finally {
    stop.abort()
    await daemon
  }
}

const importFolders = ({ loaded }: LoadedSetup): readonly string[] =>
  Object.keys(loaded.config.imports).map((name) => importFolder(loaded, name))

function notRunning(end: DaemonEnd): string {
  return end.kind === 'badConfig'
    ? end.problems.map(formatProblem).join('; ')
    : `the daemon did not come up: ${end.kind}`
}

interface Watch {
  readonly look: () => Promise<readonly string[]>
  readonly signal: AbortSignal
}

async function playRounds(
  options: DemoOptions,
  setup: LoadedSetup,
  rounds: readonly Round[],
  watch: Watch,
): Promise<readonly string[]> {
  const start = systemClock.monotonic()
  for (const [i, { title, files }] of rounds.entries()) {
    if (!options.quiet) options.print(`${i + 1}. ${title}: ${files.length} files dropped, waiting until all is quiet`)
    for (const file of files) await drop(setup, file)
    const last = i === rounds.length - 1
    const left = limitMs - (systemClock.monotonic() - start)
    const unfinished = await waitUntilQuiet({ ...watch, forMs: last ? 1_000 : 300, limitMs: left, clock: systemClock })
    if (unfinished.length > 0) return unfinished
  }
  if (!options.quiet) options.print('')
  return []
}

/** As a careful ERP does: under a hidden name, renamed, then the done file where one is asked for. */
async function drop({ loaded }: LoadedSetup, { import: name, name: file, bytes }: SampleFile): Promise<void> {
  const folder = importFolder(loaded, name)
  await mkdir(folder, { recursive: true })
  await writeAtomic(folder, file, bytes)
  const source = loaded.config.imports[name]
  for (const companion of source ? readinessOf(source).companions(file) : []) await writeAtomic(folder, companion, '')
}

function tellEnd({ print, signal }: DemoOptions, folder: string, { matter, unfinished }: Played): DemoEnd {
  for (const line of matter ? tellStory(matter) : []) print(line)
  for (const line of unfinished) print(`Not finished: ${line}`)
  const findings = matter ? checkExpectations(matter) : []
  const missing = findings.filter(({ ok }) => !ok)
  for (const { what, expected, found } of missing)
    print(`Not as expected: ${what}: expected ${expected}, found ${found}`)
  const ok = matter !== undefined && unfinished.length === 0 && missing.length === 0
  if (ok) print(`All as expected (${findings.length} checks): nothing lost, nothing twice, everything explained.`)
  else if (signal?.aborted) print('The demo was stopped.')
  return { ok, folder }
}
