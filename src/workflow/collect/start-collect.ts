/**
 * Sends an order to its collecting store: the collect document begins as pending (N01–N05, N11).
 *
 * Settings are taken from the workflow now and kept with the document (decision 5). Same company:
 * a location transfer is written; another company: the order itself, for the other ERP (N04).
 */
import type { CollectWorkflow } from '../../config/schema.ts'
import { durationOf, type Instant } from '../../core/date.ts'
import { toMinor } from '../../core/money.ts'
import type { Collect, CollectSettings, Order, Reminder } from '../../core/order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import { collectStatusLine } from './collect-status-line.ts'
import { effectiveBillVia } from '../clearing/entries.ts'
import { termsOf } from '../clearing/terms.ts'
import type { Because, Draft } from '../draft.ts'
import { orderStatusLine, orderToStoreLines } from '../export-lines.ts'
import { moveStock } from '../instruct.ts'
import { orderChangedLevels } from '../stock/change-level.ts'
import { lacksCredit } from './check-credit.ts'
import { chooseStore } from './choose-store.ts'
import { noticesFor, relationFor } from './choose-workflow.ts'
import { mapForStore } from '../mapping/map-for-store.ts'
import { addOpenTime } from './opening-hours.ts'
import { printSlip } from './print-slip.ts'
import { setReminders } from './reminders.ts'
import { hoursOf, storeOf } from './store-of.ts'
import { waitToStart, withoutWait } from './wait-to-start.ts'

export function startCollect(
  draft: Draft,
  order: Order,
  code: string,
  workflow: CollectWorkflow,
  because: Because,
): void {
  if (order.collect !== undefined || order.type !== 'order') return
  if (order.store === undefined) {
    const placed = workflow.chooseStore === 'named' ? undefined : chooseStore(draft, order, code, workflow, because)
    return placed && startCollect(draft, placed, code, workflow, because)
  }
  const store = storeOf(draft, order.store)
  if (store === undefined) return unknownStore(draft, order, because)
  const relation = relationFor(draft, order, store, code)
  if (relation === undefined) {
    const { workflow: named } = store
    const isUnknown = named !== undefined && !Object.hasOwn(draft.setup.config.workflows, named)
    return isUnknown ? unknownWorkflow(draft, order, named, because) : undefined
  }
  const credit = lacksCredit(draft, order, workflow)
  if (credit !== undefined)
    return waitToStart(draft, order, { ...credit, workflow: code, store: order.store, lacks: 'credit' }, because)
  const toCompany = store.company ?? draft.setup.config.company.code
  const mapped = mapForStore(draft, order, workflow, toCompany, because)
  if (mapped.kind === 'waits') {
    return waitToStart(draft, order, { ...mapped, workflow: code, store: order.store, lacks: 'mapping' }, because)
  }
  const { kind: _, ...known } = mapped
  const processingExpiresAt = answerBy(draft, order.store, workflow)
  const collect: Collect = {
    store: order.store,
    ...(order.fromStore !== undefined && { fromStore: order.fromStore }),
    fromCompany: order.company,
    toCompany,
    settings: settingsOf(draft, order, code, workflow, relation, toCompany),
    processing: 'pending',
    processingAt: draft.now,
    processingBy: draft.cause.actor,
    ...(processingExpiresAt !== undefined && { processingExpiresAt }),
    ...known,
    sequence: 1,
    clearing: [],
  }
  const started = draft.put({ ...withoutWait(order), collect, transition: order.transition + 1, updatedAt: draft.now })
  tellStart(draft, order, started, collect, store.location, because)
}

