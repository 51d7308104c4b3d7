import DataLoader from 'dataloader'
import { type Call, withoutCache } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Metrics } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { TicketSource } from '../sources/source.ts'
import { hasLazyField, toWanted, type WantedFields } from '../sources/wanted-fields.ts'

/**
 * Loads full tickets for one operation: batches the references of a tick into one call per source, loads each ticket once,
 * and caches it until the operation ends. Nothing is shared between operations, because rights differ between viewers.
 */
export interface TicketLoader {
  /** null when there is no such ticket. Rejects with the source's error. Fields that cost calls of their own are read where the operation selects them. */
  load(source: TicketSource, ref: EntityRef): Promise<Ticket | null>
  /** The ticket with this field, also where the operation does not select it. */
  loadWith(field: keyof Ticket, source: TicketSource, ref: EntityRef): Promise<Ticket | null>
  /** The ticket, perhaps as lists have it, where its source reads many of those at once. */
  loadSummary(source: TicketSource, ref: EntityRef): Promise<Ticket | null>
  /**
   * The ticket as it is now, past every cache, with what the operation selects and with these fields; null where there is none. Rejects with
   * the source's error.
   */
  readNow(source: TicketSource, ref: EntityRef, fields: readonly (keyof Ticket)[]): Promise<Ticket | null>
  /** The external id of what people call a ticket; null when there is none. Rejects with the source's error. */
  findExternalId(source: TicketSource, number: string): Promise<string | null>
  /** The promise that `load` gave for this very object, unless it was cleared since. */
  loadedFor(ref: EntityRef): Promise<Ticket | null> | undefined
  /** The full ticket, when this operation has it already; else null. */
  cached(ref: EntityRef): Ticket | null
  /** Adds tickets that were read another way. Full ones are not loaded again; summaries are ignored. */
  prime(tickets: readonly Ticket[]): void
  /** Removes the ticket from the cache, because a write has changed it. */
  clear(source: TicketSource, ref: EntityRef): void
}

const labels = { loader: 'ticket' }

