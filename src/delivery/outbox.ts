import { createHash } from 'node:crypto'
import type { Clock } from '../domain/clock.ts'
import { toEpochMs } from '../domain/instant.ts'
import type { Transaction } from '../domain/transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { DeliveryRecord, DeliveryStore, NewDelivery } from './delivery-store.ts'
import type { PartnerRef } from './partner-directory.ts'

/** The payload of a job: one attempt of one delivery. */
export type DeliveryJob = Pick<DeliveryRecord, 'id' | 'run' | 'attempts'>

/**
 * The outbox: deliveries and their jobs, stored in the transaction of the ticket that they belong to. Each partner has a queue
 * of its own, so that a slow partner delays only itself.
 */
export interface Outbox {
  /**
   * Creates the partner's queue if it does not exist, and returns its name. Call it before a transaction that adds or enqueues:
   * within a transaction the job engine cannot look up the queue.
   */
  open(partner: PartnerRef): Promise<string>
  /** Stores new deliveries and plans the first attempt of each. A ticket, partner and event that exist already are left alone. */
  add(tx: Transaction, deliveries: readonly NewDelivery[]): Promise<void>
  /** Plans the delivery's next attempt. Planned twice, an attempt still runs once. */
  enqueue(tx: Transaction, delivery: DeliveryRecord): Promise<void>
  /** All partner queues that the job engine knows, also those of partners that are no longer configured. */
  queueNames(): Promise<readonly string[]>
}

export interface OutboxDeps {
  readonly deliveries: DeliveryStore
  readonly jobs: Jobs
  /** How long one attempt may take. */
  readonly timeoutMs: number
  readonly clock: Clock
}

const prefix = 'deliveries/'

/** Creates the outbox on the job queue. */
export function createOutbox({ deliveries, jobs, timeoutMs, clock }: OutboxDeps): Outbox {
  // Longer than an attempt and its bookkeeping take, and short enough that another replica soon repeats a dead one's work.
  const leaseSeconds = Math.ceil(timeoutMs / 1000) + 5

  async function enqueue(tx: Transaction, delivery: DeliveryRecord): Promise<void> {
    const { id, run, attempts, nextAttemptAt } = delivery
    const queue = toQueueName(delivery)
    const waitMs = nextAttemptAt === null ? 0 : toEpochMs(nextAttemptAt) - clock()
    const at = waitMs > 0 ? new Date(clock() + waitMs) : null
    await jobs.send(tx, queue, { id: toJobId({ id, run, attempts }), data: { id, run, attempts }, at })
    if (at) jobs.notifyAfter(queue, waitMs)
  }

  return {
    async open(partner) {
      const name = toQueueName(partner)
      await jobs.openQueue(name, { leaseSeconds })
      return name
    },
    async add(tx, added) {
      for (const delivery of await deliveries.add(tx, added)) await enqueue(tx, delivery)
    },
    enqueue,
    queueNames: async () => (await jobs.queueNames()).filter((name) => name.startsWith(prefix)),
  }
}

/** The name of a partner's queue. */
export function toQueueName({ sourceKey, market, partner }: PartnerRef): string {
  return `${prefix}${sourceKey}/${market}/${partner}`
}

/** A UUID of version 8, the same for the same attempt: the job engine drops a second job with it. */
function toJobId({ id, run, attempts }: DeliveryJob): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([id, run, attempts]))
    .digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
