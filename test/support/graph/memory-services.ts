import { BoundedQueue } from '../../../src/changes/bounded-queue.ts'
import type { Deliveries, Delivery } from '../../../src/domain/delivery.ts'
import type {
  Change,
  ChangeStream,
  DeadLetter,
  DeadLetters,
  EventBound,
  EventWindow,
  NumberedEvent,
  TicketEvent,
  TicketHistory,
} from '../../../src/domain/events.ts'
import { decodeId } from '../../../src/domain/ids.ts'
import type { Page, PageRequest } from '../../../src/domain/page.ts'
import type { BulkResult } from '../../../src/domain/writes.ts'
import { rangeOfList } from '../../../src/graphql/schema/paging.ts'
import type { TicketSource } from '../../../src/sources/source.ts'

/** A page of a list. The cursor of an item is its id. */
function pageOf<T extends { readonly id: string }>(all: readonly T[], { first, after }: PageRequest): Page<T> {
  const start = after === null ? 0 : all.findIndex((item) => item.id === after) + 1
  const items = all.slice(start, start + first).map((node) => ({ cursor: node.id, node }))
  return { items, hasNextPage: start + first < all.length }
}

const isOf = (sourceKeys: readonly string[] | null, id: string) => sourceKeys?.includes(decodeId(id)?.sourceKey ?? '') ?? true

/** Deliveries by the id of their ticket. It counts the batched look-ups. */
export function createMemoryDeliveries(byTicket: Readonly<Record<string, readonly Delivery[]>>) {
  let all = Object.values(byTicket).flat()
  const counts = { find: 0, ofTickets: 0 }
  const deliveries: Deliveries = {
    list: async ({ states, partner, sourceKeys, ...page }) =>
      pageOf(
        all.filter(
          (one) => (states?.includes(one.state) ?? true) && one.partner === (partner ?? one.partner) && isOf(sourceKeys, one.id),
        ),
        page,
      ),
    async find(ids) {
      counts.find += 1
      return ids.map((id) => all.find((delivery) => delivery.id === id) ?? null)
    },
    async ofTickets(ticketIds) {
      counts.ofTickets += 1
      return ticketIds.map((id) => (byTicket[id] ?? []).map((known) => all.find(({ id }) => id === known.id) ?? known))
    },
    async replay(id) {
      all = all.map((delivery) => (delivery.id === id ? { ...delivery, state: 'PENDING', nextAttemptAt: null } : delivery))
      return all.find((delivery) => delivery.id === id) ?? null
    },
    replayMany: async ({ partner, states, sourceKeys, limit }) =>
      restart(partner, limit, (one) => one.partner === partner && states.includes(one.state) && isOf(sourceKeys, one.id)),
    enablePartner: async (sourceKey, partner) =>
      restart(partner, 500, (one) => one.partner === partner && one.state === 'HELD' && isOf([sourceKey], one.id)),
  }
  function restart(subject: string, limit: number, isChosen: (delivery: Delivery) => boolean): BulkResult {
    const chosen = all.filter(isChosen).slice(0, limit)
    all = all.map((delivery) => (chosen.includes(delivery) ? { ...delivery, state: 'PENDING' } : delivery))
    return { subject, done: chosen.length, failed: 0, userErrors: [] }
  }
  return { deliveries, counts }
}

export function createMemoryDeadLetters(events: readonly DeadLetter[]): DeadLetters {
  let all = [...events]
  const setState = (id: string, state: DeadLetter['state']) => {
    all = all.map((event) => (event.id === id ? { ...event, state } : event))
    return all.find((event) => event.id === id) ?? null
  }
  return {
    list: async ({ sourceKeys, ...page }) =>
      pageOf(
        all.filter((event) => isOf(sourceKeys, event.id)),
        page,
      ),
    find: async (ids) => ids.map((id) => all.find((event) => event.id === id) ?? null),
    replay: async (id) => setState(id, 'REPLAYED'),
    async replayMany(subject, limit) {
      const held = all.filter((event) => event.state === 'HELD' && isOf([subject], event.id)).slice(0, limit)
      for (const { id } of held) setState(id, 'REPLAYED')
      return { subject, done: held.length, failed: 0, userErrors: [] }
    },
    discard: async (id) => setState(id, 'DISCARDED'),
  }
}

