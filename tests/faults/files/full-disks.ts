/**
 * Stories of real file systems that are full, or become read-only: small tmpfs, ext4 on a loop device, /dev/full.
 */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { orderCsv } from '../../end-to-end/samples.ts'
import { auditFindings, until } from './start-daemon.ts'
import { notSpinning, running, setStage, sh, type Stage, type Story } from './story-kit.ts'

const collect = (number: string): Buffer => Buffer.from(orderCsv([{ number, store: 'KOS01', deliver: 'collect' }]))

/** Writes until nothing more fits; gives the path. */
function fill(folder: string): string {
  const path = join(folder, '.ballast')
  const file = openSync(path, 'w')
  for (const size of [65_536, 4_096, 1]) {
    const piece = Buffer.alloc(size)
    try {
      for (;;) if (writeSync(file, piece) < size) break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(file)
  return path
}

const saysFull = (text: string): boolean => /ENOSPC|disk is full/.test(text)

/** Everything came out once: both orders, one status file of each number, no mail twice. */
async function allIsThere(stage: Stage, numbers: readonly string[]): Promise<void> {
  await stage.world.quiet({ limitMs: 90_000 })
  deepEqual(await stage.orders(), numbers)
  const lines = stage.world.exported('status').flatMap(({ text }) => text.split('\n').slice(1, -1))
  deepEqual(lines.map((line) => line.split(';')[0] ?? '').toSorted(), numbers)
  const ids = stage.world.mails
    .filter(({ subject }) => !subject.startsWith('Orderly:'))
    .map(({ messageId }) => messageId)
  equal(new Set(ids).size, ids.length, 'a mail came twice')
  deepEqual(auditFindings(stage.folder), [])
}

export const fullDisks: readonly Story[] = [
  {
    name: 'the disk of the ledger fills up: files wait, it is said, nothing spins; with room again all goes on',
    needs: ['root'],
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const data = stage.path('var')
      stage.mount(data, 'mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs')
      const daemon = stage.start()
      await running(daemon)
      stage.world.drop('orders', 'a.csv', collect('1'))
      await until('the first order is in', async () => (await stage.orders()).includes('1'))
      await until(
        'people are told early',
        async () => (await stage.alarms()).some((text) => text.includes('nearly full')),
        30_000,
      )
      const ballast = fill(data)
      await notSpinning(daemon, async () => {
        stage.world.drop('orders', 'b.csv', collect('2'))
        await until('it says that the disk is full', () => saysFull(daemon.log()), 30_000)
        await pause(5_000)
      })
      equal(daemon.process.exitCode, null, 'the daemon ended')
      rmSync(ballast)
      await allIsThere(stage, ['1', '2'])
    },
  },
  {
    name: 'the disk of the exports fills up: the file waits under its number, is never seen in part, and is written then',
    needs: ['root'],
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const out = stage.path('out', 'status')
      stage.mount(out, 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs')
      const ballast = fill(out)
      const daemon = stage.start()
      await running(daemon)
      await notSpinning(daemon, async () => {
        stage.world.drop('orders', 'a.csv', collect('1'))
        await until('the status says why', () => saysFull(stage.status().exports['status']?.reason ?? ''), 30_000)
      })
      deepEqual(stage.world.exported('status'), [])
      rmSync(ballast)
      stage.world.drop('orders', 'b.csv', collect('2'))
      await allIsThere(stage, ['1', '2'])
      ok(stage.world.exported('status').some(({ name }) => name === 'S000001.csv'))
    },
  },
  {
    name: 'the disk of the import folder is full: putting away needs no room, and what is wrong with a file waits for it',
    needs: ['root'],
    run: async () => {
      await using stage = await setStage()
      stage.configure((config) => {
        config['imports'].orders.onBadRecord = 'rejectFile'
      })
      const inbox = stage.path('in', 'orders')
      stage.mount(inbox, 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs')
      const daemon = stage.start()
      await running(daemon)
      stage.world.drop('orders', 'a.csv', collect('1'))
      stage.world.drop('orders', 'bad.csv', Buffer.from('what?\n'))
      const ballast = fill(inbox)
      await until('the order is in', async () => (await stage.orders()).includes('1'))
      await pause(3_000)
      rmSync(ballast)
      await stage.world.quiet({ exports: false, limitMs: 60_000 })
      ok(existsSync(join(inbox, 'rejected', 'bad.csv.problems.txt')))
      await allIsThere(stage, ['1'])
    },
  },
  {
    name: 'ext4 for ledger and folders: full, then with room; read-only, then mounted anew: nothing lost, nothing twice',
    needs: ['root', 'loop', 'mkfs.ext4'],
    run: async () => {
      await using stage = await setStage()
      const image = stage.path('disk.img')
      sh('truncate', '-s', '48M', image)
      sh('mkfs.ext4', '-q', '-m', '0', image)
      const disk = stage.path('disk')
      stage.mount(disk, 'mount', '-o', 'loop', image)
      for (const name of ['var', 'in', 'out']) mkdirSync(join(disk, name))
      for (const name of ['var', 'in', 'out']) stage.mount(stage.path(name), 'mount', '--bind', join(disk, name))
      stage.configure()
      const daemon = stage.start()
      await running(daemon)
      stage.world.drop('orders', 'a.csv', collect('1'))
      await until('the first order is in', async () => (await stage.orders()).includes('1'))
      stage.world.drop('orders', 'b.csv', collect('2'))
      const ballast = fill(disk)
      await pause(4_000)
      rmSync(ballast)
      await allIsThere(stage, ['1', '2'])
      // What the kernel does when a disk fails: read-only, at once, until it is mounted anew.
      sh('mount', '-o', 'remount,abort', disk)
      const readOnly = /EROFS|readonly|read-only|disk I\/O|fsync failed/
      await notSpinning(daemon, () =>
        until('it says that nothing can be written', () => readOnly.test(daemon.log()), 30_000),
      )
      await notSpinning(daemon, () => pause(4_000))
      await daemon.stop()
      for (const name of ['out', 'in', 'var', 'disk']) stage.unmount(stage.path(name))
      sh('sh', '-c', 'e2fsck -p "$0"; test $? -le 1', image)
      stage.mount(disk, 'mount', '-o', 'loop', image)
      for (const name of ['var', 'in', 'out']) stage.mount(stage.path(name), 'mount', '--bind', join(disk, name))
      await running(stage.start())
      stage.world.drop('orders', 'c.csv', collect('3'))
      await allIsThere(stage, ['1', '2', '3'])
    },
  },
  {
    name: 'the daemon starts on a full disk: it ends with its reason and code, and starts when there is room',
    needs: ['root'],
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const data = stage.path('var')
      stage.mount(data, 'mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs')
      const ballast = fill(data)
      const first = stage.start()
      equal(await first.ended, 74, first.log())
      ok(saysFull(first.log()), first.log())
      rmSync(ballast)
      await running(stage.start())
      stage.world.drop('orders', 'a.csv', collect('1'))
      await allIsThere(stage, ['1'])
    },
  },
]
