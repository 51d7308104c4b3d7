import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { toInstant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { UnitOfWork } from '../domain/transaction.ts'
import type { RoutingConfigStore } from '../sources/rbi/routing-config-store.ts'
import { secretsOf } from '../sources/rbi/routing-file.ts'
import { toBackoffMs } from './backoff.ts'
import type { DeliveriesConfig } from './config.ts'
import type { DeliveryJob, DeliveryQueues } from './delivery-queues.ts'
import type { DeliveryProgress, DeliveryRecord, DeliveryStore, EndpointRef } from './delivery-store.ts'
import { lockDelivery } from './locked-delivery.ts'
import { describeProgress, toProgress } from './progress.ts'
import type { AttemptOutcome, Endpoint, SendAttempt } from './send-attempt.ts'

export interface DeliveryWorkerDeps {
  readonly store: UnitOfWork
  readonly deliveries: DeliveryStore
  readonly queues: DeliveryQueues
  readonly routingConfigs: readonly RoutingConfigStore[]
  readonly attempt: SendAttempt
  readonly config: Pick<DeliveriesConfig, 'scheduleSeconds'>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** In [0, 1). */
  readonly random: () => number
}

/** Makes one attempt of one delivery. Throws only when the attempt has to be made again by somebody else. */
export type DeliveryWorker = (data: unknown, signal: AbortSignal) => Promise<void>

const deliveryJob = z.object({ id: z.string(), run: z.number(), attempts: z.number() })

export function createDeliveryWorker(deps: DeliveryWorkerDeps): DeliveryWorker {
  return async (data, signal) => {
    const job = deliveryJob.parse(data)
    const [delivery] = await deps.deliveries.find([job.id])
    if (!delivery || !isCurrent(delivery, job)) return
    const target = findTarget(deps.routingConfigs, delivery)
    const outcome = await call(deps, delivery, target, signal)
    // Stopped before an answer came: nobody knows whether it arrived, so it is sent again.
    if (outcome.status === null) signal.throwIfAborted()
    await insist(() => settle(deps, delivery, outcome, target?.ref ?? null))
  }
}

/** The call was made: before it is made again because its outcome could not be kept, the database gets more than one chance. */
async function insist(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work()
      return
    } catch (error) {
      if (attempt === 4 || !(error instanceof DeskgraphError && error.retryable)) throw error
      await sleep(toBackoffMs(attempt, { baseMs: 200, maxMs: 2_000 }))
    }
  }
}

/** False for a job that came twice, and after a replay. */
function isCurrent(delivery: DeliveryRecord, job: DeliveryJob): boolean {
  return delivery.nextAttemptAt !== null && delivery.run === job.run && delivery.attempts === job.attempts
}

interface Target {
  readonly ref: EndpointRef
  readonly endpoint: Endpoint
}

/** Where the delivery goes by the routing file of this moment; null: its partner is not in it. */
function findTarget(
  routingConfigs: readonly RoutingConfigStore[],
  { sourceKey, market, partner }: DeliveryRecord,
): Target | null {
  const routingConfig = routingConfigs.find((candidate) => candidate.sourceKey === sourceKey)
  const found = routingConfig?.findPartner(market, partner)
  if (!routingConfig || !found) return null
  return {
    ref: { sourceKey, market, partner, url: found.url },
    endpoint: { url: found.url, secrets: secretsOf(found), guard: routingConfig.guard() },
  }
}

const notCalled = { delivered: false, status: null, retryAfterMs: null } as const

async function call(
  deps: DeliveryWorkerDeps,
  delivery: DeliveryRecord,
  target: Target | null,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const { partner } = delivery
  if (!target) return { ...notCalled, error: 'The routing file names no such partner now.', gone: false }
  if (await deps.deliveries.isDisabled(target.ref)) {
    return { ...notCalled, error: 'This endpoint answered 410 before and is switched off until a replay.', gone: true }
  }
  const startedAt = deps.clock()
  const outcome = await deps.attempt(target.endpoint, delivery.id, delivery.body, signal)
  deps.metrics.observe('delivery_attempt_seconds', (deps.clock() - startedAt) / 1000, { partner })
  deps.metrics.count('delivery_attempts_total', { partner, outcome: outcome.delivered ? 'delivered' : 'failed' })
  return outcome
}

/** Keeps what became of the attempt, plans the next one and journals it, all in one transaction. */
async function settle(
  deps: DeliveryWorkerDeps,
  attempted: DeliveryRecord,
  outcome: AttemptOutcome,
  endpoint: EndpointRef | null,
): Promise<void> {
  const nowMs = deps.clock()
  const random = deps.random()
  const settled = await deps.store.transaction(async (tx) => {
    const held = await lockDelivery(tx, deps.deliveries, attempted)
    if (!held || !isCurrent(held.delivery, attempted)) return null
    const progress = toProgress(held.delivery, outcome, deps.config.scheduleSeconds, nowMs, random)
    await deps.deliveries.update(tx, attempted.id, progress)
    if (outcome.status === 410 && endpoint) await deps.deliveries.disableEndpoint(tx, endpoint, toInstant(nowMs))
    if (progress.nextAttemptAt) await deps.queues.enqueue(tx, { ...held.delivery, ...progress })
    await held.record(
      progress.state === 'DELIVERED' ? 'DELIVERED' : 'DELIVERY_FAILED',
      describeProgress(held.delivery.partner, progress),
      toInstant(nowMs),
    )
    return { partner: held.delivery.partner, progress }
  })
  if (settled) log(deps.logger, attempted.id, settled.partner, settled.progress)
}

function log(logger: Logger, delivery: string, partner: string, { state, attempts, lastStatus }: DeliveryProgress): void {
  const fields = { delivery, partner, state, attempts, status: lastStatus }
  if (state === 'DELIVERED') logger.debug(fields, 'a delivery was made')
  else logger.warn(fields, state === 'DEAD' ? 'a delivery was given up' : 'an attempt to deliver failed')
}
