/**
 * Decides what slices of import files and due timers change: the front door of the workflows.
 *
 * Pure: the same input, the same knowledge, the same config and the same instant give the same
 * batch. A record for which something was not loaded is left unfinished; the caller loads what
 * the snapshot misses and calls again, so nothing of a half-decided batch is ever committed.
 */
import { assertNever } from '../core/assert-never.ts'
import type { Batch, FileCounts, FileProgress } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import type { TimerId } from '../core/ids.ts'
import type { Incoming } from '../core/incoming.ts'
import { type Known, NotLoaded } from '../core/known.ts'
import type { Collect, Order } from '../core/order.ts'
import { acceptCommand } from './commands/accept-command.ts'
import { acceptInvoice } from './documents/accept-invoice.ts'
import { acceptOrder, type AcceptOptions, type Taken } from './accept-order.ts'
import { acceptPayment } from './payments/accept-payment.ts'
import { acceptStatement, gapLasts } from './payments/accept-statement.ts'
import { acceptAcknowledgement, acceptStore } from './accept-record.ts'
import { acceptShipment } from './shipping/accept-shipment.ts'
import { acceptStatus } from './accept-status.ts'
import { raiseAlarm } from './messages/alarm.ts'
import { acceptOptOut } from './messages/change-opt-out.ts'
import { Draft } from './draft.ts'
import { acceptCustomer } from './mapping/accept-customer.ts'
import { acceptMapping } from './mapping/change-mapping.ts'
import { clearingUnanswered } from './clearing/unanswered.ts'
import { moveCollect } from './collect/move-collect.ts'
import { acceptStock } from './stock/accept-stock.ts'
import { isReminder, remind } from './collect/reminders.ts'
import type { CollectMove } from './order-state.ts'
import { runRules } from './run-rules.ts'
import { mutedBy, type Setup } from './setup.ts'

export interface IncomingItem {
  readonly incoming: Incoming
  /** 1-based record number in the file. */
  readonly row: number
  readonly warning?: string
}

/** Consecutive records of one file; `progress` without counts, which the decision adds. */
export interface FileSlice {
  readonly file: Omit<FileProgress, 'counts'>
  readonly items: readonly IncomingItem[]
  /** Records of this stretch that were refused before they became items. */
  readonly refused: number
  /** The first problem of the file, for the alarm. */
  readonly problem?: string
}

export function decideFiles(
  setup: Setup,
  slices: readonly FileSlice[],
  known: Known,
  cause: Cause,
  now: Instant,
): Batch {
  const draft = new Draft(setup, known, cause, now)
  for (const slice of slices) {
    const counts = {
      read: slice.items.length + slice.refused,
      applied: 0,
      repeated: 0,
      updated: 0,
      parked: 0,
      refused: slice.refused,
    }
    const options = optionsOf(setup, slice.file.import)
    draft.muted = mutedBy(setup, slice.file.import)
    for (const item of slice.items) {
      draft.source = { import: slice.file.import, file: slice.file.name, fileId: slice.file.id, row: item.row }
      const taken = unlessNotLoaded(() => accept(draft, item, options))
      if (taken !== undefined) counts[taken] += 1
    }
    draft.source = undefined
    draft.muted = setup.muted
    draft.fileProgress({ ...slice.file, counts })
    if (slice.file.done !== undefined) tellDone(draft, slice, counts)
  }
  return draft.toBatch()
}

/** Lets the other records go on, so that one round finds all that must be loaded. */
function unlessNotLoaded<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof NotLoaded) return undefined
    throw error
  }
}

function optionsOf(
  setup: Setup,
  importName: string,
): Omit<AcceptOptions, 'warning'> & { readonly ownCompany?: string } {
  const { imports, company } = setup.config
  const source = Object.hasOwn(imports, importName) ? imports[importName] : undefined
  return {
    onDuplicate: source?.onDuplicate ?? 'update',
    company: source?.company ?? company.code,
    ...(source?.company !== undefined && { ownCompany: source.company }),
  }
}

