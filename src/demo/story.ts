/**
 * The demo's story in plain words: what came in, what was sent, what was written back, where to look next.
 *
 * Pure: the same matter gives the same lines. Lines are at most a hundred characters wide, except paths that one
 * copies. No colours. Throws nothing.
 */
import { relative } from 'node:path'
import type { FileCounts } from '../core/batch.ts'
import type { Message } from '../core/message.ts'
import type { Payment } from '../core/model.ts'
import { fromMinor } from '../core/money.ts'
import type { Order } from '../core/order.ts'
import { canonicalId } from '../dispatch/sms/receipts-text.ts'
import { cut, inColumns, width, wrap } from './columns.ts'
import { type DroppedFile, mailFolder, type Matter, smsFolder, type WrittenFile } from './matter.ts'

export function tellStory(matter: Matter): readonly string[] {
  return [
    ...section('WHAT CAME IN', cameIn(matter)),
    ...section('WHAT WAS SENT', sent(matter)),
    ...section('WHAT WAS WRITTEN BACK', writtenBack(matter)),
    ...section('WHERE TO LOOK NEXT', whereNext(matter)),
  ]
}

const section = (title: string, lines: readonly string[]): readonly string[] => [
  title,
  '-'.repeat(title.length),
  ...lines,
  '',
]
const part = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines]

// ── What came in ──────────────────────────────────────────────────────────────────────────────

function cameIn({ dropped, orders, payments }: Matter): readonly string[] {
  const files = dropped.map((file) => [`${file.sample.import}/${file.sample.name}`, file.sample.about, becameOf(file)])
  const problems = dropped.filter((file) => file.problems.length > 0)
  return [
    'Files',
    ...inColumns(files, [{ most: 38 }, { most: 34 }, {}]),
    ...problems.flatMap(problemsOf),
    ...part(
      'Orders as they stand now',
      inColumns(orders.map(orderRow), [{ most: 12 }, { most: 22 }, { right: true }, {}, {}, {}]),
    ),
    ...part(
      'Payments',
      inColumns(
        payments.map((payment) => paymentRow(payment)),
        [{ right: true }, { most: 32 }, {}, {}],
      ),
    ),
  ]
}

function becameOf({ lies, stored }: DroppedFile): string {
  if (lies === undefined) return 'not taken'
  if (lies.in === 'duplicate') return 'known: no effect'
  if (lies.in === 'rejected') return 'rejected'
  return stored === undefined ? 'taken' : countsText(stored.counts)
}

function countsText({ applied, repeated, updated, parked, refused }: FileCounts): string {
  const words = { taken: applied, known: repeated, changed: updated, waits: parked, refused }
  const told = Object.entries(words).filter(([, count]) => count > 0)
  return told.map(([word, count]) => `${count} ${word}`).join(', ')
}

const shownProblems = 5

function problemsOf({ lies, problems }: DroppedFile): readonly string[] {
  const lines = problems.filter((line) => line.trim() !== '')
  const more = lines.length > shownProblems ? [`… ${lines.length - shownProblems} more lines`] : []
  const shown = [...lines.slice(0, shownProblems), ...more]
  return [
    '',
    cut(`  Why, in ${lies?.path ?? ''}.problems.txt:`, width),
    ...shown.flatMap((line) => wrap(line, '      ')),
  ]
}

function orderRow({ number, customer, gross, currency, paymentStatus, status, collect }: Order): readonly string[] {
  const state = collect === undefined ? '' : (collect.delivery ?? collect.processing)
  const place = collect === undefined ? '' : `${state} at ${collect.store}`
  return [number, customer.name ?? '', amount(gross, currency), paymentStatus, status, place]
}

function paymentRow(payment: Payment): readonly string[] {
  const sign = payment.direction === 'debit' ? -1 : 1
  const said = payment.reference ?? payment.message ?? ''
  return [amount(sign * payment.amount, payment.currency), `“${said}”`, payment.state, whyOf(payment)]
}

function whyOf({ allocations, ignoredReason, evidence }: Payment): string {
  if (allocations.length === 0) return ignoredReason ?? evidence.at(-1)?.replace(/^\w+: /, '') ?? ''
  return allocations.map(({ number, by }) => `order ${number} by ${by.replace('rule:', '')}`).join(', ')
}

const amount = (minor: number, currency: string): string => `${fromMinor(minor, currency)} ${currency}`

// ── What was sent ─────────────────────────────────────────────────────────────────────────────

