import type { Reply, Route } from '../simulator.ts'
import { hourMs, toIsoSeconds } from '../times.ts'
import type { Call } from './endpoint.ts'
import { refused } from './errors.ts'
import { groups, organizations } from './installation.ts'
import { type Id, toId } from './json.ts'
import { withParameters } from './pages.ts'
import { printTickets, type ReadContext } from './read-routes.ts'
import type { Ticket } from './records.ts'
import { readConditions, type SearchIndex } from './search-index.ts'
import { printGroup, printOrganization, printUser } from './wire.ts'

/** A search shows no more, although it counts all. */
const maxResults = 1000
/** The cursor of an export dies. */
const cursorLifetimeMs = hourMs

interface SearchContext extends ReadContext {
  readonly index: SearchIndex
}

interface Found {
  readonly id: Id
  readonly createdAt: number
  readonly updatedAt: number
  readonly priority: number
  readonly status: number
  print(): Record<string, unknown>
}

/** Searching, in pages by offset and without an end by cursor. */
export function searchRoutes(context: SearchContext): Route[] {
  const { endpoints } = context
  const limit = { limit: 'search-index' } as const
  return [
    endpoints.on('GET', '/search', 'search', (call) => search(context, call), limit),
    endpoints.on(
      'GET',
      '/search/count',
      'search',
      (call) => ({ status: 200, body: { count: find(context, call).length } }),
      limit,
    ),
    endpoints.on('GET', '/search/export', 'search_export', (call) => exportFound(context, call), { limit: 'search-export' }),
  ]
}

const statusOrder = ['new', 'open', 'pending', 'hold', 'solved', 'closed']
const priorityOrder = [null, 'low', 'normal', 'high', 'urgent']

/** What a query finds: tickets, people, groups and organizations, or those of one type. */
function find(context: SearchContext, call: Call): readonly Found[] {
  const { state, index, hostsOf } = context
  const query = call.query.get('query') ?? ''
  const type = call.query.get('filter[type]') ?? readConditions(query).find(({ property }) => property === 'type')?.value
  const hosts = hostsOf(call)
  const words = readConditions(query).filter(
    ({ property }) => property === undefined || property === 'email' || property === 'name',
  )
  const names = (...texts: readonly string[]) =>
    words.every(({ value }) => texts.some((text) => text.toLowerCase().includes(value)))
  const plain = (id: Id, createdAt: number, resultType: string, record: () => Record<string, unknown> | undefined): Found => ({
    ...{ id, createdAt, updatedAt: createdAt, priority: 0, status: 0 },
    print: () => ({ ...record(), result_type: resultType }),
  })
  const isOfType = (name: string) => type === undefined || type === name
  const ofTickets = (ticket: Ticket): Found => ({
    ...{ id: ticket.id, createdAt: ticket.createdAt, updatedAt: ticket.updatedAt },
    ...{ priority: priorityOrder.indexOf(ticket.priority), status: statusOrder.indexOf(ticket.status) },
    print: () => ({
      ...(printTickets(context, call, 'tickets', [ticket]).tickets as Record<string, unknown>[])[0],
      result_type: 'ticket',
    }),
  })
  const isOfTicket = isOfType('ticket') || ['question', 'incident', 'problem', 'task'].includes(type ?? '')
  const people = isOfType('user') ? state.users().filter(({ name, email }) => names(name, email)) : []
  return [
    ...(isOfTicket ? index.find(query, call.user, call.now).map(ofTickets) : []),
    ...people.map((user) => plain(user.id, user.createdAt, 'user', () => printUser(user, hosts))),
    ...(isOfType('group') ? groups : [])
      .filter(({ name }) => names(name))
      .map(({ id }) => plain(id, 0, 'group', () => printGroup(id, hosts))),
    ...(isOfType('organization') ? organizations : [])
      .filter(({ name }) => names(name))
      .map(({ id }) => plain(id, 0, 'organization', () => printOrganization(id, hosts))),
  ]
}

