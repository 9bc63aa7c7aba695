/**
 * The values that a template would see for an order, and the languages that would be asked for.
 *
 * Built by the same function as real messages, on the ledger as it is now. Changes nothing.
 */
import type { Instant } from '../core/date.ts'
import type { Order } from '../core/order.ts'
import type { TemplateView } from '../core/rendering.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { Draft } from '../workflow/draft.ts'
import type { Setup } from '../workflow/setup.ts'
import { orderView } from '../workflow/view.ts'
import { ask } from './ask.ts'

export interface PreviewView {
  readonly view: TemplateView
  readonly languages: readonly string[]
}

/** The payment shown is the last one that was allocated to the order, if any. */
export async function previewOrder(ledger: Ledger, setup: Setup, order: Order, now: Instant): Promise<PreviewView> {
  const { records } = await ledger.aboutSubject(order.id)
  const payment = records.findLast((record) => record.kind === 'payment')
  const cause = { kind: 'person', actor: 'preview', configHash: setup.configHash } as const
  const view = await ask(ledger, (known) =>
    orderView(new Draft(setup, known, cause, now), order, payment === undefined ? {} : { payment }),
  )
  const channel = setup.config.channels[order.channel]?.language
  const languages = [order.language, order.customer.language, channel].filter((language) => language !== undefined)
  return { view, languages }
}
