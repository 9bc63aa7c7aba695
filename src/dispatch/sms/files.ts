/**
 * The `files` transport for SMS, for trying out: each message becomes one text file instead of going to a gateway.
 *
 * Guarantees that the file is there, whole and durable, before the message counts as accepted, and that a message
 * sent again after a crash does not make a second file. Checks sender and number as the gateway transport does.
 * No receipts come. Never rejects: a folder that cannot be written defers the message.
 */
import { access, constants } from 'node:fs/promises'
import type { Attempt } from '../../core/message.ts'
import { writeAtomic } from '../../platform/files.ts'
import type { SmsAccount, SmsToSend } from './account.ts'
import { planSubmit } from './submit.ts'

export interface SmsFilesSettings {
  /** Must exist. */
  readonly folder: string
}

/** Messages written at a time. */
const atOnce = 8

/** `<id>.sms.txt` in the folder: To, From and Parts, an empty line, the text. */
export function openSmsFiles({ folder }: SmsFilesSettings): SmsAccount {
  let underWay = 0
  let closed = false
  return {
    send: async (message) => {
      underWay += 1
      try {
        return await write(folder, message)
      } finally {
        underWay -= 1
      }
    },
    free: () => (closed ? 0 : Math.max(0, atOnce - underWay)),
    line: () => ({ waiting: 0, room: 0 }),
    state: () => ({ kind: closed ? 'closed' : 'bound' }),
    verify: () => verify(folder),
    close: async () => {
      closed = true
    },
  }
}

async function write(folder: string, message: SmsToSend): Promise<Attempt> {
  const { id, sms, recipient } = message
  const plan = planSubmit({ id, sms, recipient, longText: 'udh', receipts: false })
  if (plan.kind === 'invalid') return { outcome: { kind: 'refused', code: plan.code, reason: plan.reason }, parts: [] }
  const name = `${id.replace(/[^\w-]/g, '_')}.sms.txt`
  const head = `To: ${recipient}\nFrom: ${sms.sender}\nParts: ${plan.parts.length} (${sms.alphabet})\n`
  try {
    const response = `${await writeAtomic(folder, name, `${head}\n${sms.text}\n`)} ${name}`
    const parts = plan.parts.map(({ part }) => ({ part, smscId: '', outcome: { kind: 'accepted' as const, response } }))
    return { outcome: { kind: 'accepted', response }, parts }
  } catch (error) {
    return {
      outcome: { kind: 'deferred', reason: `cannot write ${name} in ${folder}: ${said(error)}`, pace: 'account' },
    }
  }
}

async function verify(folder: string): ReturnType<SmsAccount['verify']> {
  try {
    await access(folder, constants.W_OK)
    return { kind: 'ok' }
  } catch (error) {
    return { kind: 'failed', reason: `the folder of the files transport cannot be written: ${said(error)}` }
  }
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))
