import type { ChangeLog } from '../changes/change-log.ts'
import { type Clock, now } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { ItemResult, WebhookHandler, WebhookRequest } from '../sources/webhook-handler.ts'
import type { EventStore, ProcessedState, TicketKey } from './event-store.ts'
import { createInboxProcessor, type InboxProcessor } from './inbox-processor.ts'
import { InboxWriter, type StoredEvent } from './inbox-writer.ts'
import { type ReceivedEvent, toReceivedEvent } from './received-event.ts'

export interface IngestionServiceDeps {
  readonly store: { readonly events: EventStore; readonly changeLog: Pick<ChangeLog, 'shared'> }
  readonly webhookHandlers: readonly WebhookHandler[]
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/** The HTTP status and the JSON body that acknowledge a webhook. */
export interface IngestionResponse {
  readonly status: number
  readonly body: unknown
}

/** Receives webhooks: verifies a request, splits it into events, stores their raw bytes, and acknowledges it after the commit. */
export interface IngestionService {
  /**
   * Receives one request. A 2xx response means that all of its events are committed; events that cannot be understood are committed
   * as dead letters (WEBHOOK-06). 404: no webhook source has this key. Throws DeskgraphError: UNAUTHENTICATED
   * (nothing is stored), RATE_LIMITED (too much waits to be stored), STORAGE_UNAVAILABLE (not stored; send it again).
   */
  receive(sourceKey: string, request: WebhookRequest): Promise<IngestionResponse>
  /** Processes events that were left behind, now and from time to time. Rejects when the store cannot be read. */
  start(): Promise<void>
  /** Resolves after the batch that is being processed. */
  stop(): Promise<void>
  /** Resolves when everything that was received before is processed. */
  idle(): Promise<void>
  /** Processes the pending events of these tickets soon. */
  schedule(keys: readonly TicketKey[]): void
}

/** How long a response with a result per event waits for their processing. After that, unprocessed events count as KEPT. */
const itemResultsTimeoutMs = 5_000

export function createIngestionService(deps: IngestionServiceDeps): IngestionService {
  const { store, metrics, clock } = deps
  const webhookHandlers = new Map(deps.webhookHandlers.map((handler) => [handler.source.key, handler]))
  const processor = createInboxProcessor({ ...deps, events: store.events, webhookHandlers, shared: store.changeLog.shared })
  const writer = new InboxWriter(store.events)

  /** Resolves after the commit. */
  async function storeEvents(handler: WebhookHandler, request: WebhookRequest): Promise<readonly StoredEvent[]> {
    writer.checkCapacity(request.rawBody.length)
    const receivedAt = now(clock)
    const events = handler.split(request).map((event) => toReceivedEvent(handler, event, receivedAt))
    const stored = await writer.write(events)
    processor.schedule(events.flatMap(ticketKeyOf))
    reportDeadLetters(deps, events)
    return stored
  }

  return {
    async receive(sourceKey, request) {
      const startedAt = performance.now()
      const handler = webhookHandlers.get(sourceKey)
      if (!handler) return { status: 404, body: { error: 'No webhook source has this key. Check the end of the address.' } }
      if (!handler.authorise(request)) {
        metrics.count('webhook_events_total', { source: sourceKey, outcome: 'unauthorised' })
        throw new DeskgraphError(
          'UNAUTHENTICATED',
          'The signature or secret of this webhook is missing or wrong. Nothing was stored.',
        )
      }
      const stored = await storeEvents(handler, request)
      const response = handler.answersPerItem
        ? { status: 202, body: { results: await findItemResults(store.events, processor, stored) } }
        : { status: 200, body: { accepted: stored.length } }
      metrics.observe('webhook_ack_seconds', (performance.now() - startedAt) / 1000, { source: sourceKey })
      return response
    },
    start: () => processor.start(),
    stop: () => processor.stop(),
    idle: () => processor.idle(),
    schedule: (keys) => processor.schedule(keys),
  }
}

function ticketKeyOf(received: ReceivedEvent): readonly TicketKey[] {
  return received.kind === 'event' ? [received.event] : []
}

function reportDeadLetters({ metrics, logger }: IngestionServiceDeps, events: readonly ReceivedEvent[]): void {
  for (const received of events) {
    if (received.kind === 'event') continue
    const { sourceKey, problem } = received.deadLetter
    metrics.count('webhook_events_total', { source: sourceKey, outcome: 'quarantined' })
    logger.warn({ source: sourceKey, problem }, 'an event became a dead letter; see the quarantine')
  }
}

/** What became of each event of a request, in its order. */
async function findItemResults(
  store: EventStore,
  processor: InboxProcessor,
  stored: readonly StoredEvent[],
): Promise<readonly ItemResult[]> {
  const processed = processor.whenProcessed(stored.flatMap(({ received }) => ticketKeyOf(received)))
  await Promise.race([processed, new Promise((resolve) => setTimeout(resolve, itemResultsTimeoutMs).unref())])
  const outcomes = await store.findOutcomes(stored.flatMap(({ id }) => id ?? []))
  return stored.map(({ received, id }, index) => {
    if (received.kind === 'deadLetter') return { index, outcome: 'QUARANTINED', problem: received.deadLetter.problem }
    return { index, outcome: toItemOutcome(id === null ? undefined : outcomes.get(id)) }
  })
}

/** An event that is stored and not processed yet is KEPT. */
function toItemOutcome(state: ProcessedState | undefined): ItemResult['outcome'] {
  if (state === 'QUARANTINED') return 'QUARANTINED'
  return state === undefined || state === 'APPLIED' ? 'KEPT' : 'UNCHANGED'
}
