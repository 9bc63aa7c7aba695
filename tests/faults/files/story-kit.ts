/**
 * What stories on real file systems share: a world, a daemon, mounts that are undone, looks at status and alarms.
 *
 * A story needs root where it mounts; the daemon itself can run as an ordinary user, so that rights mean something.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, makeWorld, type World } from '../../end-to-end/world.ts'
import { type Running, startDaemon, type StartOptions, until } from './start-daemon.ts'

export interface Story {
  /** A sentence about behaviour. */
  readonly name: string
  /** Programs without which it cannot be played. */
  readonly needs: readonly string[]
  run(): Promise<void>
}

export interface Stage extends AsyncDisposable {
  readonly world: World
  readonly folder: string
  path(...parts: string[]): string
  configure(change?: (config: Config) => void): void
  start(options?: StartOptions): Running
  /** Mounts something on a folder of the world (made when missing); undone at the end at the latest. */
  mount(target: string, ...words: readonly string[]): void
  /** As `umount -l`: at once, whatever is open. */
  unmount(target: string): void
  /** The status document as the daemon wrote it last. */
  status(): Status
  /** Titles and texts of the alarms that were mailed or wait for it. */
  alarms(): Promise<readonly string[]>
  /** Numbers of the orders in the ledger. */
  orders(): Promise<readonly string[]>
}

interface Status {
  readonly imports: Readonly<Record<string, { online: boolean; reason?: string; waiting: number }>>
  readonly exports: Readonly<Record<string, { ok: boolean; reason?: string }>>
}

export async function setStage(): Promise<Stage> {
  const world = await makeWorld()
  const mounts: string[] = []
  const daemons: Running[] = []
  const stage: Stage = {
    world,
    folder: world.folder,
    path: (...parts) => join(world.folder, ...parts),
    configure: (change) => {
      world.configure(change)
      for (const name of ['orders', 'bank', 'answers', 'ubl'])
        mkdirSync(join(world.folder, 'in', name), { recursive: true })
    },
    start: (options) => {
      const daemon = startDaemon(world.folder, options)
      daemons.push(daemon)
      return daemon
    },
    mount: (target, ...words) => {
      mkdirSync(target, { recursive: true })
      sh(...words, target)
      mounts.push(target)
    },
    unmount: (target) => {
      sh('umount', '-l', target)
      mounts.splice(mounts.lastIndexOf(target), 1)
    },
    status: () => readStatus(world.folder),
    alarms: async () =>
      await world.look(async (ledger) => {
        const messages = await ledger.messages({ limit: 1_000 })
        return messages
          .filter(({ template }) => template.startsWith('alarm/'))
          .map(({ mail }) => `${mail?.subject ?? ''}\n${mail?.text ?? ''}`)
      }),
    orders: async () => (existsSync(join(world.folder, 'var', 'ledger.db')) ? await ordersIn(world) : []),
    [Symbol.asyncDispose]: async () => {
      for (const daemon of daemons) await daemon.kill()
      for (const target of mounts.toReversed()) spawnSync('umount', ['-l', target])
      await world[Symbol.asyncDispose]()
    },
  }
  return stage
}

async function ordersIn(world: World): Promise<readonly string[]> {
  return await world.look(async (ledger) => {
    const orders = await ledger.records({ kind: 'order', limit: 10_000 })
    return orders.map((order) => (order.kind === 'order' ? order.number : '')).toSorted()
  })
}

function readStatus(folder: string): Status {
  const file = join(folder, 'var', 'status.json')
  const empty = { imports: {}, exports: {} }
  if (!existsSync(file)) return empty
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Status
  } catch {
    return empty // being replaced
  }
}

/** Runs a program; throws with what it said when it fails. */
export function sh(...words: readonly string[]): string {
  const done = spawnSync(words[0] ?? '', words.slice(1), { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${words.join(' ')}: ${done.stderr || String(done.error ?? done.status)}`)
  return done.stdout
}

/** Words that run a program as an ordinary user, who owns the world from now on. */
export function asNobody(stage: Stage): string[] {
  sh('chown', '-R', '65534:65534', stage.folder)
  return ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
}

export const running = (daemon: Running): Promise<void> =>
  until('the daemon runs', () => daemon.log().includes('orderly is running'))

/** Throws when so little time brought so many lines: something spins. */
export async function notSpinning(daemon: Running, during: () => Promise<void>, mostLines = 60): Promise<void> {
  const before = daemon.log().length
  await during()
  const lines = daemon.log().slice(before).split('\n').length
  if (lines > mostLines) throw new Error(`${lines} lines of log: something spins\n${daemon.log().slice(-1_500)}`)
}
