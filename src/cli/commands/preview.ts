/**
 * `orderly preview`: a template with the values of an order, or with examples; nothing is sent or recorded.
 *
 * Rendered by the same function as real messages, so what is held there is held here, with the same reason.
 */
import { basename, dirname } from 'node:path'
import type { Command } from 'commander'
import type { Channel } from '../../core/message.ts'
import type { Rendered, TemplateView } from '../../core/rendering.ts'
import type { LoadedSetup } from '../../daemon/load-setup.ts'
import { estimate, pricedPrefixes } from '../../workflow/messages/sms-cost.ts'
import { type Cli, decide } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure, usage } from '../failure.ts'
import { openInBrowser } from '../open-in-browser.ts'
import type { Output } from '../print.ts'
import { theTarget } from '../typed-ids.ts'
import { wordOf } from '../typed-values.ts'

interface PreviewOptions {
  readonly order?: string
  readonly example?: boolean
  readonly language?: string
  readonly channel?: string
  readonly out?: string
  readonly open?: boolean
}

export function register(program: Command, cli: Cli): void {
  const command = program.command('preview').description('show a message as it would be sent; sends nothing')
  command.argument('<template>', 'e.g. customer/ready')
  command
    .option('--order <order>', 'with the values of this order')
    .option('--example', 'with example values (the default)')
  command.option('--language <language>', 'default: that of the order, else the first of the config')
  command.option('--channel <channel>', 'mail or sms; default: mail where the template has it')
  command
    .option('--out <file>', 'write the HTML (or the text) into a new file')
    .option('--open', 'open the HTML in the browser')
  examples(command, [
    ['orderly preview customer/ready --order WEB-100245', 'with a real order'],
    ['orderly preview customer/ready --language hu --channel sms', 'alphabet and number of parts'],
    ['orderly preview customer/ready --open', 'in the browser'],
  ])
  command.action(async (template: string, options: PreviewOptions) => await preview(cli, template, options))
}

interface Values {
  readonly view: TemplateView
  readonly languages: readonly string[]
  /** Where it would go. */
  readonly phone?: string
}

async function preview(cli: Cli, template: string, options: PreviewOptions): Promise<void> {
  if (options.order !== undefined && options.example === true) throw usage('give either --order or --example')
  const { current, values } = await valuesFor(cli, options)
  const channel = channelFor(current, template, options)
  const languages = options.language === undefined ? values.languages : [options.language]
  const rendered = current.setup.render({ template, channel, languages, view: values.view })
  switch (rendered.kind) {
    case 'noTemplate':
      throw new Failure(exitCodes.notFound, `there is no ${channel} template "${template}"`, namesOf(current))
    case 'held':
      throw new Failure(exitCodes.not, `a message like this would be held: ${rendered.reason}`)
    case 'mail':
    case 'sms':
      await show(cli, rendered, options, priceWords(current, rendered, values))
  }
}

async function valuesFor(
  cli: Cli,
  { order }: PreviewOptions,
): Promise<{ readonly current: LoadedSetup; readonly values: Values }> {
  if (order === undefined) {
    const current = await cli.setup()
    const [{ exampleView }, { ownFieldsOf }] = await Promise.all([
      import('../../templates/example-view.ts'),
      import('../../templates/own-fields.ts'),
    ])
    const view = exampleView({ zone: current.loaded.config.timeZone, ownFields: ownFieldsOf(current.templates) })
    return { current, values: { view, languages: [] } }
  }
  const { previewOrder } = await import('../../operator/preview-view.ts')
  return await decide(cli, 'look', async ({ ledger, current }) => {
    const target = await theTarget(ledger, order, ['order'])
    const values = await previewOrder(ledger, current.setup, target.order, cli.clock.now())
    const { phone } = target.order.customer
    return { current, values: { ...values, ...(phone !== undefined && { phone }) } }
  })
}

function channelFor({ templates }: LoadedSetup, template: string, { channel }: PreviewOptions): Channel {
  if (channel !== undefined) return wordOf(channel, '--channel', ['mail', 'sms'])
  const versions = [...(templates.templates.get(template)?.values() ?? [])]
  return versions.length > 0 && versions.every(({ html, txt }) => html === undefined && txt === undefined)
    ? 'sms'
    : 'mail'
}

