import { type Instant, toInstant } from '../domain/instant.ts'
import type { DeliveryProgress, DeliveryRecord } from './delivery-store.ts'
import { nextWaitMs } from './retry-schedule.ts'
import type { AttemptOutcome } from './send-attempt.ts'

/** What an attempt makes of a delivery: DELIVERED, FAILED with the time of the next attempt, or DEAD. Pure. */
export function toProgress(
  delivery: Pick<DeliveryRecord, 'attempts' | 'run'>,
  outcome: AttemptOutcome,
  schedule: readonly number[],
  nowMs: number,
  random: number,
): DeliveryProgress {
  const attempts = delivery.attempts + 1
  const base = { attempts, run: delivery.run, lastStatus: outcome.status, lastError: outcome.error }
  if (outcome.delivered) return { ...base, state: 'DELIVERED', nextAttemptAt: null, deliveredAt: toInstant(nowMs) }
  const waitMs = outcome.gone ? null : nextWaitMs(schedule, attempts, outcome.retryAfterMs, random)
  if (waitMs === null) return { ...base, state: 'DEAD', nextAttemptAt: null, deliveredAt: null }
  return { ...base, state: 'FAILED', nextAttemptAt: toInstant(nowMs + waitMs), deliveredAt: null }
}

/** What a replay makes of a delivery: the schedule begins anew under the same webhook-id. */
export function toReplay(delivery: Pick<DeliveryRecord, 'run'>, now: Instant): DeliveryProgress {
  return {
    state: 'PENDING',
    attempts: 0,
    run: delivery.run + 1,
    lastStatus: null,
    lastError: null,
    nextAttemptAt: now,
    deliveredAt: null,
  }
}

/** The journal's line about an attempt. It names the partner and no address. */
export function describeProgress(partner: string, progress: DeliveryProgress): string {
  if (progress.state === 'DELIVERED') return `Delivered to ${partner} at attempt ${progress.attempts}.`
  const failed = `Attempt ${progress.attempts} to deliver to ${partner} failed: ${progress.lastError ?? 'the reason is not known.'}`
  return progress.nextAttemptAt
    ? `${failed} The next one is at ${progress.nextAttemptAt}.`
    : `${failed} It was given up and can be replayed.`
}
