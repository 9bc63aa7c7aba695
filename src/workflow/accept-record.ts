/**
 * Takes master data and acknowledgements: stores, the ERP's answers to instructions.
 *
 * The same content again changes nothing. An acknowledgement that answers no instruction is
 * refused and alarmed: it may be meant for another system.
 */
import { digest, storeId } from '../core/ids.ts'
import type { IncomingAcknowledgement } from '../core/incoming.ts'
import type { IncomingStore } from '../core/store.ts'
import type { Dispatch, Invoice } from '../core/model.ts'
import type { Taken } from './accept-order.ts'
import { ordersCalled } from './accept-status.ts'
import { raiseAlarm } from './messages/alarm.ts'
import { answerClearing } from './clearing/answer.ts'
import { acknowledgeCustomer } from './mapping/accept-customer.ts'
import { documentDone } from './documents/apply-invoice.ts'
import type { Draft } from './draft.ts'

export function acceptStore(draft: Draft, incoming: IncomingStore): Taken {
  const id = storeId(incoming.code)
  const known = draft.get('store', id)
  const contentHash = digest(JSON.stringify(incoming))
  if (known?.contentHash === contentHash) return 'repeated'
  draft.put({ ...incoming, id, contentHash, ...stampsOf(draft, known) })
  draft.happened({ name: 'store.imported', subject: id, text: incoming.code.slice(0, 250) })
  return known ? 'updated' : 'applied'
}

const stampsOf = (draft: Draft, known: { readonly version: number; readonly createdAt: number } | undefined) => ({
  version: known?.version ?? 0,
  source: draft.source ?? { import: draft.cause.actor },
  createdAt: known?.createdAt ?? draft.now,
  updatedAt: draft.now,
})

export function acceptAcknowledgement(draft: Draft, answer: IncomingAcknowledgement): Taken {
  switch (answer.about) {
    case 'invoice':
      return acknowledgeInvoice(draft, answer)
    case 'dispatch':
      return acknowledgeDispatch(draft, answer)
    case 'customer': {
      const taken = acknowledgeCustomer(draft, answer)
      return taken === 'unknown' ? unknownDocument(draft, answer) : taken
    }
    case 'clearing':
      return acknowledgeClearing(draft, answer)
    case 'stock':
      return note(draft, answer)
  }
}

function acknowledgeInvoice(draft: Draft, answer: IncomingAcknowledgement): Taken {
  const invoice = invoiceMeant(draft, answer)
  if (invoice === undefined) return unknownDocument(draft, answer)
  if (invoice.state === 'cancelled') return lateAnswer(draft, invoice, answer)
  const state = answer.accepted ? ('issued' as const) : ('failed' as const)
  if (invoice.state === state && invoice.number === answer.number) return 'repeated'
  const { reason: _, ...asked } = invoice
  const answered = draft.put({
    ...asked,
    state,
    ...(answer.number !== undefined && { number: answer.number }),
    ...(answer.reason !== undefined && { reason: answer.reason }),
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: answer.accepted ? 'invoice.issued' : 'invoice.failed',
    subject: invoice.id,
    before: { state: invoice.state },
    after: { state, ...(answer.number !== undefined && { number: answer.number }) },
    ...(answer.reason !== undefined && { text: answer.reason.slice(0, 250) }),
  })
  if (!answer.accepted) {
    raiseAlarm(
      draft,
      {
        key: `invoice-failed/${draft.source?.fileId ?? invoice.id}`,
        subject: invoice.id,
        title: 'The ERP refused an invoice instruction',
        what: `${invoice.type} for order ${invoice.orderNumber}: ${answer.reason ?? 'no reason given'}`.slice(0, 250),
        next: 'Mend the cause in the ERP and let it acknowledge the instruction again.',
      },
      event,
    )
  }
  documentDone(draft, answered, event)
  return 'applied'
}

/** By the instruction's id, else the order's document of that number, or its only one that is not issued yet. */
function invoiceMeant(draft: Draft, answer: IncomingAcknowledgement): Invoice | undefined {
  if (answer.document.startsWith('inv_')) return draft.get('invoice', answer.document)
  const order = onlyOf(ordersCalled(draft, answer.document, undefined))
  if (order === undefined) return undefined
  const invoices = draft.find('invoice', 'order', order.id)
  const numbered = invoices.find(({ number }) => number !== undefined && number === answer.number)
  return numbered ?? onlyOf(invoices.filter(({ state }) => state !== 'issued' && state !== 'cancelled'))
}

