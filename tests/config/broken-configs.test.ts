import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { configCodes } from '../../src/config/problem-codes.ts'

const folders: string[] = []
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})

/** Ten lines that are right: what a case appends begins at line 11. */
const base = `version: 1
company: { code: HU01, name: Example }
languages: [en, hu]
timeZone: Europe/Budapest
currency: HUF
country: HU
mail:
  transport: files
  folder: mailbox
  from: { address: shop@example.com }
`

type Files = Readonly<Record<string, string | Uint8Array>>

/** `file:line:column code` of each problem; warnings end with `?`. */
async function problemsOf(files: Files, env: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'orderly-config-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  const read = await loadConfig(join(folder, 'orderly.yaml'), { env, now: Date.UTC(2026, 10, 22) })
  const problems = read.kind === 'bad' ? read.problems : read.loaded.warnings
  return problems.map((problem) => {
    const { file = '', line, column } = problem.place
    const place = [file.replace(`${folder}/`, ''), line, column].filter((part) => part !== undefined).join(':')
    return { ...problem, short: `${place} ${problem.code}${problem.severity === 'warning' ? '?' : ''}` }
  })
}

interface Case {
  readonly name: string
  /** Appended to the base; `main` instead replaces it. */
  readonly add?: string
  readonly main?: string | Uint8Array
  readonly files?: Files
  readonly expected: readonly string[]
  /** Found in hint, expected, found or message of the first problem. */
  readonly says?: readonly string[]
}

const yamlCases: readonly Case[] = [
  {
    name: 'a tab as indentation',
    main: 'version: 1\ncompany:\n\tcode: X\n',
    expected: ['orderly.yaml:3:1 C004'],
    says: ['spaces'],
  },
  { name: 'a quote that is not closed', main: `${base}operators: "a@b.hu\n`, expected: ['orderly.yaml:12:1 C004'] },
  { name: 'a key that stands twice', main: `${base}currency: EUR\n`, expected: ['orderly.yaml:11:1 C008'] },
  { name: 'an unknown tag', main: `${base}operators: !env DESK\n`, expected: ['orderly.yaml:11:12 C005'] },
  {
    name: 'a value that contains itself',
    main: `${base}links: &x { order: *x }\n`,
    expected: ['orderly.yaml:11:20 C006'],
  },
  {
    name: 'an alias flood',
    main: `${base}links: [${['&a [x,x,x,x,x,x,x,x,x]', '&b [*a,*a,*a,*a,*a,*a,*a,*a,*a]', '&c [*b,*b,*b,*b,*b,*b,*b,*b,*b]', '*c,*c,*c'].join(',')}]\n`,
    expected: ['orderly.yaml:11:36 C006'],
  },
  { name: 'a second document', main: `${base}---\nversion: 1\n`, expected: ['orderly.yaml:11:1 C007'] },
  {
    name: 'a second document in a folder file',
    add: '',
    files: { 'stores/A.yaml': 'name: A\n---\nname: B\n' },
    expected: ['stores/A.yaml:2:1 C007'],
  },
  {
    name: 'bytes that are no UTF-8',
    main: Buffer.from('version: 1\ncompany: { name: "K\xf3" }\n', 'latin1'),
    expected: ['orderly.yaml:2:1 C002'],
  },
  { name: 'a file over 1 MB', main: `${base}#${'x'.repeat(1_000_000)}\n`, expected: ['orderly.yaml C003'] },
  { name: 'no file at all', expected: ['orderly.yaml C001'], files: { 'other.txt': '' } },
  {
    name: 'several syntax errors in several files',
    add: '',
    files: { 'stores/A.yaml': 'name: "A\n', 'stores/B.yaml': 'name: [\n' },
    expected: ['stores/A.yaml:2:1 C004', 'stores/B.yaml:2:1 C004'],
  },
]

