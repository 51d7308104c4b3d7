import { Refusal, refused } from './errors.ts'
import type { Field, Kind, Searchable } from './query.ts'
import type { DataType, Ticket, TicketCategory } from './records.ts'
import { stateOf, typeOf } from './state.ts'
import { ticketTypes } from './workspace.ts'

/** What a search calls the categories. */
const searchWords: Readonly<Record<TicketCategory, string>> = { Customer: 'request', 'Back-office': 'task', Tracker: 'tracker' }

const text = (read: (ticket: Ticket) => unknown): Field<Ticket> => ({
  kind: 'string',
  read: (ticket) => [String(read(ticket) ?? '')],
})

const date = (read: (ticket: Ticket) => number | null): Field<Ticket> => ({
  kind: 'date',
  read: (ticket) => [read(ticket) ?? []].flat(),
})

const fields: Readonly<Record<string, Field<Ticket>>> = {
  id: text(({ id }) => id),
  created_at: date(({ createdAt }) => createdAt),
  updated_at: date(({ updatedAt }) => updatedAt),
  title: text(({ attributes }) => attributes._default_title_),
  description: text(({ attributes }) => attributes._default_description_),
  category: text(({ typeId }) => searchWords[typeOf(typeId)!.category]),
  ticket_type_id: text(({ typeId }) => typeId),
  contact_ids: { kind: 'string', read: ({ contactIds }) => contactIds },
  teammate_ids: { kind: 'string', read: teammatesOf },
  admin_assignee_id: text(({ adminId }) => adminId),
  team_assignee_id: text(({ teamId }) => teamId),
  open: { kind: 'boolean', read: ({ isOpen }) => [isOpen] },
  state: text(({ stateId }) => stateOf(stateId)!.category),
  snoozed_until: date(({ snoozedUntil }) => snoozedUntil),
}

function teammatesOf({ adminId, parts }: Ticket): readonly string[] {
  const authors = parts.flatMap(({ author }) => (author.type === 'admin' ? author.id : []))
  return [...new Set(adminId === '0' ? authors : [...authors, adminId])]
}

const kinds: Readonly<Record<DataType, Kind>> = {
  ...{
    string: 'string',
    list: 'string',
    files: 'string',
    integer: 'number',
    decimal: 'number',
    boolean: 'boolean',
    datetime: 'date',
  },
}

/** An attribute is searched by its id, although a ticket has it by its name. */
function attributeField(id: string): Field<Ticket> | undefined {
  if (!/^\d+$/.test(id)) {
    throw new Refusal(refused(400, 'field_not_found', 'The requested ticket attribute ID is not a valid integer'))
  }
  for (const type of ticketTypes) {
    const attribute = type.attributes.find((one) => one.id === id)
    if (!attribute) continue
    const read = (ticket: Ticket) => {
      const value = ticket.typeId === type.id ? ticket.attributes[attribute.name] : undefined
      if (value === undefined || value === null) return []
      if (typeof value === 'object') return value.map(({ name }) => name)
      // A date of a ticket is in seconds, and a search reads milliseconds.
      return [attribute.dataType === 'datetime' ? Number(value) * 1000 : value]
    }
    return { kind: kinds[attribute.dataType], read }
  }
  return undefined
}

/** How tickets are searched. */
export const searchableTickets: Searchable<Ticket> = {
  field(name) {
    const [, attributeId] = /^ticket_attribute\.(.*)$/.exec(name) ?? []
    return attributeId === undefined ? (Object.hasOwn(fields, name) ? fields[name] : undefined) : attributeField(attributeId)
  },
  dates: 'seconds',
}
