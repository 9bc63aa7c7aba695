/**
 * The durable system calls of a run, as strace sees them: where a process can be cut, and into which kinds they fall.
 *
 * strace counts the calls of each thread, and kills at the n-th in whichever thread comes there first. So that each
 * call can be meant, only those on one path are counted, where the path is the same in each run. On a socket there is
 * no path: there the main thread must be the busiest, which it is when the work on files is spread over many threads.
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import type { Phase } from './story.ts'

const calls =
  'fdatasync fsync rename renameat renameat2 link linkat unlink unlinkat mkdir mkdirat ftruncate pwrite64 writev write'.split(
    ' ',
  )

export interface Point {
  readonly phase: Phase
  readonly call: string
  /** Counted are the calls on this path, from the world's folder; undefined: all of the kind. */
  readonly path: string | undefined
  readonly nth: number
  readonly kind: string
  /** The kind of the durable call before it. */
  readonly after: string
  /** Threads for files. */
  readonly threads: Threads
}

/** One: the same calls in the same thread in each run. Many: none of them writes as often as the main thread. */
export const threadCounts = [1, 64] as const
export type Threads = (typeof threadCounts)[number]

/** Without --seccomp-bpf: with it, strace 6.1 does not inject signals. */
const strace = (file: string): string[] => ['strace', '-D', '-f', '-qq', '-y', '-e', 'signal=none', '-o', file]

/** A command under which all durable calls are written to `file`; `?` is for those that a machine does not know. */
export const tracing = (file: string): readonly string[] => [
  ...strace(file),
  '-e',
  `trace=${calls.map((call) => `?${call}`).join(',')}`,
]

/** A command that is killed at the point; the file tells where it was. */
export function killing({ call, nth, path }: Point, world: string, file: string): readonly string[] {
  const only = path === undefined ? [] : ['-P', join(world, path)]
  return [...strace(file), ...only, '-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${nth}`]
}

/** Every point of a traced run. Calls that change nothing outside of the process are left out. */
export function pointsOf(phase: Phase, threads: Threads, trace: string): readonly Point[] {
  const most = new Map<string, number>()
  const counts = new Map<string, number>()
  const isFirst = (thread: string, what: string): number | undefined => {
    const nth = (counts.get(`${thread} ${what}`) ?? 0) + 1
    counts.set(`${thread} ${what}`, nth)
    if (nth <= (most.get(what) ?? 0)) return undefined
    most.set(what, nth)
    return nth
  }
  let kind = 'nothing'
  return linesOf(trace).flatMap(({ thread, call, rest }) => {
    const target = targetOf(rest)
    const after = kind
    if (target !== undefined) kind = `${call} ${target.what}`
    const path = target?.path
    const [ofCall, ofPath] = [
      isFirst(thread, call),
      path === undefined ? undefined : isFirst(thread, `${call} ${path}`),
    ]
    const nth = path === undefined ? ofCall : ofPath
    // What is said on sockets is taken from the run with many threads, all else from that with one.
    if (target === undefined || nth === undefined || (threads === 1) === target.onWire) return []
    return [{ phase, call, path, nth, kind, after, threads }]
  })
}

/** Of the trace of a run that was killed: the kind of its last call. */
export function lastKind(trace: string): string | undefined {
  const last = linesOf(trace).at(-1)
  return last && `${last.call} ${targetOf(last.rest)?.what ?? 'nothing durable'}`
}

interface Line {
  readonly thread: string
  readonly call: string
  readonly rest: string
}

function linesOf(trace: string): readonly Line[] {
  return trace.split('\n').flatMap((line) => {
    const [, thread, call, rest] = /^(\d+)\s+(\w+)\((.*)$/.exec(line) ?? []
    return thread === undefined || call === undefined || rest === undefined ? [] : [{ thread, call, rest }]
  })
}

interface Target {
  /** Without names that differ from run to run. */
  readonly what: string
  /** The path from the world's folder, where it is the same in each run. */
  readonly path?: string
  readonly onWire: boolean
}

/** What a call works on; undefined for pipes and the like. */
function targetOf(rest: string): Target | undefined {
  if (/^\d+<socket:/.test(rest)) return { what: onTheWire(rest), onWire: true }
  const paths = pathsOf(rest)
  const last = paths.at(-1)
  if (last === undefined) return undefined
  // Of two paths strace looks at the first.
  const [path = last] = paths
  const isTheSame = !/tmp-[0-9a-f]|\.orderly\/./.test(path)
  return { what: plainPath(last), onWire: false, ...(isTheSame && { path }) }
}

/** Paths in the world, from its folder: of an open file, or those that a call names. */
function pathsOf(rest: string): readonly string[] {
  const opened = /^\d+<((?:[^<>]|<[^>]*>)*)>/.exec(rest)?.[1]
  const named = opened === undefined ? [...rest.matchAll(/"([^"]*)"/g)].map(([, path]) => path) : [opened]
  return named.flatMap((path) => /orderly-e2e-\w+\/(.*)$/.exec(path ?? '')?.[1] ?? [])
}

function onTheWire(rest: string): string {
  const text = /"(.*)/.exec(rest)?.[1] ?? ''
  const verb = /^([A-Z]{4})[ \\]/.exec(text)?.[1]
  if (verb !== undefined) return `SMTP ${verb}`
  return text.startsWith('\\0') ? 'SMPP' : 'SMTP text'
}

const plainPath = (path: string): string =>
  path
    .replace(/\d{4}-\d\d-\d\d/, 'DAY')
    .replace(/^(in|out)\/\w+/, '$1/X')
    .replace(/tmp-[0-9a-f]+/, 'tmp')
    .replace(/\.orderly\/.+/, '.orderly/CLAIM')
    .replace(/\/\.xfl_\w+/, '/.FILE')
    .replace(/\/(\.?)[A-Z]\d+\.(csv|xml)/, '/$1NAME')

/** Whether this machine has strace. */
export const straceIsThere = (): boolean => spawnSync('strace', ['-V']).status === 0

/**
 * What is given its name before its bytes are on the disk, or whose name is never made durable: a kill does not show
 * that, a power cut would. Looks at the files for the ERP.
 */
export function notDurable(trace: string): readonly string[] {
  const unsynced = new Set<string>()
  const unsyncedFolders = new Map<string, string>()
  const wrong: string[] = []
  for (const { call, rest } of linesOf(trace)) {
    const [from, to = from] = pathsOf(rest)
    if (from === undefined || to === undefined) continue
    if (/^p?write/.test(call)) unsynced.add(from)
    else if (call.endsWith('sync')) {
      unsynced.delete(from)
      unsyncedFolders.delete(from)
    } else if (/^(rename|link)/.test(call) && to.startsWith('out/')) {
      if (unsynced.has(from)) wrong.push(`${to} got its name before its bytes were on the disk`)
      unsyncedFolders.set(dirname(to), to)
    }
  }
  return [...wrong, ...[...unsyncedFolders.values()].map((path) => `the name of ${path} was never made durable`)]
}