const schemaCases: readonly Case[] = [
  { name: 'an unknown key', add: 'emial: x\n', expected: ['orderly.yaml:11:1 C010'], says: ['Did you mean "mail"?'] },
  {
    name: 'an unknown key in a folder file',
    add: '',
    files: { 'stores/A.yaml': '# a store\nname: A\nemial: a@b.hu\n' },
    expected: ['stores/A.yaml:3:1 C010'],
    says: ['Did you mean "email"?'],
  },
  {
    name: 'a key of another format',
    add: 'channels: { w: {} }\nimports:\n  x:\n    kind: orders\n    folder: in\n    channel: w\n    format: { type: json, delimiter: ";" }\n',
    expected: ['orderly.yaml:17:27 C010'],
    says: ['encoding, decimal'],
  },
  {
    name: 'a missing key',
    main: base.replace('currency: HUF\n', ''),
    expected: ['orderly.yaml:1:1 C011'],
    says: ['"currency" is missing'],
  },
  {
    name: 'a missing key within a map: the place is that of the map',
    add: 'sms:\n  transport: none\nalarms:\n  language: en\n',
    expected: ['orderly.yaml:13:1 C011'],
    says: ['"to" is missing'],
  },
  {
    name: 'a missing kind',
    add: 'workflows: { w: { steps: [] } }\n',
    expected: ['orderly.yaml:11:14 C011'],
    says: ['collect'],
  },
  {
    name: 'a map where text is expected',
    add: 'data: { a: 1 }\n',
    expected: ['orderly.yaml:11:7 C012'],
    says: ['a map', 'text'],
  },
  { name: 'a key without a value', add: 'operators:\n', expected: ['orderly.yaml:11:1 C012'], says: ['no value'] },
  {
    name: 'yes for a switch',
    add: 'sms: { tls: yes }\n',
    expected: ['orderly.yaml:11:13 C012'],
    says: ['"yes"', 'Write true.'],
  },
  {
    name: 'a number in quotes',
    add: 'sms: { port: "2775" }\n',
    expected: ['orderly.yaml:11:14 C012'],
    says: ['without quotes'],
  },
  {
    name: 'text where a list is expected',
    main: base.replace('[en, hu]', 'en'),
    expected: ['orderly.yaml:3:12 C012'],
    says: ['[en]'],
  },
  {
    name: 'a number where text is expected',
    add: 'stores: { A: { name: A, location: 12 } }\n',
    expected: ['orderly.yaml:11:35 C013'],
    says: ['12', 'quotes'],
  },
  {
    name: 'a number with a leading zero',
    add: 'stores: { A: { name: A, address: { postCode: 0411 } } }\n',
    expected: ['orderly.yaml:11:46 C013'],
    says: ['0411, read as 411', '"0411"'],
  },
  {
    name: 'a number with a leading zero where a number could stand',
    add: 'workflows: { w: { kind: notification, if: { order.customer.number: 0123 }, on: {} } }\n',
    expected: ['orderly.yaml:11:68 C013'],
  },
  {
    name: 'a wrong word',
    add: 'logLevel: warning\n',
    expected: ['orderly.yaml:11:11 C014'],
    says: ['Did you mean "warn"?', 'debug, info, warn or error'],
  },
  {
    name: 'a wrong word in a list of words',
    add: 'calendars: { c: { rules: [{ on: weekly, days: [mon, tues], open: "09:00-18:00" }] } }\n',
    expected: ['orderly.yaml:11:53 C014'],
    says: ['Did you mean "tue"?'],
  },
  {
    name: 'a wrong format type',
    add: 'imports: { x: { kind: orders, folder: in, format: { type: cvs } } }\n',
    expected: ['orderly.yaml:11:59 C014'],
    says: ['Did you mean "csv"?'],
  },
  {
    name: 'a wrong word where a map could stand too',
    add: 'imports: { x: { kind: orders, folder: in, ready: rename, format: { type: ubl } } }\n',
    expected: ['orderly.yaml:11:50 C014'],
    says: ['Did you mean "renamed"?'],
  },
  {
    name: 'a duration without a unit',
    add: 'alarms: { to: a@b.hu, heldAfter: "30" }\n',
    expected: ['orderly.yaml:11:34 C015'],
    says: ['"30"', 'such as 2s'],
  },
  {
    name: 'a number out of range',
    add: 'sms: { port: 70000 }\n',
    expected: ['orderly.yaml:11:14 C016'],
    says: ['70000', 'at most 65535'],
  },
  {
    name: 'an empty list',
    main: base.replace('[en, hu]', '[]'),
    expected: ['orderly.yaml:3:12 C016'],
    says: ['empty'],
  },
  { name: 'a code with a blank', add: 'stores: { "A 1": { name: A } }\n', expected: ['orderly.yaml:11:11 C017'] },
  {
    name: 'a file name that is no code',
    add: '',
    files: { 'stores/A 1.yaml': 'name: A\n' },
    expected: ['stores/A 1.yaml C017'],
  },
  {
    name: 'a mistyped step',
    add: 'workflows:\n  w:\n    kind: payment\n    steps:\n      - setStatus: paid\n      - sned: { to: customer }\n',
    expected: ['orderly.yaml:16:9 C010'],
    says: ['Did you mean "send"?'],
  },
  {
    name: 'a mistake within a step: only that of the form that was meant',
    add: 'workflows:\n  w:\n    kind: payment\n    steps:\n      - invoice: { action: isue }\n',
    expected: ['orderly.yaml:15:28 C014'],
    says: ['Did you mean "issue"?'],
  },
  {
    name: 'two steps in one',
    add: 'workflows:\n  w:\n    kind: payment\n    steps:\n      - setStatus: paid\n        stock: issue\n',
    expected: ['orderly.yaml:15:9 C018'],
  },
  {
    name: 'the same store in the main file and in the folder',
    add: 'stores: { A: { name: A } }\n',
    files: { 'stores/A.yaml': 'name: A\n' },
    expected: ['stores/A.yaml:1:1 C020'],
    says: ['orderly.yaml:11', 'stores/A.yaml:1'],
  },
  {
    name: 'the same store in stores.yaml and in the folder',
    add: '',
    files: { 'stores.yaml': 'B: { name: B }\nA: { name: A }\n', 'stores/A.yaml': 'name: A\n' },
    expected: ['stores.yaml:2:1 C020'],
    says: ['stores/A.yaml:1'],
  },
  {
    name: 'a folder whose name is mistyped',
    add: '',
    files: { 'store/A.yaml': 'name: A\n' },
    expected: ['store C009?'],
    says: ['"stores/"'],
  },
  {
    name: 'a file that ends with yml',
    add: '',
    files: { 'stores/A.yml': 'name: A\n' },
    expected: ['stores/A.yml C009?'],
  },
]

