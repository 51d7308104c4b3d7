import type { Reply, Route } from '../simulator.ts'
import { dayMs } from '../times.ts'
import { parseTime } from './dates.ts'
import { type Call, type Endpoints, includesOf } from './endpoint.ts'
import { denied, invalid, notFound, oneOf, wrongType, wrongValue } from './errors.ts'
import { companies } from './installation.ts'
import { paginate, paging } from './pages.ts'
import type { Agent, Conversation, Ticket } from './records.ts'
import { dueOf, type FreshdeskState, isArchived, isListed, mayRead } from './state.ts'
import * as wire from './wire.ts'

export interface ReadContext {
  readonly state: FreshdeskState
  readonly endpoints: Endpoints
  readonly sceneOf: (call: Call) => wire.Scene
  /** How many pages a list of tickets has at most. */
  readonly maxPages: number
}

/** Tickets are only in lists without `updated_since` when they were created in this time. */
const recentMs = 30 * dayMs
/** How many conversations one ticket embeds. */
const embedded = 10

/** Lists of tickets, one ticket, and its conversations. */
export function readRoutes(context: ReadContext): Route[] {
  const { endpoints } = context
  const listRule = { endpoint: 'ticket-list', includeCost: 2, query: [...filters, ...paging] } as const
  const viewRule = { includeCost: 1, query: ['include'] }
  const archivedOnly = { archived: true }
  return [
    endpoints.on('GET', '/tickets', 'list', (call) => list(context, call), listRule),
    endpoints.on('GET', '/tickets/:id', 'ticket', (call) => view(context, call), viewRule),
    endpoints.on('GET', '/tickets/:id/conversations', 'conversations', (call) => conversations(context, call), { query: paging }),
    endpoints.on('GET', '/tickets/:id/satisfaction_ratings', 'ratings', (call) => ratings(context, call)),
    endpoints.on('GET', '/tickets/archived/:id', 'archived', (call) => view(context, call, archivedOnly), viewRule),
    endpoints.on(
      'GET',
      '/tickets/archived/:id/conversations',
      'archived-conversations',
      (call) => conversations(context, call, archivedOnly),
      { query: paging },
    ),
  ]
}

const filters = [
  ...['filter', 'requester_id', 'email', 'unique_external_id', 'company_id', 'updated_since', 'order_by', 'order_type'],
  'include',
]

/** The ticket of the path, when the caller may read it and it is not (or, asked for, only) in the archive. */
export function findTicket(state: FreshdeskState, call: Call, { archived = false } = {}): Ticket | Reply {
  const ticket = state.ticket(Number(call.params[0]))
  if (!ticket || isArchived(ticket, call.now) !== archived) return notFound
  return mayRead(call.agent, ticket) ? ticket : denied
}

/** True for a refusal, false for a record. */
export function isRefusal(found: { readonly id: number } | Reply): found is Reply {
  return !('id' in found)
}

function list(context: ReadContext, call: Call): Reply {
  const { state } = context
  const selection = select(state, call)
  if ('status' in selection) return selection
  const includes = includesOf(call.query)
  const strange = includes.filter((name) => !['stats', 'requester', 'description'].includes(name))
  if (strange.length > 0) return invalid(wrongValue('include', oneOf(['stats', 'requester', 'description'])))
  const sorted = sort(selection, call)
  if ('status' in sorted) return sorted
  const scene = context.sceneOf(call)
  const print = (ticket: Ticket) => ({
    ...wire.printListed(ticket, scene),
    ...(includes.includes('description') ? wire.printDescription(ticket) : {}),
    ...extras(state, ticket, includes),
  })
  return paginate(call, sorted, print, context.maxPages)
}

function extras(state: FreshdeskState, ticket: Ticket, includes: readonly string[]): Record<string, unknown> {
  const requester = state.contact(ticket.requesterId)
  return {
    ...(includes.includes('stats') ? { stats: wire.printStats(ticket.stats) } : {}),
    ...(includes.includes('requester') && requester ? { requester: wire.printRequester(requester) } : {}),
  }
}

type Test = (ticket: Ticket) => boolean

