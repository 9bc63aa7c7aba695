/**
 * The ids that a command is for: as arguments, or from standard input with `-`, one a line.
 *
 * A line may be a JSON value with an `id`, so that `orders list --json` can be piped into another command. Each
 * text becomes the thing that is meant, or a message that names the candidates.
 */
import type { Ledger } from '../ledger/ledger.ts'
import { idOf, type Resolved, resolveTarget, type Target, type TargetKind } from '../operator/resolve-target.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { Failure, usage } from './failure.ts'

/** The ids of the arguments, with those of standard input in the place of each `-`. */
export async function typedIds(cli: Cli, words: readonly string[]): Promise<readonly string[]> {
  if (words.filter((word) => word === '-').length > 1) throw usage('"-" (standard input) can stand only once')
  const ids: string[] = []
  for (const word of words) ids.push(...(word === '-' ? await linesOf(cli.io.input) : [word]))
  return ids
}

async function linesOf(input: AsyncIterable<Uint8Array | string>): Promise<readonly string[]> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of input) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
  const lines = (text + decoder.decode()).split(/\r?\n/).map((line) => line.trim())
  return lines.filter((line) => line !== '').map(idIn)
}

function idIn(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const value = JSON.parse(line) as { readonly id?: unknown }
    if (typeof value.id === 'string') return value.id
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw usage(`standard input: "${line.slice(0, 60)}" is neither an id nor a JSON value with an "id"`)
}

/** The one thing of these kinds that the text names. Throws a Failure with code 66 when there is none, or several. */
export async function theTarget<K extends TargetKind>(
  ledger: Ledger,
  text: string,
  kinds: readonly K[],
): Promise<Extract<Target, { kind: K }>> {
  const resolved = await resolveTarget(ledger, text, kinds)
  if (resolved.kind === 'found') return resolved.target
  throw new Failure(exitCodes.notFound, ...notFound(text, resolved, kinds))
}

const words: Readonly<Record<TargetKind, string>> = {
  order: 'order',
  payment: 'payment',
  record: 'record',
  message: 'message',
  exportFile: 'export file',
  exportLine: 'export line',
  file: 'import file',
}

export function notFound(text: string, resolved: Resolved, kinds: readonly TargetKind[]): readonly string[] {
  if (resolved.kind !== 'several') return [`there is no ${kinds.map((kind) => words[kind]).join(' or ')} "${text}"`]
  return [
    `"${text}" can mean several; give the id of one:`,
    ...resolved.candidates.map((target) => `  ${idOf(target)}  ${nameOf(target)}`),
  ]
}

/** How people call it. */
export function nameOf(target: Target): string {
  switch (target.kind) {
    case 'order':
      return `order ${target.order.channel}/${target.order.number}`
    case 'payment':
      return `payment ${target.payment.account}/${target.payment.bankKey}`
    case 'message':
      return `${target.message.channel} ${target.message.template}`
    case 'exportFile':
      return `export ${target.file.export}, file ${target.file.name}`
    case 'exportLine':
      return `line of export ${target.line.export}`
    case 'file':
      return `import ${target.file.import}, file ${target.file.name}`
    case 'record':
      return `${target.record.kind} ${'number' in target.record ? (target.record.number ?? '') : ''}`.trim()
  }
}
