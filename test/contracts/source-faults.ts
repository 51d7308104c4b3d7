import { DeskgraphError } from '../../src/domain/errors.ts'
import { type EntityRef, encodeId } from '../../src/domain/ids.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { withFields } from '../../src/domain/ticket-view.ts'
import { applied, appliedUnseen, notDone, type WriteResult } from '../../src/domain/writes.ts'
import type { FilterField, ListRequest, ListSlice, TicketFilter, TicketSource } from '../../src/sources/source.ts'
import { idOf, type SourceFixture } from './source-fixture.ts'

// Faults that any source may have: each changes one method. `mutants.ts` has those of one vendor's answers.

export interface SourceFault {
  readonly fault: string
  /** The check of the contract that has to find it. */
  readonly foundBy: string
  /** Whether the source can have the fault. Absent: each can. */
  readonly suits?: (fixture: SourceFixture) => boolean
  readonly change: (real: TicketSource, fixture: SourceFixture) => Partial<TicketSource>
}

const once = 'lists every ticket once for each slice size, and ends'
const filters =
  'applies each filter that it claims exactly as a full read does: it leaves out nothing that matches, and nothing else is in it'
const time = '2024-01-01T00:00:00.000Z'

export const sourceFaults: readonly SourceFault[] = [
  {
    fault: 'leaves out the tickets of one status',
    foundBy: once,
    change: (real) => ({
      async listTickets(request, call) {
        const slice = await real.listTickets(request, call)
        const [first] = (await real.listTickets({ ...request, position: null, limit: 1 }, call)).tickets
        const kept = slice.tickets.flatMap((ticket, index) => (ticket.status === first?.status ? [] : [index]))
        return { ...slice, tickets: kept.map((at) => slice.tickets[at]!), positions: kept.map((at) => slice.positions[at]!) }
      },
    }),
  },
  {
    fault: 'gives positions that are off by one',
    foundBy: 'returns a position behind each ticket, at which a list resumes',
    change: (real) =>
      withSlices(real, (slice) => ({ ...slice, positions: slice.positions.map((one, at) => slice.positions[at + 1] ?? one) })),
  },
  {
    fault: 'gives the tickets of a value again behind it',
    foundBy: 'resumes at any point of an order with keyset pagination: behind a ticket, before its value and behind it',
    suits: ({ source }) => source.toPosition !== undefined,
    change: (real) => ({
      toPosition: ({ value, passed }, order) => real.toPosition!({ value, passed: passed === 'ALL' ? 'NONE' : passed }, order),
    }),
  },
  {
    fault: 'ignores a filter',
    foundBy: filters,
    suits: ({ source }) => pushes(source, { status: ['OPEN'] }, 'STATUS'),
    change: (real) => withFilter(real, ({ status: _, ...others }) => others),
  },
  {
    fault: 'takes a bound as inclusive that is exclusive',
    foundBy: filters,
    suits: ({ source }) => pushes(source, { updatedAfter: time }, 'UPDATED'),
    change: (real) => withFilter(real, widen),
  },
  {
    fault: 'filters by the assignee in place of the customer',
    foundBy: filters,
    suits: ({ source, refs: [first] }) => pushes(source, { customer: { ...first!, kind: 'customer' } }, 'CUSTOMER'),
    change: (real) =>
      withFilter(real, ({ customer, ...others }) => (customer ? { ...others, assignee: customer.externalId } : others)),
  },
  {
    fault: 'does not keep the order',
    foundBy:
      'has exactly the requested order with keyset pagination, and with offsets the latest update first and each order that it sorts',
    change: (real) => withSlices(real, (slice) => ({ ...slice, tickets: slice.tickets.toReversed() })),
  },
  {
    fault: 'does not ask for the messages, so that no ticket has a thread',
    foundBy: 'fills the fields that its capabilities name, and no others',
    suits: ({ source }) => source.info.capabilities.reads.includes('threads'),
    change: (real) => withTickets(real, (ticket) => withFields(ticket, { messages: null })),
  },
  {
    fault: 'has a customer in another tenant',
    foundBy:
      'has its customers and vendors in its one tenant, when the gateway calls it: another system names them by their external id',
    suits: ({ source }) =>
      source.info.mode === 'PULL' && source.tenant !== null && source.info.capabilities.reads.includes('customer'),
    change: (real) => withTickets(real, move),
  },
  {
    fault: 'shows a private note as public',
    foundBy: 'shows as PUBLIC the messages that the customer reads, and no others',
    suits: ({ source, vendor }) => vendor?.customerReads !== undefined && source.info.capabilities.notes !== 'NONE',
    change: (real) =>
      withTickets(real, (ticket) =>
        withFields(ticket, {
          messages: ticket.messages?.map((message) => ({ ...message, visibility: 'PUBLIC' })) ?? null,
        }),
      ),
  },
  {
    fault: 'sends an internal reply in public',
    foundBy: 'writes an internal note, which the customer does not read, and shows it as INTERNAL',
    suits: ({ source, vendor }) => vendor?.customerReads !== undefined && source.info.actions.includes('NOTE'),
    change: (real) => ({
      async replyToTicket(ref, input, call) {
        const { message, ...result } = await real.replyToTicket!(ref, { ...input, visibility: 'PUBLIC' }, call)
        return { ...result, ...(message && { message: { ...message, visibility: input.visibility } }) }
      },
    }),
  },
  {
    fault: 'does not verify a write, and takes a success for its effect',
    foundBy: 'never says APPLIED for a change that its vendor drops behind a success',
    suits: ({ vendor, writes }) => vendor?.dropped !== undefined && writes !== undefined,
    change: (real) => withWrites(real, async (result, ref) => (result.outcome === 'REJECTED' ? appliedUnseen(ref) : result)),
  },
  {
    fault: 'says that nothing was done when the read after a write fails',
    foundBy: 'keeps a change done, or unknown, when the read after it fails',
    suits: ({ vendor, writes }) => vendor !== undefined && writes !== undefined,
    change: (real) =>
      withWrites(real, async (result, ref, call) => {
        if (result.outcome === 'REJECTED') return result
        const [after] = await real.loadTickets([ref], call)
        return after instanceof DeskgraphError ? notDone(after) : after ? applied(after) : result
      }),
  },
  {
    fault: 'calls a refused write applied',
    foundBy: 'says REJECTED for a change that its vendor refuses',
    suits: ({ vendor, writes }) => vendor !== undefined && writes !== undefined,
    change: (real) => withWrites(real, async (result, ref) => (result.outcome === 'REJECTED' ? appliedUnseen(ref) : result)),
  },
  {
    fault: 'shows the record of another ticket',
    foundBy: 'lists tickets that equal those of single reads, except in lazy fields',
    change: (real, { refs }) => ({
      async loadTickets(asked, call, wanted) {
        const [other] = await real.loadTickets([refs[2]!], call, wanted)
        const loaded = await real.loadTickets(asked, call, wanted)
        const show = (ref: EntityRef) => withFields(other as Ticket, { id: idOf(ref), externalId: ref.externalId })
        return loaded.map((one, at) => (isTicket(one) && isTicket(other) ? show(asked[at]!) : one))
      },
    }),
  },
  {
    fault: 'takes a page that the vendor has cut for the last one',
    foundBy: once,
    change: (real) => ({
      async listTickets(request, call) {
        const slice = await real.listTickets({ ...request, limit: Math.min(request.limit, 5) }, call)
        return { ...slice, end: slice.tickets.length < request.limit }
      },
    }),
  },
]

