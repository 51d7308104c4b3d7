import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call, Viewer } from '../domain/call.ts'
import { type Clock, now } from '../domain/clock.ts'
import { type Instant, toEpochMs } from '../domain/instant.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { CheckpointStore, Leases, UnitOfWork } from '../domain/transaction.ts'
import type { TicketSource } from '../sources/source.ts'
import { isChange, type Observation, recordObservations, toRef } from './observed-changes.ts'
import { scanList, startOf } from './poll-scan.ts'

export interface SourcePollerDeps {
  readonly store: UnitOfWork
  readonly checkpoints: CheckpointStore
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

/** How far a source is polled. It is stored, so that the next poll continues there, on any replica. */
interface Checkpoint {
  /** Every update before this time is known, apart from those that the source's list shows late. */
  readonly watermark: Instant
  /** When the last complete poll began. */
  readonly polledAt: Instant
  /** Where the source's export of changes continues, and when it was read last. null: it was not read yet. */
  readonly exportCursor: string | null
  readonly exportedAt: Instant | null
}

/** After a longer pause than this, a poll starts afresh: what happened meanwhile is not reported. */
const maxPauseMs = 24 * 3_600_000
const defaultListLagMs = 5_000
/** Few enough that a subscriber keeps up, and that other writers do not wait long. */
const maxPerTransaction = 50
/** Exports show a change late and are narrowly limited: the list finds changes first. */
const exportIntervalMs = 60_000
const exportPages = 10
/** A poll has no user. */
const viewer: Viewer = { id: 'poller', email: null, name: null, scopes: new Set(), expiresAt: null }

/** Polls one source and records its changes. Of several replicas, the one with the lease polls. */
export class SourcePoller {
  readonly #source: TicketSource
  readonly #deps: SourcePollerDeps
  readonly #name: string
  readonly #lagMs: number
  #hasLease = false

  constructor(source: TicketSource, deps: SourcePollerDeps) {
    this.#source = source
    this.#deps = deps
    this.#name = `poll:${source.info.key}`
    this.#lagMs = source.listLagMs ?? defaultListLagMs
  }

  get hasLease(): boolean {
    return this.#hasLease
  }