/** Ticket events by the id of their ticket. It counts the batched reads. */
export function createMemoryHistory(byTicket: Readonly<Record<string, readonly TicketEvent[]>>) {
  const all = Object.values(byTicket).flat()
  const counts = { eventsOf: 0, eventsByTime: 0 }
  const history: TicketHistory = {
    async eventsOf(requests) {
      counts.eventsOf += 1
      return requests.map(({ ticketId, part }) => rangeOfList(byTicket[ticketId] ?? [], part))
    },
    async eventsByTime(requests) {
      counts.eventsByTime += 1
      return requests.map(({ ticketId, part }) => listByTime(byTicket[ticketId] ?? [], part))
    },
    departmentsOf: async (ticketIds) =>
      ticketIds.map((id) => {
        const escalated = byTicket[id]?.findLast(({ kind }) => kind === 'ESCALATED')
        return escalated?.changes?.find(({ field }) => field === 'escalation')?.after ?? null
      }),
    latestCursor: async () => '0',
    findEvents: async (ids) => ids.map((id) => all.find((event) => event.id === id) ?? null),
  }
  return { history, counts }
}

/** The events of a ticket in a window, as the change log gives them. */
export function listByTime(events: readonly TicketEvent[], { from, limit, after, before, kinds }: EventWindow): NumberedEvent[] {
  const compare = (a: EventBound, b: EventBound) => (a.at === b.at ? a.seq - b.seq : a.at < b.at ? -1 : 1)
  const inWindow = events
    .map((event, seq) => ({ seq, event, at: event.at }))
    .filter((one) => kinds.includes(one.event.kind))
    .filter((one) => (after === null || compare(one, after) > 0) && (before === null || compare(one, before) < 0))
    .sort(compare)
  return from === 'start' ? inWindow.slice(0, limit) : inWindow.slice(-limit)
}

/** A change stream with a `push` for tests. The cursor of a change is its position. */
export function createMemoryChangeStream() {
  const changeLog: Change[] = []
  const subscribers = new Set<(change: Change) => void>()
  const subscribe: ChangeStream['subscribe'] = ({ after, signal, concerns = () => true }) => {
    const queue = new BoundedQueue<Change>({ capacity: 1_000, signal, slowConsumerError: () => new Error('too slow') })
    let gap = false
    const receive = (change: Change) => {
      if (after !== null && Number(change.cursor) <= Number(after)) return
      gap ||= change.gap
      if (!concerns(change)) return
      queue.push(gap === change.gap ? change : { ...change, gap })
      gap = false
    }
    if (after !== null) changeLog.forEach(receive)
    subscribers.add(receive)
    signal.addEventListener('abort', () => subscribers.delete(receive))
    return queue
  }
  const changes: ChangeStream = {
    subscribe,
    subscriberCount: () => subscribers.size,
    onSubscribed: () => () => {},
  }
  const push = (change: Omit<Change, 'cursor'>) => {
    const recorded = { ...change, cursor: String(changeLog.length) }
    changeLog.push(recorded)
    for (const receive of subscribers) receive(recorded)
  }
  return { changes, push }
}

/** A routed source: every ticket with a store goes to one partner. */
export const routedSource: Partial<TicketSource> = {
  previewRoute: (input) =>
    input.category
      ? {
          decision: input.storeId
            ? { type: 'STORE', partners: ['careco'], rule: 'STORE_SUBSCRIBED', trace: ['store 1001 is subscribed by careco'] }
            : { type: 'NONE', partners: [], rule: 'NO_PARTNER', trace: ['no partner is subscribed'] },
        }
      : { userErrors: [{ code: 'REQUIRED', message: 'A category is required.', field: ['input', 'category'] }] },
}
