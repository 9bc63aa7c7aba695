/**
 * The one schema of the config: it gives the check, the types, the JSON Schema for editors,
 * the commented example and the reference page.
 *
 * Plain shapes only (no transforms), since it is published as JSON Schema: durations, cron times
 * and addresses stay text here and are checked by pattern; what needs more than one key to judge
 * is in cross-check.ts. Unknown keys are errors. Every key has a description.
 */
import { z } from 'zod'
import { periods } from '../core/file-part.ts'
import { collectStates } from '../core/order.ts'
import { chainChecks } from '../core/statement.ts'

/** An example for the reference page and the example file. */
const like = <T>(example: T): { examples: T[] } => ({ examples: [example] })
const text = z.string().min(1)
const code = z.string().regex(/^[A-Za-z0-9][\w.-]{0,39}$/, 'a code of letters, digits, "-", "_" and "."')
const duration = z.string().regex(/^\d{1,9}(ms|s|m|h|d|w|y)$/, 'a duration such as 2s, 15m, 4h, 3d or 1y')
const decimal = z.string().regex(/^\d{1,12}(\.\d{1,8})?$/, 'a decimal number in quotes such as "0.50"')
const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)])
/** `${ENV_NAME}` or `${file:/path}`: the only keys where these are filled in. */
const secret = z.string().min(1).meta({ secret: true })
const port = z.int().min(1).max(65535)
const percentage = z.string().regex(/^\d{1,3}(\.\d{1,6})?$/, 'a percentage in quotes such as "27" or "0.5"')
const mailAddress = z.string().regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/, 'one mail address')
/** A list, or one text with `;` between the addresses (P01). */
const addressList = z.union([z.string().min(1), z.array(mailAddress)])

// ── Conditions ────────────────────────────────────────────────────────────────────────────────

const scalar = z.union([z.string(), z.number(), z.boolean()])
export const Condition = z
  .union([
    scalar,
    z.array(scalar).min(1),
    z.strictObject({
      eq: scalar.optional(),
      ne: scalar.optional(),
      in: z.array(scalar).optional(),
      notIn: z.array(scalar).optional(),
      gte: scalar.optional(),
      lt: scalar.optional(),
      exists: z.boolean().optional(),
    }),
  ])
  .describe('A value, a list of which one must fit, or { eq, ne, in, notIn, gte, lt, exists }.')
  .meta({ id: 'Condition' })

const Conditions = z
  .record(z.string().regex(/^[a-z][\w.]*$/i, 'a field such as order.gross'), Condition)
  .describe('Conditions by field (order.gross, order.customer.email, order.fields.x …); all must hold.')

const Scope = z
  .strictObject({
    channel: oneOrMore(code)
      .optional()
      .describe('Only orders of these channels.')
      .meta(like(['webshop-hu'])),
    delivery: oneOrMore(text).optional().describe('Only orders with these delivery methods.').meta(like('collect')),
    method: oneOrMore(text)
      .optional()
      .describe('Only orders or payments with these payment methods.')
      .meta(like(['transfer'])),
    store: oneOrMore(code)
      .optional()
      .describe('Only orders for these collecting stores.')
      .meta(like(['BUD01'])),
    company: oneOrMore(code)
      .optional()
      .describe('Only orders taken by these companies.')
      .meta(like(['HU01'])),
    type: oneOrMore(z.enum(['order', 'return', 'quote', 'credit']))
      .optional()
      .describe('Only documents of these types.')
      .meta(like('order')),
  })
  .describe('Which orders the workflow is for; everything that is named must fit. Absent: all orders.')
  .meta({ id: 'Scope' })

// ── Formats of import files ───────────────────────────────────────────────────────────────────

const dialect = {
  encoding: text
    .optional()
    .describe(
      'utf-8, windows-1250, iso-8859-2, utf-16le, cp852 …. Absent: a BOM decides, else strict UTF-8; XML says its own.',
    )
    .meta(like('windows-1250')),
  decimal: z.enum(['.', ',']).default('.').describe('Decimal mark of numbers.'),
  thousands: z.enum(['', '.', ',', ' ', "'"]).default('').describe('Grouping mark that numbers may hold.'),
  dates: oneOrMore(z.string().regex(/^[yMdHhms.\-/: T]+$/, 'a pattern such as dd.MM.yyyy'))
    .default('yyyy-MM-dd')
    .describe('Pattern(s) of dates: yyyy, yy, MM, dd, HH, mm, ss with separators.'),
  fields: z
    .record(z.string(), text)
    .default({})
    .describe('Orderly field → column, key or path of the file, e.g. number: OrderNo, lines.sku: ItemNo.')
    .meta(like({ number: 'OrderNo', 'lines.sku': 'ItemNo' })),
  constants: z
    .record(z.string(), z.string())
    .default({})
    .describe('Orderly field → fixed value, where the file has none.')
    .meta(like({ paymentMethod: 'transfer' })),
  values: z
    .record(z.string(), z.record(z.string(), z.string()))
    .default({})
    .describe('Orderly field → translation of the words in the file, e.g. status: { K: confirmed }.')
    .meta(like({ status: { K: 'confirmed' } })),
}

const Csv = z.strictObject({
  type: z.literal('csv'),
  ...dialect,
  delimiter: z.string().min(1).max(3).default(',').describe('Between the columns, e.g. ";" or "\\t".'),
  quote: z.string().max(1).default('"').describe('Around values; "" for none.'),
  header: z
    .boolean()
    .default(true)
    .describe('Whether the first row names the columns; else they are called 1, 2, 3 ….'),
  skipRows: z.int().min(0).max(100).default(0).describe('Rows before the header to leave out.'),
  groupBy: text
    .optional()
    .describe('Column whose equal values make consecutive rows one record (order rows).')
    .meta(like('OrderNo')),
})
const Json = z.strictObject({
  type: z.literal('json'),
  ...dialect,
  records: text
    .optional()
    .describe('Path of the list of records, e.g. data.orders. Absent: the whole document, list or object.')
    .meta(like('data.orders')),
})
const Jsonl = z.strictObject({ type: z.literal('jsonl'), ...dialect })
const Xml = z.strictObject({
  type: z.literal('xml'),
  ...dialect,
  record: text
    .describe('Path of the element that is one record, e.g. Orders/Order; names without prefix.')
    .meta(like('Orders/Order')),
  lines: text
    .optional()
    .describe('Path of the line elements within the record, e.g. Lines/Line.')
    .meta(like('Lines/Line')),
})
const Ubl = z.strictObject({ type: z.literal('ubl').describe('UBL 2.x Order, also PEPPOL BIS 3.'), ...dialect })
const Camt = z.strictObject({
  type: z.literal('camt').describe('ISO 20022 camt.052, camt.053 or camt.054, versions 01 to 13.'),
  ...dialect,
})
const Mt940 = z.strictObject({ type: z.literal('mt940').describe('SWIFT MT940 bank statement.'), ...dialect })
const Coda = z.strictObject({ type: z.literal('coda').describe('CODA bank statement (Belgium).'), ...dialect })
const Bai2 = z.strictObject({ type: z.literal('bai2').describe('BAI2 cash management file.'), ...dialect })
const Ofx = z.strictObject({ type: z.literal('ofx').describe('OFX bank or card statement, 1.x and 2.x.'), ...dialect })
export const ImportFormat = z
  .discriminatedUnion('type', [Csv, Json, Jsonl, Xml, Ubl, Camt, Mt940, Coda, Bai2, Ofx])
  .meta({ id: 'ImportFormat' })

// ── Matching of payments ──────────────────────────────────────────────────────────────────────

