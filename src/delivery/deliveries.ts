import { type Clock, now } from '../domain/clock.ts'
import type { Deliveries, Delivery } from '../domain/delivery.ts'
import { decodeId, encodeId } from '../domain/ids.ts'
import type { UnitOfWork } from '../domain/transaction.ts'
import type { RoutingConfigStore } from '../sources/rbi/routing-config-store.ts'
import type { DeliveryQueues } from './delivery-queues.ts'
import type { DeliveryRecord, DeliveryStore } from './delivery-store.ts'
import { toReplay } from './progress.ts'

export interface DeliveriesDeps {
  readonly store: UnitOfWork
  readonly deliveries: DeliveryStore
  readonly queues: DeliveryQueues
  readonly routingConfigs: readonly RoutingConfigStore[]
  readonly clock: Clock
}

/** The deliveries as the graph shows them, and their replay. */
export function createDeliveries(deps: DeliveriesDeps): Deliveries {
  const find = async (ids: readonly string[]) => {
    const refs = ids.map(decodeId)
    const records = await deps.deliveries.find(refs.flatMap((ref) => (ref?.kind === 'delivery' ? ref.externalId : [])))
    const byId = new Map(records.flatMap((record) => (record ? [[toDelivery(record).id, record] as const] : [])))
    return ids.map((id) => byId.get(id) ?? null)
  }
  return {
    async list(page) {
      const { items, hasNextPage } = await deps.deliveries.list(page)
      return { items: items.map(({ cursor, node }) => ({ cursor, node: toDelivery(node) })), hasNextPage }
    },
    find: async (ids) => (await find(ids)).map((record) => record && toDelivery(record)),
    ofTickets: async (ticketIds) => (await deps.deliveries.ofTickets(ticketIds)).map((records) => records.map(toDelivery)),
    async replay(id) {
      const [record] = await find([id])
      return record ? replay(deps, record) : null
    },
  }
}

/** Begins the schedule anew, and gives an endpoint that wanted no more another chance. */
async function replay(deps: DeliveriesDeps, record: DeliveryRecord): Promise<Delivery | null> {
  await deps.queues.open(record)
  const url = deps.routingConfigs
    .find(({ sourceKey }) => sourceKey === record.sourceKey)
    ?.findPartner(record.market, record.partner)?.url
  return deps.store.transaction(async (tx) => {
    const held = await deps.deliveries.lock(tx, record.id)
    if (!held) return null
    const replayed = { ...held, ...toReplay(held, now(deps.clock)) }
    await deps.deliveries.update(tx, record.id, replayed)
    if (url !== undefined) await deps.deliveries.enableEndpoint(tx, { ...record, url })
    await deps.queues.enqueue(tx, replayed)
    return toDelivery(replayed)
  })
}

function toDelivery(record: DeliveryRecord): Delivery {
  const { event, partner, state, attempts, lastStatus, lastError, nextAttemptAt, deliveredAt, createdAt } = record
  const id = encodeId('delivery', record.sourceKey, record.market, record.id)
  return { id, event, partner, state, attempts, lastStatus, lastError, nextAttemptAt, deliveredAt, createdAt }
}
