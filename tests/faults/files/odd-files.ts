/**
 * Stories of files that may not be read and of names that are no ordinary names; the daemon runs as an ordinary user.
 */
import { deepEqual, ok } from 'node:assert/strict'
import { chmodSync, chownSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { orderCsv } from '../../end-to-end/samples.ts'
import { auditFindings, until } from './start-daemon.ts'
import { asNobody, notSpinning, running, setStage, type Stage, type Story } from './story-kit.ts'

const csv = (number: string): Buffer => Buffer.from(orderCsv([{ number }]))
const needs = ['root', 'setpriv']

function owned(path: string): void {
  chownSync(path, 65534, 65534)
}

const inbox = (stage: Stage): readonly string[] =>
  readdirSync(stage.path('in', 'orders'), { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)

export const oddFiles: readonly Story[] = [
  {
    name: 'a file that may not be read is told, keeps nobody else waiting, and comes in when it may be',
    needs,
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const daemon = stage.start({ wrap: asNobody(stage) })
      await running(daemon)
      const hidden = stage.path('in', 'orders', 'a-secret.csv')
      writeFileSync(hidden, csv('1'), { mode: 0o000 })
      stage.world.drop('orders', 'b.csv', csv('2'))
      owned(stage.path('in', 'orders', 'b.csv'))
      await until('the other is in', async () => (await stage.orders()).includes('2'))
      await until(
        'it is said why',
        () => /file could not be imported/.test(daemon.log()) && /EACCES/.test(daemon.log()),
      )
      await notSpinning(daemon, () => pause(3_000))
      const [claimed] = readdirSync(stage.path('in', 'orders', '.orderly'))
      ok(claimed !== undefined)
      chmodSync(stage.path('in', 'orders', '.orderly', claimed), 0o644)
      await stage.world.quiet({ exports: false, limitMs: 40_000 })
      deepEqual(await stage.orders(), ['1', '2'])
      deepEqual(auditFindings(stage.folder), [])
    },
  },
  {
    name: 'claimed files in a folder whose rights went and came back are taken all the same, without a restart',
    needs,
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const daemon = stage.start({ wrap: asNobody(stage) })
      await running(daemon)
      writeFileSync(stage.path('in', 'orders', 'a.csv'), csv('1'), { mode: 0o000 })
      await until('it is claimed and cannot be read', () => daemon.log().includes('file could not be imported'))
      const claims = stage.path('in', 'orders', '.orderly')
      for (const name of readdirSync(claims)) chmodSync(`${claims}/${name}`, 0o644)
      chmodSync(claims, 0o000)
      await pause(6_000)
      chmodSync(claims, 0o755)
      await until('the order is in', async () => (await stage.orders()).includes('1'), 60_000)
    },
  },
  {
    name: 'in a folder where nothing may be renamed, nothing is taken, the log is not flooded, people are told',
    needs,
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const daemon = stage.start({ wrap: asNobody(stage) })
      await running(daemon)
      await until('it looks', () => stage.status().imports['orders']?.online === true)
      chmodSync(stage.path('in', 'orders'), 0o555)
      writeFileSync(stage.path('in', 'orders', 'a.csv'), csv('1'))
      await until('it is said', () => /could not be claimed/.test(daemon.log()))
      await notSpinning(daemon, () => pause(4_000), 10)
      await until(
        'people are told',
        async () => (await stage.alarms()).some((text) => text.includes('cannot be taken')),
        90_000,
      )
      chmodSync(stage.path('in', 'orders'), 0o755)
      await until('the order is in', async () => (await stage.orders()).includes('1'), 60_000)
    },
  },
  {
    name: 'odd names: 255 bytes, line ends, quotes, wildcards, other alphabets, no UTF-8, links, pipes',
    needs: [],
    run: async () => {
      await using stage = await setStage()
      stage.configure()
      const folder = stage.path('in', 'orders')
      const names = [
        'line\nend.csv',
        '"quoted" $(touch x) `y`.csv',
        'a*?[b].csv',
        'заказ 订单 🧾.csv',
        `${'l'.repeat(251)}.csv`,
        `${'ő'.repeat(125)}.csv`,
        '-rf.csv',
        '~.csv',
        '%s%n.csv',
        '{{name}}.csv',
      ]
      for (const [i, name] of names.entries()) writeFileSync(`${folder}/${name}`, csv(String(100 + i)))
      writeFileSync(
        Buffer.concat([Buffer.from(`${folder}/bad-`), Buffer.from([0xff, 0xfe]), Buffer.from('.csv')]),
        csv('900'),
      )
      symlinkSync('/etc/hostname', `${folder}/link.csv`)
      const daemon = stage.start()
      await running(daemon)
      await until('all are in', async () => (await stage.orders()).length === names.length, 40_000)
      await until('bad names are told', async () =>
        (await stage.alarms()).some((text) => text.includes('cannot be read')),
      )
      deepEqual(
        inbox(stage).filter((name) => !name.startsWith('bad-')),
        ['link.csv'],
      )
      ok(
        daemon
          .log()
          .split('\n')
          .every((line) => line === '' || line.startsWith('{')),
        'a name broke a line of the log',
      )
      await daemon.stop()
      deepEqual(auditFindings(stage.folder), [])
    },
  },
]