export const matchRules = [
  'reference',
  'endToEndId',
  'documentNumber',
  'severalDocuments',
  'ibanAndAmount',
  'ibanOldestFirst',
  'withinTolerance',
] as const
const Matching = z
  .strictObject({
    rules: z
      .array(z.enum(matchRules))
      .default([...matchRules])
      .describe('Rules in the order in which they are tried; the first that finds one document decides.'),
    patterns: z
      .array(text)
      .default(['[\\p{L}\\p{N}][\\p{L}\\p{N}_/-]{2,}'])
      .describe('Regular expressions that find document numbers in the text of a payment; whole tokens only.'),
    stripLeadingZeros: z.boolean().default(true).describe('Compare document numbers without their leading zeros.'),
    tolerance: z
      .strictObject({
        absolute: decimal.default('0').describe('Largest difference, in the currency of the document.'),
        percent: percentage
          .default('0')
          .describe('Largest difference in percent of the open amount; both limits hold.'),
        currencies: z
          .record(
            z.string().regex(/^[A-Z]{3}$/, 'a currency such as EUR'),
            z.strictObject({
              absolute: decimal.describe('Largest difference.'),
              percent: percentage.describe('Largest difference in percent; both limits hold.'),
            }),
          )
          .optional()
          .describe('Own limits of a currency, instead of the general ones.')
          .meta(like({ HUF: { absolute: '5', percent: '1' } })),
      })
      .default({ absolute: '0', percent: '0' })
      .describe('Differences up to this are taken as paid; the rest is written off under its own reason.'),
    orderReference: z
      .enum(['any', 'number', 'id'])
      .default('any')
      .describe(
        'What payments name an order by: its number, its id (the number at the source, or ord_…), or any of them. Its payment reference counts always.',
      ),
    partial: z
      .enum(['allocate', 'park'])
      .default('allocate')
      .describe('Less than the open amount under a sure reference: allocate in part, or park.'),
    overpaid: z
      .enum(['allocate', 'park'])
      .default('allocate')
      .describe('More than the open amount under a sure reference: allocate the open amount, or park.'),
  })
  .describe('How payments find their documents.')
  .meta({ id: 'Matching' })
const matchingDefaults = Matching.parse({})

// ── Imports and exports ───────────────────────────────────────────────────────────────────────

export const importKinds = [
  'orders',
  'orderStatus',
  'collectStatus',
  'payments',
  'customers',
  'stores',
  'acknowledgements',
  'invoices',
  'shipments',
  'mappings',
  'optOuts',
  'stock',
  'commands',
] as const
export const Import = z
  .strictObject({
    kind: z.enum(importKinds).describe('What the files hold.'),
    folder: text
      .describe('Folder to watch; relative to the folder of orderly.yaml.')
      .meta(like('../exchange/in/orders')),
    files: oneOrMore(text).default('*').describe('Name pattern(s) with * and ?.'),
    ready: z
      .union([
        z.strictObject({ stableFor: duration.describe('Same size and time for so long.') }),
        z.strictObject({
          doneFile: text
            .describe('Name of the companion that says "complete", e.g. "{name}.done".')
            .meta(like('{name}.done')),
        }),
        z.literal('renamed').describe('The writer renames the file into the folder when it is complete.'),
      ])
      .default({ stableFor: '2s' })
      .describe('How to know that the writer is done.'),
    watch: z.enum(['auto', 'poll']).default('auto').describe('poll: for network shares, whose events do not arrive.'),
    every: duration.default('5s').describe('Pause between two looks into the folder.'),
    expectEvery: duration.optional().describe('Alarm when no file came for so long.').meta(like('1d')),
    channel: code.optional().describe('Channel of the orders or payments of this folder.').meta(like('webshop-hu')),
    account: text
      .optional()
      .describe('Account of the payments, where the file does not say.')
      .meta(like('11773016-11111018')),
    company: code.optional().describe('Company of the records; the own company when absent.').meta(like('HU01')),
    format: ImportFormat.describe('Layout of the files.'),
    onBadRecord: z
      .enum(['rejectFile', 'rejectRecord'])
      .default('rejectFile')
      .describe('One bad record rejects the whole file, or only itself.'),
    atomic: z
      .boolean()
      .default(false)
      .describe(
        'Only of orderStatus and collectStatus: the whole file takes effect or, with one row that its order forbids, nothing of it.',
      ),
    onDuplicate: z
      .enum(['ignore', 'update', 'conflict'])
      .default('update')
      .describe('Same key with other content: keep the old, take the new where the state allows, or ask a person.'),
    send: z
      .boolean()
      .default(true)
      .describe(
        'false: what these files lead to is booked, and nobody is told: for statements and orders of the past.',
      ),
    after: z.enum(['archive', 'delete']).default('archive').describe('What becomes of an imported file.'),
    matching: Matching.optional().describe('Own matching rules for the payments of this folder.'),
    statementChain: z
      .enum(chainChecks)
      .default('full')
      .describe(
        'How statements (camt.053, MT940, CODA, BAI2) follow each other: the opening balance is the last closing one and the number the next (full), balances alone (balances; for banks that skip numbers), or not looked at (none).',
      ),
  })
  .meta({ id: 'Import' })

const outDialect = {
  encoding: text.default('utf-8').describe('Encoding of the file.'),
  decimal: z.enum(['.', ',']).default('.').describe('Decimal mark of numbers.'),
  dates: text.default('yyyy-MM-dd').describe('Pattern of dates.'),
  lineEnd: z.enum(['lf', 'crlf']).default('lf').describe('Line end.'),
}
const ExportFormat = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('csv'),
      ...outDialect,
      delimiter: z.string().min(1).max(3).default(',').describe('Between the columns.'),
      quote: z.string().max(1).default('"').describe('Around values that need it.'),
      header: z.boolean().default(true).describe('Whether the first row names the columns.'),
      columns: z
        .record(text, text)
        .optional()
        .describe('Column name → field. Absent: all fields of the kind.')
        .meta(like({ OrderNo: 'order' })),
    }),
    z.strictObject({
      type: z.literal('json'),
      ...outDialect,
      fields: z
        .record(text, text)
        .optional()
        .describe('Key → field. Absent: all fields of the kind.')
        .meta(like({ orderNo: 'order' })),
    }),
    z.strictObject({
      type: z.literal('xml'),
      ...outDialect,
      root: text.default('Records').describe('Name of the outer element.'),
      record: text.default('Record').describe('Name of the element of one record.'),
      fields: z
        .record(text, text)
        .optional()
        .describe('Element name → field. Absent: all fields of the kind.')
        .meta(like({ OrderNo: 'order' })),
    }),
    z.strictObject({
      type: z.literal('text'),
      ...outDialect,
      template: text
        .describe('Mustache file under templates/, e.g. exports/clearing.xml.mustache.')
        .meta(like('exports/clearing.xml.mustache')),
      escape: z.enum(['none', 'xml']).default('none').describe('Escaping of values.'),
    }),
  ])
  .meta({ id: 'ExportFormat' })

