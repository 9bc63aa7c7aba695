/**
 * Messages, export lines and files as nodes: their states, their reasons, and what became of them.
 *
 * Suppressed and held messages are nodes like all others, with the reason why nothing was sent. Only reads.
 */
import { wordsOf } from '../../workflow/commands/decide-bulk.ts'
import { assertNever } from '../../core/assert-never.ts'
import type { StoredEvent } from '../../core/event.ts'
import type { Message } from '../../core/message.ts'
import type { Entity } from '../../core/model.ts'
import { fromMinor } from '../../core/money.ts'
import type { DueTimer, ExportFile, Ledger, StoredExportLine } from '../../ledger/ledger.ts'
import { chainNodes, chainOf } from './chain.ts'
import { eventNode, group, type WhyNode } from './node.ts'

/** The message with its later history: the results of its attempts. */
export async function messageNode(ledger: Ledger, message: Message): Promise<WhyNode> {
  const events = (await ledger.eventsOf(message.id)).filter(({ seq }) => seq !== message.because)
  const to = message.recipients.map(({ address, as }) => (as === 'to' ? address : `${as} ${address}`)).join(', ')
  const dropped = message.droppedRecipients ?? []
  const reason = message.reason ?? message.response
  return {
    what: 'message',
    id: message.id,
    title: `${message.channel} ${message.template} to ${to === '' ? 'nobody' : to}`,
    state: message.state,
    ...(reason !== undefined && { reason }),
    at: message.createdAt,
    children: [
      ...(await Promise.all(events.map((event) => resultNode(ledger, event)))),
      ...dropped.map(({ address }): WhyNode => ({
        what: 'note',
        title: `left out, over the limit: ${address}`,
        children: [],
      })),
    ],
  }
}

/** What a person or a roll back did to it has a cause of its own. */
async function resultNode(ledger: Ledger, event: StoredEvent): Promise<WhyNode> {
  const cause = event.name === 'message.cancelled' ? await chainOf(ledger, event.because) : []
  return eventNode(event, group('because', await chainNodes(ledger, cause)))
}

/** `files`: all export files that are known here, by id. */
export function lineNode(line: StoredExportLine, files: ReadonlyMap<string, ExportFile>): WhyNode {
  const file = line.file === undefined ? undefined : files.get(line.file)
  return {
    what: 'exportLine',
    id: line.id,
    title: `line for export ${line.export}`,
    state: line.voided ? 'voided' : file === undefined ? 'waits for the next file' : `in file ${file.name}`,
    ...(line.voided && { reason: line.voided.reason }),
    children: file === undefined ? [] : [exportFileNode(file, [])],
  }
}

export const exportFileNode = (file: ExportFile, children: readonly WhyNode[]): WhyNode => ({
  what: 'exportFile',
  id: file.id,
  title: `file ${file.name}, number ${file.sequence} of export ${file.export}, ${file.lines} lines`,
  state: file.state,
  at: file.finishedAt ?? file.takenAt,
  ...(file.reason !== undefined && { reason: file.reason }),
  children,
})

export const timerNode = (timer: DueTimer): WhyNode => ({
  what: 'timer',
  id: timer.id,
  title: `timer ${timer.name} is due`,
  at: timer.dueAt,
  children: [],
})

/** Files of the exports that these lines belong to. */
export async function filesOf(
  ledger: Ledger,
  lines: readonly StoredExportLine[],
): Promise<ReadonlyMap<string, ExportFile>> {
  const names = new Set(lines.filter(({ file }) => file !== undefined).map((line) => line.export))
  const files = await Promise.all([...names].map((name) => ledger.exportFiles(name, 10_000)))
  return new Map(files.flat().map((file) => [file.id, file]))
}

/** A record in one line: what it is, its state and its amount. */
export function recordNode(entity: Entity, children: readonly WhyNode[]): WhyNode {
  const { title, state } = describe(entity)
  return {
    what: entity.kind === 'order' || entity.kind === 'payment' ? entity.kind : 'record',
    id: entity.id,
    title,
    ...(state !== undefined && { state }),
    at: entity.createdAt,
    children,
  }
}

function describe(entity: Entity): { readonly title: string; readonly state?: string } {
  switch (entity.kind) {
    case 'order':
      return { title: `order ${entity.channel}/${entity.number}`, state: orderState(entity) }
    case 'payment': {
      const amount = `${fromMinor(entity.amount, entity.currency)} ${entity.currency}`
      return { title: `payment ${entity.account}/${entity.bankKey} of ${amount}`, state: entity.state }
    }
    case 'clearing': {
      const gross = `${fromMinor(entity.gross, entity.currency)} ${entity.currency}`
      return {
        title: `clearing ${entity.type}, ${entity.company} with ${entity.counterCompany}: ${gross}`,
        state: entity.state,
      }
    }
    case 'clearingFile':
      return { title: `clearing file ${entity.name}, ${entity.entries.length} entries`, state: entity.state }
    case 'invoice':
      return { title: `${entity.type} ${entity.number ?? 'without a number yet'}`, state: entity.state }
    case 'movement':
      return { title: `stock ${entity.move}: ${entity.quantity} × ${entity.sku}` }
    case 'dispatch':
      return { title: `dispatch to ${entity.to}`, state: entity.state }
    case 'shipment':
      return {
        title: `shipment ${[entity.carrier, entity.trackingNumber].filter(Boolean).join(' ')}`.trim(),
        state: entity.state,
      }
    case 'customer':
      return { title: `customer ${entity.company}/${entity.number}` }
    case 'store':
      return { title: `store ${entity.code}` }
    case 'optOut':
      return { title: `opt-out of ${entity.address} (${entity.channel})`, state: entity.state }
    case 'mapping':
      return {
        title: `mapping of ${entity.about} ${entity.from}/${entity.key} to ${entity.company}/${entity.target}`,
        state: entity.state,
      }
    case 'stockLevel':
      return { title: `stock of ${entity.sku} at ${entity.location}: ${entity.quantity}` }
    case 'statement':
      return { title: `statement ${entity.number ?? entity.reference ?? ''} of ${entity.account}`, state: entity.state }
    case 'parked':
      return { title: `input that waits for ${entity.waitsFor}`, state: entity.state }
    case 'command':
      return { title: `command ${entity.command.verb} ${entity.key}`, state: entity.state }
    case 'run':
      return { title: `run over many orders: ${wordsOf(entity)}`, state: entity.state }
    default:
      return assertNever(entity, 'record')
  }
}

function orderState(order: Extract<Entity, { kind: 'order' }>): string {
  const collect = order.collect && [order.collect.processing, order.collect.delivery].filter(Boolean).join(' and ')
  return [order.status, order.paymentStatus, collect].filter((text) => text !== undefined).join(', ')
}