const secretCases: readonly Case[] = [
  {
    name: 'a variable where none is filled in',
    add: 'data: "${HOME}/var"\n',
    expected: ['orderly.yaml:11:7 C030'],
    says: ['${HOME}'],
  },
  {
    name: 'a variable that is not set',
    add: 'sms: { password: "${NO_SUCH}" }\n',
    expected: ['orderly.yaml:11:18 C031'],
    says: ['NO_SUCH', 'not set'],
  },
  {
    name: 'a secret file that is not there',
    add: 'sms: { password: "${file:secret.txt}" }\n',
    expected: ['orderly.yaml:11:18 C032'],
    says: ['does not exist'],
  },
  {
    name: 'a credential without systemd',
    add: 'sms: { password: "${credential:smpp}" }\n',
    expected: ['orderly.yaml:11:18 C033'],
  },
  { name: 'a secret in clear', add: 'sms: { password: geheim }\n', expected: ['orderly.yaml:11:18 C034?'] },
  { name: 'a malformed reference', add: 'sms: { password: "${NO SUCH}" }\n', expected: ['orderly.yaml:11:18 C035'] },
]

const importOf = (format: string, more = 'channel: w, '): string =>
  `channels: { w: {} }\nimports:\n  x: { kind: orders, folder: in, ${more}format: ${format} }\n`
const exportOf = (more: string): string => `exports:\n  x: { kind: clearing, folder: out, ${more} }\n`
/** Settings of SMS, a line each. */
const smsOf = (...keys: readonly string[]): string => `${['sms:', ...keys.map((key) => `  ${key}`)].join('\n')}\n`
const ruleOf = (rule: string): string => `calendars:\n  c:\n    rules:\n      - ${rule}\n`
const collectOf = (more: string): string => `workflows:\n  w:\n    kind: collect\n    ${more}\n`

