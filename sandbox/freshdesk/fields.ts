import type { StorySystem } from '../story.ts'
import { agents, groups, openedAt, productId } from './installation.ts'

// The fields of tickets. A status has its labels only here.

/** A ticket field. `values` are what a list offers; a text with an arrow is a choice at the second level. */
export interface Field {
  readonly id: number
  readonly name: string
  readonly label: string
  readonly type: string
  readonly isDefault: boolean
  readonly requiredForAgents: boolean
  /** A ticket is not resolved or closed without it. */
  readonly requiredForClosure: boolean
  readonly customersCanEdit: boolean
  readonly choices: Choices | undefined
  readonly nested?: readonly { readonly id: number; readonly name: string; readonly label: string }[]
}

type Choices = readonly unknown[] | Readonly<Record<string, unknown>>

const field = (id: number, name: string, label: string, type: string, more: Partial<Field> = {}): Field => ({
  ...{ id: 43000610600 + id, name, label, type, isDefault: type.startsWith('default_'), choices: undefined },
  ...{ requiredForAgents: false, requiredForClosure: false, customersCanEdit: false, ...more },
})

/** The number of a status → the words for agents and for customers. */
export const statuses: Readonly<Record<number, readonly [agent: string, customer: string]>> = {
  2: ['Open', 'Being Processed'],
  3: ['Pending', 'Awaiting your Reply'],
  4: ['Resolved', 'This ticket has been Resolved'],
  5: ['Closed', 'This ticket has been Closed'],
  6: ['Waiting on Customer', 'Awaiting your Reply'],
  7: ['Waiting on Third Party', 'Being Processed'],
  8: ['With the kitchen', 'Being Processed'],
  9: ['Refund approved', 'Refund on its way'],
}
export const resolved = 4
export const closed = 5
/** A ticket in such a status has ended. */
export const isDone = (status: number): boolean => status === resolved || status === closed

export const priorities: Readonly<Record<string, number>> = { Low: 1, Medium: 2, High: 3, Urgent: 4 }
export const sources: Readonly<Record<string, number>> = {
  ...{ Email: 1, Portal: 2, Phone: 3, Forum: 4, Twitter: 5, Facebook: 6, Chat: 7, 'Feedback Widget': 9, 'Outbound Email': 10 },
}
export const types = ['Question', 'Incident', 'Problem', 'Feature Request', 'Refund']
export const causes = ['Payment provider', 'Kitchen', 'Courier', 'Customer error', 'Our app']
/** The country, and its cities. */
export const places: Readonly<Record<string, readonly string[]>> = {
  Singapore: ['Singapore'],
  Malaysia: ['Kuala Lumpur', 'Penang'],
  Taiwan: ['Taipei', 'Kaohsiung'],
  Thailand: ['Bangkok', 'Chiang Mai'],
  Germany: ['Berlin', 'Hamburg'],
  Poland: ['Warsaw', 'Kraków'],
  Spain: ['Madrid', 'Valencia'],
  Colombia: ['Bogotá', 'Medellín'],
  Brazil: ['São Paulo'],
  France: ['Lyon', 'Paris'],
  Hungary: ['Budapest'],
  Pakistan: ['Karachi', 'Lahore'],
  Philippines: ['Manila'],
}

/** What other systems call the ticket. Integrations write them. */
export const mirrorFields: readonly (Field & { readonly system: StorySystem })[] = [
  { ...field(31, 'cf_zendesk_ticket', 'Zendesk ticket', 'custom_text'), system: 'zendesk' },
  { ...field(32, 'cf_jira_issue', 'Jira issue', 'custom_text'), system: 'jira' },
  { ...field(33, 'cf_oneview_ticket', 'OneView ticket', 'custom_text'), system: 'oneview' },
  { ...field(34, 'cf_intercom_ticket', 'Intercom ticket', 'custom_text'), system: 'intercom' },
  { ...field(35, 'cf_guest_ticket', 'Guest ticket', 'custom_text'), system: 'rbi' },
]

