import type { Reply, Route } from '../simulator.ts'
import type { Call, Endpoints } from './endpoint.ts'
import { invalid, wrongType, wrongValue } from './errors.ts'
import { customFields } from './fields.ts'
import type { Ticket } from './records.ts'
import { parseQuery, type Query, type Value } from './search-query.ts'
import { dueOf, type FreshdeskState, isListed, mayRead } from './state.ts'
import { printDescription, printListed, type Scene } from './wire.ts'

interface SearchContext {
  readonly state: FreshdeskState
  readonly endpoints: Endpoints
  readonly sceneOf: (call: Call) => Scene
  /** How long the search does not know a change. */
  readonly searchLagMs: number
}

const perPage = 30
const mostPages = 10

/** The search of tickets: 30 a page, ten pages, and some minutes late. */
export function searchRoutes(context: SearchContext): Route[] {
  const { state, endpoints } = context
  const index = createIndex(state, context.searchLagMs)
  return [endpoints.on('GET', '/search/tickets', 'search', (call) => search(context, index, call), { query: ['query', 'page'] })]
}

type Index = (now: number) => readonly Ticket[]

/** The tickets as they were when the index last took them in. What is generated is known from the start. */
function createIndex(state: FreshdeskState, lagMs: number): Index {
  const known = new Map(state.tickets().map((ticket) => [ticket.id, ticket]))
  const waiting: { readonly from: number; readonly ticket: Ticket }[] = []
  state.onChange(({ after }) => waiting.push({ from: state.now() + lagMs, ticket: after }))
  return (now) => {
    while (waiting[0] && waiting[0].from <= now) {
      const { ticket } = waiting.shift()!
      known.set(ticket.id, ticket)
    }
    return [...known.values()]
  }
}

function search(context: SearchContext, index: Index, call: Call): Reply {
  const query = parseQuery(call.query.get('query'))
  if ('code' in query) return invalid(query)
  const page = call.query.get('page') ?? '1'
  if (!/^[1-9]\d{0,8}$/.test(page)) return invalid(wrongType('page', 'It should be a/an Positive Integer'))
  if (Number(page) > mostPages) {
    return invalid(wrongValue('page', `It should be a Positive Integer less than or equal to ${mostPages}`))
  }
  const isFound = (ticket: Ticket) =>
    isListed(ticket, call.now) && mayRead(call.agent, ticket) && matches(query, ticket, call.now)
  const found = index(call.now)
    .filter(isFound)
    .toSorted((a, b) => b.createdAt - a.createdAt)
  const scene = context.sceneOf(call)
  const shown = found.slice((Number(page) - 1) * perPage, Number(page) * perPage)
  const results = shown.map((ticket) => ({ ...printListed(ticket, scene), ...printDescription(ticket) }))
  return { status: 200, body: { total: found.length, results } }
}

function matches(query: Query, ticket: Ticket, now: number): boolean {
  const isTrue = (part: Query) => matches(part, ticket, now)
  if (query.kind !== 'is') return query.kind === 'and' ? query.parts.every(isTrue) : query.parts.some(isTrue)
  const values = valuesOf(query.field, ticket, now)
  if (query.value === null) return values.length === 0
  return values.some((value) => holds(value, query.operator, query.value))
}

/** `:>` is "at least", `:<` is "at most". */
function holds(value: Value, operator: ':' | ':>' | ':<', wanted: Value): boolean {
  if (operator === ':') return value === wanted
  return operator === ':>' ? value! >= wanted! : value! <= wanted!
}

const day = (at: number | null) => (at === null ? null : new Date(at).toISOString().slice(0, 10))

/** The values of a field, without null. */
function valuesOf(field: string, ticket: Ticket, now: number): readonly Value[] {
  const due = dueOf(ticket, now)
  const simple: Readonly<Record<string, Value>> = {
    ...{ agent_id: ticket.responderId, group_id: ticket.groupId, priority: ticket.priority, status: ticket.status },
    ...{ type: ticket.type, due_by: day(due.by), fr_due_by: day(due.firstBy) },
    ...{ created_at: day(ticket.createdAt), updated_at: day(ticket.updatedAt), ...ticket.customFields },
  }
  if (field === 'tag') return ticket.tags
  if (field === 'custom_string') return textsOf(ticket)
  const value = simple[field] ?? null
  return value === null ? [] : [value]
}

function textsOf({ customFields: values }: Ticket): readonly Value[] {
  const names = customFields.filter(({ type }) => type === 'custom_text' || type === 'custom_dropdown').map(({ name }) => name)
  return names.flatMap((name) => values[name] ?? [])
}