const crossCases: readonly Case[] = [
  {
    name: 'a pair of companies of which one is not known',
    add: 'clearing: { pairs: [{ from: HU01, to: SK01 }] }\n',
    expected: ['orderly.yaml:11:39 C040'],
  },
  {
    name: 'terms of clearing that contradict each other',
    add: 'companies: { SK01: { name: S } }\nclearing:\n  pairs:\n    - { to: SK01, basis: percent }\n    - { from: HU01, to: HU01, costField: c }\n',
    expected: ['orderly.yaml:14:26 C130', 'orderly.yaml:15:25 C130', 'orderly.yaml:15:42 C130'],
  },
  {
    name: 'a pair that an earlier one hides',
    add: 'companies: { SK01: { name: S } }\nclearing: { pairs: [{ to: SK01 }, { from: HU01, to: SK01, vat: none }] }\n',
    expected: ['orderly.yaml:12:35 C130?'],
    says: ['pair 1 fits the same companies'],
  },
  {
    name: 'control figures and a period outside of clearing',
    add: 'exports: { s: { kind: stock, folder: out, control: header, period: day, format: { type: csv } } }\n',
    expected: ['orderly.yaml:11:52 C131', 'orderly.yaml:11:68 C131'],
  },
  {
    name: 'two clearing exports that write the same entries',
    add: 'exports:\n  a: { kind: clearing, folder: a, format: { type: csv } }\n  b: { kind: clearing, folder: b, company: HU01, format: { type: csv } }\n  c: { kind: clearing, folder: c, audience: human, format: { type: csv } }\n',
    expected: ['orderly.yaml:13:3 C132'],
    says: ['export a'],
  },
  {
    name: 'an unknown workflow of a store',
    add: 'stores:\n  A: { name: A, workflow: colect }\nworkflows: { collect: { kind: collect } }\n',
    expected: ['orderly.yaml:12:27 C040'],
    says: ['Did you mean "collect"?'],
  },
  {
    name: 'an unknown calendar',
    add: 'stores:\n  A: { name: A, calendar: c }\n',
    expected: ['orderly.yaml:12:27 C040'],
  },
  {
    name: 'an unknown company',
    add: 'stores:\n  A: { name: A, company: HU02 }\n',
    expected: ['orderly.yaml:12:26 C040'],
    says: ['"HU01"'],
  },
  {
    name: 'an unknown channel of an import',
    add: 'imports:\n  x: { kind: orders, folder: in, channel: w, format: { type: ubl } }\n',
    expected: ['orderly.yaml:12:43 C040'],
  },
  {
    name: 'an unknown store of a workflow',
    add: 'workflows:\n  w: { kind: collect, for: { store: [A] } }\n',
    expected: ['orderly.yaml:12:38 C040'],
  },
  {
    name: 'a payment workflow as that of a store',
    add: 'workflows: { p: { kind: payment, steps: [{ setStatus: paid }] } }\nstores:\n  A: { name: A, workflow: p }\n',
    expected: ['orderly.yaml:13:27 C084'],
  },
  {
    name: 'an unknown zone',
    main: base.replace('Budapest', 'Budapst'),
    expected: ['orderly.yaml:4:11 C041'],
    says: ['Did you mean "Europe/Budapest"?'],
  },
  { name: 'an unknown currency', main: base.replace('HUF', 'HUX'), expected: ['orderly.yaml:5:11 C042'] },
  {
    name: 'an unknown country',
    main: base.replace('country: HU', 'country: UK'),
    expected: ['orderly.yaml:6:10 C043'],
    says: ['GB'],
  },
  {
    name: 'an unknown language',
    main: base.replace('[en, hu]', '[en, english]'),
    expected: ['orderly.yaml:3:17 C044'],
  },
  {
    name: 'a language of a store that is not listed',
    add: 'stores:\n  A: { name: A, language: de }\n',
    expected: ['orderly.yaml:12:27 C044'],
    says: ['en, hu'],
  },
  {
    name: 'a wrong cron time',
    add: exportOf('when: "0 25 * * *", format: { type: csv }'),
    expected: ['orderly.yaml:12:43 C045'],
  },
  {
    name: 'a word for a cron time',
    add: exportOf('when: atonce, format: { type: csv }'),
    expected: ['orderly.yaml:12:43 C045'],
    says: ['"atOnce"'],
  },
  {
    name: 'an unknown encoding',
    add: importOf('{ type: csv, encoding: windows-125 }'),
    expected: ['orderly.yaml:13:77 C046'],
    says: ['windows-125'],
  },
  {
    name: 'a list with something else than addresses',
    add: 'operators: "a@b.hu; desk"\n',
    expected: ['orderly.yaml:11:12 C047'],
    says: ['"desk"'],
  },
  {
    name: 'a longest pause that is shorter than the first',
    add: 'sms: { retry: { first: 1h, max: 1m } }\n',
    expected: ['orderly.yaml:11:33 C048'],
  },
  {
    name: 'an import folder within the data folder',
    add: 'data: var\nimports:\n  x: { kind: payments, folder: var/in, format: { type: camt } }\n',
    expected: ['orderly.yaml:13:32 C050'],
  },
  {
    name: 'an export into an import folder',
    add: 'imports:\n  x: { kind: payments, folder: ex, format: { type: camt } }\nexports:\n  y: { kind: stock, folder: ./ex/out, format: { type: csv } }\n',
    expected: ['orderly.yaml:14:29 C050'],
    says: ['import x'],
  },
  {
    name: 'an import folder that holds the config',
    add: 'imports:\n  x: { kind: payments, folder: .., format: { type: camt } }\n',
    expected: ['orderly.yaml:12:32 C050'],
    says: ['the config'],
  },
  {
    name: 'an unknown placeholder',
    add: exportOf('file: "{dat}_{seq}.csv", format: { type: csv }'),
    expected: ['orderly.yaml:12:43 C051'],
    says: ['"date"'],
  },
  {
    name: 'a path for a file name',
    add: exportOf('file: "../{seq}.csv", format: { type: csv }'),
    expected: ['orderly.yaml:12:43 C051'],
  },
  {
    name: 'a done file without the name of its file',
    add: exportOf('doneFile: done, format: { type: csv }'),
    expected: ['orderly.yaml:12:47 C052'],
  },
  {
    name: 'smtp without a host',
    main: base.replace('  transport: files\n', ''),
    expected: ['orderly.yaml:7:1 C060'],
    says: ['"host"'],
  },
  { name: 'smpp without anything', add: 'sms: { transport: smpp }\n', expected: ['orderly.yaml:11:1 C060'] },
  {
    name: 'a rehearsal without redirectTo',
    add: 'safety: { mode: rehearsal }\n',
    expected: ['orderly.yaml:11:1 C061'],
  },
  {
    name: 'a sender name of more than 11 characters',
    add: 'sms: { sender: [store.mobile, EXAMPLERETAIL] }\n',
    expected: ['orderly.yaml:11:31 C062'],
  },
  {
    name: 'a sender number of more than 15 digits',
    add: 'sms: { sender: "1234567890123456" }\n',
    expected: ['orderly.yaml:11:16 C062'],
  },
  {
    name: 'a sender field that does not exist',
    add: 'sms: { sender: store.mobil }\n',
    expected: ['orderly.yaml:11:16 C062'],
    says: ['store.mobile'],
  },
  {
    name: 'a route to an account that is not there, and an account without a route',
    add: smsOf('accounts: { home: {} }', 'routes: [{ account: hom }]'),
    expected: ['orderly.yaml:12:15 C065?', 'orderly.yaml:13:23 C065'],
    says: ['no route leads to account home'],
  },
  { name: 'no account among the accounts', add: smsOf('accounts: {}'), expected: ['orderly.yaml:12:13 C060'] },
  {
    name: 'a price that is never used',
    add: smsOf('prices: [{ perPart: "1", currency: EUR }, { prefix: "+36", perPart: "1", currency: EUR }]'),
    expected: ['orderly.yaml:12:45 C065?'],
  },
  {
    name: 'quiet hours that outlast the maximum age',
    add: smsOf('quiet: { from: "21:00", to: "08:00" }', 'maxAge: 4h'),
    expected: ['orderly.yaml:12:10 C065?'],
    says: ['never sent'],
  },
  {
    name: 'a member of a group whom nothing reaches, and one with no number',
    add: 'groups: { g: { members: [{ name: Anna }, { mobile: "12" }] } }\n',
    expected: ['orderly.yaml:11:26 C060', 'orderly.yaml:11:52 C062'],
  },
  {
    name: 'a password in clear over the line',
    main: base.replace(
      'files\n',
      'smtp\n  host: mail.example.com\n  security: none\n  auth: { user: x, password: "${PW}" }\n',
    ),
    expected: ['orderly.yaml:10:13 C063?'],
  },
  {
    name: 'SMS templates without a transport',
    add: collectOf('customer: { sms: { confirmed: customer/ready } }') + 'sms: { transport: none }\n',
    expected: ['orderly.yaml:15:8 C064?'],
  },
  {
    name: 'a weekly rule without days',
    add: ruleOf('{ open: "09:00-18:00", on: weekly }'),
    expected: ['orderly.yaml:14:9 C070'],
    says: ['days'],
  },
  {
    name: 'a rule that is open and closed',
    add: ruleOf('{ open: "09:00-18:00", closed: true, on: everyDay }'),
    expected: ['orderly.yaml:14:32 C070'],
  },
  {
    name: 'a yearly rule with a year',
    add: ruleOf('{ open: "09:00-18:00", on: yearly, date: 2026-12-25 }'),
    expected: ['orderly.yaml:14:50 C070'],
    says: ['"2026-12-25"'],
  },
  {
    name: 'a date that does not exist',
    add: ruleOf('{ open: "09:00-18:00", on: date, date: 2026-02-29 }'),
    expected: ['orderly.yaml:14:48 C070'],
  },
  {
    name: 'hours that end before they start',
    add: ruleOf('{ open: ["09:00-12:00", "18:00-13:00"], on: everyDay }'),
    expected: ['orderly.yaml:14:33 C071'],
  },
  {
    name: 'a calendar that is never open',
    add: ruleOf('{ open: "09:00-18:00", on: date, date: 2025-01-01 }'),
    expected: ['orderly.yaml:12:3 C072'],
  },
  {
    name: 'a calendar whose last rule closes every day',
    add: `${ruleOf('{ open: "09:00-18:00", on: everyDay }')}      - { closed: true, on: everyDay }\n`,
    expected: ['orderly.yaml:12:3 C072'],
  },
  {
    name: 'pos with postOn: processing',
    add: collectOf('clearing: { postOn: processing, billVia: pos }'),
    expected: ['orderly.yaml:14:25 C080'],
  },
  {
    name: 'a fixed customer without a number',
    add: collectOf('customerMapping: fixed'),
    expected: ['orderly.yaml:12:3 C081'],
  },
  {
    name: 'a number of a fixed customer without the mapping',
    add: collectOf('fixedCustomer: C1'),
    expected: ['orderly.yaml:14:5 C081'],
  },
  {
    name: 'messages to the store without a template',
    add: collectOf('store: { mail: {} }'),
    expected: ['orderly.yaml:14:14 C082?'],
  },
  {
    name: 'a notice with nothing to send',
    add: 'workflows:\n  w: { kind: notification, on: { received: { to: customer } } }\n',
    expected: ['orderly.yaml:12:34 C082'],
  },
  {
    name: 'a channel of another company',
    add: 'companies: { SK01: { name: B } }\nchannels: { w: {} }\nworkflows:\n  w: { kind: collect, for: { channel: w, company: SK01 } }\n',
    expected: ['orderly.yaml:14:39 C083?'],
  },
  {
    name: 'a notice to operators where there are none',
    add: 'workflows:\n  w: { kind: notification, on: { received: { to: operators, mail: desk/new-order } } }\n',
    expected: ['orderly.yaml:12:50 C085'],
  },
  {
    name: 'a store without an address that is written to',
    add: `stores: { A: { name: A } }\n${collectOf('store: { mail: { pending: store/new-order } }')}`,
    expected: ['orderly.yaml:11:11 C085?'],
  },
  {
    name: 'a store with a list of workflows: one that there is not, of another kind, twice, and one that is the only one',
    add: `${collectOf('')}  p: { kind: payment, steps: [{ setStatus: x }] }\nstores:\n  A: { name: A, workflow: v, workflows: [{ use: w }, { use: w }, { use: p }, { use: x }] }\n`,
    expected: [
      'orderly.yaml:17:27 C040',
      'orderly.yaml:17:41 C120',
      'orderly.yaml:17:61 C120',
      'orderly.yaml:17:73 C084',
      'orderly.yaml:17:85 C040',
    ],
  },
  {
    name: 'a store with half a place',
    add: 'stores: { A: { name: A, latitude: "47.5" } }\n',
    expected: ['orderly.yaml:11:25 C121'],
  },
  {
    name: 'a store beyond the pole',
    add: 'stores: { A: { name: A, latitude: "91", longitude: "19" } }\n',
    expected: ['orderly.yaml:11:35 C015'],
    says: ['degrees in quotes'],
  },
  {
    name: 'customers that are made, and no ERP that is told',
    add: collectOf('customerUpdate: newOnly'),
    expected: ['orderly.yaml:14:21 C122?'],
  },
  {
    name: 'a condition that never holds',
    add: 'workflows:\n  w: { kind: notification, if: { order.gross: { in: [] } }, on: {} }\n',
    expected: ['orderly.yaml:12:34 C086'],
  },
  {
    name: 'a condition on a field that orders do not have',
    add: 'workflows:\n  w: { kind: payment, steps: [{ setStatus: x, if: { order.gros: 1, fields.any: 1, gross: 1 } }] }\n',
    expected: ['orderly.yaml:12:53 C087'],
    says: ['Did you mean "order.gross"?'],
  },
  {
    name: 'a payment workflow without steps',
    add: 'workflows:\n  w: { kind: payment, on: {} }\n',
    expected: ['orderly.yaml:12:3 C088'],
  },
  {
    name: 'a mail that attaches a document, and no folder where it is found',
    add: 'workflows:\n  w: { kind: payment, steps: [{ send: { to: customer, mail: customer/invoice, attach: [invoice] } }] }\n',
    expected: ['orderly.yaml:12:79 C089'],
  },
  {
    name: 'a row of documents that no order comes to',
    add: 'documents:\n  rules: [{ on: paid, issue: invoice }, { on: paid, issue: proforma }, { on: paid, issue: none }]\n',
    expected: ['orderly.yaml:12:41 C083?', 'orderly.yaml:12:72 C083?'],
  },
  {
    name: 'an occasion that there is not',
    add: 'workflows:\n  w: { kind: payment, on: { shipped: [{ setStatus: x }] } }\n',
    expected: ['orderly.yaml:12:29 C017'],
    says: ['shipment.STATE'],
  },
  {
    name: 'a state that no parcel comes to',
    add: 'workflows:\n  w: { kind: payment, on: { shipment.lost: [{ setStatus: x }] } }\n',
    expected: ['orderly.yaml:12:29 C017'],
    says: ['shipment.STATE'],
  },
  {
    name: 'a carrier with currencies and roundings that there are not, and conditions that cannot hold',
    add: 'carriers:\n  c: { if: { order.gros: 1 }, cashOnDelivery: { currency: [XXQ], rounding: { HUF: "0", EUR: "0.001", XXQ: "1" } } }\n',
    expected: [
      'orderly.yaml:12:14 C087',
      'orderly.yaml:12:59 C042',
      'orderly.yaml:12:83 C016',
      'orderly.yaml:12:93 C016',
      'orderly.yaml:12:107 C042',
    ],
  },
  {
    name: 'a dispatch to a carrier, and no carriers',
    add: 'workflows:\n  w: { kind: payment, steps: [{ dispatch: carrier }] }\n',
    expected: ['orderly.yaml:12:43 C040?'],
  },
  {
    name: 'an unknown import field',
    add: importOf('{ type: csv, fields: { number: A, lines.qty: B } }'),
    expected: ['orderly.yaml:13:88 C090'],
    says: ['"lines.quantity"'],
  },
  {
    name: 'a required field that is not mapped',
    add: importOf('{ type: csv, fields: { date: A } }'),
    expected: ['orderly.yaml:13:67 C091'],
    says: ['"number"'],
  },
  {
    name: 'orders without a channel',
    add: importOf('{ type: ubl }', ''),
    expected: ['orderly.yaml:13:3 C091'],
    says: ['"channel"'],
  },
  {
    name: 'an unknown export field',
    add: exportOf('format: { type: csv, columns: { A: ordr } }'),
    expected: ['orderly.yaml:12:72 C092'],
    says: ['"order"'],
  },
  {
    name: 'camt for orders',
    add: importOf('{ type: camt }'),
    expected: ['orderly.yaml:13:62 C093'],
    says: ['payments'],
  },
  {
    name: 'the same mark for decimals and thousands',
    add: importOf('{ type: csv, decimal: ",", thousands: "," }'),
    expected: ['orderly.yaml:13:92 C094'],
  },
  {
    name: 'minutes for months',
    add: importOf('{ type: csv, dates: dd.mm.yyyy }'),
    expected: ['orderly.yaml:13:74 C094'],
    says: ['MM is the month'],
  },
  {
    name: 'a pattern that cannot be read',
    add: "matching: { patterns: ['[A-Z'] }\n",
    expected: ['orderly.yaml:11:24 C095'],
  },
  {
    name: 'a pattern that could take for ever',
    add: "matching: { patterns: ['\\d+', '(\\w+)+x'] }\n",
    expected: ['orderly.yaml:11:31 C095'],
  },
  {
    name: 'lines without a path in XML',
    add: importOf('{ type: xml, record: Order, fields: { number: No, lines.sku: Sku } }'),
    expected: ['orderly.yaml:13:46 C096'],
  },
  {
    name: 'orders that are to take effect as a whole file',
    add: 'imports:\n  a: { kind: orders, folder: in, channel: a, atomic: true, format: { type: csv } }\nchannels: { a: {} }\n',
    expected: ['orderly.yaml:12:54 C097'],
    says: ['files of kind orders cannot be atomic'],
  },
  {
    name: 'statuses that are to take effect as a whole and row by row',
    add: 'imports:\n  a: { kind: orderStatus, folder: in, atomic: true, onBadRecord: rejectRecord, format: { type: csv } }\n',
    expected: ['orderly.yaml:12:47 C097'],
  },
  {
    name: 'an answer to an export that nothing answers',
    add: 'exports:\n  a: { kind: stock, folder: out, expectAnswer: 4h, format: { type: csv } }\n',
    expected: ['orderly.yaml:12:34 C098?'],
  },
]

