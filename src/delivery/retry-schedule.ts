import { type Instant, toInstant } from '../domain/instant.ts'
import type { DeliveryProgress, DeliveryRecord } from './delivery-store.ts'
import type { AttemptOutcome } from './send-attempt.ts'

/**
 * The wait before the next attempt, in milliseconds; null: the schedule is used up. `made` is the number of attempts so far.
 * `random`, in [0, 1), varies the wait by up to 20 % in both directions, so that retries do not arrive in bursts.
 * A Retry-After counts between the wait and twice the wait.
 */
export function nextWaitMs(
  scheduleSeconds: readonly number[],
  made: number,
  retryAfterMs: number | null,
  random: number,
): number | null {
  const seconds = scheduleSeconds[made]
  if (seconds === undefined) return null
  const waitMs = seconds * 1000
  if (retryAfterMs === null) return Math.round(waitMs * (0.8 + 0.4 * random))
  // Never earlier than the partner asked: vary this upwards only.
  return Math.round(Math.min(Math.max(waitMs, retryAfterMs) * (1 + 0.2 * random), 2 * waitMs))
}

/**
 * The delivery's state after an attempt: DELIVERED, FAILED with the time of the next attempt, HELD, or DEAD. A delivery that was
 * not sent, because its endpoint answered 410 before, is HELD without an attempt. Pure.
 */
export function toProgress(
  delivery: Pick<DeliveryRecord, 'attempts' | 'run'>,
  outcome: AttemptOutcome,
  scheduleSeconds: readonly number[],
  nowMs: number,
  random: number,
): DeliveryProgress {
  const wasSent = !outcome.gone || outcome.status !== null
  const attempts = delivery.attempts + (wasSent ? 1 : 0)
  const base = { attempts, run: delivery.run, lastStatus: outcome.status, lastError: outcome.error, deliveredAt: null }
  if (outcome.delivered) return { ...base, state: 'DELIVERED', nextAttemptAt: null, deliveredAt: toInstant(nowMs) }
  if (outcome.gone) return { ...base, state: 'HELD', nextAttemptAt: null }
  const waitMs = nextWaitMs(scheduleSeconds, attempts, outcome.retryAfterMs, random)
  if (waitMs === null) return { ...base, state: 'DEAD', nextAttemptAt: null }
  return { ...base, state: 'FAILED', nextAttemptAt: toInstant(nowMs + waitMs) }
}

/** The delivery's state after a replay: the schedule starts again under the same webhook-id. */
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

/** The change log's summary of an attempt. It names the partner and no address. */
export function describeProgress(partner: string, progress: DeliveryProgress): string {
  const { state, attempts, lastStatus, lastError, nextAttemptAt } = progress
  if (state === 'DELIVERED') return `Delivered to ${partner} at attempt ${attempts}.`
  if (state === 'HELD' && lastStatus === null) return `Held for ${partner}, whose endpoint is switched off.`
  const failed = `Attempt ${attempts} to deliver to ${partner} failed: ${lastError ?? 'the reason is not known.'}`
  if (state === 'HELD') return `${failed} It is held until the endpoint is switched on again.`
  return nextAttemptAt ? `${failed} The next one is at ${nextAttemptAt}.` : `${failed} It was given up and can be replayed.`
}
