import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { toInstant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'
import { type ReducedEvents, reduceEvents } from './event-reducer.ts'
import type { EventStore, PendingEvent, TicketKey } from './event-store.ts'

export interface InboxProcessorDeps {
  readonly events: EventStore
  readonly webhookHandlers: ReadonlyMap<string, WebhookHandler>
  /** Other processes keep and apply events too. */
  readonly shared: boolean
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/** Applies kept events to their tickets. */
export interface InboxProcessor {
  /** These tickets have new events. */
  schedule(keys: readonly TicketKey[]): void
  /** Resolves when nothing that was woken before waits any more. */
  idle(): Promise<void>
  /** Resolves when these tickets do not wait any more, whatever others come meanwhile. */
  applied(keys: readonly TicketKey[]): Promise<void>
  /** Applies what other processes, or this one before it died, left behind; then looks again and again. */
  start(): Promise<void>
  /** Ends after the batch under way. */
  stop(): Promise<void>
}

// A batch is one transaction. Small enough that the embedded database, which works in this thread, never holds the event loop for long.
const ticketsPerBatch = 32
const eventsPerBatch = 100
/** Tickets remembered at most; the look-out finds the others in the store. */
const maxWoken = 20_000
const lookoutMs = 1_000
/** Where nobody else leaves anything behind, and nothing was found. */
const restfulLookoutMs = 15_000
const keysPerLook = 500
/** Younger events are on their way through the process that took them. */
const leftBehindMs = 2_000
const retryMs = 250
/** How soon a ticket that another process holds is tried again. */
const busyMs = 10

const keyText = (key: TicketKey): string => JSON.stringify([key.sourceKey, key.tenant, key.externalId])
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function createInboxProcessor(deps: InboxProcessorDeps): InboxProcessor {
  const { events, webhookHandlers, shared, logger, clock } = deps
  const woken = new Map<string, TicketKey>()
  const waiters = new Set<() => void>()
  let underWay: ReadonlySet<string> = new Set()
  let stopped = false
  let lookout: NodeJS.Timeout | null = null
  let draining: Promise<void> | null = null

  const wake = (keys: readonly TicketKey[]): void => {
    for (const key of keys) if (woken.size < maxWoken) woken.set(keyText(key), key)
    if (woken.size === 0 || stopped) return
    draining ??= drain().finally(() => {
      draining = null
      wake([])
    })
  }

  const take = (): TicketKey[] => {
    const keys = [...woken.values()].slice(0, ticketsPerBatch)
    for (const key of keys) woken.delete(keyText(key))
    return keys
  }

  const tellWaiters = (): void => {
    underWay = new Set()
    for (const look of waiters) look()
  }

  const drain = async (): Promise<void> => {
    while (woken.size > 0 && !stopped) {
      const keys = take()
      underWay = new Set(keys.map(keyText))
      try {
        const left = await applyTickets(deps, keys)
        for (const key of left) woken.set(keyText(key), key)
        tellWaiters()
        await (left.length === keys.length ? pause(busyMs) : breathe())
      } catch (error) {
        for (const key of keys) woken.set(keyText(key), key)
        logger.warn({ cause: causeOf(error) }, 'events could not be applied yet')
        await pause(retryMs)
      }
    }
  }

  /** Is there likely to be more? */
  const lookOut = async (olderMs: number): Promise<boolean> => {
    const before = toInstant(clock() - olderMs)
    const found = await events.findPendingTickets([...webhookHandlers.keys()], before, keysPerLook)
    wake(found)
    return found.length > 0
  }

  const scheduleScan = (soon: boolean): void => {
    if (stopped) return
    const lookAgain = () =>
      lookOut(leftBehindMs).catch((error) => {
        logger.warn({ cause: causeOf(error) }, 'the inbox could not be looked through')
        return true
      })
    lookout = setTimeout(() => void lookAgain().then(scheduleScan), soon || shared ? lookoutMs : restfulLookoutMs).unref()
  }

  return {
    schedule: wake,
    idle: async () => {
      while (draining) await draining
    },
    applied(keys) {
      const texts = keys.map(keyText)
      return new Promise((resolve) => {
        const look = (): void => {
          if (texts.some((text) => woken.has(text) || underWay.has(text))) return
          waiters.delete(look)
          resolve()
        }
        waiters.add(look)
        look()
      })
    },
    async start() {
      scheduleScan(await lookOut(0))
    },
    async stop() {
      stopped = true
      if (lookout) clearTimeout(lookout)
      await draining
    },
  }
}

const causeOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown')

/**
 * Applies the pending events of these tickets in one transaction, and returns the tickets that may have some left. When
 * the transaction fails for another reason than the database's health, halves are tried, down to the ticket at fault.
 */
async function applyTickets(deps: InboxProcessorDeps, keys: readonly TicketKey[]): Promise<readonly TicketKey[]> {
  try {
    return await applyBatch(deps, keys)
  } catch (error) {
    if (error instanceof DeskgraphError && error.code === 'STORAGE_UNAVAILABLE') throw error
    if (keys.length === 1) return await holdAll(deps, keys, error)
    const middle = Math.ceil(keys.length / 2)
    const first = await applyTickets(deps, keys.slice(0, middle))
    return [...first, ...(await applyTickets(deps, keys.slice(middle)))]
  }
}

async function applyBatch(deps: InboxProcessorDeps, keys: readonly TicketKey[]): Promise<readonly TicketKey[]> {
  const { pending, busy, folded } = await deps.events.transaction(async (tx) => {
    const { events: pending, busy } = await tx.claim(keys, eventsPerBatch)
    if (pending.length === 0) return { pending, busy, folded: null }
    const folded = await reduceEvents(tx, pending, deps.webhookHandlers)
    await tx.saveEffects(folded.effects)
    return { pending, busy, folded }
  })
  if (folded) report(deps, pending, folded)
  return pending.length === eventsPerBatch ? keys : busy
}

function report(
  { metrics, logger }: InboxProcessorDeps,
  pending: readonly PendingEvent[],
  { effects, deadLetters, unknown }: ReducedEvents,
): void {
  const outcomes = new Map(effects.processed.map(({ id, state }) => [id, state]))
  for (const { sourceKey, field } of unknown) metrics.count('unknown_values_total', { source: sourceKey, field })
  for (const { id, sourceKey } of pending) {
    metrics.count('webhook_events_total', { source: sourceKey, outcome: (outcomes.get(id) ?? 'pending').toLowerCase() })
  }
  for (const { problem, cause } of deadLetters) logger.warn({ problem, cause: causeOf(cause) }, 'an event was quarantined')
}

/** What even alone cannot be stored goes to quarantine, so that it holds up nobody. */
async function holdAll(
  { events, logger }: InboxProcessorDeps,
  keys: readonly TicketKey[],
  cause: unknown,
): Promise<readonly TicketKey[]> {
  logger.error({ cause: causeOf(cause) }, 'the events of a ticket cannot be applied: they go to quarantine')
  await events.transaction(async (tx) => {
    const { events: pending } = await tx.claim(keys, eventsPerBatch)
    await tx.insertDeadLetters(pending.map(toHeld))
    await tx.saveEffects({ tickets: [], processed: pending.map(({ id }) => ({ id, state: 'QUARANTINED' })), changes: [] })
  })
  return []
}

function toHeld({ sourceKey, eventId, raw, receivedAt }: PendingEvent) {
  return { sourceKey, eventId, raw, receivedAt, problem: 'The event could not be stored: an internal fault.' }
}
