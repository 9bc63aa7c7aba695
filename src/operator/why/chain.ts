/**
 * The way back from an effect: the events that led to it, up to the file and row, or the person.
 *
 * Only reads the ledger. A chain ends where an event names no other; a broken one is cut at 50 steps.
 */
import type { StoredEvent } from '../../core/event.ts'
import type { FileId } from '../../core/ids.ts'
import type { Source } from '../../core/order.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { eventNode, type WhyNode } from './node.ts'

const longestChain = 50

/** Events from the nearest to the first cause; empty when there is none. */
export async function chainOf(ledger: Ledger, because: number | undefined): Promise<readonly StoredEvent[]> {
  const chain: StoredEvent[] = []
  for (let seq = because; seq !== undefined && chain.length < longestChain;) {
    const event = await ledger.event(seq)
    if (event === undefined) break
    chain.push(event)
    seq = event.because
  }
  return chain
}

/** The chain as nested nodes: the nearest event holds the one that led to it, the last one its file and row. */
export async function chainNodes(ledger: Ledger, chain: readonly StoredEvent[]): Promise<readonly WhyNode[]> {
  let inner: readonly WhyNode[] = []
  for (const event of chain.toReversed()) {
    const from = inner.length === 0 && event.source !== undefined ? [await sourceNode(ledger, event.source)] : []
    inner = [subjectOf(eventNode(event, [...from, ...inner]), event)]
  }
  return inner
}

const subjectOf = (node: WhyNode, { subject }: StoredEvent): WhyNode => ({ ...node, id: subject })

/** The file and the row in it, or whoever entered it. */
export async function sourceNode(ledger: Ledger, source: Source): Promise<WhyNode> {
  const file = source.fileId === undefined ? undefined : await ledger.file(source.fileId as FileId)
  const row = source.row === undefined ? '' : `, record ${source.row}`
  if (source.file === undefined) return { what: 'note', title: `entered by ${source.import}`, children: [] }
  return {
    what: 'file',
    title: `file ${source.file}${row}, import ${source.import}`,
    ...(source.fileId !== undefined && { id: source.fileId }),
    ...(file !== undefined && { state: file.state, at: file.firstAt, reason: `SHA-256 ${file.sha256}` }),
    children: [],
  }
}
