/**
 * Records by a filter of a person: kind, fields, number, time, page by page in order of arrival.
 *
 * The state by which a kind is counted is a column; other fields are read from the stored JSON, so
 * such a filter reads every record of the kind. Values are bound, never part of the statement.
 * Throws RangeError for a field that is not a dotted name.
 */
import { assertNever } from '../core/assert-never.ts'
import type { Entity, EntityKind } from '../core/model.ts'
import type { RecordFilter } from './ledger.ts'
import { entityOf } from './rows.ts'
import { query } from './sqlite.ts'
import type { Bind, Sqlite } from './sqlite.ts'
import type { RecordRow } from './statements.ts'

interface Condition {
  readonly sql: string
  readonly binds: readonly Bind[]
}

export function findRecords(db: Sqlite, filter: RecordFilter): readonly Entity[] {
  const conditions = conditionsOf(filter)
  const where = conditions.map(({ sql }) => sql).join(' and ')
  const { sortBy = [] } = filter
  for (const field of sortBy) checkField(field)
  const fields = sortBy.map(() => 'json_extract(data, ?)')
  const first = fields.length === 0 ? '' : `coalesce(${[...fields, 'null'].join(', ')}) nulls last, `
  const sql = `select id, kind, version, data from record where ${where} order by ${first}key limit ?`
  const binds = [...conditions.flatMap((each) => each.binds), ...sortBy.map((field) => `$.${field}`)]
  return db.all(query<RecordRow>(sql), ...binds, filter.limit).map(entityOf)
}

function conditionsOf({
  kind,
  where,
  between,
  named,
  number,
  since,
  until,
  after,
  notNamed,
}: RecordFilter): readonly Condition[] {
  const list: Condition[] = [{ sql: 'kind = ?', binds: [kind] }]
  if (number !== undefined) list.push(byNumber(kind, number))
  if (since !== undefined) list.push({ sql: 'created_at >= ?', binds: [since] })
  if (until !== undefined) list.push({ sql: 'created_at < ?', binds: [until] })
  if (after !== undefined) list.push({ sql: 'key > (select key from record where id = ?)', binds: [after] })
  for (const [field, value] of Object.entries(where ?? {})) list.push(byField(kind, field, value))
  for (const [field, { from, to }] of Object.entries(between ?? {})) {
    if (from !== undefined) list.push(byLimit(field, '>=', from))
    if (to !== undefined) list.push(byLimit(field, '<=', to))
  }
  for (const { name, value } of notNamed ?? []) list.push(byNoName(kind, name, value))
  for (const { names, values, orIn } of named ?? []) {
    const byNames = byName(kind, names, values)
    list.push(orIn === undefined ? byNames : either(byNames, byText(orIn, values[0] ?? '')))
  }
  return list
}

function byNumber(kind: EntityKind, number: string): Condition {
  switch (kind) {
    case 'order':
    case 'customer':
    case 'invoice':
    case 'clearingFile':
    case 'shipment':
      return {
        sql: "key in (select record from reference where name = 'number' and value = ? and kind = ?)",
        binds: [number, kind],
      }
    case 'clearing':
    case 'movement':
    case 'dispatch':
      return byJson('orderNumber', number)
    case 'payment':
      return byJson('bankKey', number)
    case 'store':
      return byJson('code', number)
    case 'optOut':
      return byJson('address', number)
    case 'mapping':
      return byJson('key', number)
    case 'stockLevel':
      return byJson('sku', number)
    case 'parked':
      return byJson('waitsFor', number)
    case 'statement':
      return byJson('number', number)
    case 'run':
      return byJson('id', number)
    case 'command':
      return byJson('key', number)
    default:
      return assertNever(kind, 'kind of record')
  }
}

/** The field of each kind that stands in the column `state` (see state-of). */
const stateFields: { readonly [K in EntityKind]?: string } = {
  order: 'status',
  payment: 'state',
  invoice: 'state',
  dispatch: 'state',
  shipment: 'state',
  parked: 'state',
  run: 'state',
  statement: 'state',
  command: 'state',
  mapping: 'state',
  optOut: 'state',
  clearing: 'state',
  clearingFile: 'state',
  movement: 'move',
}

function byField(kind: EntityKind, field: string, value: string): Condition {
  if (field === stateFields[kind]) return { sql: 'state = ?', binds: [value] }
  checkField(field)
  return byJson(field, value)
}

const byNoName = (kind: EntityKind, name: string, value: string): Condition => ({
  sql: `not exists (select 1 from reference
        where reference.name = ? and reference.value = ? and reference.kind = ? and reference.record = record.key)`,
  binds: [name, value, kind],
})

function checkField(field: string): void {
  if (/^[A-Za-z]\w{0,63}(\.[A-Za-z]\w{0,63}){0,5}$/.test(field)) return
  throw new RangeError(`filter: "${field}" is not a field; expected a name such as status or collect.processing`)
}

const byLimit = (field: string, sign: '>=' | '<=', value: string): Condition => {
  checkField(field)
  return { sql: `json_extract(data, ?) ${sign} ?`, binds: [`$.${field}`, value] }
}

const byName = (kind: EntityKind, names: readonly string[], values: readonly string[]): Condition => ({
  sql: `key in (select record from reference where name in (select value from json_each(?))
        and value in (select value from json_each(?)) and kind = ?)`,
  binds: [JSON.stringify(names), JSON.stringify(values), kind],
})

const either = (a: Condition, b: Condition): Condition => ({
  sql: `(${a.sql} or ${b.sql})`,
  binds: [...a.binds, ...b.binds],
})

const byText = (field: string, text: string): Condition => {
  checkField(field)
  return { sql: "instr(upper(coalesce(json_extract(data, ?), '')), upper(?)) > 0", binds: [`$.${field}`, text] }
}

/** Compares as text; truth values are compared as `true` and `false`. */
const byJson = (field: string, value: string): Condition => ({
  sql: "(case json_type(data, ?) when 'true' then 'true' when 'false' then 'false' else cast(json_extract(data, ?) as text) end) = ?",
  binds: [`$.${field}`, `$.${field}`, value],
})
