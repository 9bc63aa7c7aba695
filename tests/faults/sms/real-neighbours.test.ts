/**
 * The other side of SMPP made by others: Kannel as a client of our chaos SMSC, Net::SMPP as an SMSC for the daemon, and
 * Wireshark's dissector over what the daemon wrote. Debian: kannel libnet-smpp-perl tshark. What is not installed is skipped.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { WireChunk } from '../../neighbours/smsc/connection.ts'
import { startChaosSmsc } from '../../neighbours/smsc/chaos-smsc.ts'
import { beginStory, longText, phoneOf } from './story.ts'

const run = promisify(execFile)

function has(command: string, ...words: readonly string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const hasTshark = has('tshark', '--version') && has('text2pcap', '--version')
const hasPerl = has('perl', '-MNet::SMPP', '-e', '1')
const hasKannel = has('sh', '-c', 'command -v bearerbox && command -v smsbox')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A hex dump as text2pcap reads it: each chunk is a packet of its own. */
const hexDump = (chunks: readonly WireChunk[]): string =>
  chunks.map(({ bytes }) => `000000 ${bytes.toString('hex').replace(/../g, '$& ')}\n`).join('\n')

test.skipIf(!hasTshark)('Wireshark understands every octet that the daemon wrote', { timeout: 60_000 }, async () => {
  await using story = await beginStory({ enquireMs: 200 })
  story.give([
    { number: '001' },
    { number: '002', long: true },
    { number: '003', smsc: [{ answer: 'ok', wire: 'byByte' }] },
  ])
  await story.reach({ '001': 'delivered', '002': 'delivered', '003': 'delivered' })
  await story.until('it was asked', () => story.smsc.enquiries.answered > 1)
  await story.end()
  const dump = join(story.world.folder, 'wire.txt')
  const capture = join(story.world.folder, 'wire.pcap')
  writeFileSync(dump, hexDump(story.smsc.wire.filter(({ from }) => from === 'client')))
  await run('text2pcap', ['-q', '-T', '40000,2775', dump, capture])
  const words = ['-r', capture, '-d', 'tcp.port==2775,smpp', '-T', 'fields', '-E', 'occurrence=a']
  const fields = ['smpp.command_id', 'smpp.destination_addr', '_ws.malformed', '_ws.expert.message']
  const { stdout } = await run('tshark', [...words, ...fields.flatMap((field) => ['-e', field])])
  const rows = stdout
    .split('\n')
    .filter((row) => row.trim() !== '')
    .map((row) => row.split('\t'))
  expect(rows.map(([, , malformed]) => malformed).filter(Boolean)).toEqual([])
  const commands = rows.flatMap(([ids = '']) => ids.split(','))
  const count = (id: string): number => commands.filter((each) => each === id).length
  expect([count('0x00000009'), count('0x00000004'), count('0x80000005'), count('0x00000006')]).toEqual([1, 5, 5, 1])
  const destinations = rows.flatMap(([, numbers = '']) => numbers.split(',')).filter(Boolean)
  expect(destinations.toSorted()).toEqual(['001', '002', '002', '002', '003'].map(phoneOf))
})

test.skipIf(!hasPerl)(
  'an SMSC made of Net::SMPP takes our messages, and its receipts are taken',
  { timeout: 60_000 },
  async () => {
    const port = await freePort()
    const script = fileURLToPath(new URL('perl-smsc.pl', import.meta.url))
    const smsc = spawn('perl', [script, String(port)], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [smsc.stdout, smsc.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    try {
      await using story = await beginStory({}, (config) => (config['sms'].port = port))
      story.give([{ number: '001' }, { number: '002', long: true }])
      await story.reach({ '001': 'delivered', '002': 'delivered' }).catch((error: unknown) => {
        throw new Error(`the SMSC said: ${said}`, { cause: error })
      })
      await story.until('all receipts are acknowledged', () => (said.match(/acknowledged\t0/g) ?? []).length === 4)
      await story.end()
      const took = said
        .split('\n')
        .filter((line) => line.startsWith('took'))
        .map((line) => line.split('\t'))
      const of = (number: string): string[][] => took.filter(([, , destination]) => destination === phoneOf(number))
      expect(
        of('001').map(([, source, , esm, coding, hex = '']) => [
          source,
          esm,
          coding,
          Buffer.from(hex, 'hex').toString(),
        ]),
      ).toEqual([['EXAMPLE', '0', '0', 'Order 001 came in.']])
      expect(
        of('002')
          .map(([, , , , , hex = '']) => Buffer.from(hex, 'hex').subarray(6).toString())
          .join(''),
      ).toBe(longText)
      expect(said).not.toMatch(/unexpected|at .* line/)
    } finally {
      await ended(smsc)
    }
  },
)

test.skipIf(!hasKannel)(
  'Kannel sends over the chaos SMSC, so that what it speaks is SMPP as others know it',
  { timeout: 60_000 },
  async () => {
    const smsc = await startChaosSmsc({ systemId: 'kannel', password: 'secret', enquireMs: 500 })
    const folder = mkdtempSync(join(tmpdir(), 'orderly-kannel-'))
    const [admin, box, http] = [await freePort(), await freePort(), await freePort()]
    const config = join(folder, 'kannel.conf')
    writeFileSync(config, kannelConfig({ admin, box, http, smpp: smsc.port, folder }))
    const boxes: ChildProcess[] = [spawn('bearerbox', [config], { stdio: 'ignore', cwd: folder })]
    try {
      await until(() => smsc.binds.length > 0)
      boxes.push(spawn('smsbox', [config], { stdio: 'ignore', cwd: folder }))
      smsc.plan('36301234567', [
        { answer: 'ok', wire: 'byByte' },
        { answer: 'ok', wire: 'withReceipt' },
      ])
      for (const text of ['first', 'second']) {
        const query = new URLSearchParams({ username: 'u', password: 'p', to: '36301234567', text, 'dlr-mask': '31' })
        await until(async () => await accepts(`http://127.0.0.1:${http}/cgi-bin/sendsms?${query.toString()}`))
        await until(() => smsc.taken.some((taken) => taken.text === text))
      }
      await until(() => smsc.receipts.waiting() === 0 && smsc.receipts.sent.length === 2)
      await until(() => smsc.enquiries.answered > 0)
      expect(smsc.taken.map(({ text, destination }) => `${destination} ${text}`)).toEqual([
        '36301234567 first',
        '36301234567 second',
      ])
      expect(smsc.badFrames).toEqual([])
      expect(smsc.nacks).toEqual([])
      expect(smsc.binds).toHaveLength(1)
    } finally {
      for (const each of boxes.toReversed()) await ended(each)
      await smsc.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
)

async function accepts(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ status }) => status === 202,
    () => false,
  )
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 250; round++) {
    if (await holds()) return
    await pause(100)
  }
  throw new Error('not within 25 s')
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

function kannelConfig(at: { admin: number; box: number; http: number; smpp: number; folder: string }): string {
  return `
group = core
admin-port = ${at.admin}
admin-password = secret
smsbox-port = ${at.box}
box-allow-ip = "127.0.0.1"
log-file = "${at.folder}/bearerbox.log"

group = smsc
smsc = smpp
smsc-id = chaos
host = 127.0.0.1
port = ${at.smpp}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = ""
msg-id-type = 0x03

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${at.http}
log-file = "${at.folder}/smsbox.log"

group = sendsms-user
username = u
password = p
default-sender = SHOP

group = sms-service
keyword = default
text = "-"
`
}
