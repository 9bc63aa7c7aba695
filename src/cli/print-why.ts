/**
 * The tree of `why`, one thing a line, what follows from it below and to the right.
 * Data in the lines is made harmless by the output.
 */
import { isoIn } from '../core/date.ts'
import type { WhyNode } from '../operator/why/node.ts'
import type { Output } from './print.ts'

export function printWhy(out: Output, node: WhyNode, zone: string, depth = 0): void {
  out.line(`${'  '.repeat(depth)}${lineOf(node, zone)}`)
  for (const child of node.children) printWhy(out, child, zone, depth + 1)
}

function lineOf(node: WhyNode, zone: string): string {
  if (node.what === 'group') return `${node.title}:`
  const facts = [
    node.title,
    node.state === undefined ? undefined : `[${node.state}]`,
    node.reason === undefined ? undefined : `(${node.reason})`,
    node.at === undefined ? undefined : isoIn(node.at, zone),
    node.by === undefined ? undefined : `by ${node.by}`,
    node.config === undefined ? undefined : `config ${node.config}`,
    node.id,
  ]
  return `${node.what === 'event' ? '· ' : ''}${facts.filter((fact) => fact !== undefined).join('  ')}`
}