/** The account's own fields. Their values are in a ticket's `custom_fields`. */
export const customFields: readonly Field[] = [
  field(21, 'cf_order_number', 'Order number', 'custom_text', { customersCanEdit: true }),
  field(22, 'cf_root_cause', 'Root cause', 'custom_dropdown', { choices: causes, requiredForClosure: true }),
  field(23, 'cf_refund_amount', 'Refund amount', 'custom_decimal'),
  field(24, 'cf_guests', 'Guests', 'custom_number', { customersCanEdit: true }),
  field(25, 'cf_event_date', 'Date of the event', 'custom_date', { customersCanEdit: true }),
  field(26, 'cf_vip', 'VIP', 'custom_checkbox'),
  field(27, 'cf_country', 'Country', 'nested_field', {
    choices: Object.entries(places).map(([country, cities]) => ({ [country]: cities.map((city) => ({ [city]: [] })) })),
    nested: [{ id: 43000610628, name: 'cf_city', label: 'City' }],
  }),
  field(29, 'cf_details', 'Details', 'custom_paragraph', { customersCanEdit: true }),
  ...mirrorFields,
]

const byName = (list: readonly { readonly id: number; readonly name: string }[]) =>
  Object.fromEntries(list.map(({ id, name }) => [name, id]))

/** All fields, in the order of the form. */
export const fields: readonly Field[] = [
  field(1, 'requester', 'Search a requester', 'default_requester', { requiredForAgents: true, customersCanEdit: true }),
  field(2, 'subject', 'Subject', 'default_subject', { requiredForAgents: true, customersCanEdit: true }),
  field(3, 'ticket_type', 'Type', 'default_ticket_type', { choices: types }),
  field(4, 'source', 'Source', 'default_source', { choices: sources }),
  field(5, 'status', 'Status', 'default_status', { requiredForAgents: true, choices: statuses }),
  field(6, 'priority', 'Priority', 'default_priority', { requiredForAgents: true, choices: priorities }),
  field(7, 'group', 'Group', 'default_group', { choices: byName(groups) }),
  field(8, 'agent', 'Agent', 'default_agent', { choices: byName(agents) }),
  field(9, 'product', 'Product', 'default_product', { choices: { Membership: productId } }),
  ...customFields,
  field(10, 'description', 'Description', 'default_description', { requiredForAgents: true, customersCanEdit: true }),
  field(11, 'company', 'Company', 'default_company', { customersCanEdit: true }),
]

const at = new Date(openedAt).toISOString().replace('.000', '')

/** A field as `/ticket_fields` prints it. */
export function printField(one: Field, index: number): Record<string, unknown> {
  return {
    ...{ id: one.id, name: one.name, label: one.label, description: one.label, position: index + 1, type: one.type },
    ...{ default: one.isDefault, label_for_customers: one.label, required_for_closure: one.requiredForClosure },
    ...{ required_for_agents: one.requiredForAgents, required_for_customers: one.requiredForAgents && one.customersCanEdit },
    ...{ customers_can_edit: one.customersCanEdit, displayed_to_customers: one.customersCanEdit || one.name === 'status' },
    ...(one.choices === undefined ? {} : { choices: one.choices }),
    ...(one.nested === undefined ? {} : { nested_ticket_fields: one.nested.map((inner) => printNested(inner, one.id)) }),
    ...(one.name === 'requester' ? { portal_cc: false, portal_cc_to: 'company' } : {}),
    ...{ created_at: at, updated_at: at },
  }
}

function printNested(inner: { readonly id: number; readonly name: string; readonly label: string }, fieldId: number) {
  return {
    ...{ id: inner.id, name: inner.name, label: inner.label, description: '', label_in_portal: inner.label, level: 2 },
    ...{ ticket_field_id: fieldId, created_at: at, updated_at: at },
  }
}
