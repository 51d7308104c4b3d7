import { setTimeout as sleep } from 'node:timers/promises'
import { type CallPriority, callPriorities } from '../../domain/call.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import { UpstreamError } from '../http-client/upstream-error.ts'
import type { LimitReading } from './call-window.ts'
import { type CallCost, type CallKind, type CallLimit, callKinds, costIn, countsCall } from './limits.ts'
import type { Ask, BudgetStore, EndOfLimit, LimitState } from './memory-store.ts'

/** The headers of an answer by lower-case name. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Reads what a vendor's headers say of its limits. Pure. A header that makes no sense says nothing. */
export type ReadLimits = (headers: AnswerHeaders, status: number, nowMs: number) => readonly LimitReading[]

/** One attempt of a call. */
export interface BudgetedCall extends CallCost {
  readonly kind: CallKind
  readonly priority: CallPriority
  /** When the caller stops waiting, on the scale of `performance.now()`. */
  readonly endsAt: number
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal
}

/** Hands over the head of the vendor's answer. */
export type OnAnswer = (status: number, headers: AnswerHeaders) => void

/** The calls that one source may be asked for. */
export interface Budget {
  /**
   * Makes one attempt when there is room for it. It waits where that fits into the caller's time; else it rejects at once with `budgetHeld`,
   * which says when to try again, and the attempt is not made. An attempt that the source did not receive costs nothing.
   */
  run<T>(call: BudgetedCall, attempt: (onAnswer: OnAnswer) => Promise<T>): Promise<T>
  state(): Promise<readonly LimitState[]>
  /** Sets the gauges. Never rejects. */
  measure(): Promise<void>
  /** The shortest time between two polls of one page, in milliseconds: polling takes at most a fifth of the list calls. */
  pollIntervalMs(): number
}

export interface BudgetDeps {
  readonly sourceKey: string
  readonly limits: readonly CallLimit[]
  readonly readLimits?: ReadLimits | undefined
  /** How many calls the vendor counts a page of a list as. Absent: 1. */
  readonly listCost?: number | undefined
  readonly store: BudgetStore
  readonly metrics: Metrics
  readonly now: () => number
}

/** A call needs some time after its wait: with less, it would end at its deadline. */
const callMs = 500
/** After a 429 without Retry-After. */
const defaultClosedMs = 5_000
const pollingShare = 0.2

interface Waiting {
  readonly call: BudgetedCall
  readonly limits: readonly CallLimit[]
}

