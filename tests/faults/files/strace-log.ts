/**
 * Reads a log of `strace -f -yy` as calls in the order of time: each with its thread, its paths and its begin and end.
 *
 * A call that another thread interrupted stands on two lines; its end is where it is resumed. Calls that never
 * ended and lines that are no calls (signals, exits) are left out.
 */
export interface Call {
  readonly thread: string
  readonly name: string
  /** Everything between the brackets, as strace writes it. */
  readonly args: string
  /** Line numbers: a call was over before another began when its `end` is smaller than the other's `begin`. */
  readonly begin: number
  readonly end: number
  readonly failed: boolean
  /** The error was put in by strace. */
  readonly injected: boolean
  /** Path behind the descriptor, or the first path named. */
  readonly path: string
  /** Second path named: of rename and link. */
  readonly to: string
}

interface Open {
  readonly name: string
  readonly args: string
  readonly begin: number
}

export function parseStrace(text: string): readonly Call[] {
  const calls: Call[] = []
  const open = new Map<string, Open>()
  for (const [line, content] of text.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/s.exec(content) ?? []
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/s.exec(rest)
    const started = /^(\w+)\((.*)$/s.exec(rest)
    if (resumed !== null) {
      const begun = open.get(thread)
      open.delete(thread)
      if (begun !== undefined && begun.name === resumed[1])
        add(calls, thread, begun, `${begun.args}${resumed[2] ?? ''}`, line)
    } else if (started !== null) {
      const [, name = '', args = ''] = started
      const unfinished = args.endsWith('<unfinished ...>')
      const begun = { name, args: unfinished ? args.slice(0, -'<unfinished ...>'.length).trimEnd() : args, begin: line }
      if (unfinished) open.set(thread, begun)
      else add(calls, thread, begun, args, line)
    }
  }
  return calls.toSorted((a, b) => a.begin - b.begin)
}

function add(calls: Call[], thread: string, { name, begin }: Open, whole: string, end: number): void {
  const [, args, result] = /^(.*)\)\s+= (.*)$/s.exec(whole) ?? []
  if (args === undefined || result === undefined || result.startsWith('?')) return
  const named = [...args.matchAll(/(?:^|, )"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '')
  const descriptor = /^\d+<(\/[^>]*)>/.exec(args)?.[1]
  calls.push({
    thread,
    name,
    args,
    begin,
    end,
    failed: result.startsWith('-1'),
    injected: result.includes('(INJECTED)'),
    path: descriptor ?? (/^\d+</.test(args) ? '' : (named[0] ?? '')),
    to: named[1] ?? '',
  })
}

/** The calls whose paths matter here. Names of other systems' calls do no harm: strace is told `?name`. */
export const durableCalls = [
  'openat',
  'write',
  'pwrite64',
  'writev',
  'fsync',
  'fdatasync',
  'rename',
  'renameat2',
  'link',
  'unlink',
  'mkdir',
  'ftruncate',
] as const
export type DurableCall = (typeof durableCalls)[number]

/** strace beside the program, which stays the child of whom it had. One thread does all file work, so that calls can be counted. */
export const quietly = ['env', 'UV_THREADPOOL_SIZE=1', 'strace', '-D', '-f', '-qq', '-e', 'signal=none'] as const

/** Words that run a program under strace with all of these calls logged. */
export const traced = (to: string, calls: readonly string[] = durableCalls): string[] => [
  ...quietly,
  '-yy',
  '-s',
  '4200',
  '-e',
  `trace=${calls.map((call) => `?${call}`).join(',')}`,
  '-o',
  to,
]
