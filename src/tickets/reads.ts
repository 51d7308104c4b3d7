import type { Call } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { TicketFilter, TicketSource } from '../sources/source.ts'
import { type ListDeps, listTickets } from './pagination/list-tickets.ts'
import { assumedOrder } from './pagination/offset-iterator.ts'
import { refOf, type TicketLoaders } from './ticket-loader.ts'
import type { Sources, TicketReads } from './types.ts'

/** The reads of one operation. */
export function createTicketReads(sources: Sources, loaders: TicketLoaders, call: Call, deps: ListDeps): TicketReads {
  const latest = new Map<string, Promise<Ticket | null>>()

  /** The latest ticket of a customer or vendor; asked for once per operation. */
  function latestOf(ref: EntityRef, filter: TicketFilter): Promise<Ticket | null> {
    const key = `${ref.kind}\0${ref.sourceKey}\0${ref.tenant}\0${ref.externalId}`
    let ticket = latest.get(key)
    if (!ticket) {
      ticket = sources.get(ref.sourceKey) ? readLatest(ref, filter) : Promise.resolve(null)
      latest.set(key, ticket)
    }
    return ticket
  }

  async function readLatest(ref: EntityRef, filter: TicketFilter): Promise<Ticket | null> {
    const request = { sources: [ref.sourceKey], filter, order: assumedOrder, first: 1, after: null }
    const page = await listTickets(request, sources, call, deps)
    const fault = page.sources[0]?.fault
    if (fault) throw fault
    return page.edges[0]?.node ?? null
  }

  return {
    async list(request) {
      const page = await listTickets(request, sources, call, deps)
      loaders.remember(page.edges.map((edge) => edge.node))
      return page
    },
    ticket(ref) {
      const begun = loaders.begun(ref)
      if (begun) return begun
      const source = sources.get(ref.sourceKey)
      if (!source || ref.kind !== 'ticket') return nothing
      if (!source.isExternalId(ref.externalId)) {
        return Promise.reject(new DeskgraphError('BAD_USER_INPUT', `This is not an id of a ticket of ${source.info.label}.`))
      }
      return isOfTenant(source, ref) ? loaders.load(source, ref) : nothing
    },
    async full(ticket) {
      const source = ticket.isSummary ? sources.get(ticket.source.key) : undefined
      return source ? ((await loaders.load(source, refOf(ticket))) ?? ticket) : ticket
    },
    customer: async (ref) => (ref.kind === 'customer' ? ((await latestOf(ref, { customer: ref }))?.customer ?? null) : null),
    vendor: async (ref) => (ref.kind === 'vendor' ? ((await latestOf(ref, { vendor: ref }))?.vendor ?? null) : null),
  }
}

const nothing = Promise.resolve(null)

/** A source with one tenant knows no tickets of another. */
export function isOfTenant(source: TicketSource, ref: EntityRef): boolean {
  return source.tenant === null || source.tenant === ref.tenant
}
