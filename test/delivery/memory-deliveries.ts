import type { DeliveryProgress, DeliveryRecord, DeliveryStore, EndpointRef } from '../../src/delivery/delivery-store.ts'
import type { Outbox } from '../../src/delivery/outbox.ts'
import { toQueueName } from '../../src/delivery/outbox.ts'
import type { PartnerDirectory, PartnerRef } from '../../src/delivery/partner-directory.ts'
import { createSsrfGuard } from '../../src/delivery/ssrf-guard.ts'
import { encodeId } from '../../src/domain/ids.ts'

/** A delivery to `careco` that was never attempted. */
export function deliveryOf(changes: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    id: 'd-1',
    sourceKey: 'rbi',
    market: 'plk-eu',
    partner: 'careco',
    ticketId: encodeId('ticket', 'rbi', 'plk-eu', 't-1'),
    event: 'STORE_SUPPORT_TICKET_EVENT',
    body: '{"a":1}',
    state: 'PENDING',
    attempts: 0,
    run: 0,
    lastStatus: null,
    lastError: null,
    nextAttemptAt: '2026-03-01T12:00:00.000Z',
    deliveredAt: null,
    createdAt: '2026-03-01T12:00:00.000Z',
    ...changes,
  }
}

/** Deliveries in memory, in the order in which they were added. Only what the workers and restarts call. */
export function createMemoryDeliveries(deliveries: readonly DeliveryRecord[] = []) {
  const records = new Map(deliveries.map((delivery) => [delivery.id, delivery]))
  const disabled = new Set<string>()
  const keyOf = (endpoint: EndpointRef) => `${toQueueName(endpoint)} ${endpoint.url}`
  const isDue = ({ state }: DeliveryRecord) => state === 'PENDING' || state === 'FAILED'
  const store = {
    find: async (ids: readonly string[]) => ids.map((id) => records.get(id) ?? null),
    lock: async (_tx: unknown, id: string) => records.get(id) ?? null,
    async update(_tx: unknown, id: string, progress: DeliveryProgress) {
      records.set(id, { ...records.get(id)!, ...progress })
    },
    disableEndpoint: async (_tx: unknown, endpoint: EndpointRef) => void disabled.add(keyOf(endpoint)),
    enableEndpoint: async (_tx: unknown, endpoint: EndpointRef) => void disabled.delete(keyOf(endpoint)),
    findDisabled: async <T extends EndpointRef>(endpoints: readonly T[]) => endpoints.filter((one) => disabled.has(keyOf(one))),
    async restart(_tx: unknown, selection: { partner: PartnerRef; states: readonly string[]; limit: number }, at: string) {
      const found = [...records.values()]
        .filter((one) => toQueueName(one) === toQueueName(selection.partner) && selection.states.includes(one.state))
        .slice(0, selection.limit)
      return found.map((one) => {
        const restarted = { ...one, state: 'PENDING' as const, attempts: 0, run: one.run + 1, nextAttemptAt: at }
        records.set(one.id, restarted)
        return restarted
      })
    },
    async countStopped() {
      const stopped = [...records.values()].filter(({ state }) => state === 'HELD' || state === 'DEAD')
      return [...Map.groupBy(stopped, (one) => `${one.state} ${toQueueName(one)}`).values()].map((group) => {
        const { sourceKey, market, partner, state } = group[0]!
        return { sourceKey, market, partner, state: state as 'HELD' | 'DEAD', count: group.length }
      })
    },
    async backlog() {
      const times = [...records.values()].filter(isDue).flatMap(({ nextAttemptAt }) => nextAttemptAt ?? [])
      return { depth: times.length, earliest: times.sort()[0] ?? null }
    },
    overdue: async (before: string, limit: number) =>
      [...records.values()].filter((one) => isDue(one) && (one.nextAttemptAt ?? '') < before).slice(0, limit),
    list: async () => ({ items: [...records.values()].map((node) => ({ cursor: `c-${node.id}`, node })), hasNextPage: true }),
    ofTickets: async (ids: readonly string[]) => ids.map((id) => [...records.values()].filter((one) => one.ticketId === id)),
  } as unknown as DeliveryStore
  return { store, records, disabled, get: (id: string) => records.get(id)! }
}

/** An outbox that only writes down its queues and jobs: `open NAME`, `enqueue ID`. */
export function createLoggingOutbox(queueNames: readonly string[] = []) {
  const log: string[] = []
  const outbox: Outbox = {
    async open(partner) {
      log.push(`open ${toQueueName(partner)}`)
      return toQueueName(partner)
    },
    add: async () => {},
    enqueue: async (_tx, { id, run, attempts }) => void log.push(`enqueue ${id} ${run}/${attempts}`),
    queueNames: async () => queueNames,
  }
  return { outbox, log }
}

/** The partners of one source; `urls` by `market/partner`. */
export function createMemoryDirectory(sourceKey: string, urls: Record<string, string>) {
  const listeners: (() => void)[] = []
  const guard = createSsrfGuard([])
  const directory = {
    sourceKey,
    broken: null as string | null,
    urls,
    guard: () => guard,
    partners: () =>
      Object.keys(directory.urls).map((key) => ({ sourceKey, market: key.split('/')[0]!, partner: key.split('/')[1]! })),
    findPartner(market: string, partner: string) {
      const url = directory.urls[`${market}/${partner}`]
      return url === undefined ? null : { url, secrets: ['s3cret'] }
    },
    problem: () => directory.broken,
    reload: async () => {},
    onChange: (listener: () => void) => void listeners.push(listener),
    change() {
      for (const listener of listeners) listener()
    },
  }
  return directory satisfies PartnerDirectory
}