function select(state: FreshdeskState, call: Call): readonly Ticket[] | Reply {
  const tests: Test[] = [(ticket) => mayRead(call.agent, ticket)]
  const named = filterOf(call)
  if (typeof named !== 'function') return named
  tests.push(named)
  const since = call.query.get('updated_since')
  if (since === null) tests.push(({ createdAt }) => createdAt >= call.now - recentMs)
  else {
    const at = parseTime(since)
    if (at === null) return invalid(wrongType('updated_since', "It should be in the 'combined date and time ISO8601' format"))
    tests.push(({ updatedAt }) => Math.floor(updatedAt / 1000) * 1000 >= at)
  }
  for (const name of ['requester_id', 'company_id'] as const) {
    const value = call.query.get(name)
    if (value === null) continue
    if (!/^[1-9]\d{0,14}$/.test(value)) return invalid(wrongType(name, 'It should be a/an Positive Integer'))
    tests.push((ticket) => (name === 'company_id' ? ticket.companyId : ticket.requesterId) === Number(value))
  }
  const [email, externalId] = [call.query.get('email'), call.query.get('unique_external_id')]
  if (email !== null) tests.push(({ requesterId }) => state.contact(requesterId)?.email?.toLowerCase() === email.toLowerCase())
  if (externalId !== null) tests.push(({ requesterId }) => state.contact(requesterId)?.uniqueExternalId === externalId)
  return state.tickets().filter((ticket) => tests.every((test) => test(ticket)))
}

const filterNames = ['new_and_my_open', 'watching', 'spam', 'deleted']

function filterOf({ query, agent, now }: Call): Test | Reply {
  const listed: Test = (ticket) => isListed(ticket, now)
  switch (query.get('filter')) {
    case null:
      return listed
    case 'spam':
      return ({ spam, deleted }) => spam && !deleted
    case 'deleted':
      return ({ deleted }) => deleted
    case 'watching':
      return (ticket) => listed(ticket) && ticket.watcherIds.includes(agent.id)
    case 'new_and_my_open':
      return (ticket) => listed(ticket) && ticket.status === 2 && isNewOrOf(ticket, agent)
    default:
      return invalid(wrongValue('filter', oneOf(filterNames)))
  }
}

function isNewOrOf({ responderId }: Ticket, agent: Agent): boolean {
  return responderId === null || responderId === agent.id
}

function sort(tickets: readonly Ticket[], { query, now }: Call): readonly Ticket[] | Reply {
  const [by, type] = [query.get('order_by') ?? 'created_at', query.get('order_type') ?? 'desc']
  const key = { created_at: keyOf.created, updated_at: keyOf.updated, status: keyOf.status, due_by: keyOf.due(now) }[by]
  if (key === undefined) return invalid(wrongValue('order_by', oneOf(['created_at', 'due_by', 'updated_at', 'status'])))
  if (type !== 'asc' && type !== 'desc') return invalid(wrongValue('order_type', oneOf(['asc', 'desc'])))
  const sign = type === 'asc' ? 1 : -1
  return tickets.toSorted((a, b) => sign * (key(a) - key(b)))
}

const keyOf = {
  created: ({ createdAt }: Ticket) => createdAt,
  updated: ({ updatedAt }: Ticket) => updatedAt,
  status: ({ status }: Ticket) => status,
  due: (now: number) => (ticket: Ticket) => dueOf(ticket, now).by ?? 0,
}

function view(context: ReadContext, call: Call, where = { archived: false }): Reply {
  const { state } = context
  const ticket = findTicket(state, call, where)
  if (isRefusal(ticket)) return ticket
  const includes = includesOf(call.query)
  const possible = ['conversations', 'requester', 'company', 'stats']
  if (includes.some((name) => !possible.includes(name))) return invalid(wrongValue('include', oneOf(possible)))
  const scene = context.sceneOf(call)
  const company = companies.find(({ id }) => id === ticket.companyId)
  const print = (one: Conversation) => wire.printConversation(one, ticket, scene)
  return {
    status: 200,
    body: {
      ...wire.printTicket(ticket, scene),
      ...extras(state, ticket, includes),
      ...(includes.includes('company') ? { company: company ? { id: company.id, name: company.name } : {} } : {}),
      ...(includes.includes('conversations') ? { conversations: ticket.conversations.slice(0, embedded).map(print) } : {}),
    },
  }
}

function conversations(context: ReadContext, call: Call, where = { archived: false }): Reply {
  const ticket = findTicket(context.state, call, where)
  if (isRefusal(ticket)) return ticket
  const scene = context.sceneOf(call)
  return paginate(call, ticket.conversations, (one) => wire.printConversation(one, ticket, scene))
}

function ratings(context: ReadContext, call: Call): Reply {
  const ticket = findTicket(context.state, call)
  if (isRefusal(ticket)) return ticket
  return { status: 200, body: ticket.ratings.map((rating) => wire.printRating(rating, ticket)) }
}
