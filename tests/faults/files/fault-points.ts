/**
 * Where faults can be put: every durable call of an undisturbed run, with the errors that a disk or share gives there.
 *
 * A call whose path is the same in each run is named by its path and counted on it; others (random temporary names)
 * are counted among all calls of their kind on their thread. Points are drawn so that each place (kind of call and
 * file) comes before any comes twice; a seed repeats a draw.
 */
import { type Call, type DurableCall, durableCalls, quietly } from './strace-log.ts'
import type { Phase } from './story.ts'

export interface FaultPoint {
  readonly phase: Phase
  readonly call: DurableCall
  /** Path below the world's folder on which calls are counted; undefined: all calls of the kind are. */
  readonly path?: string
  readonly nth: number
  readonly error: string
  /** How many of these calls in a row fail. */
  readonly times: number
  /** What the place is, in the words of the report. */
  readonly place: string
}

/** What such a call can answer on a local disk, with a quota, or on a share. */
const errorsOf: Readonly<Record<DurableCall, readonly string[]>> = {
  openat: ['ENOSPC', 'EIO', 'EDQUOT', 'EACCES', 'ESTALE'],
  write: ['ENOSPC', 'EIO', 'EDQUOT', 'ESTALE'],
  pwrite64: ['ENOSPC', 'EIO', 'EDQUOT', 'ESTALE'],
  writev: ['ENOSPC', 'EIO', 'EDQUOT', 'ESTALE'],
  fsync: ['EIO', 'ENOSPC', 'EDQUOT', 'ESTALE'],
  fdatasync: ['EIO', 'ENOSPC', 'EDQUOT', 'ESTALE'],
  rename: ['ENOSPC', 'EIO', 'EDQUOT', 'EACCES', 'ESTALE'],
  renameat2: ['ENOSPC', 'EIO', 'EDQUOT', 'EACCES', 'ESTALE'],
  link: ['ENOSPC', 'EIO', 'EDQUOT', 'EACCES', 'ESTALE'],
  unlink: ['EIO', 'EACCES', 'ESTALE'],
  mkdir: ['ENOSPC', 'EIO', 'EDQUOT', 'EACCES', 'ESTALE'],
  ftruncate: ['EIO', 'ENOSPC', 'ESTALE'],
}

const isDurable = (name: string): name is DurableCall => (durableCalls as readonly string[]).includes(name)
/** Opened to be written, or a folder of the ERP that is listed or synced: those lie on shares. */
const counts = ({ name, args, path }: Call, folder: string): boolean =>
  name !== 'openat' ||
  /O_WRONLY|O_RDWR|O_CREAT/.test(args) ||
  (/^(in|out)\//.test(path.slice(folder.length + 1)) && !/\.(csv|xml|done)$/.test(path))
/** These are counted on all descriptors, the bells of Node's own threads among them: without a path they hit anything. */
const needsPath = (name: DurableCall): boolean => name === 'write' || name === 'writev'

/** Names that differ from run to run: marks of claims, random endings of temporary files. */
const isRandom = (path: string): boolean => /\/\.orderly\/.|\.tmp-[0-9a-f]{12}$|\.xfl_/.test(path)
const isDay = (path: string): boolean => /\d{4}-\d\d-\d\d/.test(path)

/** Calls of one run as places to fail, each with all errors it can give. */
export function faultPoints(phase: Phase, calls: readonly Call[], folder: string): readonly FaultPoint[] {
  const points: FaultPoint[] = []
  const seen = new Map<string, number>()
  const next = (key: string): number => {
    const count = (seen.get(key) ?? 0) + 1
    seen.set(key, count)
    return count
  }
  for (const call of calls) {
    if (!isDurable(call.name)) continue
    const onThread = next(`${call.thread} ${call.name}`)
    const paths = [call.path, call.to].filter((path) => path.startsWith(`${folder}/`))
    if (paths.length === 0) continue
    const fixed = paths.find((path) => !isRandom(path) && !isDay(path))
    const onPath = fixed === undefined ? undefined : next(`${fixed} ${call.name}`)
    if (!counts(call, folder) || (fixed === undefined && needsPath(call.name))) continue
    const path = fixed?.slice(folder.length + 1)
    for (const error of errorsOf[call.name]) {
      const place = `${call.name} ${placeOf(paths[0] ?? '', folder)}`
      const where = path === undefined ? { nth: onThread } : { path, nth: onPath ?? 1 }
      points.push({ phase, call: call.name, ...where, error, times: 1, place })
    }
  }
  return points
}

/** The path as a kind of place: without marks, days and random endings. */
function placeOf(path: string, folder: string): string {
  return path
    .slice(folder.length + 1)
    .replace(/\.orderly\/[^~]+~/, '.orderly/MARK~')
    .replace(/\.tmp-[0-9a-f]{12}$/, '.tmp-RANDOM')
    .replace(/\.xfl_\w+/, '.xfl_ID')
    .replace(/\d{4}-\d\d-\d\d/, 'DAY')
}

/** `count` points: the places in an order of chance, one point of each in turn; every third fails three times in a row. */
export function draw(points: readonly FaultPoint[], count: number, seed: number): readonly FaultPoint[] {
  const random = chance(seed)
  const places = [...Map.groupBy(points, ({ phase, place }) => `${phase} ${place}`).values()]
  const piles = shuffled(
    places.map((pile) => shuffled(pile, random)),
    random,
  )
  const drawn: FaultPoint[] = []
  for (let round = 0; drawn.length < Math.min(count, points.length); round++) {
    for (const pile of piles) {
      const point = pile[round]
      if (point !== undefined && drawn.length < count)
        drawn.push(drawn.length % 3 === 2 ? { ...point, times: 3 } : point)
    }
  }
  return drawn
}

function shuffled<T>(list: readonly T[], random: () => number): readonly T[] {
  return list
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/** Numbers from 0 up to 1 that a seed repeats (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The words of strace that put in the fault. */
export function injecting({ call, path, nth, error, times }: FaultPoint, folder: string, to: string): string[] {
  const when = times === 1 ? `${nth}` : `${nth}..${nth + times - 1}`
  return [
    ...quietly,
    '-y',
    ...(path === undefined ? [] : ['-P', `${folder}/${path}`]),
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:error=${error}:when=${when}`,
    '-o',
    to,
  ]
}

export const describe = ({ phase, place, path, nth, error, times }: FaultPoint): string =>
  `${phase}: ${error} at ${place}, #${nth}${path === undefined ? ' of its kind' : ''}${times > 1 ? `, ${times} times` : ''}`
