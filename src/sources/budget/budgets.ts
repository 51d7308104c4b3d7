import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Clock } from '../../domain/clock.ts'
import type { Logger, Metrics } from '../../domain/telemetry.ts'
import { type Budget, createBudget, type ReadLimits } from './budget.ts'
import { type BudgetConfig, type BudgetPlans, toLimits } from './limits.ts'
import { createMemoryStore } from './memory-store.ts'
import { createSharedStore, type RedisStanding } from './shared-store.ts'

/** What a source says of its vendor's limits. */
export interface BudgetRules {
  /** The vendor's limits by plan. */
  readonly plans: BudgetPlans
  /** Reads the vendor's headers. Absent: it sends none. */
  readonly readLimits?: ReadLimits
  /** How many calls the vendor counts a page of a list as. Absent: 1. */
  readonly listCost?: number
}

export interface OpenBudget extends BudgetRules {
  readonly sourceKey: string
  readonly config: BudgetConfig
}

/** The budgets of all sources. */
export interface Budgets {
  /** The budget of one source; null: its configuration limits nothing. */
  open(source: OpenBudget): Budget | null
  /** The budget that was opened for a source; null: it has none. */
  find(sourceKey: string): Budget | null
  /** Sets the gauges of all budgets at intervals, until `close`, and finds out whether Redis answers. */
  startMeasuring(): void
  /** The sources whose calls are counted in Redis while that answers. */
  sharedSources(): readonly string[]
  close(): void
}

export interface BudgetsDeps {
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** Counts for all replicas together. Absent or null: each process counts its own calls. */
  readonly redis?: Redis | null
  /** The part of each budget that a process without Redis may use. Absent: all of it. */
  readonly shareAlone?: number
  /** For tests: the time that decides in place of the clock of Redis. */
  readonly redisNow?: () => number
}

const measureMs = 5_000

export function createBudgets(deps: BudgetsDeps): Budgets {
  const { metrics, logger, clock, redis = null, shareAlone = 1, redisNow } = deps
  const replica = randomUUID()
  const opened = new Map<string, Budget>()
  let timer: NodeJS.Timeout | undefined
  const measure = () => opened.forEach((budget) => void budget.measure())

  function createStore({ sourceKey, config, plans }: OpenBudget, standing: RedisStanding) {
    const { keepForUsers } = config
    const limits = toLimits(config, plans)
    const share = () => (redis ? 1 / standing.replicas : shareAlone)
    const memory = createMemoryStore({ limits, keepForUsers, share, clock })
    if (!redis) return memory
    return createSharedStore({ sourceKey, redis, limits, keepForUsers, memory, standing, replica, logger, clock, now: redisNow })
  }

  return {
    open(source) {
      const { sourceKey, config, plans, readLimits, listCost } = source
      const limits = toLimits(config, plans)
      if (limits.length === 0) return null
      const standing = { isShared: false, replicas: config.replicas }
      const store = createStore(source, standing)
      const budget = createBudget({ sourceKey, limits, readLimits, listCost, store, metrics, now: clock })
      opened.set(sourceKey, budget)
      return budget
    },
    find: (sourceKey) => opened.get(sourceKey) ?? null,
    startMeasuring() {
      timer ??= setInterval(measure, measureMs).unref()
      redis?.on('ready', measure)
      measure()
    },
    sharedSources: () => (redis ? [...opened.keys()] : []),
    close() {
      clearInterval(timer)
      redis?.off('ready', measure)
    },
  }
}
