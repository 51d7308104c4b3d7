import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { fields, people, queues, type RtPerson, type RtRecord, type RtState, type RtTransactionRecord } from './state.ts'
import { parseQuery, WrongQuery } from './ticket-sql.ts'
import { type Json, Selection, toFields, toHyperlinks, toPart, toTransaction } from './wire.ts'

/** Whose token a request has. */
export function personOf({ headers }: SimulatorRequest): RtPerson | undefined {
  return people.find(({ token }) => headers.authorization === `token ${token}`)
}

/** Whether a person may see a ticket. */
export function maySee(person: RtPerson | undefined, ticket: RtRecord): boolean {
  return person !== undefined && (person.role !== 'customer' || ticket.requestors.includes(person.login))
}

export const notFound: Reply = { status: 404, body: { message: 'Not Found' } }
export const forbidden: Reply = { status: 403, body: { message: 'Forbidden' } }

export function select({ query, headers }: SimulatorRequest): Selection {
  return new Selection(query, `http://${headers.host}`)
}

/** A page of a list. `total` null: RT does not count for an account that may not see everything (RT-08). */
function toPage<T>(request: SimulatorRequest, items: readonly T[], counted: boolean, toItem: (item: T) => Json): Reply {
  const { query } = request
  const asked = query.get('per_page')
  // Another size than a number is 20, and a larger one 100 (RT-07).
  const size = asked !== null && /^\d+$/.test(asked) ? Math.max(1, Math.min(100, Number(asked))) : 20
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1)
  const shown = items.slice((page - 1) * size, page * size).map(toItem)
  const pages = Math.ceil(items.length / size)
  const next = new URLSearchParams(query)
  next.set('page', String(page + 1))
  const total = counted ? items.length : null
  return {
    status: 200,
    body: {
      ...{ count: shown.length, total, per_page: size, page, pages: counted ? pages : null, items: shown },
      ...(counted && page < pages && { next_page: `http://${request.headers.host}${request.path}?${next}` }),
    },
  }
}

const columns: Readonly<Record<string, (ticket: RtRecord) => number | string>> = {
  id: ({ id }) => id,
  LastUpdated: ({ lastUpdated }) => lastUpdated,
  Created: ({ created }) => created,
  Priority: ({ priority }) => priority,
  Subject: ({ subject }) => subject,
}

/** By each `orderby` in turn. null: one of them is unknown. */
function sortTickets(tickets: readonly RtRecord[], query: URLSearchParams): readonly RtRecord[] | null {
  const orders = query
    .getAll('orderby')
    .map((name, index) => ({ read: columns[name], isFalling: query.getAll('order')[index] === 'DESC' }))
  if (orders.some(({ read }) => read === undefined)) return null
  return tickets.toSorted((one, other) => {
    for (const { read, isFalling } of orders) {
      const [first, second] = [read!(one), read!(other)]
      if (first !== second) return first < second === isFalling ? 1 : -1
    }
    return 0
  })
}

