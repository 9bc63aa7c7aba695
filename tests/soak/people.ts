/**
 * Who works beside the daemon in a soak: the ERP that writes files and takes files, and people at the command line.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Drop } from './load.ts'
import { count, placeOf, putIn, type Scene, wait } from './scene.ts'

/** Puts files in: mostly as they should be, some twice, some cut off. */
export async function feed(scene: Scene): Promise<void> {
  const { load, chance, signal } = scene
  while (!signal.aborted) {
    // The books are checked when all is done: no more is put in than can be done soon.
    while (!signal.aborted && waiting(scene) > 200) await wait(scene, 500)
    const isBig = chance.percent(3)
    const drops = isBig
      ? load.big(chance.between(800, 2_500), chance.pick(['shop', 'trade']))
      : load.next(chance.between(1, 40))
    for (const drop of drops) give(scene, drop)
    if (isBig) count(scene, 'big file')
    await wait(scene, chance.between(200, 2_500))
  }
}

/** Files that wait for the daemon. */
const waiting = (scene: Scene): number =>
  ['orders', 'trade', 'bank', 'answers', 'erp']
    .map((name) => readdirSync(placeOf(scene, join('in', name))).length)
    .reduce((sum, each) => sum + each, 0)

/** The rest of what was planned, without mischief. */
export function feedRest(scene: Scene): void {
  for (const drop of scene.load.rest()) giveOnce(scene, drop)
}

function give(scene: Scene, drop: Drop): void {
  const { chance, broken, doubles } = scene
  const cut = cutOff(drop)
  if (cut !== undefined && chance.percent(6)) {
    count(scene, 'file cut off')
    putIn(scene, drop.import, `cut-${drop.name}`, cut)
    broken.set(drop.import, [...(broken.get(drop.import) ?? []), `cut-${drop.name}`])
  }
  giveOnce(scene, drop)
  if (!chance.percent(8)) return
  count(scene, 'file given twice')
  putIn(scene, drop.import, `zz-${drop.name}`, drop.bytes)
  doubles.set(drop.import, [...(doubles.get(drop.import) ?? []), `zz-${drop.name}`])
}

function giveOnce(scene: Scene, { import: name, name: file, bytes, records }: Drop): void {
  scene.files.set(name, (scene.files.get(name) ?? new Map<string, number>()).set(file, records))
  putIn(scene, name, file, bytes)
}

/** The file as its writer left it when it was cut off: not to be read as a shorter, whole one. */
function cutOff({ import: name, bytes }: Drop): Uint8Array | undefined {
  if (name === 'answers' || name === 'erp') return undefined
  // Within the last row, element or object.
  const end = name === 'orders' ? Buffer.from(bytes).lastIndexOf('\r\n', bytes.length - 3) + 12 : bytes.length - 40
  return bytes.slice(0, end)
}

/** The ERP: takes most files as soon as they are complete, and removes them. */
export async function takeExports(scene: Scene): Promise<void> {
  const { chance, signal } = scene
  while (!signal.aborted) {
    for (const name of ['status', 'invoices', 'clearing']) if (chance.percent(60)) takeFrom(scene, name)
    await wait(scene, chance.between(50, 900))
  }
}

function takeFrom(scene: Scene, name: string): void {
  const folder = placeOf(scene, join('out', name))
  if (!existsSync(folder)) return
  const names = readdirSync(folder).filter((file) => !file.startsWith('.'))
  for (const file of names.filter((each) => !each.endsWith('.done')).toSorted()) {
    if (name === 'status' && !names.includes(`${file}.done`)) continue
    if (!scene.chance.percent(70)) continue
    scene.taken.push({ export: name, name: file, text: readFileSync(join(folder, file), 'utf8') })
    rmSync(join(folder, `${file}.done`), { force: true })
    rmSync(join(folder, file))
    count(scene, 'export taken by the ERP')
  }
}

