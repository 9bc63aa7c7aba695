/**
 * Stories of folders on file systems of their own: shares that go and come back, folders on different disks, a file
 * system without hard links.
 */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdirSync, readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { orderCsv } from '../../end-to-end/samples.ts'
import { auditFindings, until } from './start-daemon.ts'
import { notSpinning, running, setStage, sh, type Stage, type Story } from './story-kit.ts'

const collect = (number: string): Buffer => Buffer.from(orderCsv([{ number, store: 'KOS01', deliver: 'collect' }]))
const statusNames = (stage: Stage): readonly string[] => stage.world.exported('status').map(({ name }) => name)

/** A share of its own that can be taken away and given back with what is on it. */
function share(
  stage: Stage,
  name: string,
  ...place: string[]
): { give(): void; take(): void; readonly mountPoint: string } {
  const store = stage.path('server', name)
  const mountPoint = stage.path(...place)
  mkdirSync(store, { recursive: true })
  return {
    mountPoint,
    give: () => stage.mount(mountPoint, 'bindfs', store),
    take: () => stage.unmount(mountPoint),
  }
}

const needs = ['root', 'bindfs', 'fusermount']

export const shares: readonly Story[] = [
  {
    name: 'shares that go while the daemon runs are away, not empty: nothing is written beneath them, all goes on after',
    needs,
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const [inbox, out] = [share(stage, 'in', 'in', 'orders'), share(stage, 'out', 'out', 'status')]
      inbox.give()
      out.give()
      const daemon = stage.start()
      await running(daemon)
      stage.world.drop('orders', 'a.csv', collect('1'))
      await until('the first export is there', () => statusNames(stage).length === 1)
      await stage.world.quiet()
      inbox.take()
      out.take()
      await until('it says so', () => stage.status().imports['orders']?.online === false, 40_000)
      await notSpinning(daemon, () => pause(3_000))
      stage.world.drop('answers', 'x.csv', 'No;Status;Doc\n1;confirmed;\n')
      await until('the export says so', () => stage.status().exports['status']?.ok === false, 40_000)
      deepEqual([readdirSync(inbox.mountPoint), readdirSync(out.mountPoint)], [[], []], 'written beneath the share')
      inbox.give()
      out.give()
      stage.world.drop('orders', 'b.csv', collect('2'))
      await stage.world.quiet({ limitMs: 90_000 })
      deepEqual(await stage.orders(), ['1', '2'])
      ok(statusNames(stage).length >= 2)
      ok(daemon.log().includes('the folder is back'))
      deepEqual(auditFindings(stage.folder), [])
    },
  },
  {
    name: 'a daemon that starts before its shares are mounted waits for them and writes nothing beneath',
    needs,
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const [inbox, out] = [share(stage, 'in', 'in', 'orders'), share(stage, 'out', 'out', 'status')]
      inbox.give()
      out.give()
      const first = stage.start()
      await running(first)
      await until('it has seen them', () => stage.status().exports['status']?.ok === true)
      stage.world.drop('orders', 'a.csv', collect('1'))
      await until('the order is in', async () => (await stage.orders()).includes('1'))
      await stage.world.quiet()
      equal(await first.stop(), 0)
      inbox.take()
      out.take()
      const second = stage.start()
      await running(second)
      stage.world.drop('answers', 'x.csv', 'No;Status;Doc\n1;confirmed;\n')
      await until('it says so', () => stage.status().exports['status']?.ok === false, 30_000)
      await pause(2_000)
      deepEqual([readdirSync(inbox.mountPoint), readdirSync(out.mountPoint)], [[], []], 'written beneath the share')
      inbox.give()
      out.give()
      stage.world.drop('orders', 'b.csv', collect('2'))
      await stage.world.quiet({ limitMs: 90_000 })
      deepEqual(await stage.orders(), ['1', '2'])
      deepEqual(auditFindings(stage.folder), [])
    },
  },
  {
    name: 'processed and rejected on disks of their own: files are copied there, once, and nothing stays claimed',
    needs: ['root'],
    run: async () => {
      await using stage = await setStage()
      stage.configure((config) => {
        config['imports'].orders.onBadRecord = 'rejectFile'
      })
      for (const name of ['processed', 'rejected'])
        stage.mount(stage.path('in', 'orders', name), 'mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs')
      const daemon = stage.start()
      await running(daemon)
      stage.world.drop('orders', 'a.csv', collect('1'))
      stage.world.drop('orders', 'bad.csv', Buffer.from('what?\n'))
      await stage.world.quiet({ limitMs: 60_000 })
      const [day = ''] = readdirSync(stage.path('in', 'orders', 'processed'))
      deepEqual(readdirSync(stage.path('in', 'orders', 'processed', day)), ['a.csv'])
      deepEqual(readdirSync(stage.path('in', 'orders', 'rejected')).toSorted(), [
        'bad.csv',
        'bad.csv.problems.json',
        'bad.csv.problems.txt',
      ])
      deepEqual(auditFindings(stage.folder), [])
    },
  },
  {
    name: 'a disk without hard links, rights and upper case (exFAT): nothing is overwritten, nothing taken twice',
    needs: ['root', 'loop', 'mkfs.exfat', 'mount.exfat-fuse'],
    run: async () => {
      await using stage = await setStage()
      const image = stage.path('exfat.img')
      sh('truncate', '-s', '16M', image)
      sh('mkfs.exfat', image)
      const device = sh('losetup', '-f', '--show', image).trim()
      const disk = stage.path('exfat')
      stage.mount(disk, 'mount.exfat-fuse', device)
      sh('losetup', '-d', device) // when it is unmounted
      for (const name of ['in', 'out']) {
        mkdirSync(`${disk}/${name}`)
        stage.mount(stage.path(name), 'mount', '--bind', `${disk}/${name}`)
      }
      stage.configure()
      const daemon = stage.start()
      await running(daemon)
      for (const [name, number] of [
        ['Day.csv', '1'],
        ['DAY.csv', '2'],
        ['day.csv', '3'],
      ] as const) {
        stage.world.drop('orders', name, collect(number))
        await stage.world.quiet({ limitMs: 60_000 })
      }
      deepEqual(await stage.orders(), ['1', '2', '3'])
      const [day = ''] = readdirSync(stage.path('in', 'orders', 'processed'))
      equal(readdirSync(stage.path('in', 'orders', 'processed', day)).length, 3, 'one took the place of another')
      equal(statusNames(stage).length, 3)
      deepEqual(auditFindings(stage.folder), [])
    },
  },
]