export const exportKinds = [
  'orderStatus',
  'collectStatus',
  'clearing',
  'invoice',
  'stock',
  'dispatch',
  'orderToStore',
  'slip',
  'customers',
  'payments',
  'answers',
  'writeBack',
] as const
export const writeBackEvents = ['status', 'paid', 'invoice', 'tracking'] as const
export const Export = z
  .strictObject({
    kind: z.enum(exportKinds).describe('What is written.'),
    folder: text
      .describe('Folder to write into; relative to the folder of orderly.yaml.')
      .meta(like('../exchange/out/status')),
    file: text
      .default('{export}_{date}_{seq:6}.{ext}')
      .describe('File name: {export} {date} {time} {seq:6} {company} {period} {ext}.'),
    when: text.default('atOnce').describe('atOnce, or a cron time such as "0 18 * * *".'),
    doneFile: text.optional().describe('Companion written last, e.g. "{name}.done".').meta(like('{name}.done')),
    company: code
      .optional()
      .describe('Only lines of this company; of orderStatus and collectStatus: that took the order.')
      .meta(like('HU01')),
    collectedBy: code
      .optional()
      .describe('Only of orderStatus and collectStatus: only orders for stores of this company.')
      .meta(like('SK01')),
    channel: oneOrMore(code)
      .optional()
      .describe('Only lines of orders of these channels.')
      .meta(like(['webshop-hu'])),
    events: z
      .array(z.enum(writeBackEvents))
      .min(1)
      .optional()
      .describe('Only of writeBack: what the source is told; all when absent.')
      .meta(like(['paid', 'tracking'])),
    audience: z
      .enum(['erp', 'human'])
      .default('erp')
      .describe('human: values are guarded against being taken for formulas.'),
    maxLines: z.int().min(1).max(1_000_000).default(10_000).describe('Most lines in one file.'),
    onUnknown: z
      .enum(['repeat', 'hold'])
      .optional()
      .describe(
        'A file is gone and whether the ERP took it is not known: write it again, or hold it. Default: repeat for orderStatus, hold for the others.',
      ),
    expectAnswer: duration
      .optional()
      .describe(
        'Alarm when the ERP has not answered for so long: of clearing, invoice and dispatch by an import of kind acknowledgements, of orderToStore by the word of the store.',
      )
      .meta(like('4h')),
    control: z
      .enum(['none', 'header', 'trailer'])
      .default('none')
      .describe(
        'Only of clearing: number, period, count and sums of the file, before its lines or after them. Templates have them always.',
      ),
    period: z
      .enum(periods)
      .optional()
      .describe('Only of clearing: each file holds the entries of one day, week or month, once that is over.')
      .meta(like('month')),
    format: ExportFormat.describe('Layout of the file.'),
  })
  .meta({ id: 'Export' })

// ── Mail, SMS, safety ─────────────────────────────────────────────────────────────────────────

const Sender = z.strictObject({
  name: text.optional().describe('Name that people see.').meta(like('Example Retail')),
  address: mailAddress.describe('Mail address.').meta(like('shop@example.com')),
})
const retryDefaults = { first: '1m', max: '1h', giveUpAfter: '3d' }
const timeoutDefaults = { connect: '15s', greeting: '30s', command: '2m', data: '3m', answer: '10m' }
const pauseDefaults = { away: { first: '1s', max: '5m' }, tooFast: { first: '30s', max: '15m' } }
export const Mail = z
  .strictObject({
    transport: z
      .enum(['smtp', 'files', 'none'])
      .default('smtp')
      .describe('files: write .eml files instead of sending, for trying out.'),
    folder: text.optional().describe('Folder of the files transport.').meta(like('../var/mail')),
    host: text.optional().describe('Mail server.').meta(like('mail.example.com')),
    port: port.optional().describe('Default by security: none 25, starttls 587, tls 465.').meta(like(587)),
    security: z
      .enum(['none', 'starttls', 'tls'])
      .default('starttls')
      .describe('starttls is demanded, never skipped; none sends in clear.'),
    allowSelfSigned: z
      .boolean()
      .default(false)
      .describe('Accept a certificate that nobody vouches for (this server only).'),
    caFile: text
      .optional()
      .describe('PEM file of the authority that signed the server certificate.')
      .meta(like('/etc/orderly/ca.pem')),
    auth: z
      .union([
        z.literal('none'),
        z.strictObject({
          user: text.describe('User name.').meta(like('orderly')),
          password: secret.describe('Password, as ${ENV_NAME}, ${file:/path} or ${credential:name}.'),
        }),
      ])
      .default('none')
      .describe('Log-in, or none.'),
    from: Sender.describe('Sender of all messages, unless channel, store, workflow or template say otherwise.'),
    replyTo: mailAddress.optional().describe('Where answers go.').meta(like('desk@example.com')),
    cc: addressList
      .optional()
      .describe('Copies of every message to customers and stores; a list or one text with ";".')
      .meta(like('archive@example.com; desk@example.com')),
    bcc: addressList
      .optional()
      .describe('Copies of the same that the recipients do not see; a list or one text with ";".')
      .meta(like('archive@example.com')),
    connections: z.int().min(1).max(50).default(4).describe('Connections at a time.'),
    perMinute: z.int().min(1).max(1_000_000).default(600).describe('Most messages a minute.'),
    retry: z
      .strictObject({
        first: duration.default('1m').describe('Pause before the second try; it doubles.'),
        max: duration.default('1h').describe('Longest pause.'),
        giveUpAfter: duration.default('3d').describe('Refused when no try succeeded for so long.'),
      })
      .default(retryDefaults)
      .describe('Temporary failures.'),
    onUnknown: z
      .enum(['resend', 'hold'])
      .default('resend')
      .describe('The answer after the last byte was lost: send again with the same Message-ID, or hold.'),
    timeouts: z
      .strictObject({
        connect: duration.default('15s').describe('Name, connection and, with tls, its handshake.'),
        greeting: duration.default('30s').describe('The first line of the server.'),
        command: duration.default('2m').describe('Log-in; then sender and recipients of one message together.'),
        data: duration.default('3m').describe('Progress of the message text.'),
        answer: duration.default('10m').describe('The answer to the whole message: too short a wait makes doubles.'),
      })
      .default(timeoutDefaults)
      .describe('How long the server may take (RFC 5321 section 4.5.3.2 asks for patience).'),
    pauses: z
      .strictObject({
        away: z
          .strictObject({
            first: duration.default('1s').describe('First pause.'),
            max: duration.default('5m').describe('Longest pause.'),
          })
          .default(pauseDefaults.away)
          .describe('The server is not there; the pause doubles from try to try.'),
        tooFast: z
          .strictObject({
            first: duration.default('30s').describe('First pause.'),
            max: duration.default('15m').describe('Longest pause.'),
          })
          .default(pauseDefaults.tooFast)
          .describe('The server asks for less (421, quota); the pause doubles from one to the next.'),
      })
      .default(pauseDefaults)
      .describe('Pauses of the whole account, when it is not about one message.'),
  })
  .meta({ id: 'Mail' })

/** `+36`, `+3620` …: the first digits of a number in international form. */
const prefix = z.string().regex(/^\+[1-9]\d{0,14}$/, 'the first digits of a number such as "+36"')
const SmsAccount = z
  .strictObject({
    host: text.optional().describe('SMPP gateway.').meta(like('smsc.example.com')),
    port: port.optional().describe('Port of the gateway.').meta(like(2775)),
    tls: z.boolean().optional().describe('Speak TLS.'),
    allowSelfSigned: z.boolean().optional().describe('Accept a certificate that nobody vouches for.'),
    caFile: text
      .optional()
      .describe('PEM file of the authority that signed the certificate.')
      .meta(like('/etc/orderly/ca.pem')),
    systemId: text.optional().describe('Account at the gateway.').meta(like('orderly')),
    password: secret.optional().describe('Password, as ${ENV_NAME}, ${file:/path} or ${credential:name}.'),
    systemType: z.string().max(12).optional().describe('System type, where the provider asks for one.'),
    bind: z
      .enum(['transceiver', 'transmitter'])
      .optional()
      .describe('transmitter: receipts come over a second bind, as receiver.'),
    longText: z
      .enum(['udh', 'sar', 'payload'])
      .optional()
      .describe('How texts of several parts travel, as the provider wants it.'),
    window: z.int().min(1).max(1000).optional().describe('Submissions without an answer at a time.'),
    perSecond: z.number().min(0.1).max(10_000).optional().describe('Most SMS parts a second.'),
    answerTimeout: duration
      .optional()
      .describe('Without an answer for so long, the result of a submission is unknown.')
      .meta(like('1m')),
    enquireEvery: duration
      .optional()
      .describe('The gateway silent for so long is asked whether it is there (enquire_link).')
      .meta(like('30s')),
    idBase: z
      .enum(['same', 'respHex', 'respDec'])
      .optional()
      .describe('How message ids in receipts differ from those in answers.'),
    receipts: z.boolean().optional().describe('Ask for delivery receipts.'),
  })
  .describe('One account at a gateway; what it leaves out is as `sms` has it.')
  .meta({ id: 'SmsAccount' })
