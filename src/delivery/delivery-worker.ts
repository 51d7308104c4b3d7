import { ExponentialBackoff, handleWhen, retry } from 'cockatiel'
import { z } from 'zod'
import type { Clock } from '../domain/clock.ts'
import type { DeliveryState } from '../domain/delivery.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { TicketEventKind } from '../domain/events.ts'
import { decodeId, type EntityRef } from '../domain/ids.ts'
import { type Instant, toInstant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { Transaction, UnitOfWork } from '../domain/transaction.ts'
import type { DeliveriesConfig } from './config.ts'
import type { DeliveryProgress, DeliveryRecord, DeliveryStore, EndpointRef } from './delivery-store.ts'
import type { DeliveryJob, Outbox } from './outbox.ts'
import type { PartnerDirectory } from './partner-directory.ts'
import { describeProgress, toProgress } from './retry-schedule.ts'
import type { AttemptOutcome, GuardedEndpoint, SendAttempt } from './send-attempt.ts'

export interface DeliveryWorkerDeps {
  readonly store: UnitOfWork
  readonly deliveries: DeliveryStore
  readonly outbox: Outbox
  readonly directories: readonly PartnerDirectory[]
  readonly sendAttempt: SendAttempt
  readonly config: Pick<DeliveriesConfig, 'scheduleSeconds'>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** In [0, 1). */
  readonly random: () => number
}

/** Makes one attempt of one delivery. Rejects only when the job engine has to repeat the job. */
export type DeliveryWorker = (data: unknown, signal: AbortSignal) => Promise<void>

const deliveryJob = z.object({ id: z.string(), run: z.number(), attempts: z.number() })

/** The call was made already: retry the save, because a failed save would repeat the call. */
const saveRetry = retry(
  handleWhen((error) => error instanceof DeskgraphError && error.retryable),
  { maxAttempts: 3, backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 2_000 }) },
)

export function createDeliveryWorker(deps: DeliveryWorkerDeps): DeliveryWorker {
  return async (data, signal) => {
    const job = deliveryJob.parse(data)
    const [delivery] = await deps.deliveries.find([job.id])
    if (!delivery || !isCurrent(delivery, job)) return
    const target = findTarget(deps.directories, delivery)
    const outcome = await attempt(deps, delivery, target, signal)
    // Stopped before an answer came: the delivery may or may not have arrived, so another replica sends it again.
    if (outcome.status === null) signal.throwIfAborted()
    await saveRetry.execute(() => saveOutcome(deps, delivery, outcome, target?.ref ?? null))
  }
}

/** False for a job that comes twice, and for one from before a replay. */
function isCurrent(delivery: DeliveryRecord, job: DeliveryJob): boolean {
  return delivery.nextAttemptAt !== null && delivery.run === job.run && delivery.attempts === job.attempts
}

interface Target {
  readonly ref: EndpointRef
  readonly endpoint: GuardedEndpoint
}

/** The delivery's endpoint by the present configuration; null: its partner is not configured. */
function findTarget(directories: readonly PartnerDirectory[], { sourceKey, market, partner }: DeliveryRecord): Target | null {
  const directory = directories.find((candidate) => candidate.sourceKey === sourceKey)
  const endpoint = directory?.findPartner(market, partner)
  if (!directory || !endpoint) return null
  return {
    ref: { sourceKey, market, partner, url: endpoint.url },
    endpoint: { ...endpoint, guard: directory.guard() },
  }
}

const notSent = { delivered: false, status: null, retryAfterMs: null } as const

async function attempt(
  deps: DeliveryWorkerDeps,
  delivery: DeliveryRecord,
  target: Target | null,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const { partner } = delivery
  if (!target) return { ...notSent, error: 'The routing file names no such partner now.', gone: false }
  const [disabled] = await deps.deliveries.findDisabled([target.ref])
  if (disabled) return { ...notSent, error: 'The endpoint answered 410 before and is switched off.', gone: true }
  const startedAt = deps.clock()
  const outcome = await deps.sendAttempt(target.endpoint, delivery.id, delivery.body, signal)
  deps.metrics.observe('delivery_attempt_seconds', (deps.clock() - startedAt) / 1000, { partner })
  deps.metrics.count('delivery_attempts_total', { partner, outcome: outcome.delivered ? 'delivered' : 'failed' })
  return outcome
}

/** Saves the outcome, plans the next attempt and appends to the change log, in one transaction. */
async function saveOutcome(
  deps: DeliveryWorkerDeps,
  attempted: DeliveryRecord,
  outcome: AttemptOutcome,
  endpoint: EndpointRef | null,
): Promise<void> {
  const nowMs = deps.clock()
  const random = deps.random()
  const progress = await deps.store.transaction(async (tx) => {
    const locked = await lockDelivery(tx, deps.deliveries, attempted)
    if (!locked || !isCurrent(locked.delivery, attempted)) return null
    const next = toProgress(locked.delivery, outcome, deps.config.scheduleSeconds, nowMs, random)
    await deps.deliveries.update(tx, attempted.id, next)
    if (outcome.status === 410 && endpoint) await deps.deliveries.disableEndpoint(tx, endpoint, toInstant(nowMs))
    if (next.nextAttemptAt) await deps.outbox.enqueue(tx, { ...locked.delivery, ...next })
    await locked.record(
      next.state === 'DELIVERED' ? 'DELIVERED' : 'DELIVERY_FAILED',
      describeProgress(attempted.partner, next),
      toInstant(nowMs),
    )
    return next
  })
  if (progress) logProgress(deps.logger, attempted, progress)
}

interface LockedDelivery {
  readonly delivery: DeliveryRecord
  /** Appends to the ticket's change log; does nothing when the ticket was erased. Call it last in the transaction. */
  record(kind: TicketEventKind, summary: string, at: Instant): Promise<void>
}

/** Locks a delivery and its ticket, the ticket first like every other writer, which prevents deadlocks. null: no such delivery. */
async function lockDelivery(
  tx: Transaction,
  deliveries: DeliveryStore,
  { id, ticketId }: Pick<DeliveryRecord, 'id' | 'ticketId'>,
): Promise<LockedDelivery | null> {
  const ref: EntityRef | null = decodeId(ticketId)
  const refs = ref ? [ref] : []
  await tx.lockTickets(refs)
  const delivery = await deliveries.lock(tx, id)
  if (!delivery) return null
  return {
    delivery,
    async record(kind, summary, at) {
      const [stored] = await tx.findTickets(refs)
      if (!stored) return
      const { ticket } = stored
      await tx.record([{ kind, ticket, before: ticket, at, actor: { kind: 'SYSTEM', externalId: null, name: null }, summary }])
    },
  }
}

const messages: Partial<Record<DeliveryState, string>> = {
  HELD: 'a delivery is held: its endpoint is switched off',
  DEAD: 'a delivery was given up',
}

function logProgress(logger: Logger, { id, partner }: DeliveryRecord, progress: DeliveryProgress): void {
  const { state, attempts, lastStatus, lastError } = progress
  const fields = { delivery: id, partner, state, attempts, status: lastStatus, reason: lastError }
  if (state === 'DELIVERED') logger.debug(fields, 'a delivery was made')
  else logger.warn(fields, messages[state] ?? 'an attempt to deliver failed')
}