/** Several are a guess, and none is made. */
const onlyOf = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined)

function acknowledgeDispatch(draft: Draft, answer: IncomingAcknowledgement): Taken {
  const dispatch = dispatchMeant(draft, answer)
  if (dispatch === undefined) return unknownDocument(draft, answer)
  if (dispatch.state === 'cancelled') return lateAnswer(draft, dispatch, answer)
  const state = answer.accepted ? ('accepted' as const) : ('refused' as const)
  if (dispatch.state === state) return 'repeated'
  draft.put({ ...dispatch, state, updatedAt: draft.now })
  const event = draft.happened({
    name: 'dispatch.acknowledged',
    subject: dispatch.id,
    before: { state: dispatch.state },
    after: { state },
    ...(answer.reason !== undefined && { text: answer.reason.slice(0, 250) }),
  })
  if (!answer.accepted) {
    raiseAlarm(
      draft,
      {
        key: `dispatch-refused/${draft.source?.fileId ?? dispatch.id}`,
        subject: dispatch.id,
        title: 'A dispatch instruction was refused',
        what: `order ${dispatch.orderNumber} to ${dispatch.to}: ${answer.reason ?? 'no reason given'}`.slice(0, 250),
        next: 'Mend the cause there and let it acknowledge the instruction again.',
      },
      event,
    )
  }
  return 'applied'
}

/** What was cancelled stays so: the answer is kept in the history, and a number that was given all the same is alarmed. */
function lateAnswer(draft: Draft, { id, orderNumber }: Invoice | Dispatch, answer: IncomingAcknowledgement): Taken {
  const said = answer.accepted ? `accepted${answer.number === undefined ? '' : ` as ${answer.number}`}` : 'refused'
  const event = draft.happened({
    name: 'export.acknowledged',
    subject: id,
    text: `${said}, after it was cancelled`.slice(0, 250),
  })
  if (answer.number !== undefined) {
    raiseAlarm(
      draft,
      {
        key: `late-answer/${draft.source?.fileId ?? id}`,
        subject: id,
        title: 'A cancelled document was issued all the same',
        what: `${answer.about} ${answer.number} for order ${orderNumber} was cancelled here before`.slice(0, 250),
        next: 'Cancel or credit it in the ERP.',
      },
      event,
    )
  }
  return 'applied'
}

/** By the instruction's id, else the order's only one, or its only one without an answer. */
function dispatchMeant(draft: Draft, answer: IncomingAcknowledgement): Dispatch | undefined {
  if (answer.document.startsWith('dsp_')) return draft.get('dispatch', answer.document)
  const order = onlyOf(ordersCalled(draft, answer.document, undefined))
  const all = order === undefined ? [] : draft.find('dispatch', 'order', order.id)
  return onlyOf(all) ?? onlyOf(all.filter(({ state }) => state === 'created'))
}

function acknowledgeClearing(draft: Draft, answer: IncomingAcknowledgement): Taken {
  const answered = answerClearing(draft, answer.document, answer)
  return answered.kind === 'unknown' ? unknownDocument(draft, answer, answered.reason) : answered.kind
}

/** Answers about stock are kept in the history; a refusal is alarmed. */
function note(draft: Draft, answer: IncomingAcknowledgement): Taken {
  if (answer.accepted) {
    draft.happened({
      name: 'export.acknowledged',
      subject: answer.document,
      text: `${answer.about} accepted${answer.number === undefined ? '' : ` as ${answer.number}`}`.slice(0, 250),
    })
    return 'applied'
  }
  raiseAlarm(draft, {
    key: `refused/${answer.about}/${draft.source?.fileId ?? answer.document}`,
    subject: answer.document,
    title: `The ERP refused a ${answer.about} line`,
    what: `${answer.document}: ${answer.reason ?? 'no reason given'}`.slice(0, 250),
    next: 'Mend the cause in the ERP; reverse the entry if it cannot be booked.',
  })
  return 'applied'
}

function unknownDocument(draft: Draft, answer: IncomingAcknowledgement, why?: string): Taken {
  raiseAlarm(draft, {
    key: `unknown-acknowledgement/${draft.source?.fileId ?? answer.document}`,
    subject: draft.source?.fileId ?? answer.document,
    title: 'An acknowledgement answers nothing that was asked',
    what: `${answer.about} "${answer.document}" is unknown here${why === undefined ? '' : `: ${why}`}`.slice(0, 250),
    ...(draft.source?.file !== undefined && { where: draft.source.file }),
    next: 'Check which system the file is meant for.',
  })
  return 'refused'
}