/** Whether the vendor, or the store, applies a filter exactly. */
function pushes(source: TicketSource, filter: TicketFilter, field: FilterField): boolean {
  return (source.pushdownFilters?.(filter) ?? source.info.filters).includes(field)
}

function isTicket(loaded: Ticket | DeskgraphError | null | undefined): loaded is Ticket {
  return loaded != null && !(loaded instanceof DeskgraphError)
}

function withSlices(real: TicketSource, change: (slice: ListSlice) => ListSlice): Partial<TicketSource> {
  return { listTickets: async (request, call) => change(await real.listTickets(request, call)) }
}

function withFilter(real: TicketSource, change: (filter: TicketFilter) => TicketFilter): Partial<TicketSource> {
  return { listTickets: (request: ListRequest, call) => real.listTickets({ ...request, filter: change(request.filter) }, call) }
}

function withTickets(real: TicketSource, change: (ticket: Ticket) => Ticket): Partial<TicketSource> {
  return {
    loadTickets: async (refs, call, wanted) =>
      (await real.loadTickets(refs, call, wanted)).map((one) => (isTicket(one) ? change(one) : one)),
  }
}

type Write = (ref: EntityRef, input: never, call: Parameters<TicketSource['loadTickets']>[1]) => Promise<WriteResult>

/** Each write that a fixture may use for its change. */
function withWrites(
  real: TicketSource,
  conclude: (result: WriteResult, ref: EntityRef, call: Parameters<Write>[2]) => Promise<WriteResult>,
): Partial<TicketSource> {
  const methods = (['updateTicket', 'reassignTicket', 'closeTicket'] as const).filter((name) => real[name] !== undefined)
  const wrap = (name: (typeof methods)[number]): Write => {
    const write = real[name] as Write
    return async (ref, input, call) => conclude(await write(ref, input, call), ref, call)
  }
  return Object.fromEntries(methods.map((name) => [name, wrap(name)]))
}

function widen({ updatedAfter, ...others }: TicketFilter): TicketFilter {
  const earlier = updatedAfter && new Date(Date.parse(updatedAfter) - 1000).toISOString()
  return { ...others, ...(earlier && { updatedAfter: earlier }) }
}

/** The ticket with its customer in a tenant that the source does not have. */
function move(ticket: Ticket): Ticket {
  const { customer, source } = ticket
  return withFields(ticket, {
    customer: customer && { ...customer, id: encodeId('customer', source.key, 'elsewhere', customer.externalId) },
  })
}
