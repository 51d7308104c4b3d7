import type { Random } from '../random.ts'
import { toEpochSeconds } from '../times.ts'
import { documentedIds } from './documented.ts'
import { generateTickets } from './generate.ts'
import type { OneViewTicket } from './wire.ts'

/** OneView's tickets, kept in the order of its list: the latest status change first, those without a time last. */
export interface OneViewState {
  size(): number
  find(id: string): OneViewTicket | undefined
  page(page: number, pageSize: number): OneViewTicket[]
  /** Changes a ticket; `now` also sets its `UpdatedAt`. */
  change(ticket: OneViewTicket, changes: Partial<OneViewTicket>, now: number | null): OneViewTicket
  add(ticket: OneViewTicket): OneViewTicket
  /** Open tickets, the latest first, without the documented ones. */
  open(): OneViewTicket[]
}

export function createOneViewState(random: Random, until: number, count: number): OneViewState {
  const tickets = new Map(generateTickets(random, until, count).map((ticket) => [ticket.id, ticket]))
  let sorted: OneViewTicket[] | null = null
  const list = () => {
    sorted ??= [...tickets.values()].sort((one, other) => changedAt(other) - changedAt(one))
    return sorted
  }
  const put = (ticket: OneViewTicket) => {
    tickets.set(ticket.id, ticket)
    sorted = null
    return ticket
  }
  return {
    size: () => tickets.size,
    find: (id) => tickets.get(id),
    page: (page, pageSize) => list().slice((page - 1) * pageSize, page * pageSize),
    change: (ticket, changes, now) => {
      const { updatedAt: _, ...rest } = ticket as OneViewTicket & { updatedAt?: unknown }
      const time = now === null ? {} : { UpdatedAt: toEpochSeconds(now) }
      return put(now === null ? { ...ticket, ...changes } : { ...rest, ...changes, ...time })
    },
    add: put,
    open: () =>
      list().filter(({ id, status }) => (status === 'ASSIGNED' || status === 'ESCALATED') && !documentedIds.includes(id)),
  }
}

/** Epoch seconds of the last status change, however the record spells it; 0 when it does not say. */
function changedAt(ticket: OneViewTicket): number {
  const { UpdatedAt, updatedAt } = ticket as OneViewTicket & { updatedAt?: number | string }
  const value = Number(UpdatedAt ?? updatedAt ?? 0)
  return value > 1e11 ? value / 1000 : value
}