/** People: what was left to them, and looking on; every command must come to an end that it may come to. */
export async function operate(scene: Scene): Promise<void> {
  const { chance, signal } = scene
  while (!signal.aborted) {
    await wait(scene, chance.between(500, 3_000))
    if (signal.aborted) return
    const what = chance.pick(['order', 'order', 'order', 'sms', 'exports', 'look'] as const)
    if (what === 'order') await actOnOrders(scene, 3)
    else if (what === 'sms') await sendHeldSms(scene, 2)
    else if (what === 'exports') await decideExports(scene)
    else await lookOn(scene)
  }
}

/** Does to orders that are left to people what is not done yet; "try again" and "not found" are for later. */
export async function actOnOrders(scene: Scene, most: number): Promise<number> {
  const { load, done, chance } = scene
  const byHand = load.orders.filter((order) => order.byHand)
  const unpaid = byHand.filter(({ number }) => !done.paid.has(number))
  const unconfirmed = byHand.filter(({ number, sort }) => sort === 'collect' && !done.confirmed.has(number))
  for (const [verb, open, doneNow] of [
    ['mark-paid', unpaid, done.paid],
    ['confirm', unconfirmed, done.confirmed],
  ] as const) {
    const numbers = chance.shuffled(open.map(({ number }) => number)).slice(0, most)
    if (numbers.length === 0) continue
    const code = await command(scene, [0, 66, 75], 'orders', verb, ...numbers)
    if (code === 0) for (const number of numbers) doneNow.add(number)
  }
  return unpaid.length + unconfirmed.length
}

async function sendHeldSms(scene: Scene, most: number): Promise<void> {
  const { yard, chance, sentByHand } = scene
  const { out } = await yard.orderly('messages', 'list', '--state', 'held', '--channel', 'sms', '--json')
  const ids = [...new Set(out.match(/msg_\w+/g))]
  for (const id of chance.shuffled(ids).slice(0, most)) {
    sentByHand.add(id)
    await command(scene, [0, 1, 75], 'messages', 'send', id)
  }
}

/** Of a held file the person knows whether the ERP has it. */
export async function decideExports(scene: Scene): Promise<number> {
  const { yard, taken } = scene
  const held = await yard.look(async (ledger) =>
    (await ledger.exportFiles(undefined, 1_000_000)).filter(({ state }) => state === 'held'),
  )
  for (const { id, name, export: from } of held) {
    const isThere = existsSync(join(placeOf(scene, join('out', from)), name))
    const isTaken = isThere || taken.some((file) => file.export === from && file.name === name)
    count(scene, isTaken ? 'held export settled' : 'held export repeated')
    await command(scene, [0, 1, 75], 'exports', isTaken ? 'settle' : 'repeat', id)
  }
  return held.length
}

async function lookOn(scene: Scene): Promise<void> {
  const { load, chance, yard } = scene
  const { number } = chance.pick(load.orders)
  const backup = join(yard.folder, `backup-${Date.now()}.db`)
  const [words, codes] = chance.pick([
    [['status'], [0, 1]],
    [
      ['why', number],
      [0, 66],
    ],
    [['plan'], [0]],
    [['orders', 'list', '--limit', '50', '--json'], [0]],
    [['exports', 'list', '--json'], [0]],
    [['audit', '--no-folders'], [0]],
    [['backup', backup], [0]],
  ] as const)
  await command(scene, codes, ...words)
  rmSync(backup, { force: true })
}

async function command(scene: Scene, codes: readonly number[], ...words: readonly string[]): Promise<number | null> {
  const started = performance.now()
  const { code, out } = await scene.yard.orderly(...words)
  const seconds = (performance.now() - started) / 1_000
  count(scene, 'command')
  // While the config is a bad one, commands say so.
  const isTold = code === 78 && out.includes('perMinite')
  if (code === null || (!codes.includes(code) && !isTold))
    scene.wrong.push(
      `orderly ${words.join(' ')} ended with ${String(code)} instead of ${codes.join(' or ')}:\n${out.slice(0, 3_000)}`,
    )
  if (seconds > 90) scene.wrong.push(`orderly ${words.join(' ')} took ${seconds.toFixed(0)} s`)
  return code
}
