/** Fields of an import file on their way into mail, SMS, export files, tables and the log of the real program. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChaosServer, startChaos } from '../neighbours/smtp-chaos.ts'
import { lines } from '../cli/sample-shop.ts'
import { openRunningShop, patience, type RunningShop } from './running-shop.ts'

let shop: RunningShop
let server: ChaosServer
beforeEach(async () => {
  shop = await openRunningShop()
  server = await startChaos()
  await shop.configure(
    'mail: { transport: files, folder: ../var/mail,',
    `mail: { transport: smtp, host: 127.0.0.1, port: ${server.port}, security: none,`,
  )
  await shop.configure('review: true', 'review: false')
  await shop.configure('on: { accepted: {', 'on: { received: {')
  const csv = /format:\n {6}type: csv\n {6}delimiter: ";"\n {6}fields:.*\n/
  const text = readFileSync(shop.path('config/orderly.yaml'), 'utf8')
  await shop.write(
    'config/orderly.yaml',
    text.replace(csv, () => 'format: { type: json }\n'),
  )
})
afterEach(async () => {
  await shop[Symbol.asyncDispose]()
  await server.close()
})

const order = (number: string, more: object = {}, customer: object = {}): object => ({
  number,
  gross: '50.00',
  paymentMethod: 'transfer',
  deliveryMethod: 'courier',
  customer: { name: 'Anna', email: 'anna@example.com', ...customer },
  lines: [{ sku: 'A1', quantity: '1' }],
  ...more,
})
const slow = 90_000

const smuggled = 'MAIL FROM:<evil@example.org>'
const endings = ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r\n', '\r\n.\r', '\n.\r']
const names: readonly string[] = [
  'Anna\r\nBcc: evil@example.org',
  'Anna\nBcc: evil@example.org\n\nbody',
  'Anna\u2028Bcc: evil@example.org',
  '{{company.name}} {{{order.number}}} {{> text/signature}}',
  '%company.name%',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '"><a href="https://evil.example.org">click</a>',
  '\u001b[2J\u202eannA',
  '=HYPERLINK("https://evil.example.org")',
  ...endings.map((end) => `Anna${end}${smuggled}`),
]
const addresses: readonly string[] = [
  'anna@example.com, evil@example.org',
  'anna@example.com; evil@example.org',
  'anna@example.com\r\nRCPT TO:<evil@example.org>',
  'anna@example.com> RCPT TO:<evil@example.org',
  '<evil@example.org>',
  '"a, evil@example.org"@example.com',
  'Anna: evil@example.org;',
  'anna@example.com evil@example.org',
]

test(
  'hostile names and addresses make no header, recipient, command, template, markup or line',
  { timeout: slow },
  async () => {
    const orders = [
      ...names.map((name, i) => order(`N-${i}`, {}, { name, email: `n${i}@example.com` })),
      ...addresses.map((email, i) => order(`E-${i}`, {}, { email })),
      order('LAST', {}, { email: 'last@example.com' }),
    ]
    await shop.configure('files: "*"', 'files: "*"\n    onBadRecord: rejectRecord')
    await shop.write('in/orders/hostile.json', JSON.stringify(orders))
    await shop.start()
    await expect.poll(() => server.mails.some(({ to }) => to.includes('last@example.com')), patience).toBe(true)

    const recipients = new Set(server.mails.flatMap(({ to }) => to))
    expect([...recipients].filter((to) => !/^(n\d+|last|it|shop)@example\.com$/.test(to))).toEqual([])
    expect(server.commands.filter((line) => /evil/.test(line))).toEqual([])
    expect(server.mails.length).toBeGreaterThan(5)
    for (const { data } of server.mails) {
      expect(data.replaceAll('\r\n', ''), 'a bare CR or LF').not.toMatch(/[\r\n]/)
      for (const line of data.split('\r\n')) expect(line, 'a dot alone').not.toBe('.')
      const head = data.slice(0, data.indexOf('\r\n\r\n'))
      expect(head).not.toMatch(/^Bcc:/im)
      expect(head.match(/^(From|To|Subject|Message-ID):/gim)).toHaveLength(4)
      const text = decoded(data)
      expect(decoded(data, 'text/html')).not.toMatch(/<script|<img src=x|href="https:\/\/evil/)
      expect(text.includes('\u001b') || text.includes('\u202e')).toBe(false)
    }
    const greeted = server.mails.find(({ to }) => to.includes('n3@example.com'))
    expect(decoded(greeted?.data ?? '')).toContain('{{company.name}} {{{order.number}}}')
    for (const line of shop.log().trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('level')
  },
)

/** The bodies as a mail program shows them; enough for what nodemailer writes. */
function decoded(data: string, type = ''): string {
  return data
    .split(/\r\n--[^\r\n]+\r\n/)
    .filter((part) => part.includes(`Content-Type: ${type}`))
    .map((part) => {
      const [head = '', ...rest] = part.split('\r\n\r\n')
      const body = rest.join('\r\n\r\n')
      if (/transfer-encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8')
      if (!/transfer-encoding: quoted-printable/i.test(head)) return body
      const bytes = body
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
      return Buffer.from(bytes, 'latin1').toString('utf8')
    })
    .join('\n')
}

test('__proto__ and its kin are names like others: nothing is inherited, nothing is changed for all', async () => {
  const evil =
    '[{"number":"P-1","gross":"1.00","deliveryMethod":"courier","paymentMethod":"transfer",' +
    '"__proto__":{"number":"OWNED","admin":true},"constructor":{"prototype":{"admin":true}},' +
    '"customer":{"name":"A","email":"a@example.com","__proto__":{"email":"evil@example.org"}},' +
    '"lines":[{"sku":"A1","quantity":"1","__proto__":{"sku":"B2"}}],' +
    '"fields":{"__proto__":"x","toString":"y","hasOwnProperty":"z"}}]'
  await shop.write('P.json', evil)
  const result = await shop.run(['import', 'P.json', '--import', 'orders'])
  expect(({} as Record<string, unknown>)['admin']).toBe(undefined)
  expect(result.out + result.err).not.toContain('internal error')
  const listed = lines<{ number: string; customer?: { email?: string } }>(
    (await shop.run(['orders', 'list', '--json'])).out,
  )
  for (const { number, customer } of listed) expect([number, customer?.email]).toEqual(['P-1', 'a@example.com'])
  expect(JSON.stringify(listed)).not.toMatch(/OWNED|evil/)
})

test(
  'files for people are guarded against formulas, files for an ERP carry what was said',
  { timeout: slow },
  async () => {
    await shop.configure(
      'when: "0 18 * * *", format: { type: csv }',
      'when: atOnce, audience: human, format: { type: csv }',
    )
    await shop.write('in/orders/f.json', JSON.stringify([order('=cmd|1'), order('@SUM(1)'), order('-2+3')]))
    await shop.start()
    const out = shop.path('out/status')
    const texts = (): string =>
      readdirSync(out)
        .filter((name) => !name.startsWith('.'))
        .map((name) => readFileSync(join(out, name), 'utf8'))
        .join('')
    await expect.poll(async () => lines((await shop.run(['orders', 'list', '--json'])).out).length, patience).toBe(3)
    for (const number of ['=cmd|1', '@SUM(1)', '-2+3']) {
      await shop.run(['orders', 'set-status', 'shipped', '--', number])
    }
    await expect.poll(() => texts().includes('SUM') && texts().includes('cmd'), patience).toBe(true)
    for (const cell of texts().split(/[\n,]/)) expect(cell).not.toMatch(/^"?[=@+\t]|^"?-2\+/)
  },
)