const namesOf = ({ templates }: LoadedSetup): string =>
  `There are: ${[...templates.templates.keys()].toSorted().join(', ')}`

/** What the SMS costs by `sms.prices`: to the customer of the order, else for each price. */
function priceWords({ loaded }: LoadedSetup, rendered: Shown, { phone }: Values): string | undefined {
  const { prices } = loaded.config.sms
  if (rendered.kind === 'mail' || prices.length === 0) return undefined
  const prefixes = phone === undefined ? pricedPrefixes(prices) : [phone]
  const each = prefixes.flatMap((prefix) => {
    const { costs } = estimate(prices, [[prefix, rendered.parts]])
    return costs.map(({ amount, currency }) => `about ${amount} ${currency}${prefix === '' ? '' : ` to ${prefix}`}`)
  })
  return each.length === 0 ? 'no price fits (sms.prices)' : each.join(', ')
}

type Shown = Extract<Rendered, { kind: 'mail' | 'sms' }>

async function show(cli: Cli, rendered: Shown, { out: file, open }: PreviewOptions, cost?: string): Promise<void> {
  if (cli.out.json) cli.out.value(rendered)
  else if (rendered.kind === 'mail') printMail(cli.out, rendered)
  else printSms(cli.out, rendered, cost)
  const html = rendered.kind === 'mail' ? rendered.html : undefined
  if (file !== undefined) await write(cli, file, html ?? rendered.text)
  if (open !== true) return
  if (html === undefined) throw usage('--open: this message has no HTML')
  const opened = await openInBrowser(withImages(html, rendered))
  if (!cli.out.json)
    cli.out.line(
      opened.kind === 'opened' ? `opened ${opened.file}` : `no browser could be started; open ${opened.file}`,
    )
}

function printMail(out: Output, mail: Extract<Rendered, { kind: 'mail' }>): void {
  const { subject, language, from, cc, bcc, inline, text } = mail
  out.line(`Subject:  ${subject}`)
  if (from !== undefined) out.line(`From:     ${[from.name, from.address].filter(Boolean).join(' ')}`)
  if (cc.length > 0) out.line(`Cc:       ${cc.join(', ')}`)
  if (bcc.length > 0) out.line(`Bcc:      ${bcc.join(', ')}`)
  if (inline.length > 0) out.line(`Pictures: ${inline.map(({ name }) => name).join(', ')}`)
  out.line(`Language: ${language}`)
  out.line('')
  for (const line of text.split('\n')) out.line(line)
}

function printSms(
  out: Output,
  { language, parts, alphabet, replaced, text }: Extract<Rendered, { kind: 'sms' }>,
  cost: string | undefined,
): void {
  out.line(`Language: ${language}`)
  out.line(`Parts:    ${parts} (${alphabet === 'gsm' ? 'GSM alphabet' : 'UCS-2'})`)
  if (cost !== undefined) out.line(`Cost:     ${cost}`)
  if (replaced.length > 0) out.line(`Replaced: ${replaced.join(' ')}`)
  out.line('')
  for (const line of text.split('\n')) out.line(line)
}

async function write(cli: Cli, name: string, text: string): Promise<void> {
  const { writeAtomic } = await import('../../platform/files.ts')
  const path = cli.path(name)
  const state = await writeAtomic(dirname(path), basename(path), text)
  if (state === 'exists') throw new Failure(exitCodes.cannotCreate, `${path} is there already; it was not overwritten`)
  if (!cli.out.json) cli.out.line(`written to ${path}`)
}

/** A browser knows no `cid:`: the pictures stand in the page itself. */
function withImages(html: string, rendered: Shown): string {
  const images = rendered.kind === 'mail' ? rendered.inline : []
  return images.reduce(
    (text, { contentId, contentType, content }) =>
      text.replaceAll(`cid:${contentId}`, `data:${contentType};base64,${content}`),
    html,
  )
}
