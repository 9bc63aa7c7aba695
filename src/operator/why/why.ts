/**
 * Why something is as it is: the chain from file and row over rule and config to message and export file, both ways.
 *
 * From an order it goes down to all that followed and did not follow; from a message, an export line, a
 * payment or another record up to the order, the file and the row. Only reads. Throws errors of the ledger.
 */
import { assertNever } from '../../core/assert-never.ts'
import type { ClearingFile } from '../../core/clearing.ts'
import { clearingFileId, type OrderId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { Payment } from '../../core/model.ts'
import type { ExportFile, Ledger, StoredExportLine, StoredFile } from '../../ledger/ledger.ts'
import type { Setup } from '../../workflow/setup.ts'
import type { OtherRecord, Target } from '../resolve-target.ts'
import { chainNodes, chainOf, sourceNode } from './chain.ts'
import { exportFileNode, filesOf, lineNode, messageNode, recordNode } from './effects.ts'
import { eventNode, group, note, ruleNode, type WhyNode } from './node.ts'
import { whyOrder } from './order.ts'

/** Most lines of one export file that are shown. */
const mostLines = 200

export async function why(ledger: Ledger, setup: Setup, target: Target): Promise<WhyNode> {
  switch (target.kind) {
    case 'order':
      return await whyOrder(ledger, setup, target.order)
    case 'payment':
      return await whyPayment(ledger, target.payment)
    case 'message':
      return await whyMessage(ledger, target.message)
    case 'exportLine':
      return await whyLine(ledger, target.line)
    case 'exportFile':
      return await whyExportFile(ledger, target.file)
    case 'file':
      return await whyFile(ledger, target.file)
    case 'record':
      return await whyRecord(ledger, target.record)
    default:
      return assertNever(target, 'target')
  }
}

async function whyMessage(ledger: Ledger, message: Message): Promise<WhyNode> {
  const node = await messageNode(ledger, message)
  const chain = await chainOf(ledger, message.because)
  return {
    ...node,
    children: [
      ...(message.trace === undefined ? [] : [ruleNode(message.trace)]),
      ...group('because', await chainNodes(ledger, chain)),
      ...group('is about', await subjectNodes(ledger, message.subject)),
      ...group('what became of it', node.children),
    ],
  }
}

async function whyLine(ledger: Ledger, line: StoredExportLine): Promise<WhyNode> {
  const chain = await chainOf(ledger, line.because)
  const voided = await chainOf(ledger, line.voided?.because)
  const node = lineNode(line, await filesOf(ledger, [line]))
  return {
    ...node,
    children: [
      ...group('because', await chainNodes(ledger, chain)),
      ...group('is about', await subjectNodes(ledger, line.subject)),
      ...group('was voided because', await chainNodes(ledger, voided)),
      ...group('what became of it', node.children),
    ],
  }
}

async function whyPayment(ledger: Ledger, payment: Payment): Promise<WhyNode> {
  const about = await ledger.aboutSubject(payment.id)
  const files = await filesOf(ledger, about.exportLines)
  const orders = await Promise.all(
    payment.allocations.map(async ({ document, reversedAt }): Promise<readonly WhyNode[]> => {
      const nodes = await orderNodes(ledger, document as OrderId)
      return reversedAt === undefined ? nodes : nodes.map((node) => ({ ...node, reason: 'taken back' }))
    }),
  )
  return recordNode(payment, [
    ...group('came from', [await sourceNode(ledger, payment.source)]),
    ...group('what the rules saw', payment.evidence.map(note)),
    ...group('what happened', await historyOf(ledger, payment.id)),
    ...group('settles', orders.flat()),
    ...group(
      'may settle',
      (await Promise.all(payment.candidates.map((id) => orderNodes(ledger, id as OrderId)))).flat(),
    ),
    ...group('messages', await Promise.all(about.messages.map((message) => messageNode(ledger, message)))),
    ...group(
      'export lines',
      about.exportLines.map((line) => lineNode(line, files)),
    ),
  ])
}

/** A clearing entry, invoice, movement …: the lines written for it lead back to what made it. */
async function whyRecord(ledger: Ledger, record: OtherRecord): Promise<WhyNode> {
  const { exportLines } = await ledger.aboutSubject(record.id)
  const lines = await Promise.all(exportLines.map((line) => whyLineOnly(ledger, line)))
  const source = 'source' in record && record.source ? [await sourceNode(ledger, record.source)] : []
  const order = 'order' in record ? await orderNodes(ledger, record.order) : []
  return recordNode(record, [
    ...group('came from', source),
    ...group('what happened', await causedHistoryOf(ledger, record.id)),
    ...group('is about', order),
    ...group('export lines', lines),
    ...group('as it was written', record.kind === 'clearingFile' ? await writtenAs(ledger, record) : []),
  ])
}

/** The export file that a clearing file is the record of, with the lines in it. */
async function writtenAs(ledger: Ledger, record: ClearingFile): Promise<readonly WhyNode[]> {
  const files = await ledger.exportFiles(record.export, 10_000)
  const file = files.find(({ id }) => clearingFileId(id) === record.id)
  return file === undefined ? [] : [await whyExportFile(ledger, file)]
}

async function whyLineOnly(ledger: Ledger, line: StoredExportLine): Promise<WhyNode> {
  const chain = await chainOf(ledger, (await ledger.exportLine(line.id))?.because)
  const node = lineNode(line, await filesOf(ledger, [line]))
  return { ...node, children: [...node.children, ...group('because', await chainNodes(ledger, chain))] }
}

async function whyExportFile(ledger: Ledger, file: ExportFile): Promise<WhyNode> {
  const lines = await ledger.exportLines(file.id)
  const shown = lines
    .slice(0, mostLines)
    .map(({ id, subject }): WhyNode => ({ what: 'exportLine', id, title: `line about ${subject}`, children: [] }))
  const more = lines.length > mostLines ? [note(`and ${lines.length - mostLines} more lines`)] : []
  return exportFileNode(file, [
    ...group('what happened', await historyOf(ledger, file.id)),
    ...group('lines', [...shown, ...more]),
  ])
}

async function whyFile(ledger: Ledger, file: StoredFile): Promise<WhyNode> {
  const counts = Object.entries(file.counts).map(([name, count]) => `${count} ${name}`)
  return {
    what: 'file',
    id: file.id,
    title: `file ${file.name}, import ${file.import}, ${file.size} bytes`,
    state: file.state,
    at: file.firstAt,
    reason: `${counts.join(', ')}; SHA-256 ${file.sha256}`,
    children: group('what happened', await historyOf(ledger, file.id)),
  }
}

const historyOf = async (ledger: Ledger, subject: string): Promise<readonly WhyNode[]> =>
  (await ledger.eventsOf(subject)).map((event) => eventNode(event, []))

/** Each event with what led to it, where that is not one of the record's own. */
async function causedHistoryOf(ledger: Ledger, subject: string): Promise<readonly WhyNode[]> {
  const events = await ledger.eventsOf(subject)
  const own = new Set(events.map(({ seq }) => seq))
  return await Promise.all(
    events.map(async (event) => {
      const chain = event.because === undefined || own.has(event.because) ? [] : await chainOf(ledger, event.because)
      return eventNode(event, group('because', await chainNodes(ledger, chain)))
    }),
  )
}

/** The record that a message or line is about, in one line; its order too, where it belongs to one. */
async function subjectNodes(ledger: Ledger, subject: string): Promise<readonly WhyNode[]> {
  const lookup = { by: 'id', kind: 'order', id: subject } as const // ids are unique over all kinds
  const [record] = [...(await ledger.load([lookup])).loaded.values()].flat()
  if (record === undefined) return [note(subject)]
  const order = 'order' in record ? await orderNodes(ledger, record.order) : []
  const source = 'source' in record ? [await sourceNode(ledger, record.source)] : []
  return [recordNode(record, [...source, ...order])]
}

async function orderNodes(ledger: Ledger, id: OrderId): Promise<readonly WhyNode[]> {
  const order = await ledger.record('order', id)
  return order === undefined ? [note(id)] : [recordNode(order, [await sourceNode(ledger, order.source)])]
}
