import type { ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { freshdeskConfig } from '../../../src/sources/freshdesk/config.ts'
import { createFreshdeskSource } from '../../../src/sources/freshdesk/index.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { json, startVendor, type Vendor, type VendorCall } from '../../support/vendor.ts'

// Answers of Freshdesk, written by hand from the vendor's document.

export type Record = Readonly<{ [key: string]: unknown }>

export const ticket: Record = {
  ...{ id: 20, subject: 'Printer on fire', status: 2, priority: 3, source: 2, type: 'Incident', spam: false },
  ...{ requester_id: 1018, responder_id: 301, group_id: 156, company_id: 77, product_id: null, cc_emails: ['carl@example.com'] },
  description: '<div>It burns.</div>',
  description_text: 'It burns.',
  ...{ tags: ['fire', 'Printer'], custom_fields: { cf_boxes: 7, cf_order: null, cf_country: 'Chile', cf_city: 'Arica' } },
  ...{ association_type: null, is_escalated: false, fr_escalated: true },
  ...{ due_by: '2026-03-06T10:00:00Z', fr_due_by: '2026-03-02T09:00:00Z' },
  ...{ created_at: '2026-03-01T22:55:29Z', updated_at: '2026-03-05T10:38:52Z' },
  attachments: [
    {
      ...{ id: 4004, name: 'crash.log', content_type: 'text/plain', size: 2532 },
      attachment_url: 'https://files.example.net/crash.log?X-Amz-Date=20260310T000000Z&X-Amz-Expires=300&X-Amz-Signature=abc',
    },
  ],
}

/** What `include=requester,company,stats` adds. */
export const included: Record = {
  requester: { id: 1018, name: 'Johnny Customer', email: 'johnny@example.com', mobile: null, phone: '+15551234567' },
  company: { id: 77, name: 'One Company' },
  stats: {
    ...{ first_responded_at: '2026-03-02T08:00:00Z', status_updated_at: '2026-03-04T11:00:00+05:30' },
    ...{ resolved_at: null, closed_at: null, reopened_at: null, pending_since: null },
  },
}

const message = { ticket_id: 20, incoming: false, private: false, user_id: 301, source: 0, attachments: [] }
export const conversations: readonly Record[] = [
  {
    ...{ ...message, id: 501, body: '<div>Use the <strong>red</strong> button.</div>', body_text: 'Use the red button.' },
    created_at: '2026-03-02T08:00:00Z',
  },
  {
    ...{ ...message, id: 502, private: true, source: 2, body: '<div>An old printer.</div>', body_text: 'An old printer.' },
    created_at: '2026-03-02T09:00:00Z',
    attachments: [
      {
        id: 4005,
        name: 'photo.png',
        content_type: 'image/png',
        file_size: 99,
        attachment_url: 'https://files.example.net/photo.png?Expires=1773100800',
      },
    ],
  },
  {
    ...{ ...message, id: 503, incoming: true, user_id: 1018, body: '<div>Thanks<br>a lot</div>', body_text: 'Thanks\na lot' },
    created_at: '2026-03-02T10:00:00Z',
  },
]

export const fields: readonly Record[] = [
  {
    ...{ id: 1, name: 'status', label: 'Status', type: 'default_status', default: true },
    choices: {
      ...{ '2': ['Open', 'Being Processed'], '3': ['Pending', 'Awaiting your Reply'], '4': ['Resolved', 'Resolved'] },
      ...{
        '5': ['Closed', 'Closed'],
        '6': ['Waiting on Customer', 'Awaiting your Reply'],
        '8': ['Waiting for courier', 'On its way'],
      },
    },
  },
  {
    id: 2,
    name: 'priority',
    label: 'Priority',
    type: 'default_priority',
    default: true,
    choices: { Low: 1, Medium: 2, High: 3, Urgent: 4 },
  },
  {
    id: 3,
    name: 'source',
    label: 'Source',
    type: 'default_source',
    default: true,
    choices: { Email: 1, Portal: 2, Phone: 3, Chat: 7 },
  },
  { id: 4, name: 'ticket_type', label: 'Type', type: 'default_ticket_type', default: true, choices: ['Question', 'Incident'] },
  { id: 5, name: 'cf_boxes', label: 'Boxes', type: 'custom_number', default: false, required_for_closure: false },
  { id: 6, name: 'cf_order', label: 'Order number', type: 'custom_text', default: false, required_for_closure: true },
  {
    ...{ id: 7, name: 'cf_country', label: 'Country', type: 'nested_field', default: false },
    choices: { Chile: { Arica: [], Santiago: [] }, Peru: { Lima: [] } },
    nested_ticket_fields: [{ id: 71, name: 'cf_city', label: 'City', level: 2 }],
  },
  { id: 8, name: 'cf_wants', label: 'Wants', type: 'custom_dropdown', default: false, choices: ['Refund', 'Repair'] },
]

export const me: Record = { id: 301, ticket_scope: 1, contact: { name: 'Ann Agent', email: 'ann@company.example' } }
export const agents: readonly Record[] = [
  me,
  { id: 302, ticket_scope: 2, contact: { name: 'Bo Agent', email: 'bo@company.example' } },
]
export const groups: readonly Record[] = [
  { id: 156, name: 'First Level' },
  { id: 157, name: 'Second Level' },
]

type Answer = (call: VendorCall, res: ServerResponse) => void

/** Freshdesk with these answers by method and path without query, and those of an account with tables. */
export function startFreshdesk(answers: { readonly [line: string]: Answer | Record | readonly Record[] }): Promise<Vendor> {
  const known: { readonly [line: string]: Answer | Record | readonly Record[] } = {
    ...{ 'GET /api/v2/ticket_fields': fields, 'GET /api/v2/agents': agents, 'GET /api/v2/groups': groups },
    ...answers,
  }
  return startVendor((call, res) => {
    const answer = known[`${call.method} ${call.path.split('?')[0]}`]
    if (typeof answer === 'function') answer(call, res)
    else if (answer) json(res, answer)
    // Freshdesk answers 404 without a body.
    else res.writeHead(404).end()
  })
}

/** The calls beside those for the tables of the account. */
export function linesOf(vendor: Vendor): string[] {
  return vendor.lines().filter((line) => !/\/(ticket_fields|agents|groups)\b/.test(line))
}

export function queryOf({ path }: Pick<VendorCall, 'path'>): URLSearchParams {
  return new URL(path, 'http://freshdesk').searchParams
}

/** The source over this address. It is closed when the test ends. */
export function freshdeskAt(
  url: string,
  changes: { readonly [key: string]: unknown } = {},
  clock = () => Date.parse('2026-03-10T00:00:00Z'),
): TicketSource {
  const calls = { all: 100_000, list: 100_000, create: 100_000, update: 100_000 }
  const config = freshdeskConfig.parse({ url, token: 'api-key', budget: { calls }, ...changes })
  const source = createFreshdeskSource(config, {
    ...{ key: 'freshdesk', loginOf: claimAsLogin, metrics: noMetrics, logger: noLogger },
    clock,
  })
  onTestFinished(() => source.close?.())
  return source
}

export function freshdeskRef(externalId: string) {
  return { kind: 'ticket' as const, sourceKey: 'freshdesk', tenant: '', externalId }
}