const SmsRoute = z
  .strictObject({
    prefix: oneOrMore(prefix)
      .optional()
      .describe('Only numbers that begin so; all when absent.')
      .meta(like(['+36'])),
    account: code.describe('Account that sends to them.').meta(like('domestic')),
  })
  .describe('Which account sends to which numbers.')
  .meta({ id: 'SmsRoute' })
const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time such as "21:00"')
const weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
const QuietHours = z
  .strictObject({
    from: timeOfDay.describe('Begin.').meta(like('21:00')),
    to: timeOfDay.describe('End; of the next day when it is not after the begin.').meta(like('08:00')),
    days: z
      .array(weekday)
      .min(1)
      .optional()
      .describe('Only such as begin on these days; every day when absent.')
      .meta(like(['sat', 'sun'])),
  })
  .describe('Hours without SMS, in the zone of the recipient.')
  .meta({ id: 'QuietHours' })
const SmsPrice = z
  .strictObject({
    prefix: oneOrMore(prefix)
      .optional()
      .describe('Only numbers that begin so; all when absent.')
      .meta(like(['+36'])),
    perPart: decimal.describe('Price of one part.').meta(like('0.045')),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'a currency such as EUR')
      .describe('Currency of the price.')
      .meta(like('EUR')),
  })
  .describe('What the provider takes; for estimates only.')
  .meta({ id: 'SmsPrice' })

export const Sms = z
  .strictObject({
    transport: z.enum(['smpp', 'files', 'none']).default('none').describe('smpp, files (for trying out), or none.'),
    accounts: z
      .record(code, SmsAccount)
      .optional()
      .describe('Several accounts at gateways, by name; what one leaves out is as written here beside them.')
      .meta(like({ domestic: { host: 'smsc.example.com', systemId: 'orderly', password: '${PASSWORD}' } })),
    routes: z
      .array(SmsRoute)
      .default([])
      .describe(
        'Which account sends to which numbers: the first that fits; the next that fit stand in for one that is away. Absent: all accounts, in their order.',
      )
      .meta(like([{ prefix: ['+36'], account: 'domestic' }])),
    fallBackAfter: duration
      .default('1m')
      .describe('An account away for so long is left out: what it has not begun to send goes the next way that fits.'),
    folder: text.optional().describe('Folder of the files transport.').meta(like('../var/sms')),
    host: text.optional().describe('SMPP gateway.').meta(like('smsc.example.com')),
    port: port.default(2775).describe('Port of the gateway.'),
    tls: z.boolean().default(false).describe('Speak TLS.'),
    allowSelfSigned: z.boolean().default(false).describe('Accept a certificate that nobody vouches for.'),
    caFile: text
      .optional()
      .describe('PEM file of the authority that signed the certificate.')
      .meta(like('/etc/orderly/ca.pem')),
    systemId: text.optional().describe('Account at the gateway.').meta(like('orderly')),
    password: secret.optional().describe('Password, as ${ENV_NAME}, ${file:/path} or ${credential:name}.'),
    systemType: z.string().max(12).default('').describe('System type, where the provider asks for one.'),
    bind: z
      .enum(['transceiver', 'transmitter'])
      .default('transceiver')
      .describe('transmitter: receipts come over a second bind, as receiver.'),
    longText: z
      .enum(['udh', 'sar', 'payload'])
      .default('udh')
      .describe('How texts of several parts travel, as the provider wants it.'),
    sender: oneOrMore(text)
      .default([])
      .describe(
        'Sender: the first that has a value, of store.mobile, store.phone, fromStore.mobile, fromStore.phone, company.phone or a literal number or name (≤ 11 characters).',
      )
      .meta(like(['store.mobile', 'company.phone', 'EXAMPLE'])),
    window: z.int().min(1).max(1000).default(10).describe('Submissions without an answer at a time.'),
    perSecond: z.number().min(0.1).max(10_000).default(20).describe('Most SMS parts a second.'),
    answerTimeout: duration
      .default('1m')
      .describe('Without an answer for so long, the result of a submission is unknown.'),
    enquireEvery: duration
      .default('30s')
      .describe('The gateway silent for so long is asked whether it is there (enquire_link).'),
    reconnect: z
      .strictObject({
        first: duration.default('1s').describe('Pause before the second connection in a row; it doubles.'),
        max: duration.default('1m').describe('Longest pause.'),
      })
      .default({ first: '1s', max: '1m' })
      .describe('Pauses while there is no session with the gateway.'),
    encoding: z
      .strictObject({
        policy: z
          .enum(['transliterate', 'allow', 'refuse'])
          .default('transliterate')
          .describe('Characters outside GSM 03.38: replace, send as UCS-2, or hold the message.'),
        maxParts: z.int().min(1).max(20).default(3).describe('Longer messages are held.'),
      })
      .default({ policy: 'transliterate', maxParts: 3 })
      .describe('Alphabet and length.'),
    idBase: z
      .enum(['same', 'respHex', 'respDec'])
      .default('same')
      .describe('How message ids in receipts differ from those in answers.'),
    maxAge: z
      .union([duration, z.literal('never')])
      .default('24h')
      .describe('Older messages are expired, not sent; never: they are sent however old.'),
    quiet: oneOrMore(QuietHours)
      .optional()
      .describe('When no SMS goes out but urgent ones: they wait for the end, and their age counts.')
      .meta(like({ from: '21:00', to: '08:00' })),
    rates: z
      .strictObject({
        perRecipient: duration.optional().describe('Least time between two messages to one number.').meta(like('10s')),
        perSender: duration.optional().describe('Least time between two messages under one sender.').meta(like('1s')),
      })
      .default({})
      .describe('Further limits than perSecond; what is too early waits.'),
    stopWords: z
      .array(text)
      .default(['STOP'])
      .describe('Who writes one of these to us gets no more SMS, but transactional ones; [] for none.'),
    startWords: z.array(text).default(['START']).describe('Who writes one of these gets SMS again.'),
    prices: z.array(SmsPrice).default([]).describe('Prices by the first that fits, for estimates of cost.'),
    attempts: z.int().min(1).max(100).default(3).describe('Tries before a message is refused.'),
    receipts: z.boolean().default(true).describe('Ask for delivery receipts.'),
    retry: z
      .strictObject({
        first: duration.default('30s').describe('Pause before the second try; it doubles.'),
        max: duration.default('1h').describe('Longest pause.'),
      })
      .default({ first: '30s', max: '1h' })
      .describe('Temporary failures.'),
    onUnknown: z.enum(['hold', 'resend']).default('hold').describe('No answer came: hold for a person, or send again.'),
  })
  .meta({ id: 'Sms' })

export const Safety = z
  .strictObject({
    mode: z
      .enum(['live', 'rehearsal'])
      .default('live')
      .describe(
        'rehearsal: every message goes to redirectTo, marked, and no other; export files are written all the same.',
      ),
    redirectTo: z
      .strictObject({
        mail: mailAddress.optional().describe('Address for all mail.').meta(like('it@example.com')),
        sms: text.optional().describe('Number for all SMS.').meta(like('+36301234567')),
      })
      .optional()
      .describe('Where messages go in a rehearsal.'),
    maxPerHour: z
      .strictObject({
        mail: z.int().min(1).default(5000).describe('Mails an hour.'),
        sms: z.int().min(1).default(500).describe('SMS an hour.'),
        perRecipient: z.int().min(1).default(10).describe('Messages an hour to one address.'),
      })
      .default({ mail: 5000, sms: 500, perRecipient: 10 })
      .describe('Beyond these, messages are held with an alarm.'),
    recipientsPerMessage: z
      .int()
      .min(1)
      .max(100)
      .default(15)
      .describe('Most people in one mail; the others are noted as dropped.'),
  })
  .meta({ id: 'Safety' })

// ── Workflows ─────────────────────────────────────────────────────────────────────────────────