function sent(matter: Matter): readonly string[] {
  const { mails, texts, messages } = matter
  const open = messages.filter(({ state }) => state !== 'accepted' && state !== 'delivered')
  return [
    `Mails (${mails.length}), open them in a browser`,
    ...inColumns(mailRows(matter), [{}, { most: 10 }, {}]),
    ...part(`SMS (${texts.length})`, inColumns(smsRows(matter), [{}, { most: 10 }, {}, {}])),
    ...part(
      'Not sent, and why',
      inColumns(
        open.map((message) => unsentRow(matter, message)),
        [{}, { most: 32 }, {}, {}],
      ),
    ),
  ]
}

function mailRows({ mails, messages }: Matter): readonly (readonly string[])[] {
  const known = new Map(messages.map((message) => [message.mail?.messageId, message] as const))
  const inOrder = mails.toSorted((a, b) => (a.file < b.file ? -1 : 1))
  return inOrder.map(({ messageId, file, html }) => {
    const message = known.get(messageId)
    return [message?.state ?? 'unknown', roleOf(message), `${mailFolder}/${html ?? file}`]
  })
}

function smsRows({ texts, parts, messages }: Matter): readonly (readonly string[])[] {
  const known = new Map(messages.map((message) => [message.id, message] as const))
  return texts.map(({ ids, file, text }) => {
    const stored = ids.map((id) => canonicalId(id, 'answer', 'same'))
    const owner = parts.find(({ smscId }) => stored.includes(smscId))
    const message = owner && known.get(owner.message)
    return [message?.state ?? 'unknown', roleOf(message), `${smsFolder}/${file}`, text]
  })
}

const roleOf = (message: Message | undefined): string => message?.recipients[0]?.role ?? ''

function unsentRow({ orders }: Matter, { channel, state, template, subject, reason }: Message): readonly string[] {
  const order = orders.find(({ id }) => id === subject)
  return [state, `${channel} ${template}`, order?.number ?? subject, reason ?? '']
}

// ── What was written back ─────────────────────────────────────────────────────────────────────

function writtenBack({ exportNames, written }: Matter): readonly string[] {
  return exportNames.flatMap((name, i) => {
    const files = written.filter(({ file }) => file.export === name)
    const lines = files.reduce((sum, { file }) => sum + file.lines, 0)
    const title = `${name}: ${counted(lines, 'line')} in ${counted(files.length, 'file')}`
    return [...(i > 0 ? [''] : []), title, ...files.map(fileLine), ...firstLines(files[0])]
  })
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
const fileLine = ({ file, path }: WrittenFile): string =>
  `  ${path} (${counted(file.lines, 'line')}${file.state === 'written' ? '' : `, ${file.state}`})`

const shownLines = 3

function firstLines(first: WrittenFile | undefined): readonly string[] {
  const lines = first?.content?.split(/\r?\n/).filter((line) => line.trim() !== '') ?? []
  const shown = lines.slice(0, shownLines).map((line) => `      ${cut(line, width - 6)}`)
  return lines.length > shownLines ? [...shown, '      …'] : shown
}

// ── Where to look next ────────────────────────────────────────────────────────────────────────

function whereNext({ folder, configFile, orders, timers }: Matter): readonly string[] {
  const order = orders[0]?.number ?? 'NUMBER'
  const commands = [
    ['status', 'how it is'],
    ['orders list', 'all orders'],
    [`why ${order}`, `what came of order ${order}, and why`],
    ['messages list', 'all mails and SMS with their states'],
    ['payments list', 'all payments and their matches'],
    ['plan', `what comes next: ${counted(timers, 'timer')} set`],
    ['run', 'go on; mails and SMS become files'],
  ] as const
  return [
    `All of it lies in ${folder}`,
    ...inColumns(
      [
        [
          'config/, templates/',
          `the config of the demo and its texts; what follows uses ${relative(folder, configFile)}`,
        ],
        ['exchange/', 'what came in and what was written back, as an ERP sees it'],
        ['mails/, sms/', 'what was sent'],
        ['daemon.log', 'what the daemon said'],
      ],
      [{}, {}],
    ),
    '',
    `  CONFIG=${configFile}`,
    ...inColumns(
      commands.map(([command, about]) => [`npm run orderly -- --config $CONFIG ${command}`, `# ${about}`]),
      [{}, {}],
    ),
    '',
    'Delete the folder when you have seen enough.',
  ]
}
