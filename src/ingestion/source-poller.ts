import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeLog } from '../changes/change-log.ts'
import type { Call, Viewer } from '../domain/call.ts'
import { kindOf, summarize } from '../domain/change-description.ts'
import { type Clock, now } from '../domain/clock.ts'
import type { ChangeRecorder, NewChange } from '../domain/events.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import { changesOf } from '../domain/ticket-diff.ts'
import type { Leases } from '../domain/transaction.ts'
import type { TicketSource } from '../sources/source.ts'
import { PollSnapshot } from './poll-snapshot.ts'

export interface SourcePollerDeps {
  readonly recorder: ChangeRecorder
  readonly changeLog: Pick<ChangeLog, 'read' | 'bounds'>
  readonly leases: Leases
  readonly logger: Logger
  readonly clock: Clock
  /** Identifies this process among the replicas. */
  readonly holder: string
  /** How long a change waits before it is recorded, so that the write of this gateway that caused it is recorded first. */
  readonly graceMs: number
  readonly intervalMs: () => number
  /** Aborts the current poll. */
  readonly signal: AbortSignal
}

/** After a longer pause than this, a poll starts afresh: what happened meanwhile is not reported. */
const maxPauseMs = 5 * 60_000
const changeLogPageSize = 500
/** A poll has no user. */
const viewer: Viewer = { id: 'poller', email: null, name: null, scopes: new Set(), expiresAt: null }

/** Polls one source and records its changes. Of several replicas, the one with the lease records them; the others keep up to date. */
export class SourcePoller {
  readonly #source: TicketSource
  readonly #deps: SourcePollerDeps
  readonly #leaseName: string
  /** Null until the first poll. */
  #snapshot: PollSnapshot | null = null
  /** The change log is read up to this number. */
  #readThrough = 0
  /** In milliseconds since 1970. */
  #lastPollAt = 0
  #hasLease = false

  constructor(source: TicketSource, deps: SourcePollerDeps) {
    this.#source = source
    this.#deps = deps
    this.#leaseName = `poll:${source.info.key}`
  }

  get hasLease(): boolean {
    return this.#hasLease
  }

  /** Rejects with the error of the source or the store. The next poll then finds the same changes. */
  async poll(): Promise<void> {
    const { clock, leases, holder, intervalMs } = this.#deps
    const isStale = clock() - this.#lastPollAt > maxPauseMs + intervalMs()
    if (this.#snapshot === null || isStale) return this.#startAfresh()
    await this.#recordFromChangeLog(this.#snapshot)
    this.#hasLease = await leases.acquire(this.#leaseName, holder, intervalMs() * 3)
    if (this.#hasLease) await this.#recordChanges(this.#snapshot)
    this.#lastPollAt = clock()
  }

  /** Lets a replica that still has subscribers poll. Never rejects: the lease also expires by itself. */
  async releaseLease(): Promise<void> {
    if (!this.#hasLease) return
    this.#hasLease = false
    try {
      await this.#deps.leases.release(this.#leaseName, this.#deps.holder)
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the lease of a poll could not be released; it expires after three intervals')
    }
  }

  async #startAfresh(): Promise<void> {
    const snapshot = new PollSnapshot(this.#source, this.#deps.intervalMs() * 4)
    const { head } = await this.#deps.changeLog.bounds()
    await snapshot.initialize(this.#createCall())
    this.#snapshot = snapshot
    this.#readThrough = head
    this.#lastPollAt = this.#deps.clock()
  }

  /** Changes that are in the log already, such as our own writes and those of other replicas, are not reported again. */
  async #recordFromChangeLog(snapshot: PollSnapshot): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      const slice = await this.#deps.changeLog.read(this.#readThrough, changeLogPageSize)
      for (const { change } of slice.changes) {
        if (change.ticket.source.key === this.#source.info.key) snapshot.record(change.ticket)
      }
      this.#readThrough = Math.max(this.#readThrough, slice.lastSeq)
      hasMore = slice.hasMore
    }
  }

  async #recordChanges(snapshot: PollSnapshot): Promise<void> {
    const { recorder, clock, graceMs, signal } = this.#deps
    const changed = await snapshot.scan(this.#createCall())
    if (changed.length > 0) {
      await sleep(graceMs, undefined, { signal })
      await this.#recordFromChangeLog(snapshot)
    }
    for (const ticket of changed) {
      if (!snapshot.isChanged(ticket)) continue
      await recorder.record(toChange(ticket, snapshot, clock))
      snapshot.record(ticket)
    }
    snapshot.finishScan()
  }

  #createCall(): Call {
    return { viewer, signal: this.#deps.signal, requestId: `poll-${randomUUID()}`, priority: 'polling' }
  }
}

function toChange(ticket: Ticket, snapshot: PollSnapshot, clock: Clock): NewChange {
  const before = snapshot.before(ticket)
  const at = ticket.updatedAt !== null && ticket.updatedAt !== before?.updatedAt ? ticket.updatedAt : now(clock)
  const kind = snapshot.isNew(ticket) ? 'CREATED' : kindOf(before, ticket)
  return { kind, ticket, before, at, actor: null, summary: summarize(kind, changesOf({ before, ticket })) }
}