const template = z.string().regex(/^[a-z0-9][\w-]*(\/[a-z0-9][\w-]*)+$/i, 'a template such as customer/ready')
const recipient = z
  .string()
  .regex(/^(customer|store|operators|[^\s@<>,;]+@[^\s@<>,;]+)$/, 'customer, store, operators or a mail address')

const documentType = z.enum(['invoice', 'proforma', 'creditNote'])
/** A time of the day, or a duration from what led to the message. */
const notBefore = z
  .string()
  .regex(/^(\d{1,9}(s|m|h|d|w)|([01]\d|2[0-3]):[0-5]\d)$/, 'a duration such as 2h, or a time such as "09:00"')
const Notice = z
  .strictObject({
    to: oneOrMore(recipient).describe('customer, store, operators, or addresses.').meta(like('customer')),
    mail: template.optional().describe('Template of the mail.').meta(like('customer/ready')),
    sms: template.optional().describe('Template of the SMS.').meta(like('customer/ready')),
    send: z
      .enum(['always', 'onRequest'])
      .default('always')
      .describe('onRequest: only when the order asked to be told of this state.'),
    review: z.boolean().default(false).describe('Hold for a person to look at, edit and send.'),
    cc: addressList.optional().describe('Copies of this mail.').meta(like('archive@example.com')),
    bcc: addressList
      .optional()
      .describe('Copies of this mail that the others do not see.')
      .meta(like('archive@example.com')),
    notBefore: notBefore
      .optional()
      .describe('Not before so long after, or not before this time of the day: 2h, "09:00".')
      .meta(like('09:00')),
    attach: z
      .array(documentType)
      .min(1)
      .optional()
      .describe('Documents of the order whose PDF goes with the mail; it waits until all are there and complete.')
      .meta(like(['invoice'])),
    waitFor: z
      .strictObject({
        timeout: duration
          .describe('A PDF that is not there by then raises an alarm; the mail is held for a person.')
          .meta(like('1d')),
      })
      .optional()
      .describe('How long a mail waits for its documents; 1d when absent.'),
    if: Conditions.optional(),
  })
  .meta({ id: 'Notice' })

const workflowHead = {
  description: z.string().max(200).optional().describe('For people.'),
  enabled: z.boolean().default(true).describe('false: as if it were not there.'),
  for: Scope.optional(),
  if: Conditions.optional(),
}

const NotificationWorkflow = z.strictObject({
  kind: z.literal('notification'),
  ...workflowHead,
  on: z
    .record(text, oneOrMore(Notice))
    .describe('Order status → who is told, and how.')
    .meta(like({ received: { to: 'operators', mail: 'desk/new-order' } })),
})

const InvoiceStep = z.strictObject({
  action: z.enum(['issue', 'update', 'ignore']).describe('What the ERP is to do.'),
  type: z.enum(['invoice', 'proforma', 'creditNote']).default('invoice').describe('Type of document.'),
})
/** By the word as it stands in the orders. */
const Words = z
  .record(
    text,
    z.union([text, z.record(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, 'a language such as "hu"'), text)]),
  )
  .default({})
  .meta(like({ collect: { en: 'Pick up at the store', hu: 'Átvétel az üzletben' } }))

const stepCommon = {
  if: Conditions.optional(),
  onError: z
    .enum(['continue', 'stop'])
    .default('continue')
    .describe(
      'When it cannot be done (nobody to tell, no carrier, no document): go on, or leave out the steps after it.',
    ),
}
const PaymentStep = z
  .union([
    z.strictObject({ send: Notice, ...stepCommon }),
    z.strictObject({ invoice: InvoiceStep, ...stepCommon }),
    z.strictObject({ setStatus: text, ...stepCommon }),
    z.strictObject({ stock: z.enum(['issue', 'reserve', 'release', 'return']), ...stepCommon }),
    z.strictObject({ dispatch: text, ...stepCommon }),
  ])
  .describe('One of send, invoice, setStatus, stock, dispatch (a warehouse, or carrier); with conditions where wanted.')
  .meta({ id: 'PaymentStep' })

const steps = z.array(PaymentStep).min(1).max(50)
const trigger = z
  .string()
  .regex(
    /^(imported|paid|partlyPaid|overpaid|paymentReversed|linesCancelled|document\.(issued|failed)(\.(invoice|proforma|creditNote))?|collect\.(pending|confirmed|rejected|expired|partlyDelivered|delivered|returned)|shipment\.(dispatched|inTransit|failedAttempt|readyForPickup|delivered|returned)|status\..+)$/,
    'imported, paid, partlyPaid, overpaid, paymentReversed, linesCancelled, document.issued, document.failed (also with .invoice, .proforma or .creditNote), collect.STATE, shipment.STATE or status.WORD',
  )
export const DocumentRule = z
  .strictObject({
    on: trigger.describe('Occasion, as under `on` of a payment workflow.').meta(like('paid')),
    for: Scope.optional(),
    if: Conditions.optional(),
    issue: z
      .enum([...documentType.options, 'none'])
      .describe('Type of document; none: for these orders, no row below counts.'),
    action: z
      .enum(['issue', 'update', 'ignore'])
      .default('issue')
      .describe('issue a new one, update the one that was asked for, or ignore: nothing.'),
  })
  .describe('One row: on this occasion, for these orders, this document.')
  .meta({ id: 'DocumentRule' })

export const Documents = z
  .strictObject({
    rules: z
      .array(DocumentRule)
      .max(200)
      .default([])
      .describe(
        'Which document the ERP is to issue, and when: of the rows of one occasion the first that fits an order counts. They come before the steps of workflows.',
      )
      .meta(
        like([
          { on: 'imported', for: { method: 'prepayment' }, issue: 'proforma' },
          { on: 'paid', issue: 'invoice' },
          { on: 'status.cancelled', issue: 'creditNote' },
        ]),
      ),
    folder: text
      .optional()
      .describe(
        'Where the ERP puts the PDF files that mails attach; only read. Relative to the folder of orderly.yaml.',
      )
      .meta(like('../exchange/in/documents')),
    file: z
      .string()
      .regex(/^(?=.*\{number\})[^/\\]+$/, 'a file name with {number}, without a folder')
      .default('{number}.pdf')
      .describe(
        'Name of the PDF where the import of invoices names none: {number}, {type}, {order}; / in them is written as -.',
      ),
  })
  .meta({ id: 'Documents' })
const statusOfShipment = (state: string, example: string) =>
  text.optional().describe(`Status of an order whose parcel is ${state}.`).meta(like(example))
export const Shipments = z
  .strictObject({
    statusMap: z
      .strictObject({
        dispatched: statusOfShipment('dispatched', 'shipped'),
        inTransit: statusOfShipment('on its way', 'shipped'),
        failedAttempt: statusOfShipment('brought in vain', 'shipped'),
        readyForPickup: statusOfShipment('waiting at a pick-up point', 'readyForPickup'),
        delivered: statusOfShipment('handed over', 'delivered'),
        returned: statusOfShipment('on its way back', 'returned'),
      })
      .default({})
      .describe('State of the parcel → status of the order; of several parcels the one that is least far counts.'),
  })
  .meta({ id: 'Shipments' })
