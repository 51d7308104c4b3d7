import { createChangeStream } from '../changes/change-stream.ts'
import { createLocalPubSub, type PubSub } from '../changes/pub-sub.ts'
import type { Store } from '../db/open-store.ts'
import type { Clock } from '../domain/clock.ts'
import type { DeadLetters } from '../domain/events.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { createDeadLetters } from '../ingestion/dead-letters.ts'
import { createIngestionService, type IngestionService } from '../ingestion/ingestion-service.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'

export interface EventsDeps {
  readonly store: Store
  readonly webhookHandlers: readonly WebhookHandler[]
  readonly redisUrl: string | null
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

export interface EventsParts {
  readonly ingestion: IngestionService
  readonly deadLetters: DeadLetters
  readonly changes: ReturnType<typeof createChangeStream>
  close(): Promise<void>
}

/** Events in, and changes out to subscribers. */
export async function buildEvents({ redisUrl, ...deps }: EventsDeps): Promise<EventsParts> {
  const { store, webhookHandlers, logger, metrics } = deps
  const bus = redisUrl === null ? createLocalPubSub() : await loadRedisBus(redisUrl, logger)
  const changes = createChangeStream({ changeLog: store.changeLog, bus, metrics, logger })
  const ingestion = createIngestionService(deps)
  return {
    ingestion,
    deadLetters: createDeadLetters({ store, webhookHandlers, ingestion }),
    changes,
    async close() {
      changes.close()
      await ingestion.stop()
      await bus.close()
    },
  }
}

async function loadRedisBus(redisUrl: string, logger: Logger): Promise<PubSub> {
  const { createRedisPubSub } = await import('../changes/redis-pub-sub.ts')
  return createRedisPubSub({ redisUrl, logger })
}
