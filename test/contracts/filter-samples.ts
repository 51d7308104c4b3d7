import { decodeId } from '../../src/domain/ids.ts'
import { toEpochMs } from '../../src/domain/instant.ts'
import { type Ticket, ticketChannels, ticketPriorities, ticketStatuses } from '../../src/domain/ticket.ts'
import type { TicketFilter } from '../../src/sources/source.ts'

/** Filters for each field, with values that tickets of this list have, values that none has, and times that are exactly one of theirs. */
export function toSampleFilters(tickets: readonly Ticket[], sourceKey: string): readonly TicketFilter[] {
  const some = <T>(read: (ticket: Ticket) => T | null | undefined, count = 3): readonly T[] =>
    [...new Set(tickets.flatMap((ticket) => read(ticket) ?? []))].slice(0, count) as T[]
  const statuses = some(({ status }) => status, 10)
  const priorities = some(({ priority }) => priority, 10)
  const assignees = some(({ assignee }) => assignee?.externalId)
  const tags = some((ticket) => ticket.tags?.[0])
  const filters: readonly TicketFilter[] = [
    ...ticketStatuses.map((status) => ({ status: [status] })),
    { status: statuses.slice(0, 2) },
    ...ticketPriorities.map((priority) => ({ priority: [priority] })),
    { priority: priorities.slice(0, 2), status: statuses.slice(0, 1) },
    ...ticketChannels.map((channel) => ({ channel: [channel] })),
    ...some(({ category }) => category?.code).map((code) => ({ category: [code] })),
    { category: some(({ category }) => category?.code, 2) },
    { category: ['no-such-category'] },
    ...assignees.map((assignee) => ({ assignee })),
    ...some(({ assignee }) => assignee?.name, 1).map((name) => ({ assignee: name.toUpperCase() })),
    ...assignees.slice(0, 1).map((login) => ({ assignedTo: { [sourceKey]: login } })),
    { assignee: 'no such agent' },
    { unassigned: true },
    ...some(({ customer }) => customer?.id, 4).flatMap(toRefFilter('customer')),
    ...some(({ vendor }) => vendor?.id).flatMap(toRefFilter('vendor')),
    ...some(({ customer }) => customer?.email, 2).map((email) => ({ customerEmail: email.toUpperCase() })),
    { customerEmail: 'no-such-customer@deskgraph.test' },
    ...some(({ orders }) => orders?.[0]?.externalId, 2).map((orderId) => ({ orderId })),
    { orderId: 'no-such-order' },
    ...tags.map((tag) => ({ tags: [tag] })),
    { tags: tags.slice(0, 2) },
    { tags: ['no such tag'] },
    ...some(({ title }) => title, 2).map((title) => ({ text: title.slice(1, 9).toUpperCase() })),
    { text: 'no ticket has this text' },
    ...toTimeFilters(some(({ createdAt }) => createdAt, 1000).toSorted(), 'createdAfter', 'createdBefore'),
    ...toTimeFilters(some(({ updatedAt }) => updatedAt, 1000).toSorted(), 'updatedAfter', 'updatedBefore'),
  ]
  return filters.filter((filter) => Object.values(filter).every((wanted) => !Array.isArray(wanted) || wanted.length > 0))
}

function toRefFilter(field: 'customer' | 'vendor') {
  return (id: string): TicketFilter[] => {
    const ref = decodeId(id)
    return ref ? [{ [field]: ref }] : []
  }
}

/** Bounds at the middle time, a millisecond before it and behind it, and both at once. Bounds are exclusive. */
function toTimeFilters<After extends keyof TicketFilter, Before extends keyof TicketFilter>(
  times: readonly string[],
  after: After,
  before: Before,
): readonly TicketFilter[] {
  const middle = times[times.length >> 1]
  if (middle === undefined) return []
  const shifted = (byMs: number) => new Date(toEpochMs(middle) + byMs).toISOString()
  return [
    ...[middle, shifted(-1), shifted(1)].flatMap((time) => [{ [after]: time }, { [before]: time }]),
    { [after]: times[times.length >> 2], [before]: middle },
  ]
}
