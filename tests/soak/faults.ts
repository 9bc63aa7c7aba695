/**
 * What goes wrong in a soak: each of these runs on its own until the soak ends.
 *
 * Kills, stops, reloads with good and bad configs; weather; shares that go away; a disk that is full.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../end-to-end/world.ts'
import { count, type Scene, takeAway, wait } from './scene.ts'
import { fair, rough } from './weather.ts'

/** Keeps the daemon running: one that ended by itself is a finding. */
export async function watch(scene: Scene): Promise<void> {
  const { yard, wrong, signal } = scene
  while (!signal.aborted) {
    await wait(scene, 200)
    await scene.turns(async () => {
      if (yard.isAlive() || signal.aborted) return
      // What cannot write at its start ends, and is started anew, as systemd does.
      if (Date.now() - scene.diskFull.at < 20_000) count(scene, 'end at a full disk')
      else wrong.push(`the daemon ended by itself: ${lastWords(scene)}`)
      yard.start()
      await yard.ready()
    })
  }
}

const lastWords = ({ yard }: Scene): string =>
  readFileSync(join(yard.folder, 'daemon.log'), 'utf8').trim().split('\n').slice(-3).join('\n').slice(0, 2_000)

export async function interrupt(scene: Scene): Promise<void> {
  const { chance, signal } = scene
  while (!signal.aborted) {
    await wait(scene, chance.between(500, 12_000))
    if (signal.aborted) return
    const what = chance.pick(['kill', 'kill', 'kill', 'killAtStart', 'stop', 'reload', 'badReload'] as const)
    count(scene, what)
    await scene.turns(() => interruptions[what](scene))
  }
}

const interruptions = {
  kill: async ({ yard }: Scene) => {
    await yard.kill()
    yard.start()
    await yard.ready()
  },
  killAtStart: async (scene: Scene) => {
    const { yard, chance } = scene
    for (let time = 0; time < 3; time++) {
      await yard.kill()
      yard.start()
      await wait(scene, chance.below(1_000))
    }
    await yard.ready()
  },
  stop: async (scene: Scene) => {
    const { yard, wrong } = scene
    const code = await yard.stop()
    // 1: it took more than ten seconds, on a machine that others use as well, and was forced.
    if (code === 1) count(scene, 'stop forced')
    else if (code !== 0) wrong.push(`a stop ended with ${String(code)}`)
    yard.start()
    await yard.ready()
  },
  reload: async (scene: Scene) => {
    const { yard, chance } = scene
    const edited = {
      connections: chance.between(1, 6),
      window: chance.between(1, 20),
      every: `${chance.between(2, 20)}00ms`,
    }
    yard.configure((config) => edit(config, edited))
    yard.reload()
    await wait(scene, 1_500)
  },
  badReload: async (scene: Scene) => {
    const { yard, wrong } = scene
    const file = join(yard.folder, 'config', 'orderly.yaml')
    const good = readFileSync(file, 'utf8')
    writeFileSync(file, good.replace('perMinute:', 'perMinite:'))
    yard.reload()
    await wait(scene, 1_500)
    if (!yard.isAlive()) wrong.push('a bad config at a reload ended the daemon')
    writeFileSync(file, good)
    yard.reload()
    await wait(scene, 500)
  },
}

function edit(config: Config, to: { connections: number; window: number; every: string }): void {
  soakConfig(config)
  config['mail'].connections = to.connections
  config['sms'].window = to.window
  for (const source of Object.values(config['imports'] as Config)) source.every = to.every
}

/** Invoices may not be told twice: what the ERP may have taken is held for a person. */
export function soakConfig(config: Config): void {
  config['exports'].invoices.onUnknown = 'hold'
}

export async function changeWeather(scene: Scene): Promise<void> {
  const { yard, chance, signal } = scene
  while (!signal.aborted) {
    yard.weather(chance.percent(40) ? fair : chance.percent(80) ? rough : storm)
    await wait(scene, chance.between(3_000, 12_000))
  }
  yard.weather(fair)
}

const storm = {
  smtp: { ...rough.smtp, dropped: 60, brokenAfter: 10 },
  smpp: { ...rough.smpp, brokenAfter: 10, brokenBefore: 10 },
}

const shares = ['in/orders', 'in/trade', 'in/bank', 'in/answers', 'in/erp', 'out/status', 'out/invoices']

export async function loseShares(scene: Scene): Promise<void> {
  const { yard, chance, signal } = scene
  while (!signal.aborted) {
    await wait(scene, chance.between(4_000, 15_000))
    const folder = chance.pick(shares)
    if (signal.aborted || !wasUsed(join(yard.folder, folder))) continue
    count(scene, 'share away')
    const bringBack = takeAway(scene, folder)
    await wait(scene, chance.between(200, 6_000))
    bringBack()
  }
}

/** A folder that nothing was taken from or placed in yet is new, not away. */
const wasUsed = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => name === 'processed' || !name.startsWith('.'))

/** A limit for the size of files is what every user may set on own processes: writes fail as on a full disk. */
export async function fillDisk(scene: Scene): Promise<void> {
  const { yard, chance, signal } = scene
  while (!signal.aborted) {
    await wait(scene, chance.between(15_000, 45_000))
    const pid = yard.pid()
    if (signal.aborted || pid === undefined) continue
    if (!limitFiles(pid, '0:unlimited')) continue
    scene.diskFull.at = Date.now()
    count(scene, 'disk full')
    await wait(scene, chance.between(300, 4_000))
    limitFiles(pid, 'unlimited:unlimited')
    scene.diskFull.at = Date.now()
  }
}

const limitFiles = (pid: number, limit: string): boolean =>
  spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${limit}`]).status === 0
