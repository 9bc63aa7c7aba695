/** What other users of the machine, and readers of logs and backups, may see. */
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChaos } from '../neighbours/smtp-chaos.ts'
import { openRunningShop, patience, type RunningShop } from './running-shop.ts'

let shop: RunningShop
let before: number
beforeEach(async () => {
  before = process.umask(0) // the most open there is
  shop = await openRunningShop()
})
afterEach(async () => {
  process.umask(before)
  await shop[Symbol.asyncDispose]()
})
const slow = 90_000
const othersMay = (path: string): boolean => (statSync(path).mode & 0o007) !== 0

test(
  'whatever the umask, data folder and backup are closed to other users; an open one is warned about',
  { timeout: slow },
  async () => {
    expect(
      (await shop.run(['import', await shop.write('ORD1.csv', 'No;Total\n'), '--import', 'orders'])).code,
    ).not.toBe(70)
    expect(othersMay(shop.path('var'))).toBe(false)
    expect((await shop.run(['backup', shop.path('copy.db')])).code).toBe(0)
    expect(othersMay(shop.path('copy.db'))).toBe(false)
    expect((await shop.run(['check'])).out).not.toContain('C106')
    chmodSync(shop.path('var'), 0o755)
    expect((await shop.run(['check'])).out).toMatch(/var is open to every user of this machine.*chmod o-rwx.*\(C106\)/)
  },
)

test(
  'passwords stand in no file, log, status, alarm or output, though the server repeats them',
  { timeout: slow },
  async () => {
    const password = 'Zaq12-geheim'
    const forms = [password, btoa(password), btoa(`\0orderly\0${password}`), encodeURIComponent(password)]
    const echo = `535 5.7.8 wrong: ${forms.join(' ')}`
    const server = await startChaos({ deeds: [{ at: 'auth', do: { reply: echo }, always: true }] })
    try {
      await shop.write('credentials/smtp', `${password}\n`)
      await shop.configure(
        'mail: { transport: files, folder: ../var/mail,',
        `mail: { transport: smtp, host: 127.0.0.1, port: ${server.port}, security: none, auth: { user: orderly, password: "\${file:../credentials/smtp}" },`,
      )
      await shop.start()
      // A rejected file makes an alarm, which is a mail.
      await shop.write('in/orders/bad.csv', 'No;Total\nX;none\n')
      await expect.poll(() => server.commands.some((line) => line.startsWith('AUTH')), patience).toBe(true)
      await expect.poll(() => shop.log(), patience).toMatch(/535|refused|login|log-in/i)
      const outputs = await Promise.all(
        [
          ['status'],
          ['status', '--json'],
          ['messages', 'list', '--json'],
          ['check'],
          ['doctor'],
          ['test', 'mail', '--to', 'a@example.com'],
        ].map((words) => shop.run(words)),
      )
      await shop.stop()
      const files = readdirSync(shop.folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('credentials'))
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      const all = [...files, shop.log(), ...outputs.map(({ out, err }) => out + err)].join('\n')
      for (const form of forms) expect(all.includes(form), form).toBe(false)
    } finally {
      await server.close()
    }
  },
)

test('a daemon that runs as root says so in its log', { timeout: slow }, async (context) => {
  if (process.getuid?.() !== 0) context.skip('the test does not run as root')
  await shop.start()
  expect(shop.log()).toContain('orderly runs as root; give it a user of its own')
})
