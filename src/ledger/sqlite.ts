/**
 * A thin layer over node:sqlite that closes its traps (libraries, section 9).
 *
 * Statements are prepared once and kept; what is bound must be text, a safe whole number or null
 * (a Date would store NULL, true would store 1), and exactly as many values as the statement has
 * marks. A transaction that may write begins `immediate`. Everything is synchronous: no other code
 * of this process runs in the middle of a transaction. Throws LedgerError with the statement and the cause.
 */
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { LedgerError } from './ledger-errors.ts'

/** What may be bound to a `?`. Instants and money are whole numbers; decimals and dates are text. */
export type Bind = string | number | null

/** One SQL statement with the shape of its rows; its marks are `?`, which stands nowhere else in it. */
export interface Query<Row extends object = never> {
  readonly sql: string
  /** Never set: carries the type only. */
  readonly row?: Row
}

export const query = <Row extends object = never>(sql: string): Query<Row> => ({ sql })

/** Prepared like all others: they run several times for each message. */
const controls = {
  begin: query('begin'),
  immediate: query('begin immediate'),
  commit: query('commit'),
  rollback: query('rollback'),
  savepoint: query('savepoint job'),
  release: query('release job'),
  back: query('rollback to job'),
}

export interface Written {
  /** Rows changed. */
  readonly changes: number
  /** Integer key of the last inserted row. */
  readonly key: number
}

interface Prepared {
  readonly statement: StatementSync
  readonly marks: number
}

export class Sqlite implements Disposable {
  readonly path: string
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, Prepared>()

  /** `waitMs`: how long one statement may stand still for a lock (the event loop stands still with it). */
  constructor(path: string, options: { readonly readOnly: boolean; readonly waitMs: number }) {
    this.path = path
    try {
      this.#db = new DatabaseSync(path, {
        readOnly: options.readOnly,
        timeout: options.waitMs,
        enableForeignKeyConstraints: true,
      })
    } catch (error) {
      throw new LedgerError(`${path}: the ledger cannot be opened: ${textOf(error)}`, { cause: error })
    }
  }

  /** For `backup()` of node:sqlite, which wants the connection itself. */
  get connection(): DatabaseSync {
    return this.#db
  }

  get isTransaction(): boolean {
    return this.#db.isTransaction
  }

  all<Row extends object>(query: Query<Row>, ...binds: readonly Bind[]): readonly Row[] {
    return this.#call(query, binds, (statement) => statement.all(...binds)) as unknown as readonly Row[]
  }

  get<Row extends object>(query: Query<Row>, ...binds: readonly Bind[]): Row | undefined {
    return this.#call(query, binds, (statement) => statement.get(...binds)) as Row | undefined
  }

  run(query: Query, ...binds: readonly Bind[]): Written {
    const { changes, lastInsertRowid } = this.#call(query, binds, (statement) => statement.run(...binds))
    return { changes: Number(changes), key: Number(lastInsertRowid) }
  }

  /** Statements without values and without rows: pragmas and DDL. */
  execute(sql: string): void {
    try {
      this.#db.exec(sql)
    } catch (error) {
      throw failure(sql, error)
    }
  }

  /** The value of a pragma as text, e.g. `wal`. */
  pragma(name: string): string {
    const row = this.get(query<Record<string, Bind>>(`pragma ${name}`))
    return String(Object.values(row ?? {})[0] ?? '')
  }

  /** All reads in `work` see one state of the ledger. */
  snapshot<T>(work: () => T): T {
    return this.#within(controls.begin, work)
  }

  /**
   * Writes all of `work` or nothing. `immediate`, since a transaction that read first and writes
   * after another's commit fails at once, whatever the timeout (errcode 517).
   */
  transaction<T>(work: () => T): T {
    return this.#within(controls.immediate, work)
  }

  /** The same for work that says itself whether it is to be kept. */
  attempt<T>(work: () => { readonly keep: boolean; readonly value: T }): T {
    return this.#within(controls.immediate, work, ({ keep }) => keep).value
  }

  [Symbol.dispose](): void {
    this.#prepared.clear()
    if (this.#db.isOpen) this.#db.close()
  }

  /** Work of which nothing remains when it throws or says so; only within a transaction. */
  savepoint<T>(work: () => { readonly keep: boolean; readonly value: T }): T {
    this.run(controls.savepoint)
    try {
      const { keep, value } = work()
      if (!keep) this.run(controls.back)
      this.run(controls.release)
      return value
    } catch (error) {
      // Without a transaction the database has taken back everything already.
      if (this.#db.isTransaction) {
        this.run(controls.back)
        this.run(controls.release)
      }
      throw error
    }
  }

  #within<T>(begin: Query, work: () => T, isKept: (result: T) => boolean = () => true): T {
    this.run(begin)
    try {
      const result = work()
      this.run(isKept(result) ? controls.commit : controls.rollback)
      return result
    } catch (error) {
      // Some failures (disk full) have rolled back already.
      if (this.#db.isTransaction) this.execute('rollback')
      throw error
    }
  }

  #call<T>({ sql }: Query<object>, binds: readonly Bind[], work: (statement: StatementSync) => T): T {
    const prepared = this.#prepared.get(sql) ?? this.#prepare(sql)
    checkBinds(sql, binds, prepared.marks)
    try {
      return work(prepared.statement)
    } catch (error) {
      throw failure(sql, error)
    }
  }

  #prepare(sql: string): Prepared {
    try {
      const statement = this.#db.prepare(sql)
      // `prepare` silently ignores everything after the first statement.
      if (statement.sourceSQL.length < sql.trimEnd().length) throw new TypeError('more than one statement')
      const prepared = { statement, marks: sql.split('?').length - 1 }
      this.#prepared.set(sql, prepared)
      return prepared
    } catch (error) {
      throw failure(sql, error)
    }
  }
}

/** Whether the error says that another process holds the lock (SQLITE_BUSY and its variants). */
export function isBusy(error: unknown): boolean {
  const cause = error instanceof LedgerError ? error.cause : error
  return cause instanceof Error && 'errcode' in cause && (Number(cause.errcode) & 0xff) === 5
}

function checkBinds(sql: string, binds: readonly Bind[], marks: number): void {
  // A value too few would silently be NULL.
  if (binds.length !== marks) throw new TypeError(`${head(sql)}: ${marks} values expected, found ${binds.length}`)
  for (const value of binds) {
    if (typeof value === 'string' || value === null || Number.isSafeInteger(value)) continue
    throw new TypeError(`${head(sql)}: a bound value must be text, a safe whole number or null; found ${show(value)}`)
  }
}

const failure = (sql: string, error: unknown): LedgerError =>
  new LedgerError(`ledger: ${textOf(error)} (in: ${head(sql)})`, { cause: error })

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const head = (sql: string): string => sql.replace(/\s+/g, ' ').trim().slice(0, 80)
const show = (value: unknown): string => (value instanceof Date ? 'a Date' : `${typeof value} ${String(value)}`)
