import { toEpochSeconds } from '../times.ts'
import type {
  Admin,
  Attachment,
  Attribute,
  AttributeValue,
  Author,
  Part,
  Team,
  Ticket,
  TicketState,
  TicketType,
} from './records.ts'
import { type IntercomState, stateOf, typeOf } from './state.ts'
import { admins, openedAt, states, ticketTypes, workspaceId } from './workspace.ts'

// Tickets and what they are made of, in the vendor's format.

/** What an answer depends on beside the record. */
export interface Printing {
  readonly state: IntercomState
  /** The present address of a file. It expires. */
  fileUrl(file: Attachment): string
}

/** The newest parts that an answer has. */
export const maxParts = 500

/** A ticket. Absent, not null, where it is not snoozed. */
export function printTicket(ticket: Ticket, printing: Printing, parts: readonly Part[] = ticket.parts) {
  const type = typeOf(ticket.typeId)!
  return {
    type: 'ticket',
    id: ticket.id,
    ticket_id: ticket.number,
    ticket_attributes: Object.fromEntries(
      Object.entries(ticket.attributes).map(([name, value]) => [name, printValue(value, printing)]),
    ),
    ticket_state: printState(stateOf(ticket.stateId)!),
    ticket_type: printType(type),
    contacts: {
      type: 'contact.list',
      contacts: ticket.contactIds.map((id) => printContactReference(id, printing)),
    },
    admin_assignee_id: ticket.adminId,
    team_assignee_id: ticket.teamId,
    created_at: toEpochSeconds(ticket.createdAt),
    updated_at: toEpochSeconds(ticket.updatedAt),
    ticket_parts: {
      type: 'ticket_part.list',
      ticket_parts: parts.slice(-maxParts).map((part) => printPart(part, printing)),
      total_count: parts.length,
    },
    open: ticket.isOpen,
    ...(ticket.snoozedUntil === null ? {} : { snoozed_until: toEpochSeconds(ticket.snoozedUntil) }),
    linked_objects: printLinks(ticket.links, printing),
    category: type.category,
    is_shared: ticket.isShared,
  }
}

export function printContactReference(id: string, { state }: Printing) {
  return { type: 'contact', id, external_id: state.contact(id)?.externalId ?? null }
}

/** The category belongs to tickets alone. */
export function printLinks(links: Ticket['links'], { state }: Printing) {
  const data = links.map(({ type, id }) => {
    const ticket = type === 'ticket' ? state.ticket(id) : undefined
    return { type, id, category: ticket ? typeOf(ticket.typeId)!.category : null }
  })
  return { type: 'list', data, total_count: data.length, has_more: false }
}

function printValue(value: AttributeValue, printing: Printing): unknown {
  if (value === null || typeof value !== 'object') return value
  return value.map((file) => ({ ...printAttachment(file, printing), type: 'file' }))
}

/** A part of a ticket. What it does not have is absent. */
export function printPart(part: Part, printing: Printing) {
  const at = toEpochSeconds(part.at)
  return {
    type: 'ticket_part',
    id: part.id,
    part_type: part.type,
    ...(part.body === null ? {} : { body: part.body }),
    ...(part.states ? { ticket_state: part.states.after, previous_ticket_state: part.states.before } : {}),
    created_at: at,
    updated_at: at,
    ...(part.assignedTo ? { assigned_to: part.assignedTo } : {}),
    author: printAuthor(part.author),
    attachments: part.attachments.map((file) => printAttachment(file, printing)),
    redacted: false,
    ...(part.isByApp ? { app_package_code: 'deskgraph-sandbox' } : {}),
    ...(part.attribute ? { updated_attribute_data: printUpdate(part.attribute) } : {}),
  }
}

function printUpdate({ id, label, value }: NonNullable<Part['attribute']>) {
  return {
    attribute: { type: 'attribute', id, label },
    // Files are named by their ids. The numbers count the files of the attribute.
    value: { type: 'value', id: typeof value === 'string' ? value : value.map((_, index) => index + 1), label: value },
  }
}

export function printAuthor({ id, type, name, email }: Author) {
  return { id, type, name, email }
}

export function printAttachment(file: Attachment, { fileUrl }: Printing) {
  return {
    type: 'upload',
    name: file.name,
    url: file.url ?? fileUrl(file),
    content_type: file.contentType,
    filesize: file.bytes?.length ?? 0,
    ...(file.width === undefined ? {} : { width: file.width, height: file.height }),
  }
}

export function printState({ id, category, internalLabel, externalLabel }: TicketState) {
  return { type: 'ticket_state', id, category, internal_label: internalLabel, external_label: externalLabel }
}

/** A ticket type as it stands in a ticket: without its states. */
export function printType(type: TicketType) {
  return {
    ...printTypeReference(type),
    workspace_id: workspaceId,
    created_at: toEpochSeconds(openedAt),
    updated_at: toEpochSeconds(openedAt),
    // So in the vendor's recorded answers. Its schema names the list `ticket_type_attributes` once more.
    ticket_type_attributes: {
      type: 'list',
      data: type.attributes.map((attribute, order) => printAttribute(attribute, type.id, order)),
    },
  }
}

/** A ticket type of the lists of types. */
export function printFullType(type: TicketType) {
  const own = states.filter(({ id, isArchived }) => type.stateIds.includes(id) && !isArchived)
  return { ...printType(type), ticket_states: { type: 'list', data: own.map(printState) } }
}

/** A state of the list of states, with the types that have it. */
export function printFullState(state: TicketState) {
  const data = ticketTypes.filter(({ stateIds }) => stateIds.includes(state.id)).map(printTypeReference)
  return { ...printState(state), ticket_types: { type: 'list', data }, archived: state.isArchived }
}

function printTypeReference({ id, category, name, description, icon, isArchived }: TicketType) {
  return { type: 'ticket_type', id, name, description, icon, archived: isArchived, is_internal: false, category }
}

function printAttribute(attribute: Attribute, typeId: string, order: number) {
  const { dataType, isMultiline, choices } = attribute
  const options = dataType === 'list' ? { list_options: choices.map((label) => ({ id: label, label })) } : null
  return {
    type: 'ticket_type_attribute',
    id: attribute.id,
    workspace_id: workspaceId,
    name: attribute.name,
    description: attribute.description,
    data_type: dataType,
    input_options: dataType === 'string' ? { multiline: isMultiline } : options,
    order,
    required_to_create: attribute.isRequired,
    required_to_create_for_contacts: attribute.isRequired && attribute.isForContacts,
    visible_on_create: true,
    visible_to_contacts: attribute.isForContacts,
    default: attribute.name.startsWith('_default_'),
    ticket_type_id: Number(typeId),
    archived: false,
    created_at: toEpochSeconds(openedAt),
    updated_at: toEpochSeconds(openedAt),
  }
}

export function printAdmin(admin: Admin) {
  return {
    ...{ type: 'admin', id: admin.id, name: admin.name, email: admin.email, job_title: admin.jobTitle },
    ...{ away_mode_enabled: admin.isAway, away_mode_reassign: false, has_inbox_seat: admin.hasSeat },
    ...{ away_status_reason_id: null, team_ids: admin.teamIds.map(Number) },
  }
}

export function printTeam({ id, name, distribution }: Team) {
  const members = admins.filter(({ teamIds }) => teamIds.includes(id))
  return {
    ...{ type: 'team', id, name, admin_ids: members.map((admin) => Number(admin.id)) },
    ...(distribution === 'balanced' ? { assignment_limit: 10 } : {}),
    distribution_method: distribution,
  }
}
