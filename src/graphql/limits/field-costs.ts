import type { TicketSource } from '../../sources/source.ts'
import type { CostTable, FieldCost } from './field-cost.ts'

/**
 * The one table of what is dear, for the limits: which fields need calls to sources, and how long lists are.
 * A field that is not here calls nobody. Calls are the most that one answer forces; batches make them fewer.
 */
export function createFieldCosts(sources: readonly TicketSource[]): CostTable {
  const pulled = sources.filter((source) => source.info.mode === 'PULL').length
  return { ...readCosts(sources.length, pulled), ...detailCosts(sources), ...writeCosts }
}

function readCosts(all: number, pulled: number): CostTable {
  return {
    'Query.node': { calls: 1 },
    'Query.nodes': { calls: 1, items: { argument: 'ids' } },
    'Query.ticket': { calls: 1 },
    'Query.ticketByExternalId': { calls: 1 },
    'Query.tickets': { calls: pulled },
    'Query.customer': { calls: 1 },
    'Query.vendor': { calls: 1 },
    'Query.sources': { items: all },
    'Query.escalationDepartments': { calls: 1 },
    'Query.transferQueues': { calls: 1 },
    'Query.resolutionStatuses': { calls: 1 },
    'Query.contactReasons': { calls: 1 },
    'Customer.tickets': { calls: 1 },
    'Vendor.tickets': { calls: 1 },
    'TicketLink.ticket': { calls: 1 },
    'TicketConnection.sources': { items: all },
    // Every action is listed.
    'Ticket.actions': { items: 7 },
  }
}

/** The fields that some source's lists leave out: whichever are selected, the whole ticket is read once for all of them. */
function detailCosts(sources: readonly TicketSource[]): CostTable {
  const cost: FieldCost = { calls: 1, shared: 'whole ticket' }
  const fields = new Set(sources.flatMap((source) => source.lazyFields))
  return Object.fromEntries([...fields].map((field) => [`Ticket.${field === 'messages' ? 'threads' : field}`, cost]))
}

/** The write itself, and reading the ticket again where the source does not answer with it. */
const write: FieldCost = { calls: 2 }

const writeCosts: CostTable = {
  'Mutation.createTicket': write,
  'Mutation.updateTicket': write,
  'Mutation.replyToTicket': write,
  'Mutation.escalateTicket': write,
  'Mutation.closeTicket': write,
  'Mutation.reassignTicket': write,
  'Mutation.transferTicket': write,
  'Mutation.routeTicket': write,
}
