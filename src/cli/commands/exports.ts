/**
 * `orderly exports`: list and show export files, and decide about those that are held.
 *
 * `repeat` has the daemon write the same lines under the same name again; `settle` takes the file as written.
 */
import type { Command } from 'commander'
import { isoIn } from '../../core/date.ts'
import type { ExportFields } from '../../core/batch.ts'
import type { ExportFile } from '../../ledger/ledger.ts'
import type { ExportVerb } from '../../operator/act-on-export.ts'
import { actOnIds, type VerbOptions } from '../act-on-ids.ts'
import { type Cli, look } from '../context.ts'
import { examples } from '../examples.ts'
import { limitOption } from '../list-options.ts'
import { printEvents } from '../print-events.ts'
import { printFacts } from '../print-facts.ts'
import { theTarget } from '../typed-ids.ts'
import { wordOf } from '../typed-values.ts'

export function register(program: Command, cli: Cli): void {
  const group = program.command('exports').description('look at export files and decide about held ones')
  addLists(group, cli)
  addVerb(group, cli, 'repeat', 'have a held file written again, under the same name', 'given back to be written again')
  addVerb(group, cli, 'settle', 'take a held file as written: the ERP has it', 'taken as written')
}

const states: readonly ExportFile['state'][] = ['writing', 'written', 'held']

interface ExportListOptions {
  readonly export?: string
  readonly state?: string
  readonly open?: boolean
  readonly limit: number
}

function addLists(group: Command, cli: Cli): void {
  const list = group.command('list').description('export files, newest first')
  list.option('--export <name>', 'of one export').option('--state <word>', states.join(', '))
  limitOption(list.option('--open', 'the lines that wait for a file, in place of files'))
  examples(list, [
    ['orderly exports list --state held', 'those that wait for a person'],
    ['orderly exports list --open --export status-to-erp', 'what the next file will hold'],
  ])
  list.action(async (options: ExportListOptions) => await (options.open === true ? listOpen : listFiles)(cli, options))
  const show = group.command('show').description('one export file with its lines').argument('<file>', 'id or file name')
  examples(show, [['orderly exports show STATUS_2026-03-14_000017.csv', 'with the lines as they were taken']])
  show.action(async (text: string) => await showFile(cli, text))
}

async function listFiles(cli: Cli, options: ExportListOptions): Promise<void> {
  const state = options.state === undefined ? undefined : wordOf(options.state, '--state', states)
  await look(cli, async ({ ledger, zone }) => {
    // The state is looked for among all files, so that a held one is found behind many written ones.
    const files = await ledger.exportFiles(options.export, state === undefined ? options.limit : 1_000_000)
    const shown = files.filter((file) => state === undefined || file.state === state).slice(0, options.limit)
    cli.out.rows(
      shown,
      [
        { head: 'export', of: (file) => file.export },
        { head: 'number', of: ({ sequence }) => sequence, right: true },
        { head: 'file', of: ({ name }) => name },
        { head: 'state', of: (file) => file.state },
        { head: 'lines', of: ({ lines }) => lines, right: true },
        { head: 'when', of: ({ finishedAt, takenAt }) => isoIn(finishedAt ?? takenAt, zone) },
        { head: 'reason', of: ({ reason }) => reason },
        { head: 'id', of: ({ id }) => id },
      ],
      'no export files',
    )
  })
}

const fieldsText = (fields: ExportFields): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')

async function listOpen(cli: Cli, options: ExportListOptions): Promise<void> {
  await look(cli, async ({ ledger, loaded }) => {
    const names = options.export === undefined ? Object.keys(loaded.config.exports) : [options.export]
    const lines = await Promise.all(names.map((name) => ledger.openExportLines(name, options.limit)))
    cli.out.rows(
      lines.flat(),
      [
        { head: 'export', of: (line) => line.export },
        { head: 'fields', of: ({ fields }) => fieldsText(fields) },
        { head: 'id', of: ({ id }) => id },
      ],
      'no lines wait',
    )
  })
}

async function showFile(cli: Cli, text: string): Promise<void> {
  await look(cli, async ({ ledger, zone }) => {
    const { file } = await theTarget(ledger, text, ['exportFile'])
    const lines = await ledger.exportLines(file.id)
    if (cli.out.json) return cli.out.value({ ...file, content: lines })
    printFacts(cli.out, [
      ['export', file.export],
      ['file', file.name],
      ['number', file.sequence],
      ['id', file.id],
      ['state', file.state],
      ['reason', file.reason],
      ['lines', file.lines],
      ['taken', isoIn(file.takenAt, zone)],
      ['written', file.finishedAt && isoIn(file.finishedAt, zone)],
      ['SHA-256', file.sha256],
    ])
    cli.out.line('')
    for (const { fields } of lines) cli.out.line(fieldsText(fields))
    cli.out.line('')
    printEvents(cli.out, await ledger.eventsOf(file.id), zone)
  })
}

function addVerb(group: Command, cli: Cli, name: ExportVerb, about: string, done: string): void {
  const verb = group
    .command(name)
    .description(about)
    .argument('<file...>', 'ids or file names; "-": one a line from standard input')
  verb.option('--dry-run', 'show what would happen; change nothing')
  examples(verb, [[`orderly exports ${name} CLR_HU01_2026-03-14_000017.xml`, 'after asking the ERP']])
  verb.action(async (ids: string[], options: VerbOptions) => {
    const { actOnExport } = await import('../../operator/act-on-export.ts')
    await actOnIds(cli, ids, options, {
      kind: 'exportFile',
      done,
      act: (at, { file }, acting) => actOnExport(at.ledger, at.current.setup, name, file, acting),
    })
  })
}
