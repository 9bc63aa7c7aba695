/**
 * Sends one message over an open session and tells how far it got.
 *
 * Guarantees: it is known whether the last byte may have left, since it is written last, when all before it is
 * flushed; every wait has an end; a session out of step is dropped and never believed. Where the server offers
 * PIPELINING (RFC 2920) MAIL, RCPT and DATA go in one write. Does not judge answers, does not retry. Throws nothing.
 */
import { isAscii } from 'node:buffer'
import { assertNever } from '../../core/assert-never.ts'
import type { Deadline } from '../deadline.ts'
import { startDeadline } from '../deadline.ts'
import { cleanText, readAnswer } from './answers.ts'
import type { Conversation, Rejection } from './results.ts'
import type { MailTimes } from './settings.ts'
import type { Wire } from './wire.ts'

export interface Envelope {
  /** Checked addresses (see address.ts); they become SMTP commands. */
  readonly from: string
  readonly to: readonly string[]
}

/** What is being waited for; `body`: part of the message is written, `dot`: all of it. */
type Step = 'reset' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot'

/** Sends `data` (the bytes of DATA with the final dot, see `dataBytes`) to the envelope's recipients. */
export function transfer(
  wire: Wire,
  envelope: Envelope,
  data: Buffer,
  times: MailTimes,
  secrets: readonly string[],
): Promise<Conversation> {
  const most = wire.offers.size?.most ?? 0
  if (most > 0 && data.length > most) {
    const reason = `the message has ${data.length} bytes, and the server takes ${most} (SIZE)`
    return Promise.resolve({ kind: 'unfit', reason, code: '5.3.4' })
  }
  return new Promise((resolve) => new Transfer(wire, envelope, data, times, secrets, resolve).start())
}

/** Bytes that are handed to the socket in one go; of the last ones it cannot be told how many went. */
const PIECE = 65_536

class Transfer {
  private readonly wire: Wire
  private readonly envelope: Envelope
  private readonly data: Buffer
  private readonly times: MailTimes
  private readonly secrets: readonly string[]
  private readonly tell: (conversation: Conversation) => void
  private readonly deadline: Deadline
  private readonly rejected: Rejection[] = []
  private step: Step = 'mail'
  /** Recipients that were asked and answered. */
  private answers = 0
  /** The server's no to the sender, while answers to what was sent along with it are read. */
  private refusal: string | undefined
  /** Bytes of the message that were written. */
  private at = 0
  private over = false

  constructor(
    wire: Wire,
    envelope: Envelope,
    data: Buffer,
    times: MailTimes,
    secrets: readonly string[],
    tell: (conversation: Conversation) => void,
  ) {
    this.wire = wire
    this.envelope = envelope
    this.data = data
    this.times = times
    this.secrets = secrets
    this.tell = tell
    this.deadline = startDeadline(times.commandMs, () => this.broken('no answer in time'))
  }

  start(): void {
    const { wire } = this
    wire.listen({ onReply: (reply) => this.hear(reply), onEnd: (reason) => this.broken(reason) })
    if (!wire.usable()) return this.broken('the connection was closed')
    if (wire.leftOpen) this.step = 'reset'
    const reset = wire.leftOpen ? ['RSET'] : []
    wire.leftOpen = false
    const commands = [...reset, this.mailCommand(), ...this.envelope.to.map(rcptCommand), 'DATA']
    wire.write(wire.offers.pipelining ? `${commands.join('\r\n')}\r\n` : `${commands[0]}\r\n`)
  }

  private mailCommand(): string {
    const { offers } = this.wire
    const { from, to } = this.envelope
    const utf8 = offers.utf8 && [from, ...to].some((address) => /\P{ASCII}/u.test(address)) ? ' SMTPUTF8' : ''
    const eightBit = offers.eightBit && !isAscii(this.data) ? ' BODY=8BITMIME' : ''
    const size = offers.size === undefined ? '' : ` SIZE=${this.data.length}`
    return `MAIL FROM:<${from}>${utf8}${eightBit}${size}`
  }

