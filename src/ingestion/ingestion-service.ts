import type { ChangeLog } from '../changes/change-log.ts'
import { type Clock, now } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { ItemResult, WebhookHandler, WebhookRequest } from '../sources/webhook-handler.ts'
import { createBatcher } from './batcher.ts'
import { isEventContentType } from './content-type.ts'
import type { EventStore, ProcessedState } from './event-store.ts'
import { createInboxProcessor, type InboxProcessor } from './inbox-processor.ts'
import { type ReadEvent, readRequest } from './read-request.ts'

export interface IngestionServiceDeps {
  readonly store: { readonly events: EventStore; readonly changeLog: Pick<ChangeLog, 'shared'> }
  readonly webhookHandlers: readonly WebhookHandler[]
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

export interface IngestionResponse {
  readonly status: number
  readonly body: unknown
}

export interface IngestionService {
  /**
   * Takes one request of an event-fed source. What it acknowledges (2xx) is committed. 404 for a source that takes no
   * events. Throws DeskgraphError: UNSUPPORTED_MEDIA_TYPE, UNAUTHENTICATED (nothing is kept), RATE_LIMITED (too much
   * waits to be stored) or STORAGE_UNAVAILABLE (it could not be stored: send it again).
   */
  receive(sourceKey: string, request: WebhookRequest): Promise<IngestionResponse>
  /** Applies what was left behind, and goes on looking for it. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Resolves when everything taken here before is applied. */
  idle(): Promise<void>
  /** Tickets have new events in the inbox: apply them. */
  schedule(keys: readonly { readonly sourceKey: string; readonly tenant: string; readonly externalId: string }[]): void
}

const maxWaitingBytes = 64 * 1024 * 1024
const maxBatchBytes = 4 * 1024 * 1024
const maxBatchRequests = 100
/** How long an answer per item waits for its events to be applied; afterwards they are simply kept. */
const itemAnswerMs = 5_000

type Kept = readonly { readonly event: ReadEvent; readonly id: number | null }[]

const sizeOf = (event: ReadEvent): number => (event.kind === 'event' ? event.event.raw : event.held.raw).length + 512

/** Keeps the events of many requests in one commit, and gives each request its own back with their ids. */
async function keepAll(store: EventStore, requests: readonly (readonly ReadEvent[])[]): Promise<readonly Kept[]> {
  const all = requests.flat()
  const events = all.filter((item) => item.kind === 'event').map((item) => item.event)
  const held = all.filter((item) => item.kind === 'held').map((item) => item.held)
  const ids = (await store.insert(events, held)).values()
  return requests.map((items) =>
    items.map((event) => ({ event, id: event.kind === 'event' ? (ids.next().value ?? null) : null })),
  )
}

export function createIngestionService({
  store,
  webhookHandlers,
  metrics,
  logger,
  clock,
}: IngestionServiceDeps): IngestionService {
  const byKey = new Map(webhookHandlers.map((webhookHandler) => [webhookHandler.source.key, webhookHandler]))
  const processor = createInboxProcessor({
    events: store.events,
    webhookHandlers: byKey,
    shared: store.changeLog.shared,
    metrics,
    logger,
    clock,
  })
  const batcher = createBatcher<readonly ReadEvent[], Kept>({
    run: (requests) => keepAll(store.events, requests),
    maxItems: maxBatchRequests,
    maxBytes: maxBatchBytes,
    sizeOf: (items) => items.reduce((sum, item) => sum + sizeOf(item), 0),
  })

  const keep = async (webhookHandler: WebhookHandler, request: WebhookRequest): Promise<Kept> => {
    if (batcher.waitingBytes() + request.rawBody.length > maxWaitingBytes) {
      throw new DeskgraphError('RATE_LIMITED', 'Too many events wait to be stored; send this one again.', { retryAfter: 1 })
    }
    const items = readRequest(webhookHandler, request, now(clock))
    const kept = await batcher.add(items)
    processor.schedule(items.flatMap((item) => (item.kind === 'event' ? [item.event] : [])))
    reportHeld(webhookHandler, items)
    return kept
  }

  const reportHeld = (webhookHandler: WebhookHandler, items: readonly ReadEvent[]): void => {
    const source = webhookHandler.source.key
    for (const item of items) {
      if (item.kind === 'event') continue
      metrics.count('webhook_events_total', { source, outcome: 'quarantined' })
      logger.warn({ source, problem: item.held.problem }, 'an event was quarantined')
    }
  }

  return {
    async receive(sourceKey, request) {
      const startedAt = performance.now()
      const webhookHandler = byKey.get(sourceKey)
      if (!webhookHandler) return { status: 404, body: { error: 'No source of this name takes events.' } }
      if (!isEventContentType(request.contentType)) {
        throw new DeskgraphError('UNSUPPORTED_MEDIA_TYPE', 'Events are JSON or NDJSON in UTF-8.', { source: sourceKey })
      }
      if (!webhookHandler.authorise(request)) {
        metrics.count('webhook_events_total', { source: sourceKey, outcome: 'unauthorised' })
        throw new DeskgraphError('UNAUTHENTICATED', 'The event is not authorised.')
      }
      const kept = await keep(webhookHandler, request)
      const answer = webhookHandler.answersPerItem
        ? { status: 202, body: { results: await itemResults(store.events, processor.applied, kept) } }
        : { status: 200, body: { accepted: kept.length } }
      metrics.observe('webhook_ack_seconds', (performance.now() - startedAt) / 1000, { source: sourceKey })
      return answer
    },
    start: processor.start,
    stop: processor.stop,
    idle: processor.idle,
    schedule: processor.schedule,
  }
}

/** What became of each item. What is not applied yet, because others are at it, is KEPT: it is stored. */
async function itemResults(events: EventStore, applied: InboxProcessor['applied'], kept: Kept): Promise<readonly ItemResult[]> {
  const keys = kept.flatMap(({ event }) => (event.kind === 'event' ? [event.event] : []))
  await Promise.race([applied(keys), new Promise((resolve) => setTimeout(resolve, itemAnswerMs).unref())])
  const outcomes = await events.findOutcomes(kept.flatMap(({ id }) => (id === null ? [] : [id])))
  return kept.map(({ event, id }, index) => {
    if (event.kind === 'held') return { index, outcome: 'QUARANTINED', problem: event.held.problem }
    return { index, outcome: toOutcome(id === null ? undefined : outcomes.get(id)) }
  })
}

function toOutcome(state: ProcessedState | undefined): ItemResult['outcome'] {
  if (state === 'QUARANTINED') return 'QUARANTINED'
  return state === undefined || state === 'APPLIED' ? 'KEPT' : 'UNCHANGED'
}
