import { type Clock, now } from '../domain/clock.ts'
import type { Deliveries, Delivery } from '../domain/delivery.ts'
import { decodeId, encodeId } from '../domain/ids.ts'
import { toEpochMs, toInstant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { UnitOfWork } from '../domain/transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Proxies } from '../outbound/proxies.ts'
import type { DeliveriesConfig } from './config.ts'
import type { DeliveryRecord, DeliveryStore } from './delivery-store.ts'
import { createDeliveryWorker } from './delivery-worker.ts'
import { type Outbox, toQueueName } from './outbox.ts'
import type { PartnerDirectory, PartnerRef } from './partner-directory.ts'
import { createDeliveryRestart } from './restart-deliveries.ts'
import { toReplay } from './retry-schedule.ts'
import { createSendAttempt } from './send-attempt.ts'

export interface DeliveryServiceDeps {
  readonly store: UnitOfWork
  readonly deliveries: DeliveryStore
  readonly jobs: Jobs
  readonly outbox: Outbox
  /** One for each source that sends deliveries. */
  readonly directories: readonly PartnerDirectory[]
  readonly config: DeliveriesConfig
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** How partners are reached. Absent: directly. */
  readonly proxies?: Proxies | undefined
  /** In [0, 1), for the jitter of the schedule. */
  readonly random?: (() => number) | undefined
}

/** Sends deliveries to partners, and shows and replays them for the graph. */
export interface DeliveryService extends Deliveries {
  /**
   * Starts the workers of every partner's queue, also of partners that are configured later, and plans lost deliveries again
   * every minute. The jobs must be started.
   */
  start(): Promise<void>
  /** Plans overdue deliveries again whose job was lost, for example by the restore of a backup. */
  requeueLost(): Promise<void>
  /** Sends held deliveries whose endpoint is not switched off any more. */
  releaseHeld(): Promise<void>
  /** Sets the gauges of the outbox and of the partners' configuration. */
  measure(): Promise<void>
}

/** A delivery that is less overdue may simply wait in a long queue. */
const lostAfterMs = 5 * 60_000
const requeueLimit = 500

/** Creates the service. Nothing is sent before `start`. */
export function createDeliveryService(deps: DeliveryServiceDeps): DeliveryService {
  const startWorkers = createWorkerStarter(deps)
  const restarts = createDeliveryRestart(deps)
  const measureStopped = createStoppedGauges(deps)
  const inBackground = (work: () => Promise<void>, message: string) =>
    void work().catch((error) => logFailure(deps, error, message))
  /** The rest of what a restart leaves, and what a replay leaves of the same endpoint. Every minute it is done again. */
  const releaseSoon = () => inBackground(restarts.releaseHeld, 'held deliveries could not be sent')
  return {
    async start() {
      await startWorkers()
      for (const directory of deps.directories) {
        directory.onChange(() => {
          inBackground(startWorkers, 'the queue of a new partner could not be opened')
          releaseSoon()
        })
      }
      await deps.jobs.schedule('deliveries-sweep', '* * * * *', async () => {
        await requeueLost(deps)
        await restarts.releaseHeld()
        await startWorkers()
      })
    },
    requeueLost: () => requeueLost(deps),
    releaseHeld: restarts.releaseHeld,
    async measure() {
      await measure(deps)
      await measureStopped()
    },
    async list(page) {
      const { items, hasNextPage } = await deps.deliveries.list(page)
      return { items: items.map(({ cursor, node }) => ({ cursor, node: toDelivery(node) })), hasNextPage }
    },
    find: async (ids) => (await findRecords(deps, ids)).map((record) => record && toDelivery(record)),
    ofTickets: async (ticketIds) => (await deps.deliveries.ofTickets(ticketIds)).map((records) => records.map(toDelivery)),
    async replay(id) {
      const [record] = await findRecords(deps, [id])
      const replayed = record ? await replay(deps, record) : null
      releaseSoon()
      return replayed
    },
    async replayMany(selection) {
      const result = await restarts.replayMany(selection)
      releaseSoon()
      return result
    },
    async enablePartner(sourceKey, partner) {
      const result = await restarts.enablePartner(sourceKey, partner)
      releaseSoon()
      return result
    },
  }
}

/** Returns a function that starts workers on every partner queue that has none in this process. */
function createWorkerStarter(deps: DeliveryServiceDeps): () => Promise<void> {
  const { jobs, outbox, directories, config, clock } = deps
  const sendAttempt = createSendAttempt({ timeoutMs: config.timeoutMs, clock, proxies: deps.proxies })
  const worker = createDeliveryWorker({ ...deps, sendAttempt, random: deps.random ?? Math.random })
  const started = new Set<string>()

  async function startOn(queue: string): Promise<void> {
    if (started.has(queue)) return
    started.add(queue)
    await jobs.work(queue, config.concurrencyPerPartner, worker)
  }

  return async () => {
    for (const partner of directories.flatMap((directory) => directory.partners())) await startOn(await outbox.open(partner))
    // A partner that is no longer configured may have deliveries left, which end as DEAD.
    for (const queue of await outbox.queueNames()) await startOn(queue)
  }
}

/** A delivery whose job still exists is not planned twice: a job's id names one attempt. */
async function requeueLost({ store, deliveries, outbox, clock }: DeliveryServiceDeps): Promise<void> {
  const overdue = await deliveries.overdue(toInstant(clock() - lostAfterMs), requeueLimit)
  for (const [, group] of Map.groupBy(overdue, toQueueName)) {
    if (group[0]) await outbox.open(group[0])
    await store.transaction(async (tx) => {
      for (const delivery of group) await outbox.enqueue(tx, delivery)
    })
  }
}

async function measure({ deliveries, directories, metrics, clock }: DeliveryServiceDeps): Promise<void> {
  for (const directory of directories)
    metrics.set('routing_file_broken', directory.problem() === null ? 0 : 1, { source: directory.sourceKey })
  const { depth, earliest } = await deliveries.backlog()
  metrics.set('outbox_depth', depth)
  metrics.set('outbox_overdue_seconds', earliest === null ? 0 : Math.max(0, (clock() - toEpochMs(earliest)) / 1000))
}

/** The gauges of each partner. A partner that has left the configuration keeps its own, until it has nothing left. */
function createStoppedGauges({ deliveries, directories, metrics }: DeliveryServiceDeps): () => Promise<void> {
  const known = new Map<string, PartnerRef>()
  return async () => {
    const configured = directories.flatMap((directory) =>
      directory.partners().flatMap((partner) => {
        const url = directory.findPartner(partner.market, partner.partner)?.url
        return url === undefined ? [] : [{ ...partner, url }]
      }),
    )
    const counts = await deliveries.countStopped()
    const disabled = new Set((await deliveries.findDisabled(configured)).map(toQueueName))
    for (const partner of [...configured, ...counts]) known.set(toQueueName(partner), partner)
    const countOf = new Map(counts.map((each) => [`${each.state} ${toQueueName(each)}`, each.count]))
    for (const [name, { sourceKey: source, market, partner }] of known) {
      const labels = { source, market, partner }
      metrics.set('deliveries_held', countOf.get(`HELD ${name}`) ?? 0, labels)
      metrics.set('deliveries_dead', countOf.get(`DEAD ${name}`) ?? 0, labels)
      metrics.set('partner_disabled', disabled.has(name) ? 1 : 0, labels)
    }
  }
}

function logFailure({ logger }: DeliveryServiceDeps, error: unknown, message: string): void {
  logger.error({ err: error }, message)
}

/** By global ids, in their order; null where there is none. The id must match the record in every part, not only in its last one. */
async function findRecords({ deliveries }: DeliveryServiceDeps, ids: readonly string[]) {
  const refs = ids.map(decodeId)
  const records = await deliveries.find(refs.flatMap((ref) => (ref?.kind === 'delivery' ? ref.externalId : [])))
  const byId = new Map(records.flatMap((record) => (record ? [[toDelivery(record).id, record] as const] : [])))
  return ids.map((id) => byId.get(id) ?? null)
}

/** Starts the schedule again, and enables the endpoint if a 410 disabled it. */
async function replay(deps: DeliveryServiceDeps, record: DeliveryRecord): Promise<Delivery | null> {
  await deps.outbox.open(record)
  const url = deps.directories
    .find(({ sourceKey }) => sourceKey === record.sourceKey)
    ?.findPartner(record.market, record.partner)?.url
  return deps.store.transaction(async (tx) => {
    const locked = await deps.deliveries.lock(tx, record.id)
    if (!locked) return null
    const replayed = { ...locked, ...toReplay(locked, now(deps.clock)) }
    await deps.deliveries.update(tx, record.id, replayed)
    if (url !== undefined) await deps.deliveries.enableEndpoint(tx, { ...record, url })
    await deps.outbox.enqueue(tx, replayed)
    return toDelivery(replayed)
  })
}

function toDelivery(record: DeliveryRecord): Delivery {
  const { event, partner, state, attempts, lastStatus, lastError, nextAttemptAt, deliveredAt, createdAt } = record
  const id = encodeId('delivery', record.sourceKey, record.market, record.id)
  return { id, event, partner, state, attempts, lastStatus, lastError, nextAttemptAt, deliveredAt, createdAt }
}
