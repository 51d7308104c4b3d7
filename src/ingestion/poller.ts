import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeLog } from '../changes/change-log.ts'
import type { Call, Viewer } from '../domain/call.ts'
import { type Clock, now } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { ChangeRecorder, ChangeStream, NewChange, TicketEventKind } from '../domain/events.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { Leases } from '../domain/transaction.ts'
import type { TicketSource } from '../sources/source.ts'
import { createPollSnapshot, type PollSnapshot } from './poll-snapshot.ts'

export interface PollerDeps {
  /** Those that are pulled are polled; the others are left alone. */
  readonly sources: readonly TicketSource[]
  readonly recorder: ChangeRecorder
  readonly changeLog: Pick<ChangeLog, 'read' | 'bounds'>
  readonly leases: Leases
  /** Who subscribes needs the changes; a sink is a subscriber too. */
  readonly feed: Pick<ChangeStream, 'subscriberCount' | 'onSubscribed'>
  readonly intervalMsOf: (sourceKey: string) => number
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** Tells replicas apart. */
  readonly holder?: string
  /** How long a change is held back so that our own write of it can reach the journal first. */
  readonly graceMs?: number
}

/**
 * Finds the changes of pulled sources: the first page of each list, the latest update first, and on while there is news.
 * Rests while nobody needs them. Of several replicas one polls a source, under a lease; another goes on where it stops.
 * A source tells its present state only: of several changes between two looks the last is seen, and no deletion.
 */
export interface Poller {
  start(): void
  stop(): Promise<void>
  /** Polls what is due now. `start` does it several times a second while somebody subscribes. */
  tick(): Promise<void>
}

/** How often it is looked whether a source is due; between, nobody is called. */
const tickMs = 250
/** What was seen longer ago than this is not news to who subscribes now. */
const forgetAfterMs = 5 * 60_000
const journalPage = 500
/** Polls in nobody's name. */
const viewer: Viewer = { id: 'poller', email: null, name: null, scopes: new Set(), expiresAt: null }

interface Lane {
  readonly source: TicketSource
  watch: PollSnapshot | null
  /** The journal is read up to here. */
  journalAt: number
  /** Milliseconds since 1970. */
  nextAt: number
  seenAt: number
  running: boolean
  leased: boolean
}

export function createPoller(deps: PollerDeps): Poller {
  const { feed, changeLog, leases, clock, metrics, logger, graceMs = 1_000, holder = randomUUID() } = deps
  const stopping = new AbortController()
  const lanes = deps.sources.filter((source) => source.info.mode === 'PULL').map(toLane)
  let timer: NodeJS.Timeout | undefined
  let stopFollowing = (): void => {}
  let ticking: Promise<void> = Promise.resolve()

  async function tick(): Promise<void> {
    const due = lanes.filter((lane) => !lane.running && lane.nextAt <= clock())
    await Promise.all(due.map((lane) => (feed.subscriberCount() > 0 ? run(lane) : rest(lane))))
    if (feed.subscriberCount() === 0 && lanes.every((lane) => !lane.running && !lane.leased)) goToRest()
  }

  function wake(): void {
    timer ??= setInterval(() => {
      ticking = Promise.all([ticking, tick()]).then(() => {})
    }, tickMs)
  }

  function goToRest(): void {
    clearInterval(timer)
    timer = undefined
  }

  async function run(lane: Lane): Promise<void> {
    const { key } = lane.source.info
    lane.running = true
    lane.nextAt = clock() + deps.intervalMsOf(key)
    try {
      await poll(lane)
      metrics.count('polls_total', { source: key, outcome: 'ok' })
    } catch (error) {
      if (stopping.signal.aborted) return
      metrics.count('polls_total', { source: key, outcome: 'failed' })
      logger.warn({ source: key, code: error instanceof DeskgraphError ? error.code : undefined, err: error }, 'a poll failed')
    } finally {
      lane.running = false
    }
  }

  async function poll(lane: Lane): Promise<void> {
    const intervalMs = deps.intervalMsOf(lane.source.info.key)
    if (lane.watch === null || clock() - lane.seenAt > forgetAfterMs + intervalMs) return begin(lane, intervalMs)
    await catchUp(lane, lane.watch)
    lane.leased = await leases.acquire(leaseOf(lane), holder, intervalMs * 3)
    if (lane.leased) await report(lane, lane.watch)
    lane.seenAt = clock()
  }

  async function begin(lane: Lane, intervalMs: number): Promise<void> {
    const watch = createPollSnapshot(lane.source, intervalMs * 4)
    const { head } = await changeLog.bounds()
    await watch.begin(toCall())
    Object.assign(lane, { watch, journalAt: head, seenAt: clock() })
  }

  /** What others have journalled, our own writes among it, is known. */
  async function catchUp(lane: Lane, watch: PollSnapshot): Promise<void> {
    for (let more = true; more; ) {
      const slice = await changeLog.read(lane.journalAt, journalPage)
      for (const { change } of slice.changes) if (change.ticket.source.key === lane.source.info.key) watch.learn(change.ticket)
      lane.journalAt = Math.max(lane.journalAt, slice.lastSeq)
      more = slice.hasMore
    }
  }

  async function report(lane: Lane, watch: PollSnapshot): Promise<void> {
    const news = await watch.look(toCall())
    if (news.length > 0) {
      await sleep(graceMs, undefined, { signal: stopping.signal })
      await catchUp(lane, watch)
    }
    for (const ticket of news) {
      if (!watch.isNews(ticket)) continue
      await deps.recorder.record(toChange(ticket, watch, clock))
      watch.learn(ticket)
    }
    watch.settle()
  }

  /** Gives the lease back to replicas that still have subscribers. */
  async function rest(lane: Lane): Promise<void> {
    if (!lane.leased) return
    lane.leased = false
    await leases
      .release(leaseOf(lane), holder)
      .catch((error: unknown) => logger.warn({ err: error }, 'a lease could not be given back'))
  }

  function toCall(): Call {
    return { viewer, signal: stopping.signal, requestId: `poll-${randomUUID()}` }
  }

  return {
    start() {
      stopFollowing = feed.onSubscribed(wake)
      // Sinks may have subscribed before.
      if (feed.subscriberCount() > 0) wake()
    },
    async stop() {
      stopFollowing()
      goToRest()
      stopping.abort()
      await ticking
      await Promise.all(lanes.map(rest))
    },
    tick,
  }
}

function toLane(source: TicketSource): Lane {
  return { source, watch: null, journalAt: 0, nextAt: 0, seenAt: 0, running: false, leased: false }
}

function leaseOf(lane: Lane): string {
  return `poll:${lane.source.info.key}`
}

function toChange(ticket: Ticket, watch: PollSnapshot, clock: Clock): NewChange {
  const before = watch.known(ticket.id)
  const at = ticket.updatedAt !== null && ticket.updatedAt !== before?.updatedAt ? ticket.updatedAt : now(clock)
  const kind = watch.isNew(ticket) ? 'CREATED' : toKind(ticket, before)
  const summary = `${kind === 'CREATED' ? 'New' : 'Changed'} in ${ticket.source.label}`
  return { kind, ticket, before, at, actor: null, summary }
}

function toKind(ticket: Ticket, before: Ticket | null): TicketEventKind {
  if (before === null || ticket.status === before.status) return 'UPDATED'
  return ticket.status === 'CLOSED' || ticket.status === 'ESCALATED' ? ticket.status : 'STATUS_CHANGED'
}
