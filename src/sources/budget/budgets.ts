import type { Clock } from '../../domain/clock.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import { type Budget, createBudget, type ReadLimits } from './budget.ts'
import { type BudgetConfig, type BudgetPlans, toLimits } from './limits.ts'
import { createMemoryStore } from './memory-store.ts'

/** What a source says of its vendor's limits. */
export interface BudgetRules {
  /** The vendor's limits by plan. */
  readonly plans: BudgetPlans
  /** Reads the vendor's headers. Absent: it sends none. */
  readonly readLimits?: ReadLimits
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
  /** Sets the gauges of all budgets at intervals, until `close`. */
  startMeasuring(): void
  close(): void
}

export interface BudgetsDeps {
  readonly metrics: Metrics
  readonly clock: Clock
}

const measureMs = 5_000

/** Budgets that count the calls of this process alone. */
export function createBudgets({ metrics, clock }: BudgetsDeps): Budgets {
  const budgets = new Map<string, Budget>()
  let timer: NodeJS.Timeout | undefined
  return {
    open({ sourceKey, config, plans, readLimits }) {
      const limits = toLimits(config, plans)
      if (limits.length === 0) return null
      const store = createMemoryStore({ limits, keepForUsers: config.keepForUsers, share: () => 1, clock })
      const budget = createBudget({ sourceKey, limits, readLimits, store, metrics, now: clock })
      budgets.set(sourceKey, budget)
      return budget
    },
    find: (sourceKey) => budgets.get(sourceKey) ?? null,
    startMeasuring() {
      timer ??= setInterval(() => budgets.forEach((budget) => void budget.measure()), measureMs).unref()
    },
    close: () => clearInterval(timer),
  }
}
