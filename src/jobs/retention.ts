import { type RetentionConfig, toAgeMs } from '../delivery/config.ts'
import type { Clock } from '../domain/clock.ts'
import { type Instant, toInstant } from '../domain/instant.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Jobs } from './jobs.ts'

export interface RetentionDeps {
  readonly jobs: Jobs
  readonly config: RetentionConfig
  /** Removes from each table what is done with and older than this; how many rows. */
  readonly remove: Readonly<Record<keyof RetentionConfig, (before: Instant) => Promise<number>>>
  readonly clock: Clock
  readonly logger: Logger
}

/** Once an hour, on one replica: enough for any age, and each run removes little. */
const hourly = '23 * * * *'

/** Plans the removal of what is older than the configuration keeps. The jobs have to run. */
export function scheduleRetention(deps: RetentionDeps): Promise<void> {
  return deps.jobs.schedule('retention', hourly, () => applyRetention(deps))
}

/** Removes it now, table by table; one that fails does not keep the others. */
export async function applyRetention({ config, remove, clock, logger }: RetentionDeps): Promise<void> {
  for (const table of Object.keys(remove) as (keyof RetentionConfig)[]) {
    const before = toInstant(clock() - toAgeMs(config[table]))
    try {
      const rows = await remove[table](before)
      if (rows > 0) logger.info({ table, rows, before }, 'old rows were removed')
    } catch (error) {
      logger.error({ table, cause: error instanceof Error ? error.message : 'unknown' }, 'old rows could not be removed')
    }
  }
}

/** Does these things now and again every so often, on every replica. One that fails is logged as `complaint`. Returns how to stop. */
export function keepDoing(
  things: readonly (() => Promise<unknown>)[],
  everyMs: number,
  logger: Logger,
  complaint: string,
): () => void {
  let busy = false
  const doAll = async () => {
    if (busy) return
    busy = true
    const results = await Promise.allSettled(things.map((thing) => thing()))
    busy = false
    for (const result of results) {
      if (result.status === 'rejected') logger.warn({ cause: String(result.reason?.message) }, complaint)
    }
  }
  void doAll()
  const timer = setInterval(() => void doAll(), everyMs).unref()
  return () => clearInterval(timer)
}