/** `selected`: the fields of tickets that the operation reads; null: not known. It is asked when a source has fields to leave out. */
export function createTicketLoader(call: Call, metrics: Metrics, selected: () => WantedFields | null = () => null): TicketLoader {
  const loaders = new Map<TicketSource, DataLoader<EntityRef, Ticket | null, string>>()
  const completeLoaders = new Map<TicketSource, DataLoader<EntityRef, Ticket | null, string>>()
  const summaries = new Map<TicketSource, DataLoader<EntityRef, Ticket | null, string>>()
  const numbers = new Map<TicketSource, DataLoader<string, string | null>>()
  const tickets = new Map<string, Ticket>()
  const primed: (readonly Ticket[])[] = []
  // By the reference object itself: the links of a page name few tickets many times, each time by the same object.
  const loads = new Map<EntityRef, Promise<Ticket | null>>()
  let uncounted = 0

  /** Counts once per microtask, because a page can load thousands of links. */
  function countLoad(): void {
    if (uncounted++ === 0) queueMicrotask(flushCount)
  }

  function flushCount(): void {
    metrics.count('loader_loads_total', labels, uncounted)
    uncounted = 0
  }

  /** With these fields beside those that the operation selects; undefined: all. */
  function wantedOf(source: TicketSource, fields: readonly (keyof Ticket)[] = []): WantedFields | undefined {
    const own = source.costlyFields ? selected() : null
    return own === null ? undefined : toWanted(source, new Set([...own, ...fields]))
  }

  function loaderOf(source: TicketSource, all = false): DataLoader<EntityRef, Ticket | null, string> {
    const known = all ? completeLoaders : loaders
    let loader = known.get(source)
    if (!loader) {
      const wanted = all ? undefined : wantedOf(source)
      loader = new DataLoader<EntityRef, Ticket | null, string>((refs) => loadBatch(source, refs, wanted), {
        cacheKeyFn: toKey,
        name: source.info.key,
      })
      known.set(source, loader)
    }
    return loader
  }

  function summariesOf(source: TicketSource & Required<Pick<TicketSource, 'loadSummaries'>>) {
    const loader =
      summaries.get(source) ??
      new DataLoader<EntityRef, Ticket | null, string>((refs) => source.loadSummaries(refs, call), { cacheKeyFn: toKey })
    summaries.set(source, loader)
    return loader
  }

  function numbersOf(source: TicketSource): DataLoader<string, string | null> {
    const loader =
      numbers.get(source) ?? new DataLoader(async (list: readonly string[]) => source.externalIdsOf?.(list, call) ?? list)
    numbers.set(source, loader)
    return loader
  }

  async function loadBatch(source: TicketSource, refs: readonly EntityRef[], wanted?: WantedFields, by = call) {
    metrics.count('loader_batches_total', labels)
    const loaded = await source.loadTickets(refs, by, wanted)
    for (const ticket of loaded) if (ticket && !(ticket instanceof Error)) tickets.set(keyOf(ticket), ticket)
    return loaded
  }

  /** Indexes primed tickets when one is looked up for the first time: most operations never do. */
  function indexed(): Map<string, Ticket> {
    for (const list of primed.splice(0)) {
      for (const ticket of list) if (!ticket.isSummary) tickets.set(keyOf(ticket), ticket)
    }
    return tickets
  }

  function load(ref: EntityRef, find: (ref: EntityRef) => Promise<Ticket | null>): Promise<Ticket | null> {
    countLoad()
    const known = indexed().get(toKey(ref))
    const ticket = known ? Promise.resolve(known) : find(ref)
    loads.set(ref, ticket)
    return ticket
  }

  return {
    load: (source, ref) => load(ref, (one) => loaderOf(source).load(one)),
    async loadWith(field, source, ref) {
      const ticket = await this.load(source, ref)
      if (ticket === null || hasLazyField(ticket, field)) return ticket
      return loaderOf(source, true).load(ref)
    },
    loadSummary: (source, ref) => load(ref, (one) => (hasSummaries(source) ? summariesOf(source) : loaderOf(source)).load(one)),
    findExternalId: (source, number) => (source.externalIdsOf ? numbersOf(source).load(number) : Promise.resolve(number)),
    async readNow(source, ref, fields) {
      this.clear(source, ref)
      const [loaded = null] = await loadBatch(source, [ref], wantedOf(source, fields), withoutCache(call))
      if (loaded instanceof DeskgraphError) throw loaded
      return loaded
    },
    loadedFor(ref) {
      const ticket = loads.get(ref)
      if (ticket) countLoad()
      return ticket
    },
    cached(ref) {
      const ticket = indexed().get(toKey(ref))
      return ticket && !ticket.isSummary ? ticket : null
    },
    prime: (list) => void primed.push(list),
    clear(source, ref) {
      loads.clear()
      indexed().delete(toKey(ref))
      loaders.get(source)?.clear(ref)
      completeLoaders.get(source)?.clear(ref)
      summaries.get(source)?.clear(ref)
    },
  }
}

function hasSummaries(source: TicketSource): source is TicketSource & Required<Pick<TicketSource, 'loadSummaries'>> {
  return source.loadSummaries !== undefined
}

function toKey({ sourceKey, tenant, externalId }: Pick<EntityRef, 'sourceKey' | 'tenant' | 'externalId'>): string {
  return `${sourceKey}\0${tenant}\0${externalId}`
}

function keyOf({ source, tenant, externalId }: Ticket): string {
  return toKey({ sourceKey: source.key, tenant, externalId })
}

/** The reference that names this ticket. */
export function refOf(ticket: Ticket): EntityRef {
  return { kind: 'ticket', sourceKey: ticket.source.key, tenant: ticket.tenant, externalId: ticket.externalId }
}

/** Where an external id without a tenant is looked up. */
export function tenantsOf(source: TicketSource): readonly string[] {
  return source.tenant === null ? (source.tenants?.() ?? ['']) : [source.tenant]
}

/** False when the reference names a tenant that this source does not have. */
export function hasTenant(source: TicketSource, ref: EntityRef): boolean {
  return source.tenant === null || source.tenant === ref.tenant
}
