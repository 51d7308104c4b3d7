import { createHash } from 'node:crypto'
import { type Clock } from '../domain/clock.ts'
import { toEpochMs } from '../domain/instant.ts'
import type { Transaction } from '../domain/transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { DeliveryRecord } from './delivery-store.ts'

/** Which queue: one per partner, so that a slow one holds up nobody else. */
export type QueueOf = Pick<DeliveryRecord, 'sourceKey' | 'market' | 'partner'>

/** What a job names: one attempt of one delivery. */
export type DeliveryJob = Pick<DeliveryRecord, 'id' | 'run' | 'attempts'>

/** The jobs of deliveries. */
export interface DeliveryQueues {
  /** Before a transaction that enqueues. */
  open(queue: QueueOf): Promise<string>
  /** Plans the delivery's next attempt, in the transaction that changed it. Planned twice, it is made once. */
  enqueue(tx: Transaction, delivery: DeliveryRecord): Promise<void>
  /** The names of all such queues that the engine knows, also of partners that left the routing file. */
  names(): Promise<readonly string[]>
}

const prefix = 'deliveries/'

export function createDeliveryQueues(deps: {
  readonly jobs: Jobs
  readonly timeoutMs: number
  readonly clock: Clock
}): DeliveryQueues {
  // Longer than an attempt may take with its bookkeeping, short enough that a dead replica's work is soon taken over.
  const leaseSeconds = Math.ceil(deps.timeoutMs / 1000) + 5
  return {
    async open(queue) {
      const name = toQueueName(queue)
      await deps.jobs.openQueue(name, { leaseSeconds })
      return name
    },
    async enqueue(tx, delivery) {
      const { id, run, attempts, nextAttemptAt } = delivery
      const waitMs = nextAttemptAt === null ? 0 : toEpochMs(nextAttemptAt) - deps.clock()
      const at = waitMs > 0 ? new Date(deps.clock() + waitMs) : null
      await deps.jobs.send(tx, toQueueName(delivery), { id: toJobId({ id, run, attempts }), data: { id, run, attempts }, at })
      if (at) deps.jobs.wakeAfter(toQueueName(delivery), waitMs)
    },
    names: async () => (await deps.jobs.queueNames()).filter((name) => name.startsWith(prefix)),
  }
}

export function toQueueName({ sourceKey, market, partner }: QueueOf): string {
  return `${prefix}${sourceKey}/${market}/${partner}`
}

/** The same for the same attempt, as a UUID of version 8. */
function toJobId({ id, run, attempts }: DeliveryJob): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([id, run, attempts]))
    .digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