  /** Rejects with the error of the source or the store. The next poll then finds the same changes. */
  async poll(): Promise<void> {
    const { clock, leases, holder, intervalMs } = this.#deps
    this.#hasLease = await leases.acquire(this.#name, holder, intervalMs() * 3)
    if (!this.#hasLease) return
    const checkpoint = await this.#findCheckpoint()
    const isStale = checkpoint !== null && clock() - toEpochMs(checkpoint.polledAt) > maxPauseMs
    if (checkpoint === null || isStale) return this.#startAfresh()
    const polled = await this.#pollList(checkpoint)
    await this.#deps.checkpoints.saveCheckpoint(this.#name, polled)
    await this.#readExport(polled)
  }

  /** Lets a replica that still has subscribers poll. Never rejects: the lease also expires by itself. */
  async releaseLease(): Promise<void> {
    if (!this.#hasLease) return
    this.#hasLease = false
    try {
      await this.#deps.leases.release(this.#name, this.#deps.holder)
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the lease of a poll could not be released; it expires after three intervals')
    }
  }

  /** Seconds since the last complete poll began, on any replica. null: there was none. */
  async findLag(): Promise<number | null> {
    const checkpoint = await this.#findCheckpoint()
    return checkpoint && Math.max(0, (this.#deps.clock() - toEpochMs(checkpoint.polledAt)) / 1000)
  }

  async #findCheckpoint(): Promise<Checkpoint | null> {
    return (await this.#deps.checkpoints.findCheckpoint(this.#name)) as Checkpoint | null
  }

  /** The tickets at the beginning of the list are known as they are now: they are not changes. */
  async #startAfresh(): Promise<void> {
    const { clock, store, checkpoints } = this.#deps
    const startedAt = now(clock)
    const options = { knownBefore: null, lagMs: this.#lagMs, selectChanged: async () => [], now: startedAt }
    const { read, latest } = await scanList(this.#source, options, this.#createCall())
    await store.transaction((tx) => tx.saveObserved(read))
    const checkpoint: Checkpoint = { watermark: latest ?? startedAt, polledAt: startedAt, exportCursor: null, exportedAt: null }
    await checkpoints.saveCheckpoint(this.#name, checkpoint)
  }

  async #pollList(checkpoint: Checkpoint): Promise<Checkpoint> {
    const { clock, logger, graceMs, signal } = this.#deps
    const startedAt = now(clock)
    const range = { knownBefore: checkpoint.watermark, lagMs: this.#lagMs }
    const since = startOf(range)
    const options = { newSince: since, changedSince: since, readById: false }
    const selectChanged = (tickets: readonly Ticket[]) => this.#selectChanged(tickets, options)
    const scan = await scanList(this.#source, { ...range, selectChanged, now: startedAt }, this.#createCall())
    if (!scan.complete) {
      const message = 'the list has more changes than one poll reads; the oldest of them are not recorded'
      logger.warn({ source: this.#source.info.key, since }, message)
    }
    if (scan.changed.length > 0) await sleep(graceMs, undefined, { signal })
    await this.#record(
      scan.changed.map((ticket) => ({ ref: toRef(ticket), ticket })),
      options,
    )
    const watermark = scan.latest !== null && scan.latest > checkpoint.watermark ? scan.latest : checkpoint.watermark
    return { ...checkpoint, watermark, polledAt: startedAt }
  }

  async #selectChanged(tickets: readonly Ticket[], options: Parameters<typeof recordObservations>[3]) {
    const known = await this.#deps.store.transaction((tx) => tx.findObserved(tickets.map(toRef)))
    return tickets.filter((ticket, index) => isChange(this.#source, ticket, known[index] ?? null, options))
  }

  /** Where the source has one: what its list does not show, such as tickets that are gone. */
  async #readExport(checkpoint: Checkpoint): Promise<void> {
    const { clock, checkpoints } = this.#deps
    const { exportedAt, watermark } = checkpoint
    if (!this.#source.changesSince) return
    if (exportedAt !== null && clock() - toEpochMs(exportedAt) < exportIntervalMs) return
    const since = startOf({ knownBefore: watermark, lagMs: this.#lagMs })
    let cursor = checkpoint.exportCursor
    for (let page = 0; page < exportPages; page++) {
      const request = { since, cursor, limit: this.#source.maxPageSize }
      const slice = await this.#source.changesSince(request, this.#createCall())
      const options = { newSince: since, readById: true, ...(checkpoint.exportCursor === null && { changedSince: since }) }
      await this.#record(
        [
          ...slice.tickets.map((ticket) => ({ ref: toRef(ticket), ticket })),
          ...slice.removed.map((ref) => ({ ref, ticket: null, told: true })),
        ],
        options,
      )
      // Only now: a process that is killed before reads this slice again.
      const next = { ...checkpoint, exportCursor: slice.cursor ?? cursor, exportedAt: now(clock) }
      await checkpoints.saveCheckpoint(this.#name, next)
      if (slice.end || slice.cursor === null || slice.cursor === cursor) return
      cursor = slice.cursor
    }
  }

  async #record(observations: readonly Observation[], options: Parameters<typeof recordObservations>[3]): Promise<void> {
    for (let from = 0; from < observations.length; from += maxPerTransaction) {
      this.#deps.signal.throwIfAborted()
      await recordObservations(this.#deps, this.#source, observations.slice(from, from + maxPerTransaction), options)
    }
  }

  #createCall(): Call {
    return { viewer, signal: this.#deps.signal, requestId: `poll-${randomUUID()}`, priority: 'polling' }
  }
}
