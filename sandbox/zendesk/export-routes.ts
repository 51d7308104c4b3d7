import type { Reply, Route } from '../simulator.ts'
import { minuteMs, toEpochSeconds, toIsoSeconds } from '../times.ts'
import type { Call } from './endpoint.ts'
import { invalidRecord, noRecord, refused } from './errors.ts'
import { openedAt, organizations } from './installation.ts'
import { type Id, toId } from './json.ts'
import { toPage } from './pages.ts'
import { printTickets, type ReadContext } from './read-routes.ts'
import type { Audit, Ticket } from './records.ts'
import { printOrganization, printUser } from './wire.ts'

// The incremental exports: everything that changed since a time, archived and deleted tickets too. For administrators.

const maxSize = 1000
/** What changed later is left out. */
const lagMs = minuteMs

interface Exported {
  readonly id: Id
  /** The change that the export is ordered by, in whole seconds. */
  readonly second: number
}

export function exportRoutes(context: ReadContext): Route[] {
  const { state, endpoints, hostsOf } = context
  const rule = { for: 'admins', limit: 'incremental-exports' } as const
  const tickets = (call: Call) => {
    const hidesDeleted = call.query.get('exclude_deleted') === 'true'
    return state
      .tickets()
      .filter(({ status, generatedAt }) => generatedAt < call.now - lagMs && !(hidesDeleted && status === 'deleted'))
      .map((ticket) => ({ id: ticket.id, second: toEpochSeconds(ticket.generatedAt), ticket }))
  }
  const users = (call: Call) =>
    state
      .users()
      .filter(({ updatedAt }) => updatedAt < call.now - lagMs)
      .map((user) => ({ id: user.id, second: toEpochSeconds(user.updatedAt), user }))
  return [
    endpoints.on(
      'GET',
      '/incremental/tickets/cursor',
      'export',
      (call) =>
        byCursor(call, tickets(call), (page) =>
          printTickets(
            context,
            call,
            'tickets',
            page.map(({ ticket }) => ticket),
          ),
        ),
      rule,
    ),
    endpoints.on(
      'GET',
      '/incremental/tickets',
      'export_by_time',
      (call) =>
        byTime(call, tickets(call), (page) =>
          printTickets(
            context,
            call,
            'tickets',
            page.map(({ ticket }) => ticket),
          ),
        ),
      rule,
    ),
    endpoints.on(
      'GET',
      '/incremental/users/cursor',
      'export_users',
      (call) => byCursor(call, users(call), (page) => ({ users: page.map(({ user }) => printUser(user, hostsOf(call))) })),
      rule,
    ),
    endpoints.on(
      'GET',
      '/incremental/organizations',
      'export_organizations',
      (call) => {
        const records = organizations.map(({ id }) => ({ id, second: toEpochSeconds(openedAt) }))
        return byTime(call, records, (page) => ({
          organizations: page.flatMap(({ id }) => printOrganization(id, hostsOf(call)) ?? []),
        }))
      },
      rule,
    ),
    endpoints.on(
      'GET',
      '/incremental/ticket_events',
      'export_events',
      (call) => byTime(call, listAudits(state.tickets()), printAudits),
      rule,
    ),
    ...deletedRoutes(context),
  ]
}

interface ExportedAudit extends Exported {
  readonly ticketId: Id
  readonly audit: Audit
}

function listAudits(tickets: readonly Ticket[]): readonly ExportedAudit[] {
  return tickets.flatMap(({ id: ticketId, audits }) =>
    audits.map((audit) => ({ id: audit.id, second: toEpochSeconds(audit.at), ticketId, audit })),
  )
}

/** An event of the export is an audit: its parts are the child events. */
function printAudits(page: readonly ExportedAudit[]) {
  const print = ({ id, second, ticketId, audit: { at, authorId, channel, events } }: ExportedAudit) => ({
    ...{ id, ticket_id: ticketId, timestamp: second, created_at: toIsoSeconds(at), updater_id: authorId, via: channel },
    ...{ system: {}, metadata: {}, event_type: 'Audit', child_events: events },
  })
  return { ticket_events: page.map(print) }
}

function sortExported<T extends Exported>(records: readonly T[]): T[] {
  return records.toSorted((one, other) => one.second - other.second || (one.id < other.id ? -1 : 1))
}

