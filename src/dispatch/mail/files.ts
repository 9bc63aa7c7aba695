/**
 * The `files` transport: every mail becomes `<id>.eml` in a folder, for trying out and for rehearsals.
 * Guarantees: a file is whole or not there, and the same message written again is accepted without a second
 * file. Nothing leaves the machine; blind copies are in no file. Throws nothing: a folder that cannot be
 * written defers the message.
 */
import type { Attempt } from '../../core/message.ts'
import type { Clock } from '../../platform/clock.ts'
import { writeAtomic } from '../../platform/files.ts'
import { cleanText } from './answers.ts'
import { planMail } from './plan.ts'
import type { MailTransport } from './pool.ts'
import { attemptOf } from './results.ts'

/** Files written at a time: each waits for the disk. */
const AT_A_TIME = 4

/** `folder` must exist. */
export function openMailFiles(folder: string, { clock }: { readonly clock: Clock }): MailTransport {
  const since = clock.now()
  let inFlight = 0
  let closed = false
  const write = async (id: string, bytes: Buffer): Promise<string> => {
    inFlight += 1
    try {
      const result = await writeAtomic(folder, `${id}.eml`, bytes)
      return result === 'written' ? `250 written to ${id}.eml` : `250 ${id}.eml was there already`
    } catch (error) {
      return `451 ${cleanText(error instanceof Error ? error.message : String(error))}`
    } finally {
      inFlight -= 1
    }
  }
  return {
    send: async (job): Promise<Attempt> => {
      if (closed) return { outcome: { kind: 'deferred', reason: 'not sent: the program is stopping', pace: 'account' } }
      const plan = planMail(job, true)
      if (plan.kind === 'over') return plan.attempt
      const response = /^[\w-]+$/.test(job.id) ? await write(job.id, plan.mail()) : '550 the id is no file name'
      const conversation = { kind: 'answered', to: 'message', response, rejected: [] } as const
      return plan.inLedgerTerms(attemptOf(conversation, plan.envelope.to, plan.before))
    },
    free: () => (closed ? 0 : Math.max(0, AT_A_TIME - inFlight)),
    line: () => ({ waiting: 0, room: 0 }),
    verify: () =>
      Promise.resolve({ ok: true, checks: [{ step: 'reach', result: 'ok', detail: `mails go to ${folder}` }] }),
    state: () => ({ state: 'up', since }),
    close: () => {
      closed = true
      return Promise.resolve()
    },
  }
}