function filesOf({ add, main, files = {} }: Case): Files {
  if (main !== undefined) return { ...files, 'orderly.yaml': main }
  return add === undefined ? files : { ...files, 'orderly.yaml': base + add }
}

describe.each([
  ['YAML', yamlCases],
  ['schema', schemaCases],
  ['secrets', secretCases],
  ['cross checks', crossCases],
])('%s', (_, cases) => {
  test.each(cases)('$name', async (broken) => {
    const problems = await problemsOf(filesOf(broken), { PW: 'x' })
    expect([...new Set(problems.map(({ short }) => short))]).toEqual(broken.expected)
    const first = JSON.stringify(problems[0]).replaceAll('\\"', '"')
    for (const words of broken.says ?? []) expect(first).toContain(words)
  })
})

test('every code of the table but those of the disk and of the rest is met in these cases', () => {
  const met = new Set(
    [yamlCases, schemaCases, secretCases, crossCases]
      .flat()
      .flatMap(({ expected }) => expected.map((text) => text.match(/C\d+/)?.[0])),
  )
  const rest = Object.keys(configCodes).filter((code) => !met.has(code))
  expect(rest).toEqual(['C019', 'C100', 'C101', 'C102', 'C103', 'C104', 'C105', 'C106', 'C123', 'C124'])
})

