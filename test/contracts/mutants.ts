import type { Simulator } from '../../sandbox/simulator.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { encodeId } from '../../src/domain/ids.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { withFields } from '../../src/domain/ticket-view.ts'
import { applied, appliedUnseen, notDone } from '../../src/domain/writes.ts'
import type { ListRequest, ListSlice, TicketSource } from '../../src/sources/source.ts'
import { openWasabi } from './event-fed-fixture.ts'
import { openRedmine } from './redmine-fixture.ts'
import { idOf, type SourceFixture } from './source-fixture.ts'

// Sources with one deliberate fault each: a thin wrapper around a real source, or around its simulator.

export interface Mutant {
  /** The fault, as a person would report it. */
  readonly fault: string
  /** The check of the contract that has to find it. */
  readonly foundBy: string
  open(): Promise<SourceFixture>
}

const once = 'lists every ticket once for each slice size, and ends'
const filters =
  'applies each filter that it claims exactly as a full read does: it leaves out nothing that matches, and nothing else is in it'

export const mutants: readonly Mutant[] = [
  { fault: 'lists open tickets only', foundBy: once, open: () => openRedmine(withQuery((query) => query.delete('status_id'))) },
  {
    fault: 'gives positions that are off by one',
    foundBy: 'returns a position behind each ticket, at which a list resumes',
    open: () => withList((slice) => ({ ...slice, positions: slice.positions.map((position) => String(Number(position) + 1)) })),
  },
  {
    fault: 'gives the tickets of a value again behind it',
    foundBy: 'resumes at any point of an order with keyset pagination: behind a ticket, before its value and behind it',
    open: async () =>
      withSource(await openWasabi(), (real) => ({
        toPosition: ({ value, passed }, order) => real.toPosition!({ value, passed: passed === 'ALL' ? 'NONE' : passed }, order),
      })),
  },
  { fault: 'ignores a filter', foundBy: filters, open: () => openRedmine(withQuery((query) => query.delete('priority_id'))) },
  {
    fault: 'takes a bound as inclusive that is exclusive',
    foundBy: filters,
    open: async () =>
      withSource(await openWasabi(), (real) => ({ listTickets: (request, call) => real.listTickets(widen(request), call) })),
  },
  {
    fault: 'filters by the assignee in place of the customer',
    foundBy: filters,
    open: () => openRedmine(withQuery((query) => rename(query, 'author_id', 'assigned_to_id'))),
  },
  {
    fault: 'does not keep the order',
    foundBy:
      'has exactly the requested order with keyset pagination, and with offsets the latest update first and each order that it sorts',
    open: () => openRedmine(withQuery((query) => query.delete('sort'))),
  },
  {
    fault: 'does not ask for the messages, so that no ticket has a thread',
    foundBy: 'fills the fields that its capabilities name, and no others',
    open: () => openRedmine(withQuery((query) => query.set('include', (query.get('include') ?? '').replace('journals,', '')))),
  },
  {
    fault: 'has a customer in another tenant',
    foundBy:
      'has its customers and vendors in its one tenant, when the gateway calls it: another system names them by their external id',
    open: async () =>
      withSource(await openRedmine(), (real) => ({
        loadTickets: async (refs, call) => (await real.loadTickets(refs, call)).map((one) => (isTicket(one) ? move(one) : one)),
      })),
  },
  {
    fault: 'shows a private note as public',
    foundBy: 'shows as PUBLIC the messages that the customer reads, and no others',
    open: async () =>
      withSource(await openRedmine(), (real) => ({
        loadTickets: async (refs, call) =>
          (await real.loadTickets(refs, call)).map((one) => (isTicket(one) ? publish(one) : one)),
      })),
  },
  {
    fault: 'sends an internal reply in public',
    foundBy: 'writes an internal note, which the customer does not read, and shows it as INTERNAL',
    open: () =>
      withWrites((real) => ({
        async replyToTicket(ref, input, call) {
          const { message, ...result } = await real.replyToTicket!(ref, { ...input, visibility: 'PUBLIC' }, call)
          return { ...result, ...(message && { message: { ...message, visibility: input.visibility } }) }
        },
      })),
  },
  {
    fault: 'does not verify a write, and takes a success for its effect',
    foundBy: 'never says APPLIED for a change that its vendor drops behind a success',
    open: () =>
      withWrites((real) => ({
        async updateTicket(ref, input, call) {
          const result = await real.updateTicket!(ref, input, call)
          const isDropped = result.userErrors.some(({ code }) => code === 'SOURCE_REJECTED')
          return isDropped ? appliedUnseen(ref) : result
        },
      })),
  },
  {
    fault: 'says that nothing was done when the read after a write fails',
    foundBy: 'keeps a change done, or unknown, when the read after it fails',
    open: () =>
      withWrites((real) => ({
        async updateTicket(ref, input, call) {
          const result = await real.updateTicket!(ref, input, call)
          if (result.outcome === 'REJECTED') return result
          const [after] = await real.loadTickets([ref], call)
          return after instanceof DeskgraphError ? notDone(after) : after ? applied(after) : result
        },
      })),
  },
  {
    fault: 'calls a refused write applied',
    foundBy: 'says REJECTED for a change that its vendor refuses',
    open: () =>
      withWrites((real) => ({
        async updateTicket(ref, input, call) {
          const result = await real.updateTicket!(ref, input, call)
          const isRefused = result.userErrors.some(
            ({ code }) => code === 'INVALID' || code === 'CONFLICT' || code === 'FORBIDDEN',
          )
          return isRefused ? appliedUnseen(ref) : result
        },
      })),
  },
  {
    fault: 'shows the record of another ticket',
    foundBy: 'never shows the record of another ticket as the one asked for',
    open: async () => {
      const fixture = await openRedmine()
      return withSource(fixture, (real) => ({
        // What a source shows that does not compare the id: the record that came.
        loadTickets: async (refs, call) =>
          Promise.all(
            (await real.loadTickets(refs, call)).map(async (one, index) => {
              if (!(one instanceof DeskgraphError) || one.code !== 'UPSTREAM_BAD_RESPONSE') return one
              const [came] = await real.loadTickets([fixture.refs[1]!], call)
              const { externalId } = refs[index]!
              return isTicket(came) ? withFields(came, { id: idOf(refs[index]!), externalId }) : one
            }),
          ),
      }))
    },
  },
  {
    fault: 'takes a page that the vendor has cut for the last one',
    foundBy: once,
    open: () => withList((slice, { limit }) => ({ ...slice, end: slice.tickets.length < limit })),
  },
]

