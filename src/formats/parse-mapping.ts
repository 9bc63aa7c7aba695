/**
 * A record of kind `mappings` to an IncomingMapping: a row of the table of customers and items (N16).
 *
 * A row that is set needs its target; one that is taken away needs only its key. Throws nothing: problems are noted.
 */
import type { IncomingMapping } from '../core/mapping.ts'
import type { Defaults } from './defaults.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

const subjects = ['customer', 'item'] as const
const actions = ['set', 'remove'] as const

export function parseMapping(fields: RecordFields, defaults: Defaults): IncomingMapping {
  if (!fields.has('about')) fields.note('D030', 'about', undefined, subjects.join(', '))
  const action = fields.word('action', actions) ?? 'set'
  return compact<IncomingMapping>({
    kind: 'mapping',
    action,
    about: fields.word('about', subjects) ?? 'customer',
    company: fields.key('company') ?? defaults.company,
    from: fields.key('from') ?? '*',
    key: fields.requiredKey('key'),
    target: action === 'set' ? fields.requiredKey('target') : (fields.key('target') ?? ''),
    targetVariant: fields.key('targetVariant'),
    description: fields.text('description'),
  })
}