test('one mistake does not hide those of other places and files', async () => {
  const problems = await problemsOf({
    'orderly.yaml': `${base.replace('HUF', 'Ft')}sms: { transport: smp }\nchannels: { w: {} }\n`,
    'imports/a.yaml': 'kind: order\nfolder: in\nformat: { type: csv }\n',
    'imports/b.yaml': 'kind: orders\nfolder: in2\nchannel: nix\nformat: { type: csv, fields: { numbr: A } }\n',
    'stores/A.yaml': 'name: A\ncalendar: none\n',
  })
  expect(problems.map(({ short }) => short)).toEqual([
    'orderly.yaml:5:11 C015',
    'orderly.yaml:11:19 C014',
    'imports/a.yaml:1:7 C014',
    'imports/b.yaml:3:10 C040',
    'imports/b.yaml:4:22 C091',
    'imports/b.yaml:4:32 C090',
    'stores/A.yaml:2:11 C040',
  ])
})

test('a store whose file cannot be read does not count as missing', async () => {
  const problems = await problemsOf({
    'orderly.yaml': `${base}workflows: { w: { kind: collect, for: { store: A } } }\n`,
    'stores/A.yaml': 'name: "A\n',
  })
  expect(problems.map(({ short }) => short)).toEqual(['stores/A.yaml:2:1 C004'])
})

test('a password never stands in a problem', async () => {
  const problems = await problemsOf({
    'orderly.yaml': `${base.replace('files\n', 'smtp\n  host: x\n  auth: geheim1\n')}sms: { password: [geheim2] }\n`,
    'imports/a.yaml': 'kind: [\n',
  })
  expect(problems.map(({ short }) => short)).toContain('orderly.yaml:10:9 C014')
  expect(JSON.stringify(problems)).not.toContain('geheim')
})