function accept(draft: Draft, { incoming, warning }: IncomingItem, options: ReturnType<typeof optionsOf>): Taken {
  switch (incoming.kind) {
    case 'order': {
      const channels = draft.setup.config.channels
      const ofChannel = Object.hasOwn(channels, incoming.channel) ? channels[incoming.channel]?.company : undefined
      const company = options.ownCompany ?? ofChannel ?? options.company
      return acceptOrder(draft, incoming, { onDuplicate: options.onDuplicate, company, warning })
    }
    case 'status':
      return acceptStatus(draft, incoming)
    case 'payment':
      return acceptPayment(draft, incoming)
    case 'statement':
      return acceptStatement(draft, incoming)
    case 'customer':
      return acceptCustomer(draft, incoming)
    case 'store':
      return acceptStore(draft, incoming)
    case 'acknowledgement':
      return acceptAcknowledgement(draft, incoming)
    case 'invoice':
      return acceptInvoice(draft, incoming)
    case 'shipment':
      return acceptShipment(draft, incoming)
    case 'optOut':
      return acceptOptOut(draft, incoming)
    case 'mapping':
      return acceptMapping(draft, incoming, options.onDuplicate)
    case 'stock':
      return acceptStock(draft, incoming)
    case 'command':
      return acceptCommand(draft, incoming)
    default:
      return assertNever(incoming, 'incoming record')
  }
}

function tellDone(draft: Draft, { file, problem }: FileSlice, counts: FileCounts): void {
  const event = draft.happened({
    name: file.done === 'rejected' ? 'import.rejected' : 'import.done',
    subject: file.id,
    after: { name: file.name, records: file.to, state: file.done, refusedInLastSlice: counts.refused },
    ...(problem !== undefined && { text: problem.slice(0, 250) }),
  })
  if (file.done === 'done') return
  raiseAlarm(
    draft,
    {
      key: `${file.done}/${file.id}`,
      subject: file.id,
      title: file.done === 'rejected' ? 'A file was rejected' : 'Rows of a file were rejected',
      what: `${file.name}: ${counts.refused} records refused`.slice(0, 250),
      where: `import ${file.import}`,
      ...(problem !== undefined && { details: problem }),
      next: `Mend it and drop it again; see ${file.name}.problems.txt beside the file.`,
    },
    event,
  )
}

export interface DueTimer {
  readonly id: TimerId
  readonly name: string
  readonly subject: string
  readonly dueAt: Instant
}

/** Timers that fell due: a collect order that nobody answered or fetched expires (N30). */
export function decideTimers(
  setup: Setup,
  timers: readonly DueTimer[],
  known: Known,
  cause: Cause,
  now: Instant,
): Batch {
  const draft = new Draft(setup, known, cause, now)
  for (const timer of timers) {
    unlessNotLoaded(() => {
      if (timer.subject.startsWith('stm_')) gapLasts(draft, timer.subject)
      if (timer.subject.startsWith('clf_')) clearingUnanswered(draft, timer)
      const order = timer.subject.startsWith('ord_') ? draft.get('order', timer.subject) : undefined
      if (order?.collect !== undefined) expire(draft, { ...order, collect: order.collect }, timer)
    })
    draft.timerFired(timer.id)
  }
  return draft.toBatch()
}

function expire(draft: Draft, order: Order & { readonly collect: Collect }, timer: DueTimer): void {
  if (isReminder(timer.name)) return remind(draft, order, timer.name)
  const { move, at } = expiryOf(order.collect, timer.name)
  if (at === undefined || at > draft.now) return
  moveCollect(draft, order, move, {})
  runRules(draft)
}

function expiryOf(collect: Collect, timer: string): { readonly move: CollectMove; readonly at: Instant | undefined } {
  if (timer === 'collect.processing') return { move: 'processingExpired', at: collect.processingExpiresAt }
  return { move: 'deliveryExpired', at: timer === 'collect.delivery' ? collect.deliveryExpiresAt : undefined }
}