  private hear(reply: string): void {
    const { code } = readAnswer(reply)
    // Neither yes nor no (354 apart), or no answer at all: who knows what else is not as it should be.
    if (code < 200 || (code >= 300 && code < 400 && !(this.step === 'data' && code === 354))) {
      return this.broken(`the server answered ${cleanText(reply, this.secrets)}`)
    }
    const no = code >= 400
    switch (this.step) {
      case 'reset':
        return no ? this.broken(`the server answered RSET with ${cleanText(reply, this.secrets)}`) : this.go('mail')
      case 'mail':
        return this.afterMail(reply, no)
      case 'rcpt':
        return this.afterRcpt(reply, no)
      case 'data':
        return this.afterData(reply, code)
      case 'body':
        if (!no) return this.broken('the server answered before the message was sent')
        this.answered('recipients', reply)
        return this.wire.destroy() // the rest of the message would be read as commands
      case 'dot':
        return this.answered('message', reply)
      default:
        assertNever(this.step, 'step of a mail')
    }
  }

  private afterMail(reply: string, no: boolean): void {
    if (no && (!this.wire.offers.pipelining || isGoodbye(reply))) return this.answered('sender', reply)
    if (no) this.refusal = reply
    this.go('rcpt')
  }

  private afterRcpt(reply: string, no: boolean): void {
    const address = this.envelope.to[this.answers] ?? ''
    this.answers += 1
    if (no && this.refusal === undefined) {
      this.rejected.push({ address, response: cleanText(reply, this.secrets) })
    }
    if (isGoodbye(reply)) return this.answered('recipients', reply)
    if (this.answers < this.envelope.to.length) return this.go('rcpt')
    if (this.noneLeft() && !this.wire.offers.pipelining) return this.answered('recipients', reply)
    this.go('data')
  }

  private afterData(reply: string, code: number): void {
    if (this.refusal !== undefined || this.noneLeft()) {
      const [to, said] =
        this.refusal === undefined
          ? (['recipients', this.rejected.at(-1)?.response ?? reply] as const)
          : (['sender', this.refusal] as const)
      this.answered(to, said)
      // It waits for a message that has no recipients.
      if (code === 354) this.wire.destroy()
      return
    }
    if (code === 354) return this.writeOn()
    if (code < 400) return this.broken('the server is out of step')
    this.answered('recipients', reply)
  }

  private noneLeft(): boolean {
    return this.rejected.length >= this.envelope.to.length
  }

  /** On to the next step; without PIPELINING its command is sent only now. */
  private go(step: 'mail' | 'rcpt' | 'data'): void {
    this.step = step
    if (this.wire.offers.pipelining) return
    const commands = { mail: this.mailCommand(), rcpt: rcptCommand(this.envelope.to[this.answers] ?? ''), data: 'DATA' }
    this.wire.write(`${commands[step]}\r\n`)
  }

  /** Writes the next piece of the message; the one after it when the kernel has it. */
  private writeOn(): void {
    const piece = this.data.subarray(this.at, this.at + PIECE)
    this.at += piece.length
    this.step = this.at >= this.data.length ? 'dot' : 'body'
    this.deadline.restart(this.times.dataMs)
    this.wire.write(piece, () => {
      if (this.over) return
      if (this.step === 'dot') this.deadline.restart(this.times.finalMs)
      else this.writeOn()
    })
  }

  private answered(to: 'sender' | 'recipients' | 'message', reply: string): void {
    const response = cleanText(reply, this.secrets)
    if (to !== 'message') this.wire.leftOpen = true
    this.settle({ kind: 'answered', to, response, rejected: this.rejected })
    if (isGoodbye(reply)) this.wire.destroy()
  }

  private broken(reason: string): void {
    const lastByte = this.step === 'dot' ? 'left' : 'kept'
    this.settle({ kind: 'broken', lastByte, reason: cleanText(reason, this.secrets), rejected: this.rejected })
    this.wire.destroy()
  }

  private settle(conversation: Conversation): void {
    if (this.over) return
    this.over = true
    this.deadline.clear()
    this.wire.listen(undefined)
    this.tell(conversation)
  }
}

/** RFC 5321 section 3.8: the server closes the connection after it. */
const isGoodbye = (reply: string): boolean => reply.startsWith('421')

const rcptCommand = (address: string): string => `RCPT TO:<${address}>`
