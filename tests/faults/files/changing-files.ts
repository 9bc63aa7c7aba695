/**
 * Stories of files that do not hold still: growing, cut, replaced, dropped again while they are taken in.
 */
import { ok, deepEqual, equal } from 'node:assert/strict'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { orderCsv } from '../../end-to-end/samples.ts'
import { auditFindings, orderly, until } from './start-daemon.ts'
import { running, setStage, type Stage, type Story } from './story-kit.ts'

const csv = (...numbers: string[]): Buffer => Buffer.from(orderCsv(numbers.map((number) => ({ number }))))

/** The rows of an order without the header. */
function rows(number: string): Buffer {
  const whole = csv(number)
  return whole.subarray(whole.indexOf('\n') + 1)
}

const putAwayNames = (stage: Stage, ...place: string[]): readonly string[] => {
  const folder = stage.path('in', 'orders', ...place)
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('.csv'))
    .map((name) => name.replace(/^\d{4}-\d\d-\d\d\//, ''))
    .toSorted()
}

const stable = (stage: Stage): void =>
  stage.configure((config) => {
    config['imports'].orders.ready = { stableFor: '1s' }
  })

export const changingFiles: readonly Story[] = [
  {
    name: 'a file that grows for a while is taken when its writer is done, whole',
    needs: [],
    run: async () => {
      await using stage = await setStage()
      stable(stage)
      const daemon = stage.start()
      await running(daemon)
      const target = stage.path('in', 'orders', 'slow.csv')
      writeFileSync(target, csv('1'))
      for (let i = 2; i <= 8; i++) {
        await pause(400)
        appendFileSync(target, rows(String(i)))
      }
      await stage.world.quiet({ exports: false })
      deepEqual(await stage.orders(), ['1', '2', '3', '4', '5', '6', '7', '8'])
      deepEqual(putAwayNames(stage, 'processed'), ['slow.csv'])
    },
  },
  {
    name: 'what a writer adds to a file while it is being read is not lost',
    needs: ['strace'],
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      // The disk of the ledger is slow, so that the writer comes between the reading and the putting away.
      const slow = [
        '-P',
        stage.path('var', 'ledger.db-wal'),
        '-e',
        'trace=fsync',
        '-e',
        'inject=fsync:delay_exit=1000000',
      ]
      const daemon = stage.start({ wrap: ['strace', '-D', '-f', '-qq', '-o', '/dev/null', ...slow] })
      await running(daemon)
      const part = stage.path('in', 'orders', '.grows.part')
      const file = openSync(part, 'w')
      writeSync(file, csv('1'))
      renameSync(part, stage.path('in', 'orders', 'grows.csv'))
      await until('it is claimed', () =>
        readdirSync(stage.path('in', 'orders')).every((name) => !name.includes('grows')),
      )
      await pause(300)
      writeSync(file, rows('2'))
      closeSync(file)
      await stage.world.quiet({ exports: false })
      // Seen too late to be taken back, it must be taken in anew or told to people.
      const told = [...(await stage.alarms()), daemon.log()].some((text) => /grew|changed while/.test(text))
      ok((await stage.orders()).includes('2') || told, 'order 2 is lost, and nobody is told')
    },
  },
  {
    name: 'a file cut off in the middle is refused with its place, and the whole one that follows is taken',
    needs: [],
    run: async () => {
      await using stage = await setStage()
      stable(stage)
      const daemon = stage.start()
      await running(daemon)
      const whole = csv('1', '2')
      writeFileSync(stage.path('in', 'orders', 'cut.csv'), whole.subarray(0, whole.length - 30))
      await stage.world.quiet({ exports: false })
      deepEqual(putAwayNames(stage, 'rejected'), ['cut.csv', 'cut.csv.problems.json', 'cut.csv.problems.txt'])
      deepEqual(await stage.orders(), [])
      writeFileSync(stage.path('in', 'orders', 'cut.csv'), whole)
      await stage.world.quiet({ exports: false })
      deepEqual(await stage.orders(), ['1', '2'])
    },
  },
  {
    name: 'a file replaced before it is ready counts as the file that it is then',
    needs: [],
    run: async () => {
      await using stage = await setStage()
      stable(stage)
      const daemon = stage.start()
      await running(daemon)
      const target = stage.path('in', 'orders', 'same.csv')
      writeFileSync(target, csv('1'))
      await pause(700)
      writeFileSync(`${stage.path('in', 'orders')}/.new`, csv('7'))
      renameSync(stage.path('in', 'orders', '.new'), target)
      await stage.world.quiet({ exports: false })
      deepEqual(await stage.orders(), ['7'])
    },
  },
  {
    name: 'same name with other content is another file; same content under another name has no effect',
    needs: [],
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const daemon = stage.start()
      await running(daemon)
      for (const [name, bytes] of [
        ['day.csv', csv('1')],
        ['day.csv', csv('2')],
        ['other.csv', csv('1')],
      ] as const) {
        stage.world.drop('orders', name, bytes)
        await stage.world.quiet({ exports: false })
      }
      deepEqual(await stage.orders(), ['1', '2'])
      deepEqual(putAwayNames(stage, 'processed'), ['day-1.csv', 'day.csv'])
      deepEqual(putAwayNames(stage, 'duplicate'), ['other.csv'])
      equal(stage.world.mails.filter(({ to }) => to.includes('ors@example.com')).length, 0)
      deepEqual(auditFindings(stage.folder), [])
    },
  },
  {
    name: 'a folder in the place of a file, and files in the place of folders, stop nothing but themselves',
    needs: [],
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      mkdirSync(stage.path('in', 'orders', 'folder.csv'), { recursive: true })
      writeFileSync(stage.path('in', 'orders', 'rejected'), 'a file of that name')
      mkdirSync(stage.path('out', 'status', 'S000001.csv'), { recursive: true })
      const daemon = stage.start()
      await running(daemon)
      stage.world.drop(
        'orders',
        'good.csv',
        Buffer.from(orderCsv([{ number: '1', store: 'KOS01', deliver: 'collect' }])),
      )
      await until('the order is in', async () => (await stage.orders()).includes('1'))
      stage.world.drop('orders', 'bad.csv', Buffer.from('what?\n'))
      await until('it is said why', () => daemon.log().includes('file could not be imported'))
      await until('the export says why', () => daemon.log().includes('export held'))
      stage.world.drop('orders', 'later.csv', csv('2'))
      await until('others go on', async () => (await stage.orders()).includes('2'))
      makeRoom(stage)
      const [held] = await stage.world.look((ledger) => ledger.exportFiles('status', 1))
      equal(orderly(stage.folder, 'exports', 'repeat', held?.id ?? '').code, 0)
      await stage.world.quiet({ limitMs: 60_000 })
      deepEqual(putAwayNames(stage, 'rejected'), ['bad.csv', 'bad.csv.problems.json', 'bad.csv.problems.txt'])
      deepEqual(
        stage.world.exported('status').map(({ name }) => name),
        ['S000001.csv'],
      )
    },
  },
]

/** Somebody makes room for what should be there. */
function makeRoom(stage: Stage): void {
  renameSync(stage.path('in', 'orders', 'rejected'), join(stage.folder, 'was-in-the-way-too'))
  renameSync(stage.path('out', 'status', 'S000001.csv'), join(stage.folder, 'was-in-the-way'))
}
