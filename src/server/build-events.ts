import { createChangeStream } from '../changes/change-stream.ts'
import { createRedisPubSub } from '../changes/pub-sub.ts'
import type { Store } from '../db/open-store.ts'
import type { Clock } from '../domain/clock.ts'
import type { DeadLetters } from '../domain/events.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { createDeadLetters } from '../ingestion/dead-letters.ts'
import { createIngestionService, type IngestionService } from '../ingestion/ingestion-service.ts'
import type { FastParts } from '../performance/index.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'

export interface EventsDeps {
  readonly store: Store
  readonly webhookHandlers: readonly WebhookHandler[]
  readonly redisUrl: string | null
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly fast: FastParts | null
}

export interface EventsParts {
  readonly ingestion: IngestionService
  readonly deadLetters: DeadLetters
  readonly changes: ReturnType<typeof createChangeStream>
  close(): Promise<void>
}

/** Events in, and changes out to subscribers. */
export async function buildEvents({ redisUrl, ...deps }: EventsDeps): Promise<EventsParts> {
  const { store, webhookHandlers, logger, metrics, fast } = deps
  const pubSub = redisUrl === null ? undefined : await createRedisPubSub({ redisUrl, logger })
  const { changeLog } = store
  const changes = createChangeStream({ changeLog, pubSub, metrics, logger, createDispatcher: fast?.createDispatcher })
  const ingestion = createIngestionService(deps)
  return {
    ingestion,
    deadLetters: createDeadLetters({ store, webhookHandlers, ingestion }),
    changes,
    async close() {
      changes.close()
      await ingestion.stop()
      await pubSub?.close()
    },
  }
}
