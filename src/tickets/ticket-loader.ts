import DataLoader from 'dataloader'
import type { Call } from '../domain/call.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Metrics } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { TicketSource } from '../sources/source.ts'

/** Whole tickets of one operation: asked for together, once each, and remembered until the operation ends. */
export interface TicketLoaders {
  /** The load of this very reference, if it was begun before and is still true. */
  begun(ref: EntityRef): Promise<Ticket | null> | undefined
  /** One `loadTickets` per source and tick. null: no such ticket. */
  load(source: TicketSource, ref: EntityRef): Promise<Ticket | null>
  /** The whole ticket, where this operation has met it already. */
  known(ref: EntityRef): Ticket | null
  /** Tickets that came another way: the whole ones are not asked for again. */
  remember(tickets: readonly Ticket[]): void
  /** What is known of it is no longer true. */
  forget(source: TicketSource, ref: EntityRef): void
}

type Loader = DataLoader<EntityRef, Ticket | null, string>

const labels = { loader: 'ticket' }

export function createTicketLoaders(call: Call, metrics: Metrics): TicketLoaders {
  const loaders = new Map<TicketSource, Loader>()
  const known = new Map<string, Ticket>()
  const shown: (readonly Ticket[])[] = []
  // By the reference itself: a page's links name few tickets many times, and each time by the same one.
  const loading = new Map<EntityRef, Promise<Ticket | null>>()
  let loads = 0
  const tellLoads = () => {
    metrics.count('loader_loads_total', labels, loads)
    loads = 0
  }
  const countLoad = () => {
    if (loads++ === 0) queueMicrotask(tellLoads)
  }

  function loaderOf(source: TicketSource): Loader {
    let loader = loaders.get(source)
    if (!loader) {
      loader = new DataLoader<EntityRef, Ticket | null, string>((refs) => loadBatch(source, refs), {
        cacheKeyFn: toKey,
        name: source.info.key,
      })
      loaders.set(source, loader)
    }
    return loader
  }

  async function loadBatch(source: TicketSource, refs: readonly EntityRef[]) {
    metrics.count('loader_batches_total', labels)
    const tickets = await source.loadTickets(refs, call)
    for (const ticket of tickets) if (ticket && !(ticket instanceof Error)) known.set(toKeyOfTicket(ticket), ticket)
    return tickets
  }

  /** Lists are gone through when the first single ticket is wanted: most operations want none. */
  function knownByKey(): Map<string, Ticket> {
    for (const tickets of shown.splice(0)) {
      for (const ticket of tickets) if (!ticket.isSummary) known.set(toKeyOfTicket(ticket), ticket)
    }
    return known
  }

  return {
    begun(ref) {
      const ticket = loading.get(ref)
      if (ticket) countLoad()
      return ticket
    },
    load(source, ref) {
      countLoad()
      const met = knownByKey().get(toKey(ref))
      const ticket = met ? Promise.resolve(met) : loaderOf(source).load(ref)
      loading.set(ref, ticket)
      return ticket
    },
    known: (ref) => knownByKey().get(toKey(ref)) ?? null,
    remember: (tickets) => void shown.push(tickets),
    forget(source, ref) {
      loading.clear()
      knownByKey().delete(toKey(ref))
      loaders.get(source)?.clear(ref)
    },
  }
}

function toKey(ref: EntityRef): string {
  return `${ref.sourceKey}\0${ref.tenant}\0${ref.externalId}`
}

function toKeyOfTicket(ticket: Ticket): string {
  return `${ticket.source.key}\0${ticket.tenant}\0${ticket.externalId}`
}

export function refOf(ticket: Ticket): EntityRef {
  return { kind: 'ticket', sourceKey: ticket.source.key, tenant: ticket.tenant, externalId: ticket.externalId }
}
