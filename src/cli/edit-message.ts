/**
 * `orderly messages edit`: words, sender or recipient of a held message, from the line or from files.
 *
 * The message stays held: `orderly messages send` lets it go. Throws a Failure with code 64 or 66.
 */
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { actOnIds, type VerbOptions } from './act-on-ids.ts'
import type { Cli } from './context.ts'
import { examples } from './examples.ts'
import { exitCodes } from './exit-codes.ts'
import { Failure, usage } from './failure.ts'

interface EditOptions extends VerbOptions {
  readonly text?: string
  readonly textFile?: string
  readonly htmlFile?: string
  readonly subject?: string
  readonly sender?: string
  readonly to?: string
}

export function addEdit(group: Command, cli: Cli): void {
  const edit = group
    .command('edit')
    .description('change words, sender or recipient of a held message; it stays held')
    .argument('<message>', 'id')
    .option('--text <text>', 'new text')
    .option('--text-file <file>', 'new text from a file')
    .option('--html-file <file>', 'new HTML of a mail; without it a mail with a new text has none')
    .option('--subject <text>', 'new subject of a mail')
    .option('--sender <text>', 'new sender of an SMS: a number, or a name of at most 11 characters')
    .option('--to <address>', 'number or mail address in place of the one that it has')
    .option('--dry-run', 'show what would happen; change nothing')
  examples(edit, [
    ['orderly messages edit msg_… --text "Closed tomorrow; come on Friday."', 'an SMS'],
    ['orderly messages edit msg_… --text-file note.txt --subject "Your order"', 'a mail'],
  ])
  edit.action(async (id: string, options: EditOptions) => await editOne(cli, id, options))
}

async function editOne(cli: Cli, id: string, options: EditOptions): Promise<void> {
  const { text, textFile, htmlFile, subject, sender, to } = options
  if (text !== undefined && textFile !== undefined) throw usage('give either --text or --text-file')
  const words = text ?? (textFile === undefined ? undefined : await read(cli, textFile))
  const html = htmlFile === undefined ? undefined : await read(cli, htmlFile)
  const wanted = {
    ...(words !== undefined && { text: words }),
    ...(html !== undefined && { html }),
    ...(subject !== undefined && { subject }),
    ...(sender !== undefined && { sender }),
    ...(to !== undefined && { to }),
  }
  if (Object.keys(wanted).length === 0) throw usage('say what is to be changed: --text, --subject, --sender or --to')
  const { editMessage } = await import('../operator/edit-message.ts')
  await actOnIds(cli, [id], options, {
    kind: 'message',
    done: 'changed; it is still held',
    act: (at, { message }, acting) => editMessage(at.ledger, at.current.setup, message.id, wanted, acting),
  })
}

async function read(cli: Cli, name: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(cli.path(name)))
  } catch (error) {
    throw new Failure(
      exitCodes.notFound,
      `${name} cannot be read as text: ${error instanceof Error ? error.message : ''}`,
    )
  }
}
