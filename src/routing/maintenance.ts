import type { Logger } from '../domain/telemetry.ts'
import type { Clock } from '../lib/clock.ts'
import { type Instant, toInstant } from '../lib/instant.ts'
import { type RetentionConfig, toAgeMs } from './config.ts'
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

/** Calls each function now and again every so often, so that the gauges are fresh on every replica. Returns how to stop. */
export function refreshGauges(measures: readonly (() => Promise<void>)[], everyMs: number, logger: Logger): () => void {
  let busy = false
  const refresh = async () => {
    if (busy) return
    busy = true
    const results = await Promise.allSettled(measures.map((measure) => measure()))
    busy = false
    for (const result of results) {
      if (result.status === 'rejected') logger.warn({ cause: String(result.reason?.message) }, 'a gauge could not be refreshed')
    }
  }
  void refresh()
  const timer = setInterval(() => void refresh(), everyMs).unref()
  return () => clearInterval(timer)
}
