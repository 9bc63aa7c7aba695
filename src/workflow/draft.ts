/**
 * The batch in the making: what was known, what this decision has changed so far, and its effects.
 *
 * Reads see the draft's own changes first, so that several records of a slice build on each other.
 * A record put twice is stored once, in its last form. The draft lives inside one call of a
 * decide function and never leaves it; `toBatch` gives the plain value.
 */
import type { Batch, FileProgress, MessageUpdate, NewExportLine, NewTimer, VoidedLine } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause, NewEvent, RuleTrace } from '../core/event.ts'
import { type TimerId, timerId } from '../core/ids.ts'
import type { Known } from '../core/known.ts'
import type { NewMessage } from '../core/message.ts'
import type { Entity, EntityKind, EntityOf, Invoice, Payment, Shipment } from '../core/model.ts'
import { type ReferenceName, referencesOf } from '../core/references.ts'
import type { Order, Source } from '../core/order.ts'
import type { Setup } from './setup.ts'

/** Something that the rules listen to; they run when the change that caused it is complete. */
export interface Firing {
  readonly order: Order['id']
  readonly trigger: string
  /** Tells one firing of the trigger for the order from the next. */
  readonly occurrence: string
  /** Index of the event that fired it. */
  readonly because: number
  readonly payment?: Payment
  readonly document?: Invoice
  readonly shipment?: Shipment
  /** Why nobody is told of what follows; as the draft says when absent. */
  readonly muted?: string | undefined
}

export class Draft implements Known {
  readonly setup: Setup
  readonly cause: Cause
  readonly now: Instant
  /** Where the record that is decided stands in its file. */
  source: Source | undefined
  /** Why customers, stores and operators are told nothing, when they are not: each message is suppressed with it. */
  muted: string | undefined
  /** What the step that runs now did and could not do, for steps that stop those after them. */
  outcome: { done: number; readonly failed: string[] } = { done: 0, failed: [] }
  /** Dedupe keys, without the occurrence, of what was planned before: what is applied anew says nothing twice. */
  told: ReadonlySet<string> = new Set()
  readonly #known: Known
  readonly #put = new Map<string, Entity>()
  readonly #byReference = new Map<string, Set<string>>()
  /** Records whose names are not in `#byReference` yet, by kind: most slices never look up what they put. */
  readonly #unnamed = new Map<EntityKind, Map<string, Entity>>()
  /** Kinds of statement whose lines this decision takes. */
  readonly #origins = new Set<string>()
  readonly #events: NewEvent[] = []
  readonly #messages = new Map<string, NewMessage>()
  readonly #exports = new Map<string, NewExportLine>()
  readonly #voided: VoidedLine[] = []
  #timers: NewTimer[] = []
  readonly #cancelled: { subject: string; name: string }[] = []
  readonly #fired: TimerId[] = []
  readonly #files: FileProgress[] = []
  readonly #messageUpdates: MessageUpdate[] = []
  readonly #changes = new Map<string, number>()
  readonly #lines = new Map<string, number>()
  readonly #alarms = new Set<string>()
  readonly #firings: Firing[] = []

  constructor(setup: Setup, known: Known, cause: Cause, now: Instant) {
    this.setup = setup
    this.muted = setup.muted
    this.#known = known
    this.cause = cause
    this.now = now
  }

  get<K extends EntityKind>(kind: K, id: string): EntityOf<K> | undefined {
    const own = this.#put.get(id)
    return own === undefined ? this.#known.get(kind, id) : (own as EntityOf<K>)
  }

