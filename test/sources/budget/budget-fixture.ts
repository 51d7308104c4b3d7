import { onTestFinished } from 'vitest'
import type { Metrics } from '../../../src/domain/telemetry.ts'
import { type BudgetDeps, type BudgetedCall, createBudget } from '../../../src/sources/budget/budget.ts'
import type { CallLimit } from '../../../src/sources/budget/limits.ts'
import type { Ask, BudgetStore, EndOfLimit, LimitState, Receipt, Taken } from '../../../src/sources/budget/memory-store.ts'
import { countingMetrics } from '../../support/call.ts'

export const all: CallLimit = { name: 'all', calls: 100, windowMs: 60_000 }
export const list: CallLimit = { name: 'list', calls: 20, windowMs: 60_000, kinds: ['list'] }
export const ticket: CallLimit = { name: 'ticket', calls: 1, windowMs: 2_000, kinds: ['write'], perSubject: true }

export const receipt: Receipt = { places: [{ slot: 1, order: 2 }] }

/** How a call ended, as the store was told. */
export interface Ended {
  readonly ask: Ask
  readonly receipt: Receipt
  readonly sent: number
  readonly ends: readonly EndOfLimit[]
}

/** A budget over a store whose decisions the test makes. The calls that wait leave at the end of the test. */
export function startBudget(decide: (ask: Ask, index: number) => number = () => 0, deps: Partial<BudgetDeps> = {}) {
  const asks: Ask[] = []
  const ended: Ended[] = []
  const gauges: unknown[] = []
  const waits: unknown[] = []
  const counted = countingMetrics()
  const metrics: Metrics = {
    ...counted,
    set: (name, value, labels) => void gauges.push([name, value, labels]),
    observe: (name, value, labels) => void waits.push([name, value, labels]),
  }
  const states: LimitState[] = []
  const store: BudgetStore = {
    async take(ask): Promise<Taken> {
      asks.push(ask)
      const waitMs = decide(ask, asks.length - 1)
      return waitMs > 0 ? { waitMs, heldBy: all } : { receipt }
    },
    async end(ask, given, sent, ends) {
      ended.push({ ask, receipt: given, sent, ends })
    },
    state: async () => states,
  }
  const budget = createBudget({ sourceKey: 'acme', limits: [all, list, ticket], store, metrics, now: () => 7_000, ...deps })
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const call = (changes: Partial<BudgetedCall> = {}): BudgetedCall => ({
    ...{ kind: 'read', priority: 'user', endsAt: Number.POSITIVE_INFINITY, signal: leaving.signal },
    ...changes,
  })
  const run = (changes: Partial<BudgetedCall> = {}) => budget.run(call(changes), async () => 'answered')
  return { budget, asks, ended, gauges, waits, counted, states, call, run }
}
