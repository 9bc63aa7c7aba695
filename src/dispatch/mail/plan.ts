/**
 * What of a queued mail is to be sent now: which recipients, under which checked addresses, in which bytes.
 * Guarantees: settled recipients are not tried again, nothing but one checked address becomes a command or a
 * header address, an address is tried once however often it is named, and results come back under the
 * addresses that the ledger knows. Pure; throws nothing.
 */
import type { Attempt, MailContent, Recipient, SettledRecipient } from '../../core/message.ts'
import { checkAddress } from './address.ts'
import { composeMail } from './compose.ts'
import { finalOutcome, ofRefusal } from './results.ts'
import type { Envelope } from './transfer.ts'

/** A mail that the ledger handed out. */
export interface MailJob {
  readonly id: string
  readonly mail: MailContent
  readonly recipients: readonly Recipient[]
  /** Recipients that earlier attempts settled. */
  readonly settled: readonly SettledRecipient[]
}

export type MailPlan =
  | { readonly kind: 'over'; readonly attempt: Attempt }
  | {
      readonly kind: 'send'
      readonly envelope: Envelope
      /** Settled before the server is asked: earlier, or now since the address is none. */
      readonly before: readonly SettledRecipient[]
      /** The mail as RFC 5322 has it. */
      readonly mail: () => Buffer
      /** Gives the attempt back in the ledger's addresses, with those that this plan settled. */
      readonly inLedgerTerms: (attempt: Attempt) => Attempt
    }

interface Checked {
  readonly recipient: Recipient
  readonly address: string
  readonly needsUtf8: boolean
}

/** The plan for one attempt. `utf8`: whether the server takes addresses beyond ASCII (RFC 6531 section 3.2). */
export function planMail(job: MailJob, utf8: boolean): MailPlan {
  const sender = checkAddress(job.mail.from.address)
  const replyTo = job.mail.replyTo === undefined ? undefined : checkAddress(job.mail.replyTo)
  const open = job.recipients.filter((one) => !job.settled.some((done) => done.address === one.address))
  const openAddresses = [...new Set(open.map((one) => one.address))]
  const wrong = wrongSender(sender, utf8) ?? wrongReplyTo(replyTo, utf8)
  if (wrong !== undefined) return { kind: 'over', attempt: ofRefusal(openAddresses, wrong, '5.1.7', job.settled) }
  const { good, unfit } = sorted(job.recipients, utf8)
  const tried = good.filter((one) => openAddresses.includes(one.recipient.address))
  const newlyUnfit = unfit.filter((one) => openAddresses.includes(one.address))
  if (tried.length === 0 || sender.kind === 'bad') return { kind: 'over', attempt: nothingToSend(newlyUnfit, job) }
  const mail: MailContent = {
    ...job.mail,
    from: { ...job.mail.from, address: sender.address },
    ...(replyTo?.kind === 'good' ? { replyTo: replyTo.address } : {}),
  }
  const named = good.map(({ recipient, address }) => ({ ...recipient, address }))
  return {
    kind: 'send',
    envelope: { from: sender.address, to: [...new Set(tried.map((one) => one.address))] },
    before: [...job.settled, ...newlyUnfit],
    mail: () => composeMail(mail, named),
    inLedgerTerms: (attempt) => inLedgerTerms(attempt, tried, newlyUnfit),
  }
}

const notOffered = 'the server takes no addresses beyond ASCII (SMTPUTF8 is not offered)'

function wrongSender(check: ReturnType<typeof checkAddress>, utf8: boolean): string | undefined {
  if (check.kind === 'bad') return `the sender is not a mail address: ${check.reason}`
  return check.needsUtf8 && !utf8 ? `the sender cannot be used: ${notOffered}` : undefined
}

function wrongReplyTo(check: ReturnType<typeof checkAddress> | undefined, utf8: boolean): string | undefined {
  if (check === undefined) return undefined
  if (check.kind === 'bad') return `the reply address is not a mail address: ${check.reason}`
  return check.needsUtf8 && !utf8 ? `the reply address cannot be used: ${notOffered}` : undefined
}

function sorted(recipients: readonly Recipient[], utf8: boolean): { good: Checked[]; unfit: SettledRecipient[] } {
  const good: Checked[] = []
  const unfit: SettledRecipient[] = []
  for (const recipient of recipients) {
    const check = checkAddress(recipient.address)
    if (check.kind === 'good' && (utf8 || !check.needsUtf8)) good.push({ recipient, ...check })
    else {
      const response = check.kind === 'bad' ? `not a mail address: ${check.reason}` : notOffered
      unfit.push({ address: recipient.address, result: 'refused', response })
    }
  }
  return { good, unfit }
}

function nothingToSend(unfit: readonly SettledRecipient[], job: MailJob): Attempt {
  const outcome = finalOutcome([...job.settled, ...unfit])
  const coded = outcome.kind === 'refused' && unfit.length > 0 ? { ...outcome, code: '5.1.3' } : outcome
  return { outcome: coded, settled: unfit }
}

function inLedgerTerms(attempt: Attempt, tried: readonly Checked[], unfit: readonly SettledRecipient[]): Attempt {
  const names = (address: string): string[] => [
    ...new Set(tried.filter((one) => one.address === address).map((one) => one.recipient.address)),
  ]
  const settled = (attempt.settled ?? []).flatMap((one) =>
    names(one.address).map((address): SettledRecipient => ({ ...one, address })),
  )
  return { ...attempt, settled: [...unfit, ...settled] }
}