export function ticketRoutes(state: RtState): readonly Route[] {
  return [
    {
      ...{ method: 'GET', operation: 'tickets', path: /^\/REST\/2\.0\/tickets$/ },
      handle(request) {
        const person = personOf(request)
        try {
          const { matches, asks } = parseQuery(request.query.get('query') ?? '')
          const found = [...state.tickets.values()].filter(
            (ticket) =>
              maySee(person, ticket) &&
              matches(ticket) &&
              (asks.merged || ticket.effectiveId === ticket.id) &&
              (asks.deleted || ticket.status !== 'deleted'),
          )
          const sorted = sortTickets(found, request.query)
          const toRow = (ticket: RtRecord) => {
            const row = {
              type: 'ticket',
              id: String(ticket.id),
              _url: `http://${request.headers.host}/REST/2.0/ticket/${ticket.id}`,
            }
            const links = toHyperlinks(state, ticket, person!.role, select(request).base)
            return select(request).of(row, toFields(ticket, select(request)), { _hyperlinks: links })
          }
          // RT finds nothing in an order that it does not know, and counts all the same (RT-13).
          const page = toPage(request, sorted ?? [], true, toRow)
          return sorted ? page : { status: 200, body: { ...(page.body as Json), total: found.length } }
        } catch (error) {
          if (error instanceof WrongQuery) return { status: 400, body: { message: error.message } }
          throw error
        }
      },
    },
    {
      ...{ method: 'GET', operation: 'ticket', path: /^\/REST\/2\.0\/ticket\/(\d+)$/ },
      handle(request) {
        const ticket = state.load(Number(request.params[0]))
        const person = personOf(request)
        if (!ticket) return notFound
        if (!maySee(person, ticket)) return forbidden
        const links = toHyperlinks(state, ticket, person!.role, select(request).base)
        return {
          status: 200,
          headers: { etag: `"${state.latestTransaction(ticket.id)?.id}"` },
          body: { id: ticket.id, ...toFields(ticket, select(request)), _hyperlinks: links },
        }
      },
    },
  ]
}

interface Condition {
  readonly field: string
  readonly value: string
}

/** A search of other records than tickets: conditions of one field by OR, and the fields by AND. */
function toFilter(text: string | null): (record: Json) => boolean {
  const conditions = JSON.parse(text ?? '[]') as readonly Condition[]
  const byField = Map.groupBy(conditions, ({ field }) => field)
  return (record) =>
    [...byField].every(([field, any]) =>
      any.some(({ value }) => String(record[field]).toLowerCase() === String(value).toLowerCase()),
    )
}

export function messageRoutes(state: RtState): readonly Route[] {
  /** Comments are hidden by right, and not by a flag (RT-09). */
  const shown = (request: SimulatorRequest) => {
    const person = personOf(request)
    return state.transactions.filter(({ ticket, type }) => {
      const owner = state.load(ticket)
      return owner !== undefined && maySee(person, owner) && (type !== 'Comment' || person?.role === 'agent')
    })
  }
  const listTransactions = (request: SimulatorRequest, ids: readonly number[] | null): Reply => {
    const matches = toFilter(request.query.get('query'))
    const toRecord = (one: RtTransactionRecord): Json => ({ ...toTransaction(one, select(request)), ObjectType: 'RT::Ticket' })
    const found = shown(request).filter((one) => (!ids || ids.includes(one.ticket)) && matches(toRecord(one)))
    return toPage(request, found, false, (one) => {
      const row = { type: 'transaction', id: String(one.id), _url: `${select(request).base}/REST/2.0/transaction/${one.id}` }
      return select(request).of(row, toRecord(one))
    })
  }
  const listParts = (request: SimulatorRequest, of: readonly RtTransactionRecord[]): Reply => {
    const visible = new Set(of.map(({ id }) => id))
    const matches = toFilter(request.query.get('query'))
    const found = state.parts.filter((part) => visible.has(part.transaction) && matches(toPart(part)))
    return toPage(request, found, false, (part) => select(request).of({ type: 'attachment', id: String(part.id) }, toPart(part)))
  }
  return [
    {
      ...{ method: 'GET', operation: 'transactions', path: /^\/REST\/2\.0\/transactions$/ },
      handle: (request) => listTransactions(request, null),
    },
    {
      ...{ method: 'GET', operation: 'history', path: /^\/REST\/2\.0\/ticket\/(\d+)\/history$/ },
      handle(request) {
        const ticket = state.load(Number(request.params[0]))
        if (!ticket) return notFound
        const merged = [...state.tickets.values()].filter(({ effectiveId }) => effectiveId === ticket.id).map(({ id }) => id)
        return maySee(personOf(request), ticket) ? listTransactions(request, merged) : forbidden
      },
    },
    {
      ...{ method: 'GET', operation: 'transaction', path: /^\/REST\/2\.0\/transaction\/(\d+)$/ },
      handle(request) {
        const found = shown(request).find(({ id }) => id === Number(request.params[0]))
        return found ? { status: 200, body: toTransaction(found, select(request)) } : forbidden
      },
    },
    {
      ...{ method: 'GET', operation: 'attachments', path: /^\/REST\/2\.0\/attachments$/ },
      handle: (request) => listParts(request, shown(request)),
    },
    {
      ...{ method: 'GET', operation: 'attachments', path: /^\/REST\/2\.0\/ticket\/(\d+)\/attachments$/ },
      handle(request) {
        const id = Number(request.params[0])
        return listParts(
          request,
          shown(request).filter(({ ticket }) => state.load(ticket)?.id === id),
        )
      },
    },
    {
      ...{ method: 'GET', operation: 'attachment', path: /^\/REST\/2\.0\/attachment\/(\d+)$/ },
      handle(request) {
        const part = state.parts.find(({ id }) => id === Number(request.params[0]))
        if (!part) return notFound
        if (!shown(request).some(({ id }) => id === part.transaction)) return forbidden
        return { status: 200, body: { ...toPart(part), Content: part.content.toString('base64') } }
      },
    },
  ]
}