const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'three capital letters')
export const Carrier = z
  .strictObject({
    name: text.optional().describe('Carrier, as the warehouse knows it; the code when absent.').meta(like('DHL')),
    for: Scope.optional(),
    if: Conditions.optional(),
    profile: text
      .optional()
      .describe('Account or product at the carrier; a carrier may stand here several times.')
      .meta(like('parcel-shop')),
    cashOnDelivery: z
      .strictObject({
        methods: z
          .array(text)
          .min(1)
          .default(['cod'])
          .describe('Payment methods of orders whose rest the carrier collects.'),
        currency: oneOrMore(currencyCode)
          .optional()
          .describe('Currencies that it collects; all when absent. Where it cannot, the next carrier is tried.')
          .meta(like('HUF')),
        rounding: z
          .record(currencyCode, decimal)
          .default({})
          .describe('The amount is rounded to the nearest multiple of this, half of it up; by currency.')
          .meta(like({ HUF: '5', CZK: '1', EUR: '0.05' })),
      })
      .optional()
      .describe('Absent: the carrier collects no money, and gets no order of which some is to be collected.'),
    package: z
      .strictObject({
        type: text.optional().describe('Packaging.').meta(like('box-M')),
        weight: decimal
          .optional()
          .describe('Least weight in kg; the own field `weight` of the order counts where it is more.')
          .meta(like('0.5')),
      })
      .default({})
      .describe('What the carrier is told about the package.'),
    services: z
      .array(text)
      .default([])
      .describe('Further services, as the carrier names them.')
      .meta(like(['sms'])),
  })
  .describe('One profile of a carrier; `dispatch: carrier` takes the first that fits the order.')
  .meta({ id: 'Carrier' })
export const Stock = z
  .strictObject({
    deductOn: z
      .enum(['import', 'payment', 'delivery'])
      .optional()
      .describe('When the lines of an order are taken from stock; only by steps of workflows when absent.')
      .meta(like('payment')),
    for: Scope.optional(),
    returnOn: z
      .array(text)
      .default(['cancelled'])
      .describe('Statuses that bring back what was taken by then; what is cancelled of a line comes back at once.'),
    matchBy: z.enum(['sku', 'ean']).default('sku').describe('What names an item in movements.'),
    buffer: decimal
      .default('0')
      .describe('Of each item so much of a stock level is never promised when a store is chosen.')
      .meta(like('1')),
  })
  .meta({ id: 'Stock' })
const PaymentWorkflow = z.strictObject({
  kind: z.literal('payment'),
  ...workflowHead,
  steps: steps
    .optional()
    .describe('What happens, in this order, once the order is paid.')
    .meta(like([{ send: { to: 'customer', mail: 'customer/payment-received' } }, { setStatus: 'processing' }])),
  on: z
    .record(trigger, steps)
    .default({})
    .describe(
      'What happens on other occasions, in this order: imported, paid, partlyPaid, overpaid, paymentReversed, linesCancelled, document.issued, document.failed (or document.issued.proforma …), collect.STATE, shipment.STATE, status.WORD.',
    )
    .meta(like({ 'status.cancelled': [{ invoice: { action: 'issue', type: 'creditNote' } }] })),
})

const stateTemplates = z.strictObject({
  pending: template.optional().describe('Order sent to the store.').meta(like('customer/received')),
  confirmed: template.optional().describe('The store has the goods ready.').meta(like('customer/ready')),
  rejected: template.optional().describe('The store cannot.').meta(like('customer/rejected')),
  expired: template.optional().describe('Nobody answered, or nobody came, in time.').meta(like('customer/expired')),
  partlyDelivered: template
    .optional()
    .describe('Handed over in part, by partialDelivery; delivered follows with the last part.')
    .meta(like('customer/partly-collected')),
  delivered: template.optional().describe('Handed over.').meta(like('customer/collected')),
  returned: template.optional().describe('Goods were brought back.').meta(like('customer/returned')),
})
export const itemRules = ['map', 'skuVariant', 'sku', 'barcode'] as const
const SideNotices = z.strictObject({
  mail: stateTemplates.optional().describe('Mail template by state; none for a state: nothing is sent.'),
  sms: stateTemplates.optional().describe('SMS template by state.'),
  review: z
    .array(z.enum(collectStates))
    .optional()
    .describe('States whose messages are held for a person to look at, edit and send.')
    .meta(like(['rejected'])),
})
const CollectWorkflow = z.strictObject({
  kind: z.literal('collect'),
  ...workflowHead,
  store: SideNotices.optional().describe('What the collecting store is told. Absent: nothing.'),
  customer: SideNotices.optional().describe('What the customer is told. Absent: nothing.'),
  sendFrom: z.enum(['store', 'origin']).default('store').describe('Whose name, address and sender id messages carry.'),
  customerMapping: z
    .enum(['none', 'email', 'phone', 'emailAndPhone', 'emailOrPhone', 'fixed', 'source'])
    .default('none')
    .describe('How the customer is found at the collecting company.'),
  fixedCustomer: text.optional().describe('Customer number for customerMapping: fixed.').meta(like('C1000')),
  onUnmapped: z
    .enum(['alarm', 'hold'])
    .default('alarm')
    .describe(
      'A number that nobody has, or several customers: go on without a number, with an alarm; or hold the order until it fits.',
    ),
  customerUpdate: z
    .enum(['always', 'newOnly', 'never'])
    .default('never')
    .describe(
      'Whether customers of the collecting company are made from orders, and those found are brought up to date; an export of kind customers tells its ERP.',
    ),
  creditCheck: code
    .optional()
    .describe(
      'Own field of the customer’s record (import of kind customers): while it is false, no or 0, orders of the customer wait.',
    )
    .meta(like('creditOk')),
  itemMapping: z
    .strictObject({
      order: z
        .array(z.enum(itemRules))
        .min(1)
        .default([...itemRules])
        .describe('How items are found, in this order: the mapping table, or as the order calls them.'),
      onUnmapped: z
        .enum(['hold', 'pass'])
        .default('hold')
        .describe('An item that is not found: hold the order until it is mapped, or let it pass as it is.'),
    })
    .optional()
    .describe('What the collecting company calls the items; as the order does when absent.'),
  chooseStore: z
    .enum(['named', 'nearestInStock'])
    .default('named')
    .describe(
      'Which store an order that names none goes to: none, or the nearest to its fromStore that has all of it by the imported stock levels.',
    ),
  defaults: z
    .strictObject({
      shippingMethod: text.optional().describe('Shipping method code for the ERP of the store.').meta(like('PICKUP')),
      paymentMethod: text.optional().describe('Payment method, where the order has none.').meta(like('CASH')),
    })
    .optional()
    .describe('What the order for the store says where the order itself says nothing.'),
  expiry: z
    .strictObject({
      processing: duration.optional().describe('Time for the store to confirm or reject.').meta(like('4h')),
      countedIn: z
        .enum(['openHours', 'clock'])
        .default('openHours')
        .describe('Whether only open hours of the store count.'),
      delivery: z
        .int()
        .min(1)
        .max(365)
        .optional()
        .describe('Open days that a ready order is kept; it expires at the closing time of the last.'),
    })
    .default({ countedIn: 'openHours' })
    .describe('When an order expires.'),
  reminders: z
    .array(
      z.strictObject({
        before: duration.describe('How long before.').meta(like('1h')),
        of: z
          .enum(['processing', 'delivery'])
          .describe('processing: before the time of the store for its answer is over; delivery: that of the customer.'),
        to: z.enum(['store', 'customer']).describe('Who is reminded.'),
        mail: template.optional().describe('Template of the mail.').meta(like('customer/reminder')),
        sms: template.optional().describe('Template of the SMS.').meta(like('customer/reminder')),
      }),
    )
    .max(20)
    .default([])
    .describe('Messages before an order expires; none is sent when it has moved on.')
    .meta(like([{ before: '1h', of: 'processing', to: 'store', mail: 'store/reminder' }])),
  storeStock: z.boolean().default(true).describe('Whether the goods are the collecting store’s own.'),
  print: stateTemplates
    .optional()
    .describe(
      'Slips for the store by state, e.g. a pick list when the order comes: templates for exports of kind slip.',
    )
    .meta(like({ pending: 'slips/pick', delivered: 'slips/delivery' })),
  partialDelivery: z
    .boolean()
    .default(false)
    .describe(
      'Whether a store may hand over some lines or quantities first; what the order itself says (partialDelivery) wins.',
    ),
  clearing: z
    .strictObject({
      postOn: z
        .enum(['delivery', 'processing'])
        .default('delivery')
        .describe('Which event creates the clearing entries.'),
      billVia: z
        .enum(['pos', 'salesDocument'])
        .default('salesDocument')
        .describe('Billed at the till, or by a sales document.'),
      fee: decimal
        .optional()
        .describe('Handling fee for the collecting company per order, in the order currency.')
        .meta(like('2.50')),
    })
    .default({ postOn: 'delivery', billVia: 'salesDocument' })
    .describe('Settlement between the companies.'),
  archive: z
    .strictObject({
      on: z
        .array(z.enum(['delivered', 'rejected', 'expired']))
        .default(['delivered', 'rejected', 'expired'])
        .describe('States that end the document: the order leaves the list of orders (orders list --archived).'),
      require: z
        .enum(['posted', 'none'])
        .default('none')
        .describe('posted: of what was delivered and is billed by sales document, only when the ERP has issued it.'),
      keep: duration
        .default('1y')
        .describe('How long after that the order and its messages keep personal data; then it is removed.'),
    })
    .default({ on: ['delivered', 'rejected', 'expired'], require: 'none', keep: '1y' })
    .describe('Archiving.'),
})

