/**
 * Slips for a store: a pick list when the order comes, a delivery note when it is handed over (N44).
 *
 * A template of the workflow by state, rendered in the language of the store and frozen as one line of every export of
 * kind `slip`; with `maxLines: 1` each slip is a file. What cannot be rendered is noted, and the order goes on.
 */
import type { Collect, CollectState, Order } from '../../core/order.ts'
import type { Because, Draft } from '../draft.ts'
import { orderView } from '../view.ts'
import { writeLine } from '../write-line.ts'
import { storeOf } from './store-of.ts'

export function printSlip(
  draft: Draft,
  order: Order & { readonly collect: Collect },
  state: CollectState,
  because: Because,
): void {
  const { settings, store, toCompany } = order.collect
  const template = settings.print?.[state]
  if (template === undefined || settings.elsewhere) return
  const languages = [storeOf(draft, store)?.language, draft.setup.config.languages[0]].filter(
    (each) => each !== undefined,
  )
  const rendered = draft.setup.render({ template, channel: 'mail', languages, view: orderView(draft, order) })
  const trace = { workflow: settings.workflow, rule: `print.${state}`, conditions: [] }
  if (rendered.kind !== 'mail') {
    const why = rendered.kind === 'held' ? rendered.reason : `there is no template ${template}`
    const text = `slip ${template} was not written: ${why}`.slice(0, 250)
    draft.happened({ name: 'step.skipped', subject: order.id, text, because: because.event, trace })
    return
  }
  writeLine(
    draft,
    'slip',
    { channel: order.channel, company: toCompany, collectedBy: toCompany },
    {
      key: `${order.id}/${state}/${order.transition}`,
      subject: order.id,
      fields: {
        order: order.number,
        externalNumber: order.externalNumber,
        channel: order.channel,
        store,
        state,
        language: rendered.language,
        title: rendered.subject,
        text: rendered.text,
        html: rendered.html,
      },
    },
    { ...because, trace },
  )
}