function readSize(call: Call): number {
  const size = Number(call.query.get('per_page') ?? maxSize)
  return Number.isInteger(size) && size >= 1 ? Math.min(size, maxSize) : maxSize
}

/** The first call names a time, each later one the cursor of the one before. The last cursor works again later. */
function byCursor<T extends Exported>(
  call: Call,
  records: readonly T[],
  print: (page: readonly T[]) => Record<string, unknown>,
): Reply {
  const cursor = call.query.get('cursor')
  const from = cursor === null ? readStart(call) : readCursor(cursor)
  if ('status' in from) return from
  const rest = sortExported(records).filter(({ id, second }) => second > from.second || (second === from.second && id > from.id))
  const page = rest.slice(0, readSize(call))
  const last = page.at(-1) ?? from
  const after = Buffer.from(`${last.second}.0||${last.id}|`).toString('base64')
  const parameters = new URLSearchParams([...call.query].filter(([name]) => name !== 'cursor' && name !== 'start_time'))
  parameters.set('cursor', after)
  return {
    status: 200,
    body: {
      ...print(page),
      ...{ after_url: `${call.origin}${call.path.split('?')[0]}?${parameters}`, after_cursor: after },
      ...{ before_url: null, before_cursor: null, end_of_stream: rest.length <= page.length },
    },
  }
}

function readStart(call: Call): Exported | Reply {
  const start = Number(call.query.get('start_time') ?? Number.NaN)
  if (!Number.isInteger(start)) return refused(400, 'InvalidValue', 'start_time must be an epoch time in seconds')
  if (start * 1000 > call.now - lagMs) {
    return refused(422, 'StartTimeTooRecent', 'Too recent start_time. Use a start_time older than 1 minute')
  }
  return { second: start, id: 0n }
}

function readCursor(cursor: string): Exported | Reply {
  const [, second, id] = /^(\d+)\.0\|\|(\d+)\|$/.exec(Buffer.from(cursor, 'base64').toString('utf8')) ?? []
  if (second === undefined) return refused(400, 'InvalidValue', 'The cursor is not valid')
  return { second: Number(second), id: toId(id) ?? 0n }
}

/**
 * The older form, which continues at the second of the last record: where one second has more records than a page, it never
 * comes further.
 */
function byTime<T extends Exported>(
  call: Call,
  records: readonly T[],
  print: (page: readonly T[]) => Record<string, unknown>,
): Reply {
  const from = readStart(call)
  if ('status' in from) return from
  const rest = sortExported(records).filter(({ second }) => second >= from.second)
  const page = rest.slice(0, readSize(call))
  const endTime = page.at(-1)?.second ?? null
  const parameters = new URLSearchParams([...call.query].filter(([name]) => name !== 'start_time'))
  if (endTime !== null) parameters.set('start_time', String(endTime))
  return {
    status: 200,
    body: {
      ...print(page),
      ...{ count: page.length, end_time: endTime, end_of_stream: rest.length <= page.length },
      next_page: endTime === null ? null : `${call.origin}${call.path.split('?')[0]}?${parameters}`,
    },
  }
}

function deletedRoutes({ state, endpoints }: ReadContext): Route[] {
  const deleted = () => state.tickets().filter(({ deletion }) => deletion !== null)
  const print = ({ id, subject, deletion }: Ticket) => {
    const { at, actorId, previous } = deletion!
    return {
      id,
      subject,
      actor: { id: actorId, name: state.user(actorId)?.name ?? '' },
      deleted_at: toIsoSeconds(at),
      previous_state: previous,
    }
  }
  return [
    endpoints.on('GET', '/deleted_tickets', 'deleted', (call) =>
      toPage(call, { key: 'deleted_tickets', records: deleted(), print: (page) => ({ deleted_tickets: page.map(print) }) }),
    ),
    endpoints.on('PUT', '/deleted_tickets/:id/restore', 'restore', (call) => {
      const ticket = state.ticket(toId(call.params[0]) ?? 0n)
      if (!ticket?.deletion) return noRecord
      const { previous } = ticket.deletion
      if (previous === 'deleted') return invalidRecord({ status: [{ description: 'Status: is invalid' }] })
      state.put({ ...ticket, status: previous, deletion: null, updatedAt: call.now, generatedAt: call.now }, call.user.id)
      return { status: 200, body: {} }
    }),
  ]
}