type Loaded = Ticket | DeskgraphError | null | undefined
/** The ticket with its customer in a tenant that the source does not have. */
function move(ticket: Ticket): Ticket {
  const { customer } = ticket
  const id = customer && encodeId('customer', ticket.source.key, 'elsewhere', customer.externalId)
  return withFields(ticket, { customer: customer && { ...customer, id: id! } })
}

function isTicket(loaded: Loaded): loaded is Ticket {
  return loaded != null && !(loaded instanceof DeskgraphError)
}

function publish(ticket: Ticket): Ticket {
  return withFields(ticket, { messages: ticket.messages?.map((message) => ({ ...message, visibility: 'PUBLIC' })) ?? null })
}

/** The simulator, which reads another query than it was sent. */
function withQuery(change: (query: URLSearchParams) => void): (simulator: Simulator) => Simulator {
  return (simulator) => ({
    ...simulator,
    routes: simulator.routes.map((route) => ({
      ...route,
      handle(request) {
        const query = new URLSearchParams(request.query)
        if (route.operation === 'list' || route.operation === 'ticket') change(query)
        return route.handle({ ...request, query })
      },
    })),
  })
}

function rename(query: URLSearchParams, from: string, to: string): void {
  const value = query.get(from)
  query.delete(from)
  if (value !== null) query.set(to, value)
}

function withSource(fixture: SourceFixture, change: (real: TicketSource) => Partial<TicketSource>): SourceFixture {
  return { ...fixture, source: { ...fixture.source, ...change(fixture.source) } }
}

/** Redmine whose lists are changed. Its vendor returns 40 tickets at most. */
async function withList(change: (slice: ListSlice, request: ListRequest) => ListSlice): Promise<SourceFixture> {
  const cap = 40
  return withSource(await openRedmine(), (real) => ({
    listTickets: async (request, call) =>
      change(await real.listTickets({ ...request, limit: Math.min(request.limit, cap) }, call), request),
  }))
}

/** Redmine whose writes are changed, also where the fixture writes. */
function withWrites(change: (real: TicketSource) => Partial<TicketSource>): Promise<SourceFixture> {
  return openRedmine(undefined, (real) => ({ ...real, ...change(real) }))
}

function widen({ filter, ...request }: ListRequest): ListRequest {
  const { updatedAfter, ...others } = filter
  const earlier = updatedAfter && new Date(Date.parse(updatedAfter) - 1).toISOString()
  return { ...request, filter: { ...others, ...(earlier && { updatedAfter: earlier }) } }
}
