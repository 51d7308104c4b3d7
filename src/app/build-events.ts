import type { Quarantine } from '../domain/events.ts'
import type { Intake } from '../domain/intake.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { type ChangeBus, createLocalBus } from '../events/change-bus.ts'
import { createChangeFeed } from '../events/change-feed.ts'
import { createIntake, type EventIntake } from '../events/create-intake.ts'
import { createQuarantine } from '../events/quarantine.ts'
import type { Clock } from '../lib/clock.ts'
import type { Store } from '../store/open-store.ts'

export interface EventsDeps {
  readonly store: Store
  readonly intakes: readonly Intake[]
  readonly redisUrl: string | null
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

export interface EventsParts {
  readonly intake: EventIntake
  readonly quarantine: Quarantine
  readonly changes: ReturnType<typeof createChangeFeed>
  close(): Promise<void>
}

/** Events in, and changes out to subscribers. */
export async function buildEvents({ redisUrl, ...deps }: EventsDeps): Promise<EventsParts> {
  const { store, intakes, logger, metrics } = deps
  const bus = redisUrl === null ? createLocalBus() : await loadRedisBus(redisUrl, logger)
  const changes = createChangeFeed({ journal: store.journal, bus, metrics, logger })
  const intake = createIntake(deps)
  return {
    intake,
    quarantine: createQuarantine({ store, intakes, intake }),
    changes,
    async close() {
      changes.close()
      await intake.stop()
      await bus.close()
    },
  }
}

async function loadRedisBus(redisUrl: string, logger: Logger): Promise<ChangeBus> {
  const { createRedisBus } = await import('../events/redis-bus.ts')
  return createRedisBus({ redisUrl, logger })
}