  find<K extends EntityKind>(kind: K, name: ReferenceName, value: string): readonly EntityOf<K>[] {
    const stored = this.#known.find(kind, name, value)
    if (this.#put.size === 0) return stored
    this.#name(kind)
    const own = this.#byReference.get(`${kind}\u0000${name}\u0000${value}`)
    if (own === undefined && stored.every(({ id }) => !this.#put.has(id))) return stored
    // Oldest first: what was stored keeps its place although it was changed here; what is new follows.
    const ids = new Set(stored.map(({ id }): string => id))
    for (const id of own ?? []) ids.add(id)
    const kept: EntityOf<K>[] = []
    for (const id of ids) {
      const mine = this.#put.get(id)
      const found = mine ?? stored.find((each) => each.id === id)
      if (found?.kind === kind && (mine === undefined || has(mine, name, value))) kept.push(found as EntityOf<K>)
    }
    return kept
  }

  /**
   * Payments of other kinds of statement under a name of the day. What this decision put is only looked through
   * where it took lines of several kinds: those of one kind are told apart by key.
   */
  findElsewhere(name: string, origin: string): readonly Payment[] {
    this.#origins.add(origin)
    if (this.#origins.size > 1) return this.find('payment', 'sameDay', name)
    const stored = this.#known.find('payment', 'sameDay', name)
    return stored.length === 0 ? stored : stored.map((payment) => this.get('payment', payment.id) ?? payment)
  }

  put<E extends Entity>(entity: E): E {
    this.#put.set(entity.id, entity)
    const unnamed = this.#unnamed.get(entity.kind)
    if (unnamed) unnamed.set(entity.id, entity)
    else this.#unnamed.set(entity.kind, new Map([[entity.id, entity]]))
    return entity
  }

  #name(kind: EntityKind): void {
    for (const entity of this.#unnamed.get(kind)?.values() ?? []) {
      for (const [name, value] of referencesOf(entity)) {
        const key = `${kind}\u0000${name}\u0000${value}`
        const ids = this.#byReference.get(key)
        if (ids) ids.add(entity.id)
        else this.#byReference.set(key, new Set([entity.id]))
      }
    }
    this.#unnamed.delete(kind)
  }

  /** Records that something happened; gives the index by which later effects refer to it. */
  happened(event: Omit<NewEvent, 'at' | 'source'>): number {
    return this.#events.push({ ...event, at: this.now, ...(this.source && { source: this.source }) }) - 1
  }

  /** Plans a message once: a second one under the same dedupe key changes nothing. */
  plan(message: NewMessage): void {
    if (!this.isPlanned(message.dedupeKey)) this.#messages.set(message.dedupeKey, message)
  }

  /** Whether this decision has planned a message under the key: its words and events need not be made again. */
  isPlanned(dedupeKey: string): boolean {
    return this.#messages.has(dedupeKey)
  }

  /** False when this decision has raised the alarm already: many bad rows are one trouble. */
  raiseOnce(key: string): boolean {
    return this.#alarms.has(key) ? false : this.#alarms.add(key) !== undefined
  }

  exportLine(line: NewExportLine): void {
    if (!this.#exports.has(line.id)) this.#exports.set(line.id, line)
  }

  /** Lines that this decision writes about the record. */
  linesAbout(subject: string): readonly NewExportLine[] {
    return [...this.#exports.values()].filter((line) => line.subject === subject)
  }

  /** A line in no file yet, stored or of this decision, is never written. */
  voidLine(line: VoidedLine): void {
    this.#voided.push(line)
  }

  timer(subject: string, name: string, dueAt: Instant): void {
    this.#timers = without(this.#timers, subject, name)
    this.#timers.push({ id: timerId(subject, name, dueAt), name, subject, dueAt })
  }

  cancelTimer(subject: string, name: string): void {
    this.#timers = without(this.#timers, subject, name)
    this.#cancelled.push({ subject, name })
  }

  timerFired(id: TimerId): void {
    this.#fired.push(id)
  }

  fileProgress(progress: FileProgress): void {
    this.#files.push(progress)
  }

  updateMessage(update: MessageUpdate): void {
    this.#messageUpdates.push(update)
  }

  /** What follows is told to people or not as it is now, whatever else is decided until its rules run. */
  fire(firing: Firing): void {
    this.#firings.push({ ...firing, muted: firing.muted ?? this.muted })
  }

  /** The next firing whose rules have not run yet, oldest first. */
  nextFiring(): Firing | undefined {
    return this.#firings.shift()
  }

  /** How often the record has changed its status since the rules last came to rest, this time included. */
  countChange(id: string): number {
    return countUp(this.#changes, id)
  }

  /** The rules have come to rest: what changes from here on has another cause. */
  forgetChanges(): void {
    this.#changes.clear()
  }

  /** The number of an export line among those that this decision writes about the record: 1, 2, 3 …. */
  countLine(id: string): number {
    return countUp(this.#lines, id)
  }

  toBatch(): Batch {
    return {
      cause: this.cause,
      at: this.now,
      put: [...this.#put.values()],
      events: this.#events,
      messages: [...this.#messages.values()],
      exports: [...this.#exports.values()],
      voidLines: this.#voided,
      timers: this.#timers,
      cancelTimers: this.#cancelled,
      firedTimers: this.#fired,
      files: this.#files,
      messageUpdates: this.#messageUpdates,
      receipts: [],
      exportFiles: [],
      slots: [],
    }
  }
}

const has = (entity: Entity, name: ReferenceName, value: string): boolean =>
  referencesOf(entity).some((reference) => reference[0] === name && reference[1] === value)

const without = (timers: readonly NewTimer[], subject: string, name: string): NewTimer[] =>
  timers.filter((timer) => timer.subject !== subject || timer.name !== name)

function countUp(counts: Map<string, number>, id: string): number {
  const count = (counts.get(id) ?? 0) + 1
  counts.set(id, count)
  return count
}

/** Why an effect came about: the rule behind it and the event that led to it. */
export interface Because {
  readonly event: number
  readonly trace?: RuleTrace
}
