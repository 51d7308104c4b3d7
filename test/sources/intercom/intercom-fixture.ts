import { onTestFinished } from 'vitest'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import { intercomConfig } from '../../../src/sources/intercom/config.ts'
import { createIntercomSource } from '../../../src/sources/intercom/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { someCall } from '../../support/call.ts'
import { json, startVendor, type Vendor, type VendorCall } from '../../support/vendor.ts'

// Answers of Intercom, version 2.14, written by hand from the vendor's document.

export type Record = Readonly<{ [key: string]: unknown }>

const state = (id: string, category: string, internal_label: string): Record => ({
  ...{ type: 'ticket_state', id, category, internal_label, external_label: internal_label },
})
export const submitted = state('8321', 'submitted', 'Submitted')
export const inProgress = state('8322', 'in_progress', 'In progress')
export const waiting = state('8323', 'waiting_on_customer', 'Waiting on customer')
export const resolved = state('8324', 'resolved', 'Resolved')
export const withDevelopers = state('8325', 'in_progress', 'With the developers')

const attribute = (id: string, name: string, data_type: string, more: Record = {}): Record => ({
  ...{ type: 'ticket_type_attribute', id, name, data_type, input_options: null, required_to_create: false, archived: false },
  ...more,
})
const ticketType: Record = {
  ...{ type: 'ticket_type', id: '67', name: 'Bug Report', category: 'Customer', archived: false },
  ticket_type_attributes: {
    type: 'list',
    data: [
      attribute('165', '_default_title_', 'string'),
      attribute('166', '_default_description_', 'string'),
      attribute('170', 'Urgency', 'list', {
        input_options: {
          list_options: [
            { id: 'aaaa-1', label: 'Low' },
            { id: 'aaaa-2', label: 'High' },
          ],
        },
      }),
      attribute('171', 'Boxes', 'integer', { required_to_create: true }),
      attribute('172', 'Frequent', 'boolean'),
      attribute('173', 'Delivered at', 'datetime'),
      attribute('174', 'Photos', 'files'),
      attribute('175', 'Old one', 'string', { archived: true }),
    ],
  },
}
export const types: readonly Record[] = [
  { ...ticketType, ticket_states: { type: 'list', data: [submitted, inProgress, waiting, resolved, withDevelopers] } },
  { ...ticketType, id: '68', name: 'Retired', archived: true, ticket_type_attributes: { type: 'list', data: [] } },
]

export const part = (id: string, part_type: string, body: string | null, more: Record = {}): Record => ({
  ...{
    type: 'ticket_part',
    id,
    part_type,
    body,
    created_at: 1767225600,
    updated_at: 1767225600,
    attachments: [],
    redacted: false,
  },
  author: { id: '991267943', type: 'admin', name: 'Ciaran Lee', email: 'ciaran@desk.example' },
  ...more,
})

export const parts: readonly Record[] = [
  part('150', 'ticket_state_updated_by_admin', null, { ticket_state: 'submitted', previous_ticket_state: 'submitted' }),
  part('151', 'comment', '<p>It does not start.</p>', {
    author: { id: '6762f2dd1bb69f9f2193bc55', type: 'user', name: 'Ida Kunde', email: 'ida@example.com' },
    attachments: [
      {
        ...{ type: 'upload', name: 'screen.png', content_type: 'image/png', filesize: 100, width: 100, height: 100 },
        url: 'https://files.intercom.example/i/o/screen.png?expires=1',
      },
    ],
  }),
  part('152', 'note', '<p>She has an old phone.</p>', { created_at: 1767225660 }),
  part('153', 'assignment', null, { assigned_to: { type: 'admin', id: '991267943' } }),
  part('154', 'quick_reply', null, { created_at: 1767225720 }),
]

export const ticket: Record = {
  ...{ type: 'ticket', id: '627', ticket_id: '34', category: 'Customer', open: true, snoozed_until: null, is_shared: true },
  ticket_attributes: {
    ...{ _default_title_: 'The app is broken', _default_description_: 'It does not start.' },
    ...{ Urgency: 'aaaa-2', Boxes: 3, Frequent: true, 'Delivered at': 1767139200 },
    Photos: [
      {
        ...{ type: 'upload', name: 'box.jpg', content_type: 'image/jpeg', filesize: 2048 },
        url: 'https://files.intercom.example/i/o/box.jpg?expires=2',
      },
    ],
  },
  ticket_state: inProgress,
  ticket_type: ticketType,
  contacts: {
    type: 'contact.list',
    contacts: [
      { type: 'contact', id: '6762f2dd1bb69f9f2193bc55', external_id: '70' },
      { type: 'contact', id: '6762f2dd1bb69f9f2193bc56', external_id: null },
    ],
  },
  ...{ admin_assignee_id: '991267943', team_assignee_id: '814865', created_at: 1767225600, updated_at: 1767312000 },
  linked_objects: {
    ...{ type: 'list', total_count: 2, has_more: false },
    data: [
      { type: 'ticket', id: '700', category: 'Tracker' },
      { type: 'conversation', id: '9001', category: null },
    ],
  },
  ticket_parts: { type: 'ticket_part.list', ticket_parts: parts, total_count: 5 },
}

