/**
 * What sending costs: messages that lie queued in a ledger go out, with their leases and results, and nothing else.
 *
 * Run by hand: `node bench/dispatch.ts mail|sms [messages] [rounds] [answerMs] [window]` (5,000, 4, 0 and 10). Prints CPU time
 * per message and messages per second for each round, of this process alone; the servers are another one. The first round
 * includes the warm-up of the compiler. Throws when a message was lost or sent twice.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onlyAccount } from '../src/config/sms-accounts.ts'
import { emptyBatch } from '../src/core/batch.ts'
import { messageId } from '../src/core/ids.ts'
import type { Channel, NewMessage } from '../src/core/message.ts'
import { loadSetup } from '../src/daemon/load-setup.ts'
import { mailDispatch, openMail, openSms, smsDispatch } from '../src/daemon/transports.ts'
import { startDispatcher } from '../src/dispatch/dispatcher.ts'
import { earlyIds, takeEarlyReceipts } from '../src/dispatch/sms/take-receipt.ts'
import type { Ledger } from '../src/ledger/ledger.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'
import { startThread, writeThread } from '../src/ledger/spare-thread.ts'
import { systemClock } from '../src/platform/clock.ts'
import { createLog } from '../src/platform/log.ts'
import { prepareOrderly } from './orderly.ts'
import { makePlace } from './place.ts'
import { startSink } from './sinks.ts'

const channel: Channel = process.argv[2] === 'sms' ? 'sms' : 'mail'
const [messages = 5000, rounds = 4, answerMs = 0, window = 10] = process.argv.slice(3).map(Number)

const cause = { kind: 'file', actor: 'file:orders', configHash: 'c'.repeat(64) } as const

function message(n: number, now: number): NewMessage {
  const number = `O${String(n).padStart(8, '0')}`
  const key = `bench/${number}`
  const common = {
    id: messageId(key),
    dedupeKey: key,
    state: 'queued' as const,
    subject: `ord_${number}`,
    template: 'bench/received',
    language: 'en',
    createdAt: now,
    dueAt: now,
    trace: { workflow: 'bench', rule: 'paid/1', conditions: [] },
  }
  const text = `Dear Customer ${n},\n\nwe have received your order ${number} of €49.90.\n`
  if (channel === 'sms') {
    const sms = { sender: 'BENCH', text: `Order ${number} received`, alphabet: 'gsm' as const, parts: 1 }
    const phone = `+4915${String(n).padStart(9, '0')}`
    return { ...common, channel, recipients: [{ address: phone, as: 'to', role: 'customer' }], sms }
  }
  const recipients = [
    { address: `customer${n}@example.test`, name: `Customer ${n}`, as: 'to' as const, role: 'customer' },
  ]
  const from = { address: 'shop@example.test' }
  const subject = `Order ${number} received`
  const mail = { from, subject, text, attachments: [], date: now, messageId: `<${number}@example.test>` }
  return { ...common, channel, recipients, mail }
}

/** As an import does: slices of 1,000, each message with an event. */
const taker = { onReceipt: async () => undefined, onIncoming: async () => undefined }

async function queue(ledger: Ledger, from: number): Promise<void> {
  for (let start = from; start < from + messages; start += 1000) {
    const now = Date.now()
    const size = Math.min(1000, from + messages - start)
    const slice = Array.from({ length: size }, (_, i) => message(start + i, now))
    const events = slice.map(({ subject }) => ({ name: 'message.queued' as const, subject, at: now }))
    await ledger.commit({ ...emptyBatch(cause, now), messages: slice, events })
  }
}

const folder = mkdtempSync(join(tmpdir(), 'orderly-bench-'))
try {
  await using sink = await startSink(channel, answerMs)
  const ports = { mailPort: sink.port, smsPort: sink.port }
  const place = makePlace(folder, { kind: channel, connections: 5, window, ...ports })
  prepareOrderly(place)
  const loaded = await loadSetup(join(place.state, 'config', 'orderly.yaml'), {})
  if (loaded.kind === 'bad') throw new Error(JSON.stringify(loaded.problems))
  const { setup } = loaded.value
  await using ledger = await openLedger(join(folder, 'ledger.sqlite'), {
    busyTimeoutMs: 1000,
    thread: startThread(writeThread),
  })
  const log = createLog({ level: 'warn', secrets: [] })
  const clock = systemClock
  for (let round = 0; round < rounds; round++) {
    await queue(ledger, round * messages)
    const stop = new AbortController()
    const early = earlyIds()
    const tools = { early, ledger, setup, clock, log, signal: stop.signal, onPass: () => undefined }
    const mail = channel === 'mail' ? openMail(loaded.value.loaded, tools) : undefined
    const sms = channel === 'sms' ? openSms(loaded.value.loaded, tools, taker).get(onlyAccount) : undefined
    await sms?.verify()
    const transport =
      mail === undefined
        ? smsDispatch(onlyAccount, sms as NonNullable<typeof sms>, {
            afterRecorded: (message, attempt) => takeEarlyReceipts(tools, onlyAccount, message, attempt),
          })
        : mailDispatch(mail)
    const before = process.cpuUsage()
    const began = performance.now()
    const dispatcher = startDispatcher(channel, transport, tools)
    while (sink.tally().messages < (round + 1) * messages || dispatcher.inFlight() > 0) await pause(5)
    const took = performance.now() - began
    const { user, system } = process.cpuUsage(before)
    stop.abort()
    await Promise.all([mail?.close({ graceMs: 1000 }), sms?.close({ graceMs: 1000 })])
    await dispatcher[Symbol.asyncDispose]()
    const cpu = (user + system) / 1000 / messages
    console.log(
      `${channel}: ${cpu.toFixed(3)} ms CPU each (${(system / 10 / (user + system) / 0.1).toFixed(2)} of it system), ` +
        `${Math.round((messages * 1000) / took)}/s`,
    )
  }
  const { orders, messages: sent } = sink.tally()
  if (orders !== rounds * messages || sent !== orders) throw new Error(`${orders} orders, ${sent} messages`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