const clearingAccounts = z.strictObject({
  goods: text.optional().describe('Goods handed over.').meta(like('9111')),
  prepaymentTransfer: text.optional().describe('Prepayments passed on; `prepaymentAccount` of the store when absent.'),
  storeReceipt: text.optional().describe('Money taken at the store.').meta(like('3811')),
  fee: text.optional().describe('Handling fee.').meta(like('9190')),
})
const ClearingPair = z
  .strictObject({
    from: code.optional().describe('Company that takes the orders; any when absent.').meta(like('HU01')),
    to: code.optional().describe('Company that hands them over; any when absent.').meta(like('SK01')),
    basis: z
      .enum(['sales', 'cost', 'percent'])
      .default('sales')
      .describe('What the goods are cleared at: what the customer pays, what they cost, or a part of the sales price.'),
    percent: percentage.optional().describe('With basis: percent: of the sales price without VAT.').meta(like('80')),
    costField: code
      .optional()
      .describe('With basis: cost: own field of the lines that holds the cost of one, without VAT; `cost` when absent.')
      .meta(like('cost')),
    vat: z
      .union([z.enum(['order', 'none']), percentage])
      .default('order')
      .describe('VAT of the goods: as in the order, none (delivery to another country), or a rate in percent.'),
    feeVat: percentage.optional().describe('VAT of the fee in percent; it is stated without.').meta(like('27')),
    accounts: z
      .strictObject({
        from: clearingAccounts.optional().describe('In the books of the company that takes the orders.'),
        to: clearingAccounts.optional().describe('In the books of the company that hands them over.'),
      })
      .optional()
      .describe('Accounts by kind of entry; those of the day when a file is written.'),
  })
  .describe('What two companies agreed. A running order keeps basis, percent and VAT from its start.')
  .meta({ id: 'ClearingPair' })

export const Workflow = z
  .discriminatedUnion('kind', [NotificationWorkflow, PaymentWorkflow, CollectWorkflow])
  .meta({ id: 'Workflow' })

// ── Stores, channels, calendars ───────────────────────────────────────────────────────────────

const AddressShape = z
  .strictObject({
    name: text.optional().describe('Name.'),
    street: text.optional().describe('Street and number.').meta(like('Fő utca 12.')),
    street2: text.optional().describe('Second line.').meta(like('2/4')),
    postCode: text.optional().describe('Post code, in quotes.').meta(like('1011')),
    city: text.optional().describe('City.').meta(like('Budapest')),
    county: text.optional().describe('County or state.').meta(like('Pest')),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'two capital letters')
      .optional()
      .describe('ISO 3166-1 code.')
      .meta(like('HU')),
  })
  .meta({ id: 'Address' })

const north = z.string().regex(/^-?([0-8]?\d(\.\d{1,8})?|90(\.0+)?)$/, 'degrees in quotes such as "47.4979"')
const east = z.string().regex(/^-?((1[0-7]\d|\d{1,2})(\.\d{1,8})?|180(\.0+)?)$/, 'degrees in quotes such as "19.0402"')
const ownTemplates = z.union([z.literal(false), stateTemplates])
const OwnNotices = z.strictObject({
  mail: ownTemplates
    .optional()
    .describe('false: no mail; templates by state go before those of the workflow.')
    .meta(like({ pending: 'store/new-order' })),
  sms: ownTemplates
    .optional()
    .describe('false: no SMS; templates by state go before those of the workflow.')
    .meta(like(false)),
})
const StoreWorkflow = z
  .strictObject({
    use: code.describe('Code of the collect workflow.').meta(like('collect-standard')),
    store: OwnNotices.optional().describe('What this store is told in another way than the workflow says.'),
    customer: OwnNotices.optional().describe('What customers are told in another way.'),
    print: ownTemplates
      .optional()
      .describe('false: no slips; templates by state go before those of the workflow.')
      .meta(like({ pending: 'slips/pick' })),
  })
  .describe('A collect workflow of a store; what it says otherwise counts for orders that go to the store from now on.')
  .meta({ id: 'StoreWorkflow' })

export const Store = z
  .strictObject({
    name: text.describe('Name that customers see.').meta(like('Example Budapest')),
    company: code.optional().describe('Legal entity; the own company when absent.').meta(like('HU01')),
    email: mailAddress.optional().describe('Where the store gets its mail.').meta(like('budapest@example.com')),
    mobile: text.optional().describe('Where the store gets its SMS; also its sender id.').meta(like('+36301234567')),
    phone: text.optional().describe('For customers.').meta(like('+36 1 234 5678')),
    language: text.optional().describe('Language of messages to the store.').meta(like('hu')),
    calendar: code.optional().describe('Opening hours.').meta(like('standard')),
    timeZone: text
      .optional()
      .describe('Zone of the opening hours; the one of the config when absent.')
      .meta(like('Europe/Budapest')),
    location: text.optional().describe('Stock location.').meta(like('BUD01')),
    workflow: code
      .optional()
      .describe('The only collect workflow that its orders may have.')
      .meta(like('collect-standard')),
    workflows: z
      .array(StoreWorkflow)
      .min(1)
      .optional()
      .describe('Collect workflows that its orders may have, best first, each with its own notices where they differ.')
      .meta(like([{ use: 'collect-standard', store: { sms: false } }])),
    prepaymentAccount: text.optional().describe('Account for prepaid amounts.').meta(like('4531')),
    billTo: text.optional().describe('Customer to whom its orders are billed, for the ERP.').meta(like('C2000')),
    salesperson: text.optional().describe('Salesperson, for the ERP.').meta(like('SP01')),
    fax: text.optional().describe('Fax number.').meta(like('+36 1 234 5679')),
    latitude: north
      .optional()
      .describe('Degrees north, in quotes: for the map and the distance.')
      .meta(like('47.4979')),
    longitude: east.optional().describe('Degrees east, in quotes.').meta(like('19.0402')),
    address: AddressShape.optional().describe('Address.'),
    url: text.optional().describe('Page of the store.').meta(like('https://shop.example.com/stores/bud01')),
  })
  .meta({ id: 'Store' })

export const Channel = z
  .strictObject({
    name: text.optional().describe('For people.'),
    language: text.optional().describe('Language when the order has none.').meta(like('hu')),
    company: code.optional().describe('Company that takes the orders; the own company when absent.').meta(like('HU01')),
    from: Sender.optional().describe('Sender of messages about orders of this channel.'),
    operators: addressList.optional().describe('Operators of this channel.').meta(like('desk@example.com')),
    matching: Matching.optional().describe('Own matching rules for payments of this channel; those of the import win.'),
  })
  .meta({ id: 'Channel' })