export const contacts: readonly Record[] = [
  {
    ...{ type: 'contact', id: '6762f2dd1bb69f9f2193bc55', name: 'Ida Kunde', email: 'ida@example.com', phone: '+15551234567' },
    companies: {
      type: 'list',
      data: [{ type: 'company', id: '531ee472cce572a6ec000006', url: '/companies/531ee472cce572a6ec000006' }],
    },
  },
  { type: 'contact', id: '6762f2dd1bb69f9f2193bc56', name: 'Carl Copied', email: 'carl@example.com', phone: null },
]
export const admins: readonly Record[] = [
  { type: 'admin', id: '991267943', name: 'Ciaran Lee', email: 'ciaran@desk.example', has_inbox_seat: true },
  { type: 'admin', id: '991267944', name: 'Bea Boss', email: 'Bea@desk.example', has_inbox_seat: true },
  { type: 'admin', id: '991267945', name: 'Ciaran Lee', email: 'other@desk.example', has_inbox_seat: true },
]
export const teams: readonly Record[] = [
  { type: 'team', id: '814865', name: 'First Line' },
  { type: 'team', id: '814866', name: 'Couriers' },
]
export const me: Record = {
  type: 'admin',
  id: '991267999',
  name: 'The Gateway',
  email: 'gateway@desk.example',
  has_inbox_seat: true,
}

export function refusal(code: string, message = 'No'): Record {
  return { type: 'error.list', request_id: 'f93ecfa8-d08a-4325-8694-89aeb89c8f85', errors: [{ code, message }] }
}

type Answer = (call: VendorCall, res: Parameters<typeof json>[0]) => void

/** Intercom with these answers by method and path, and those of a workspace. */
export async function startIntercom(answers: { readonly [line: string]: Answer | Record } = {}): Promise<Vendor> {
  const known: { readonly [line: string]: Answer | Record } = {
    'GET /me': me,
    'GET /ticket_types': { type: 'list', data: types },
    'GET /admins': { type: 'admin.list', admins },
    'GET /teams': { type: 'team.list', teams },
    'GET /tags': {
      type: 'list',
      data: [
        { type: 'tag', id: '102', name: 'vip' },
        { type: 'tag', id: '103', name: 'Refund' },
      ],
    },
    'GET /contacts/6762f2dd1bb69f9f2193bc55': contacts[0]!,
    'GET /contacts/6762f2dd1bb69f9f2193bc56': contacts[1]!,
    'POST /contacts/search': { type: 'list', data: contacts, total_count: 2, pages: { type: 'pages', page: 1, per_page: 2 } },
    'GET /companies/531ee472cce572a6ec000006': {
      type: 'company',
      id: '531ee472cce572a6ec000006',
      company_id: '6',
      name: 'Blue Sun',
    },
    'GET /tickets/627': ticket,
    ...answers,
  }
  return startVendor((call, res) => {
    const answer = known[`${call.method} ${call.path}`]
    if (typeof answer === 'function') answer(call, res)
    else if (answer) json(res, answer)
    else json(res, refusal('not_found', 'Resource Not Found'), 404)
  })
}

/** The calls beside those for the lists of a workspace and its people. */
export function linesOf(vendor: Vendor): string[] {
  return vendor.lines().filter((line) => !/ \/(me|admins|teams|ticket_types|tags|contacts|companies)\b/.test(line))
}

export const now = Date.parse('2026-03-10T00:00:00Z')

/** The source over this address. It is closed when the test ends. */
export function intercomAt(
  url: string,
  changes: { readonly [key: string]: unknown } = {},
  metrics: Metrics = noMetrics,
): TicketSource {
  const config = intercomConfig.parse({ url, token: 'intercom-token-of-the-tests', priorityField: 'Urgency', ...changes })
  const deps = { key: 'intercom', loginOf: claimAsLogin, metrics, logger: noLogger, clock: () => now }
  const source = createIntercomSource(config, deps)
  onTestFinished(() => source.close?.())
  return source
}

export function intercomRef(externalId: string) {
  return { kind: 'ticket' as const, sourceKey: 'intercom', tenant: '', externalId }
}

/** The ticket with these changes, as a read by its id gives it. */
export async function load(changes: Record = {}, config: Record = {}): Promise<Ticket> {
  const vendor = await startIntercom({ 'GET /tickets/627': { ...ticket, ...changes } })
  const [loaded] = await intercomAt(vendor.url, config).loadTickets([intercomRef('627')], someCall())
  if (!loaded || loaded instanceof Error) throw new Error('the ticket was not read', { cause: loaded })
  return loaded
}
