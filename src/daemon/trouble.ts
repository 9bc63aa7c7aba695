/**
 * Looks for trouble that no single action shows: a gateway that refuses us, a share that stays away, a full disk.
 *
 * Raises one alarm for each trouble and day. It only looks: the loops themselves wait and go on.
 */
import { statfs } from 'node:fs/promises'
import { dateIn } from '../core/date.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, startLoop } from '../platform/loop.ts'
import { type Alarm, decideAlarms } from '../workflow/messages/alarm.ts'
import type { Setup } from '../workflow/setup.ts'
import type { Health } from './health.ts'

export interface TroubleTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly health: Health
  readonly dataFolder: string
}

/** How long something may be away before it is told, in milliseconds. */
const patienceMs = 300_000
/** Least free space of the data folder's disk, in bytes. */
const leastFree = 256 * 1024 * 1024

type Found = Omit<Alarm, 'key' | 'subject'> & { readonly about: string; readonly atOnce?: boolean }

export function startTroubleLoop(tools: TroubleTools): Loop {
  const since = new Map<string, number>()
  const told = new Set<string>()
  return startLoop({
    name: 'trouble',
    everyMs: 10_000,
    signal: tools.signal,
    run: async () => {
      const found = [...transports(tools.health), ...folders(tools.health), ...(await disk(tools.dataFolder))]
      const alarms = ripe(found, since, tools.clock.monotonic()).flatMap((each) => notTold(each, told, tools))
      if (alarms.length > 0) {
        const { ledger, setup, clock } = tools
        const cause = { kind: 'clock', actor: 'daemon', configHash: setup.configHash } as const
        await ledger.commit(decideAlarms(setup, cause, clock.now(), alarms))
        for (const { key } of alarms) told.add(key)
      }
      return 'idle'
    },
    onError: (error) => tools.log.error({ err: error }, 'look for trouble failed'),
  })
}

/** Trouble that has lasted; what is gone is forgotten. */
function ripe(found: readonly Found[], since: Map<string, number>, now: number): readonly Found[] {
  const present = new Set(found.map(({ about }) => about))
  for (const about of since.keys()) if (!present.has(about)) since.delete(about)
  for (const { about } of found) if (!since.has(about)) since.set(about, now)
  return found.filter(({ about, atOnce }) => atOnce === true || now - (since.get(about) ?? now) >= patienceMs)
}

function notTold(found: Found, told: Set<string>, { clock, setup }: TroubleTools): readonly Alarm[] {
  const { about, title, what, where, details, next } = found
  const key = `trouble/${about}/${dateIn(clock.now(), setup.config.timeZone)}`
  if (told.has(key)) return []
  const more = {
    ...(where !== undefined && { where }),
    ...(details !== undefined && { details }),
    ...(next !== undefined && { next }),
  }
  return [{ key, subject: about, title, what, ...more }]
}

function transports(health: Health): readonly Found[] {
  return Object.entries(health.snapshot().transports).flatMap(([name, { state, reason, needsPerson }]) => {
    const why = reason ?? 'no reason given'
    if (state === 'refused') {
      const next = 'Mend account or password in the config, then reload: until then nothing is sent.'
      return [{ about: name, title: `The ${name} server refuses us`, what: why, next, atOnce: true }]
    }
    if (state === 'paused') {
      const next = 'Messages wait and are tried again. Ask the provider about its limits; see mail.perMinute.'
      return [{ about: name, title: `The ${name} server holds us back`, what: why, next }]
    }
    if (state !== 'down' && state !== 'connecting') return []
    return [
      {
        about: name,
        title: `The ${name} server is away`,
        what: why,
        next: `Messages wait and are tried again. Look with: ${testOf(name)}`,
        ...(needsPerson === true && { atOnce: true }),
      },
    ]
  })
}

/** `sms NAME` is one of several accounts. */
const testOf = (name: string): string => `orderly test ${name.replace(/^sms /, 'sms --account ')}`

function folders(health: Health): readonly Found[] {
  const { imports, exports } = health.snapshot()
  return [
    ...Object.entries(imports)
      .filter(([, { online }]) => !online)
      .map(([name, { reason }]) => ({
        about: `import ${name}`,
        title: 'An import folder is away',
        what: `import ${name}: ${reason ?? 'it cannot be read'}`,
        next: 'Mount the share or mend its rights; the daemon goes on by itself.',
      })),
    ...Object.entries(exports)
      .filter(([, { ok }]) => !ok)
      .map(([name, { reason }]) => ({
        about: `export ${name}`,
        title: 'An export cannot be written',
        what: `export ${name}: ${reason ?? 'unknown'}`,
        next: 'Mount the share or mend its rights; nothing is lost, the file is written then.',
      })),
  ]
}

async function disk(dataFolder: string): Promise<readonly Found[]> {
  const { bavail, bsize } = await statfs(dataFolder)
  const free = bavail * bsize
  if (free >= leastFree) return []
  const what = `${Math.floor(free / 1_048_576)} MB are free on the disk of ${dataFolder}`
  return [
    {
      about: 'disk',
      title: 'The disk is nearly full',
      what,
      next: 'Free some space: without it nothing can be recorded.',
      atOnce: true,
    },
  ]
}