/** Everything that follows from an order's being at its store. */
function tellStart(
  draft: Draft,
  order: Order,
  started: Order,
  collect: Collect,
  location: string | undefined,
  because: Because,
): void {
  const { processingExpiresAt, toCompany } = collect
  const event = draft.happened({
    name: 'collect.pending',
    subject: order.id,
    after: { store: collect.store, processing: 'pending', company: toCompany },
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  setReminders(draft, order.id, collect)
  if (processingExpiresAt !== undefined && !collect.settings.elsewhere)
    draft.timer(order.id, 'collect.processing', processingExpiresAt)
  const told: Because = { ...because, event }
  orderChangedLevels(draft, order, started, told)
  orderStatusLine(draft, started, order.status, told)
  collectStatusLine(draft, { ...started, collect }, 'pending', told)
  printSlip(draft, { ...started, collect }, 'pending', told)
  if (collect.fromCompany === toCompany) {
    moveStock(draft, started, 'transfer', told, { ...(location !== undefined && { to: location }) })
  } else {
    orderToStoreLines(draft, started, told)
  }
  draft.fire({ order: order.id, trigger: 'collect:pending', occurrence: String(started.transition), because: event })
}

function settingsOf(
  draft: Draft,
  order: Order,
  code: string,
  workflow: CollectWorkflow,
  relation: NonNullable<ReturnType<typeof relationFor>>,
  toCompany: string,
): CollectSettings {
  const agreed = termsOf(draft.setup.config, order.company, toCompany)
  const { billVia, reason } = effectiveBillVia(order, workflow.clearing.billVia)
  return {
    workflow: code,
    configHash: draft.setup.configHash,
    ...sideOf(draft, order, toCompany, order.sendFrom ?? workflow.sendFrom),
    storeStock: workflow.storeStock,
    postOn: workflow.clearing.postOn,
    billVia,
    ...(reason !== undefined && { billViaReason: reason }),
    ...(workflow.clearing.fee !== undefined && { fee: toMinor(workflow.clearing.fee, order.currency) }),
    ...(agreed && { agreed }),
    ...(workflow.expiry.delivery !== undefined && { deliveryDays: workflow.expiry.delivery }),
    ...((order.partialDelivery ?? workflow.partialDelivery) && { partialDelivery: true as const }),
    ...(workflow.defaults && { defaults: workflow.defaults }),
    ...(workflow.reminders.length > 0 && { reminders: workflow.reminders.map(reminderOf) }),
    archive: {
      on: workflow.archive.on,
      require: workflow.archive.require,
      keep: durationOf(workflow.archive.keep),
    },
    ...noticesFor(workflow, relation),
  }
}

const reminderOf = ({ before, of, to, mail, sms }: CollectWorkflow['reminders'][number]): Reminder => ({
  before: durationOf(before),
  of,
  to,
  ...(mail !== undefined && { mail }),
  ...(sms !== undefined && { sms }),
})

/** N26: of two companies that each have an Orderly, one sends; this one knows whether it is the one. */
function sideOf(
  { setup: { config } }: Draft,
  order: Order,
  toCompany: string,
  sendFrom: CollectSettings['sendFrom'],
): Pick<CollectSettings, 'sendFrom' | 'sentBy' | 'elsewhere'> {
  const hasOwn = (company: string): boolean =>
    Object.hasOwn(config.companies, company) && config.companies[company]?.orderly === true
  const sender = sendFrom === 'store' ? toCompany : order.company
  return {
    sendFrom,
    ...(hasOwn(sender) && { sentBy: sender }),
    ...(hasOwn(toCompany) && { elsewhere: true as const }),
  }
}

/** N20: counted in open hours of the store, or on the clock where it has no calendar. */
function answerBy(draft: Draft, code: string, workflow: CollectWorkflow): Instant | undefined {
  const { processing, countedIn } = workflow.expiry
  if (processing === undefined || durationOf(processing) === 0) return undefined
  const { calendar, zone } = hoursOf(draft, code)
  if (calendar === undefined || countedIn === 'clock') return draft.now + durationOf(processing)
  return addOpenTime(calendar, zone, draft.now, durationOf(processing))
}

function unknownStore(draft: Draft, order: Order, because: Because): void {
  const text = `order ${order.number} names store "${order.store ?? ''}", which the config does not have`
  const next = 'Add the store to the config or by a file; then: orderly orders choose-store STORE ORDER'
  skipped(draft, order, because, { kind: 'unknown-store', title: 'An order names an unknown store', text, next })
}

/** Of a store that a file brought; in the config it is checked. */
function unknownWorkflow(draft: Draft, order: Order, workflow: string, because: Because): void {
  const text = `order ${order.number}: its store ${order.store ?? ''} wants workflow "${workflow}", which there is not`
  const next = 'Mend the workflow in the file of stores; then: orderly orders choose-store STORE ORDER'
  skipped(draft, order, because, { kind: 'unknown-workflow', title: 'A store names an unknown workflow', text, next })
}

function skipped(
  draft: Draft,
  order: Order,
  because: Because,
  {
    kind,
    title,
    text,
    next,
  }: { readonly kind: string; readonly title: string; readonly text: string; readonly next: string },
): void {
  const what = text.slice(0, 250)
  const event = draft.happened({ name: 'step.skipped', subject: order.id, text: what, because: because.event })
  const key = `${kind}/${draft.source?.fileId ?? order.id}`
  raiseAlarm(draft, { key, subject: order.id, title, what, next }, event)
}
