/**
 * Changes the mapping table: by a file, or by a person (N16).
 *
 * What a file or a person says goes before what a rule has learnt; a file that comes upon another word of a person or
 * file follows `onDuplicate` of its import. Orders that wait for the row are tried again. Throws NotLoaded from `known`.
 */
import type { Import } from '../../config/schema.ts'
import { mappingId } from '../../core/ids.ts'
import type { IncomingMapping, Mapping } from '../../core/mapping.ts'
import type { Taken } from '../accept-order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import type { Draft } from '../draft.ts'
import { runRules } from '../run-rules.ts'
import { releaseWaiting } from '../collect/wait-to-start.ts'

type Row = Omit<IncomingMapping, 'kind' | 'action'>

export function acceptMapping(draft: Draft, incoming: IncomingMapping, onDuplicate: Import['onDuplicate']): Taken {
  const known = draft.get('mapping', idOf(incoming))
  if (!isCompany(draft, incoming.company)) return unknownCompany(draft, incoming)
  if (incoming.action === 'remove') return removeMapping(draft, known) ? 'updated' : 'repeated'
  if (known?.state === 'active' && (known.by === 'file' || known.by === 'hand')) {
    if (saysTheSame(known, incoming) || onDuplicate === 'ignore') return 'repeated'
    if (onDuplicate === 'conflict') return conflict(draft, known, incoming)
  }
  setMapping(draft, incoming, 'file')
  runRules(draft)
  return known === undefined ? 'applied' : 'updated'
}

const isCompany = ({ setup: { config } }: Draft, code: string): boolean =>
  code === config.company.code || Object.hasOwn(config.companies, code)

/** Rows for a company that there is not would never be looked up. */
function unknownCompany(draft: Draft, { about, key, company }: IncomingMapping): Taken {
  const { fileId, file } = draft.source ?? {}
  raiseAlarm(draft, {
    key: `mapping-company/${fileId ?? company}`,
    subject: fileId ?? company,
    title: 'A mapping is for an unknown company',
    what: `${about} ${key}: there is no company "${company}"`.slice(0, 250),
    ...(file !== undefined && { where: file }),
    next: 'Name the collecting company in the file or in the import, or add it under companies.',
  })
  return 'refused'
}

const idOf = ({ about, company, from, key }: Row) => mappingId(about, company, from, key)

const saysTheSame = (known: Mapping, row: Row): boolean =>
  known.target === row.target && known.targetVariant === row.targetVariant && known.description === row.description

/** The row counts from now on; false when it stands so already. The rules that it fires are still to be run. */
export function setMapping(draft: Draft, row: Row, by: 'file' | 'hand'): boolean {
  const { about, company, from, key, target, targetVariant, description } = row
  const id = idOf(row)
  const known = draft.get('mapping', id)
  if (known?.state === 'active' && known.by === by && saysTheSame(known, row)) return false
  draft.put<Mapping>({
    kind: 'mapping',
    id,
    version: known?.version ?? 0,
    about,
    company,
    from,
    key,
    target,
    ...(targetVariant !== undefined && { targetVariant }),
    ...(description !== undefined && { description }),
    by,
    state: 'active',
    actor: draft.cause.actor,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: known?.createdAt ?? draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'mapping.set',
    subject: id,
    ...(known?.state === 'active' && { before: { target: known.target, by: known.by } }),
    after: { target, by },
    text: `${about} ${key} of ${from} is ${target} of ${company}`.slice(0, 250),
  })
  releaseWaiting(draft, [id], `mapping/${id}`, event)
  return true
}

/** False when there is nothing to take away. */
export function removeMapping(draft: Draft, known: Mapping | undefined): boolean {
  if (known === undefined || known.state === 'removed') return false
  draft.put<Mapping>({ ...known, state: 'removed', actor: draft.cause.actor, updatedAt: draft.now })
  draft.happened({
    name: 'mapping.removed',
    subject: known.id,
    before: { target: known.target, by: known.by },
    text: `${known.about} ${known.key} of ${known.from} at ${known.company}`.slice(0, 250),
  })
  return true
}

function conflict(draft: Draft, known: Mapping, incoming: IncomingMapping): Taken {
  const { about, key, from, company, target, by } = known
  raiseAlarm(draft, {
    key: `mapping-conflict/${draft.source?.fileId ?? known.id}`,
    subject: known.id,
    title: 'A mapping came again with another target',
    what: `${about} ${key} of ${from} is ${target} of ${company} by ${by}, the file says ${incoming.target}`.slice(
      0,
      250,
    ),
    ...(draft.source?.file !== undefined && { where: draft.source.file }),
    next: 'Set the right one with: orderly mappings set',
  })
  return 'refused'
}
