import { z } from 'zod'
import type { Clock } from '../domain/clock.ts'
import { type Instant, toInstant } from '../domain/instant.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Jobs } from './jobs.ts'

const secondsPerUnit = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

const age = (fallback: string, what: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,4}[smhd]$/, 'a time is a whole number and a unit: s, m, h or d')
    .default(fallback)
    .describe(`How long ${what} are kept, e.g. ${fallback}`)

/** How long each table keeps rows that are done. Rows with work left to do are never removed. */
export const retentionConfig = z
  .strictObject({
    inbox: age('30d', 'applied inbound events'),
    journal: age('90d', "changes of tickets (`Ticket.events`, and how far back a subscription's `after` reaches)"),
    quarantine: age('90d', 'quarantined events'),
    idempotency: age('7d', 'answers to writes that carried an idempotency key'),
    uploads: age('1d', 'what is known of uploads, so that a write can name them'),
    hints: age('7d', 'the ids of webhooks of pulled sources, by which a repeated one is known'),
    observed: age('90d', 'the states in which tickets of pulled sources were last seen'),
    deliveries: age('90d', 'deliveries that were made or given up'),
  })
  .describe('How long each table keeps what is done with')
export type RetentionConfig = z.output<typeof retentionConfig>

/** "30d" in milliseconds. The text must be one that `retentionConfig` accepts. */
export function toAgeMs(text: string): number {
  const unit = text.at(-1) as keyof typeof secondsPerUnit
  return Number(text.slice(0, -1)) * secondsPerUnit[unit] * 1_000
}

export interface RetentionDeps {
  readonly jobs: Jobs
  readonly config: RetentionConfig
  /** Removes the rows of a table that are done and older than `before`. Resolves with the number of rows. */
  readonly remove: (table: keyof RetentionConfig, before: Instant) => Promise<number>
  readonly clock: Clock
  readonly logger: Logger
}

/** Hourly is often enough for any age, and keeps each run small. */
const hourly = '23 * * * *'

/** Schedules the removal of rows older than the configuration keeps, on one replica at a time. `jobs` must be started. */
function scheduleRetention(deps: RetentionDeps): Promise<void> {
  return deps.jobs.schedule('retention', hourly, () => applyRetention(deps))
}

/** Removes old rows now, table by table. A failure of one table is logged and does not stop the others. */
export async function applyRetention({ config, remove, clock, logger }: RetentionDeps): Promise<void> {
  for (const table of Object.keys(config) as (keyof RetentionConfig)[]) {
    const before = toInstant(clock() - toAgeMs(config[table]))
    try {
      const rows = await remove(table, before)
      if (rows > 0) logger.info({ table, rows, before }, 'old rows were removed')
    } catch (error) {
      logger.error({ table, err: error }, 'old rows could not be removed')
    }
  }
}

const gaugeIntervalMs = 15_000
const vacuumIntervalMs = 60_000

/** What the housekeeping does besides the retention. */
export interface HousekeepingDeps extends RetentionDeps {
  /** Refreshes gauges of depth and age. */
  readonly measure: readonly (() => Promise<unknown>)[]
  /** Frees the space of deleted rows in the database. */
  readonly vacuum: () => Promise<unknown>
}

/** Starts retention, gauges and vacuum. `jobs` must be started. Returns the function that stops gauges and vacuum. */
export async function startHousekeeping({ measure, vacuum, ...deps }: HousekeepingDeps): Promise<() => void> {
  await scheduleRetention(deps)
  const stops = [
    runPeriodically(measure, gaugeIntervalMs, deps.logger, 'a gauge could not be refreshed'),
    runPeriodically([vacuum], vacuumIntervalMs, deps.logger, 'the database could not free space'),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/**
 * Runs the tasks now and every `intervalMs`, on every replica. A run that is still going skips the next one. A task that fails
 * is logged as `failureMessage` and does not stop the others. Returns the function that stops the repetition.
 */
export function runPeriodically(
  tasks: readonly (() => Promise<unknown>)[],
  intervalMs: number,
  logger: Logger,
  failureMessage: string,
): () => void {
  let isRunning = false
  const runAll = async () => {
    if (isRunning) return
    isRunning = true
    const results = await Promise.allSettled(tasks.map((task) => task()))
    isRunning = false
    for (const result of results) {
      if (result.status === 'rejected') logger.warn({ err: result.reason }, failureMessage)
    }
  }
  void runAll()
  const timer = setInterval(() => void runAll(), intervalMs).unref()
  return () => clearInterval(timer)
}