export function lookupRoutes(): readonly Route[] {
  const byId = (request: SimulatorRequest, list: readonly { readonly id: number }[]) =>
    list.find(({ id }) => String(id) === request.params[0])
  return [
    {
      ...{ method: 'GET', operation: 'queues', path: /^\/REST\/2\.0\/queues\/all$/ },
      handle: (request) =>
        toPage(request, queues, false, ({ id, name }) => select(request).of({ type: 'queue', id: String(id) }, { Name: name })),
    },
    {
      ...{ method: 'GET', operation: 'queue', path: /^\/REST\/2\.0\/queue\/(\d+)$/ },
      handle(request) {
        const queue = byId(request, queues)
        const known = fields.map(({ id, name }) => ({ id: String(id), type: 'customfield', name }))
        return queue ? { status: 200, body: { ...queue, TicketCustomFields: known } } : notFound
      },
    },
    {
      ...{ method: 'GET', operation: 'customfield', path: /^\/REST\/2\.0\/customfield\/(\d+)$/ },
      handle(request) {
        const field = fields.find(({ id }) => String(id) === request.params[0])
        return field
          ? { status: 200, body: { ...field, Name: field.name, Type: field.type, MaxValues: field.max, Pattern: '' } }
          : notFound
      },
    },
    {
      ...{ method: 'GET', operation: 'users', path: /^\/REST\/2\.0\/users$/ },
      handle(request) {
        const matches = toFilter(request.query.get('query'))
        const all = people.map(({ login, name, email }) => ({ Name: login, RealName: name, EmailAddress: email }))
        return toPage(request, all.filter(matches), false, (one) => select(request).of({ type: 'user', id: one.Name }, one))
      },
    },
    {
      ...{ method: 'GET', operation: 'user', path: /^\/REST\/2\.0\/user\/(\d+)$/ },
      handle(request) {
        const found = byId(request, people)
        return found ? { status: 200, body: { id: found.id, Timezone: 'UTC' } } : notFound
      },
    },
    {
      ...{ method: 'GET', operation: 'groups', path: /^\/REST\/2\.0\/groups$/ },
      handle(request) {
        const matches = toFilter(request.query.get('query'))
        const groups = [{ Name: 'Agents', Domain: 'UserDefined' }].filter(matches)
        return toPage(request, groups, false, (one) => select(request).of({ type: 'group', id: '50' }, one))
      },
    },
    {
      ...{ method: 'GET', operation: 'group', path: /^\/REST\/2\.0\/group\/50$/ },
      handle: () => ({
        status: 200,
        body: {
          id: 50,
          Members: people.filter(({ role }) => role === 'agent').map(({ login }) => ({ type: 'user', id: login })),
        },
      }),
    },
  ]
}
