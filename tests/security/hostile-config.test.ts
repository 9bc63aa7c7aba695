/** What a config can hold by accident or by malice: bombs, names that JavaScript knows, connections in clear. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openShop, type Shop } from '../cli/sample-shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  await shop[Symbol.asyncDispose]()
})
const check = () => shop.run(['check', '--no-folders'])

test('a bomb of aliases is a problem of its file, soon, and not a full memory', async () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) =>
      `  l${i}: &l${i} [${Array(10)
        .fill(i === 0 ? 'x' : `*l${i - 1}`)
        .join(', ')}]`,
  )
  await shop.write('config/stores.yaml', `KOS02:\n${levels.join('\n')}\n`)
  const started = performance.now()
  const { code, out } = await check()
  expect([code, performance.now() - started < 15_000]).toEqual([3, true])
  expect(out).toMatch(/stores\.yaml:\d+/)
  expect(out.length).toBeLessThan(100_000)
})

test('an alias that holds itself, and deep nesting, are problems, not a crash', async () => {
  for (const text of ['KOS02: &a { name: x, more: *a }\n', `KOS02: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`]) {
    await shop.write('config/stores.yaml', text)
    const { code, out, err } = await check()
    expect(code, out + err).toBe(3)
    expect(out).toMatch(/stores\.yaml/)
  }
})

test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
  'the name %s changes nothing for all, and names nothing by itself',
  async (name) => {
    await shop.write('config/stores.yaml', `${name}: { name: Evil, email: evil@example.org }\n`)
    await shop.write('config/channels.yaml', `other: { language: ${name} }\n`)
    const { out, err } = await check()
    expect(out + err).not.toContain('internal error')
    expect(({} as Record<string, unknown>)['email']).toBe(undefined)
    expect(Object.hasOwn(Object.prototype, name)).toBe(name !== 'prototype')
    const shown = await shop.run(['calendar', 'show', name])
    expect(shown.out + shown.err).not.toMatch(/internal error|native code/)
  },
)

test('tags of YAML make no objects and run nothing', async () => {
  await shop.write('config/stores.yaml', 'KOS02: !!js/function "function () { return 1 }"\n')
  const { code } = await check()
  expect(code).toBe(3)
})

test.each([
  [
    'mail: { transport: smtp, host: mail.example.com, security: none, auth: { user: u, password: "${file:../pw}" },',
    /C063/,
  ],
  [
    'mail: { transport: smtp, host: mail.example.com, security: starttls, auth: { user: u, password: "${file:../pw}" },',
    undefined,
  ],
  [
    'mail: { transport: smtp, host: 127.0.0.1, security: none, auth: { user: u, password: "${file:../pw}" },',
    undefined,
  ],
  [
    'mail: { transport: smtp, host: mail.example.com, security: starttls, auth: { user: u, password: in-clear },',
    /C034/,
  ],
] as const)('%s is warned about: %s', async (line, code) => {
  await edit('mail: { transport: files, folder: ../var/mail,', line)
  const { out } = await check()
  if (code === undefined) expect(out).not.toMatch(/C063|C034/)
  else expect(out).toMatch(code)
})

test.each([
  ['host: smsc.example.com', true],
  ['host: smsc.example.com, tls: true', false],
  ['host: localhost', false],
])('SMPP with %s: warned about %s', async (more, warned) => {
  await edit(
    'sms: { transport: files, folder: ../var/sms,',
    `sms: { transport: smpp, ${more}, systemId: u, password: "\${file:../pw}",`,
  )
  expect(/go over the line in clear.*C063/.test((await check()).out)).toBe(warned)
})

async function edit(from: string, to: string): Promise<void> {
  await shop.write('pw', 'secret\n')
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(shop.path('config/orderly.yaml'), 'utf8')
  expect(text).toContain(from)
  await shop.write(
    'config/orderly.yaml',
    text.replace(from, () => to),
  )
}