/** Ordered by relevance without a wish, which here is the time of the last change. */
function search(context: SearchContext, call: Call): Reply {
  if ([...call.query.keys()].some((name) => name.startsWith('page[')))
    return refused(400, 'BadRequest', 'page must be an integer')
  if (call.query.get('query') === null) return refused(422, 'InvalidSearch', 'query is missing')
  const page = Number(call.query.get('page') ?? 1)
  const size = Math.min(100, Number(call.query.get('per_page') ?? 100))
  if (page * size > maxResults) {
    return refused(422, 'invalid', 'Invalid search: Requested response size was greater than Search Response Limits')
  }
  const sorts = { created_at: 'createdAt', updated_at: 'updatedAt', priority: 'priority', status: 'status' } as const
  const wish = call.query.get('sort_by') ?? ''
  const key = Object.hasOwn(sorts, wish) ? sorts[wish as keyof typeof sorts] : 'updatedAt'
  const sign = call.query.get('sort_order') === 'asc' ? 1 : -1
  const found = find(context, call).toSorted((one, other) => sign * (one[key] - other[key]) || (one.id < other.id ? -1 : 1))
  const shown = found.slice((page - 1) * size, page * size)
  const addressOf = (number: number) => withParameters(call, { page: String(number) })
  return {
    status: 200,
    body: {
      ...{ results: shown.map((one) => one.print()), facets: null, count: found.length },
      next_page: page * size < found.length ? addressOf(page + 1) : null,
      previous_page: page > 1 ? addressOf(page - 1) : null,
    },
  }
}

/** All results of one type, newest first. A cursor is refused when it is an hour old. */
function exportFound(context: SearchContext, call: Call): Reply {
  if (call.query.get('filter[type]') === null) return refused(400, 'BadRequest', 'filter[type] is missing')
  const size = Math.min(1000, Number(call.query.get('page[size]') ?? 100))
  const cursor = readCursor(call.query.get('page[after]'))
  if (cursor === null) return refused(400, 'InvalidValue', 'The cursor is not valid')
  if (cursor && call.now - cursor.begunAt > cursorLifetimeMs) return refused(400, 'InvalidValue', 'The cursor has expired')
  const sorted = find(context, call).toSorted((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? -1 : 1))
  const rest = cursor
    ? sorted.filter(({ createdAt, id }) => createdAt < cursor.createdAt || (createdAt === cursor.createdAt && id > cursor.id))
    : sorted
  const page = rest.slice(0, size)
  const last = page.at(-1)
  const after = last ? writeCursor({ begunAt: cursor?.begunAt ?? call.now, createdAt: last.createdAt, id: last.id }) : null
  const hasMore = rest.length > page.length
  return {
    status: 200,
    body: {
      ...{ results: page.map((one) => one.print()), facets: null },
      meta: { has_more: hasMore, after_cursor: after, before_cursor: null },
      links: {
        prev: null,
        next: hasMore && after !== null ? withParameters(call, { 'page[after]': after, 'page[size]': String(size) }) : null,
      },
    },
  }
}

interface Cursor {
  readonly begunAt: number
  readonly createdAt: number
  readonly id: Id
}

function writeCursor({ begunAt, createdAt, id }: Cursor): string {
  return Buffer.from(`${toIsoSeconds(begunAt)}|${createdAt}|${id}`).toString('base64url')
}

/** Undefined: none. Null: not valid. */
function readCursor(text: string | null): Cursor | undefined | null {
  if (text === null) return undefined
  const [begun = '', createdAt = '', id] = Buffer.from(text, 'base64url').toString('utf8').split('|')
  const number = toId(id)
  return number === undefined || Number.isNaN(Date.parse(begun))
    ? null
    : { begunAt: Date.parse(begun), createdAt: Number(createdAt), id: number }
}