export const Group = z
  .strictObject({
    description: text.optional().describe('For people.'),
    members: z
      .array(
        z.strictObject({
          name: text.optional().describe('Name.').meta(like('Kovács Anna')),
          mobile: text.optional().describe('Number for SMS.').meta(like('+36301234567')),
          email: mailAddress.optional().describe('Address for mail.').meta(like('anna@example.com')),
          language: text.optional().describe('Language of messages.').meta(like('hu')),
        }),
      )
      .min(1)
      .max(10_000)
      .describe('Who belongs to it.')
      .meta(like([{ name: 'Kovács Anna', mobile: '+36301234567' }])),
  })
  .meta({ id: 'Group' })

const hours = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'hours such as "09:00-18:00"')
const CalendarRule = z
  .strictObject({
    open: oneOrMore(hours).optional().describe('Opening hours; several for a split day.').meta(like('09:00-18:00')),
    closed: z.literal(true).optional().describe('Closed on these days.'),
    on: z.enum(['everyDay', 'weekly', 'yearly', 'date']).describe('Which days the rule is for.'),
    days: z
      .array(weekday)
      .min(1)
      .optional()
      .describe('For weekly.')
      .meta(like(['mon', 'tue', 'wed', 'thu', 'fri'])),
    date: z
      .string()
      .regex(/^(\d{4}-)?\d{2}-\d{2}$/, 'a date such as "12-25" or "2026-12-25"')
      .optional()
      .describe('For yearly (MM-dd) and date (yyyy-MM-dd).')
      .meta(like('12-25')),
  })
  .meta({ id: 'CalendarRule' })
export const Calendar = z
  .strictObject({
    description: text.optional().describe('For people.'),
    rules: z
      .array(CalendarRule)
      .min(1)
      .describe('Applied in order; the last that fits a day decides it.')
      .meta(like([{ open: '09:00-18:00', on: 'weekly', days: ['mon', 'fri'] }])),
  })
  .meta({ id: 'Calendar' })

// ── The whole ─────────────────────────────────────────────────────────────────────────────────

export const Config = z
  .strictObject({
    version: z.literal(1).describe('Version of the config format.'),
    company: z
      .strictObject({
        code: code.describe('Code of the own company.').meta(like('HU01')),
        name: text.describe('Name.'),
        email: mailAddress.optional().describe('For customers.').meta(like('shop@example.com')),
        phone: text.optional().describe('For customers; international form.').meta(like('+36 1 234 5678')),
      })
      .describe('The own company.'),
    companies: z
      .record(
        code,
        z.strictObject({
          name: text.describe('Name.'),
          orderly: z
            .boolean()
            .default(false)
            .describe(
              'It has an Orderly of its own: of orders between the two companies only one sends messages (sendFrom), and what becomes of those for its stores comes from there (collectStatus).',
            ),
        }),
      )
      .default({})
      .describe('Other companies of the group, by code.'),
    languages: z
      .array(text)
      .min(1)
      .describe('Languages of messages; the first is the default.')
      .meta(like(['en', 'hu', 'de'])),
    timeZone: text.describe('IANA zone, e.g. Europe/Budapest.').meta(like('Europe/Budapest')),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'three capital letters')
      .describe('ISO 4217 code for documents without one.')
      .meta(like('HUF')),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'two capital letters')
      .describe('ISO 3166-1 code, for phone numbers without a prefix.')
      .meta(like('HU')),
    links: z
      .strictObject({
        order: text
          .optional()
          .describe('Page of an order, with {{order.number}}.')
          .meta(like('https://shop.example.com/orders/{{order.number}}')),
        map: text
          .optional()
          .describe('Map of a store, with {{latitude}} and {{longitude}}; messages have {{store.mapUrl}} then.')
          .meta(like('https://maps.example.com/?at={{latitude}},{{longitude}}')),
      })
      .default({})
      .describe('Links in messages.'),
    words: z
      .strictObject({
        status: Words.describe('Statuses: {{order.statusName}}.'),
        payment: Words.describe('Payment methods: {{order.paymentMethodName}}.'),
        delivery: Words.describe('Delivery methods: {{order.deliveryMethodName}}.'),
      })
      .prefault({})
      .describe('What words of the files are called in messages.'),
    data: text.default('./var').describe('Folder of the ledger and the status file; local disk.'),
    ledger: z.literal('sqlite').default('sqlite').describe('Database of the ledger.'),
    templates: text
      .default('../templates')
      .describe('Folder of own templates; those of the package stand in for what it lacks.'),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much is logged.'),
    firstStatus: text.default('received').describe('Status of an order whose file names none.'),
    imports: z.record(code, Import).default({}).describe('Import folders by name.'),
    exports: z.record(code, Export).default({}).describe('Export folders by name.'),
    matching: Matching.default(matchingDefaults),
    clearing: z
      .strictObject({
        pairs: z
          .array(ClearingPair)
          .default([])
          .describe(
            'What pairs of companies agreed; the first that fits counts. None: sales price and VAT of the order.',
          ),
      })
      .prefault({})
      .describe('Clearing between companies.'),
    documents: Documents.prefault({}).describe('Invoices, proforma invoices and credit notes, which the ERP issues.'),
    shipments: Shipments.prefault({}).describe('What carriers say about parcels.'),
    stock: Stock.prefault({}).describe('Movements of stock without a step of a workflow.'),
    mail: Mail.describe('Mail transport.'),
    sms: Sms.prefault({}).describe('SMS transport.'),
    safety: Safety.prefault({}).describe('Rehearsal and caps.'),
    alarms: z
      .strictObject({
        to: addressList.describe('Who is told.').meta(like('it@example.com')),
        language: text.optional().describe('Language of alarms.').meta(like('en')),
        parkedAfter: duration
          .default('1d')
          .describe('Alarm when parked input, or an order that is at no store yet, waited so long.'),
        heldAfter: duration.default('1d').describe('Alarm when a message was held so long.'),
      })
      .optional()
      .describe('Mail about what needs a person.'),
    operators: addressList.optional().describe('Order desk; `to: operators`.').meta(like('desk@example.com')),
    workflows: z.record(code, Workflow).default({}).describe('Workflows by code.'),
    groups: z.record(code, Group).default({}).describe('Groups of people by code, for `orderly broadcast`.'),
    stores: z.record(code, Store).default({}).describe('Stores by code.'),
    channels: z.record(code, Channel).default({}).describe('Channels by code.'),
    calendars: z.record(code, Calendar).default({}).describe('Calendars by code.'),
    carriers: z
      .record(code, Carrier)
      .default({})
      .describe('Carriers by code; `dispatch: carrier` takes the first that fits, `dispatch: CODE` that one.'),
  })
  .meta({ id: 'Config' })

export type Config = z.output<typeof Config>
export type ImportFormat = z.output<typeof ImportFormat>
export type Import = z.output<typeof Import>
export type ImportKind = Import['kind']
export type Export = z.output<typeof Export>
export type ExportKind = Export['kind']
export type Mail = z.output<typeof Mail>
export type Sms = z.output<typeof Sms>
export type Safety = z.output<typeof Safety>
export type Matching = z.output<typeof Matching>
export type MatchRule = (typeof matchRules)[number]
export type Workflow = z.output<typeof Workflow>
export type CollectWorkflow = Extract<Workflow, { kind: 'collect' }>
export type PaymentWorkflow = Extract<Workflow, { kind: 'payment' }>
export type NotificationWorkflow = Extract<Workflow, { kind: 'notification' }>
export type PaymentStep = z.output<typeof PaymentStep>
export type ClearingPair = z.output<typeof ClearingPair>
export type Carrier = z.output<typeof Carrier>
export type Notice = z.output<typeof Notice>
export type DocumentRule = z.output<typeof DocumentRule>
export type StoreConfig = z.output<typeof Store>
export type Group = z.output<typeof Group>
export type SmsAccountConfig = z.output<typeof SmsAccount>
export type QuietHours = z.output<typeof QuietHours>
export type ChannelConfig = z.output<typeof Channel>
export type CalendarConfig = z.output<typeof Calendar>
export type Condition = z.output<typeof Condition>
export type Conditions = z.output<typeof Conditions>
export type Scope = z.output<typeof Scope>