export function createBudget(deps: BudgetDeps): Budget {
  const { sourceKey, limits, readLimits = () => [], listCost = 1, store, metrics, now } = deps
  const lists = limits.filter((limit) => countsCall(limit, 'list', {}))
  /** By limit: how many calls the vendor allows, as far as it has said. */
  const known = new Map(limits.map((limit) => [limit, limit.calls]))
  const waiting = new Set<Waiting>()
  // A counter that begins with its first event has no increase for it.
  for (const kind of callKinds) metrics.count('budget_held_calls_total', { source: sourceKey, kind, priority: 'user' }, 0)

  /** The calls that go first: more urgent ones, and older ones that are as urgent. */
  function aheadOf(self: Waiting, limit: CallLimit): number {
    const rank = callPriorities.indexOf(self.call.priority)
    let ahead = 0
    let isOlder = true
    for (const other of waiting) {
      if (other === self) isOlder = false
      else if (other.limits.includes(limit) && isBefore(callPriorities.indexOf(other.call.priority), rank, isOlder)) {
        ahead += costIn(limit, other.call)
      }
    }
    return ahead
  }

  function toAsk(self: Waiting): Ask {
    const { priority, subject = null } = self.call
    const counted = self.limits.map((limit) => ({
      limit,
      cost: costIn(limit, self.call),
      subject: limit.perSubject ? subject : null,
      ahead: limit.perSubject ? 0 : aheadOf(self, limit),
    }))
    return { limits: counted, priority }
  }

  async function take(self: Waiting) {
    const { kind, priority, signal, endsAt } = self.call
    const startedAt = performance.now()
    try {
      for (;;) {
        signal.throwIfAborted()
        const ask = toAsk(self)
        const taken = await store.take(ask)
        if ('receipt' in taken) {
          metrics.observe('budget_wait_seconds', (performance.now() - startedAt) / 1000, { source: sourceKey, priority })
          return { ask, receipt: taken.receipt }
        }
        // Not before: a call that takes its place at once would count twice for those that ask meanwhile.
        waiting.add(self)
        if (performance.now() + taken.waitMs + callMs > endsAt) {
          metrics.count('budget_held_calls_total', { source: sourceKey, kind, priority })
          throw toHeld(taken.waitMs)
        }
        await sleep(Math.ceil(taken.waitMs), undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    } finally {
      waiting.delete(self)
    }
  }

  return {
    async run(call, attempt) {
      const counting = limits.filter((limit) => countsCall(limit, call.kind, call))
      if (counting.length === 0 || call.cost === 0) return attempt(() => {})
      const { ask, receipt } = await take({ call, limits: counting })
      metrics.count('budget_calls_total', { source: sourceKey, kind: call.kind, priority: call.priority }, call.cost ?? 1)
      let readings: readonly LimitReading[] = []
      let answers = 0
      let error: unknown
      try {
        return await attempt((status, headers) => {
          answers += 1
          readings = readLimits(headers, status, now())
        })
      } catch (caught) {
        error = caught
        throw caught
      } finally {
        // The caller does not wait for Redis.
        void store.end(ask, receipt, isSent(error) ? Math.max(1, answers) : answers, toEnds(ask, readings, error))
      }
    },
    state: () => store.state(),
    async measure() {
      for (const { limit, calls, left } of await store.state()) {
        known.set(limit, calls)
        metrics.set('budget_calls_limit', calls, { source: sourceKey, limit: limit.name })
        metrics.set('budget_calls_left', left, { source: sourceKey, limit: limit.name })
      }
    },
    pollIntervalMs: () =>
      Math.max(0, ...lists.map((limit) => (limit.windowMs * listCost) / ((known.get(limit) ?? limit.calls) * pollingShare))),
  }
}

function isBefore(rank: number, own: number, isOlder: boolean): boolean {
  return rank < own || (rank === own && isOlder)
}

function toHeld(waitMs: number): UpstreamError {
  return new UpstreamError('budgetHeld', { sent: false, retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) })
}

function isSent(error: unknown): boolean {
  return !(error instanceof UpstreamError) || error.sent
}

/** A 429 closes the limits of which its headers say that nothing is left, else those of which they say nothing, else every limit that counted the call. */
function toEnds({ limits }: Ask, readings: readonly LimitReading[], error: unknown): readonly EndOfLimit[] {
  const isRefused = error instanceof UpstreamError && error.kind === 'rateLimited'
  const closedMs = isRefused ? (error.retryAfter === undefined ? defaultClosedMs : error.retryAfter * 1000) : null
  const leftOf = (name: string) => readings.find(({ limit }) => limit === name)?.remaining
  const used = limits.filter(({ limit }) => leftOf(limit.name) === 0)
  const unknown = limits.filter(({ limit }) => leftOf(limit.name) === undefined)
  const closed = [used, unknown, limits].find(({ length }) => length > 0)
  return limits.map((counted) => {
    const isClosed = closed?.includes(counted)
    return {
      reading: readings.find((reading) => reading.limit === counted.limit.name),
      closedForMs: closedMs !== null && isClosed ? closedMs : null,
    }
  })
}

/** Runs work of polling or an export until the budget, or the vendor, has room for it: it has no deadline. Rejects when the signal aborts. */
export async function waitForBudget<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof UpstreamError) || (error.kind !== 'budgetHeld' && error.kind !== 'rateLimited')) throw error
      await sleep(Math.min(error.retryAfter ?? 1, maxPauseSeconds) * 1000, undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      )
    }
  }
}
const maxPauseSeconds = 5
