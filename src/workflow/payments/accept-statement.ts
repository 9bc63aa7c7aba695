/**
 * Takes an account statement into its chain: is it the next one, or is one missing before it (mechanisms 1.8)?
 *
 * Each statement counts once; the same number of the same day with other balances replaces the one before. A gap
 * marks the feed of the account at once and is healed by the missing file, in whatever order files come; only
 * one that lasts is alarmed, once, so that files that come together in any order alarm nobody.
 */
import { digest, statementId } from '../../core/ids.ts'
import { feedName, type IncomingStatement, type Statement, yearOf } from '../../core/statement.ts'
import type { Taken } from '../accept-order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import { askTogether } from '../ask-together.ts'
import type { Draft } from '../draft.ts'
import { chainOf, type Link } from './statement-chain.ts'

const gapTimer = 'statement.gap'
/** Files that are delivered together are in by then. */
const patienceMs = 15 * 60_000

export function acceptStatement(draft: Draft, incoming: IncomingStatement): Taken {
  const contentHash = digest(String(incoming.opening ?? ''), String(incoming.closing ?? ''), incoming.date)
  const id = statementId(keyOf(incoming, contentHash))
  const known = draft.get('statement', id)
  if (known?.contentHash === contentHash) return 'repeated'
  const others = neighbours(draft, incoming).filter((each) => each.id !== id)
  const statement: Statement = {
    ...incoming,
    id,
    version: known?.version ?? 0,
    state: known?.state ?? 'first',
    ...(known?.missing !== undefined && { missing: known.missing }),
    ...(known?.alarmed && { alarmed: known.alarmed }),
    check: checkOf(draft),
    contentHash,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: known?.createdAt ?? draft.now,
    updatedAt: draft.now,
  }
  draft.put(statement)
  tellCame(draft, statement, known)
  relink(draft, [...others, statement], id)
  return known ? 'updated' : 'applied'
}

/** Of statements without a number, others of the day are told apart by their balances. */
const keyOf = (incoming: IncomingStatement, contentHash: string): string =>
  [
    feedName(incoming, yearOf(incoming)),
    incoming.date,
    incoming.number === undefined ? contentHash : `${incoming.number}/${incoming.page ?? ''}`,
  ].join('/')

/** The first of a year follows the last of the one before. */
function neighbours(draft: Draft, incoming: IncomingStatement): readonly Statement[] {
  const year = yearOf(incoming)
  const names = [year - 1, year, year + 1].map((each) => feedName(incoming, each))
  return askTogether(names.map((name) => () => draft.find('statement', 'feed', name))).flat()
}

function checkOf({ setup: { config }, source }: Draft): Statement['check'] {
  const name = source?.import ?? ''
  return (Object.hasOwn(config.imports, name) ? config.imports[name]?.statementChain : undefined) ?? 'full'
}

function tellCame(draft: Draft, { id, state, opening, closing }: Statement, known: Statement | undefined): void {
  if (known === undefined) draft.happened({ name: 'statement.received', subject: id, after: { state } })
  else {
    const before = { opening: known.opening ?? null, closing: known.closing ?? null }
    const after = { opening: opening ?? null, closing: closing ?? null }
    draft.happened({ name: 'statement.replaced', subject: id, before, after })
  }
}

/** What came may close a gap, open one, or be the part of one that was told already. */
function relink(draft: Draft, statements: readonly Statement[], came: string): void {
  const chain = chainOf(statements)
  const at = chain.findIndex(({ statement }) => statement.id === came)
  const told = chain[at + 1]?.statement.alarmed === true
  for (const [i, link] of chain.entries()) {
    // What stands before the oldest of them is not seen from here.
    if (i > 0 || at === 0) setLink(draft, link, link.statement.id === came && told)
  }
}

function setLink(draft: Draft, { statement, state, missing }: Link, told: boolean): void {
  const { missing: before, alarmed, ...rest } = statement
  if (statement.state === state && before === missing) return
  const isTold = state === 'gap' && (told || alarmed === true)
  const { id } = draft.put<Statement>({
    ...rest,
    state,
    ...(missing !== undefined && { missing }),
    ...(isTold && { alarmed: true as const }),
    updatedAt: draft.now,
  })
  const change = { before: { state: statement.state }, after: { state } }
  if (state === 'gap') {
    draft.happened({ name: 'statement.gap', subject: id, ...change, text: missing?.slice(0, 250) ?? '' })
    if (!isTold) draft.timer(id, gapTimer, draft.now + patienceMs)
  } else {
    draft.happened({ name: 'statement.linked', subject: id, ...change })
    if (statement.state === 'gap') draft.cancelTimer(id, gapTimer)
  }
}

/** The gap has lasted: somebody is told. */
export function gapLasts(draft: Draft, id: string): void {
  const statement = draft.get('statement', id)
  if (statement?.state !== 'gap' || statement.alarmed === true) return
  const { account, missing = '', source } = draft.put<Statement>({ ...statement, alarmed: true, updatedAt: draft.now })
  raiseAlarm(draft, {
    key: `statement-gap/${id}`,
    subject: id,
    title: 'An account statement is missing',
    what: `account ${account}: ${missing}`.slice(0, 250),
    ...(source.file !== undefined && { where: `before ${source.file}` }),
    next: 'Ask the bank for it and drop it into the import folder; until then payments may be missing.',
  })
}
