import type { ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { zendeskConfig } from '../../../src/sources/zendesk/config.ts'
import { createZendeskSource } from '../../../src/sources/zendesk/index.ts'
import { json, startVendor, type Vendor, type VendorCall } from '../../support/vendor.ts'

// Answers of Zendesk Support, written by hand from the vendor's document. Ids are texts where they are above 2^53: `send` prints them as numbers.

export type Record = Readonly<{ [key: string]: unknown }>

/** An id with more digits than a JavaScript number keeps. */
export const longId = '9007199254740993'

export const ticket: Record = {
  id: 35436,
  url: 'https://company.zendesk.com/api/v2/tickets/35436.json',
  subject: 'Help, my printer is on fire!',
  raw_subject: '{{dc.printer_on_fire}}',
  description: 'The fire is very colorful.',
  status: 'open',
  custom_status_id: 506,
  priority: 'high',
  type: 'incident',
  via: { channel: 'web', source: { from: {}, to: {}, rel: null } },
  requester_id: 20978392,
  submitter_id: 235323,
  assignee_id: 235323,
  group_id: 98738,
  organization_id: 509974,
  follower_ids: [35334],
  email_cc_ids: [234],
  problem_id: 9873764,
  has_incidents: false,
  followup_ids: [40000],
  due_at: null,
  tags: ['enterprise', 'country_sg', 'other_tag'],
  custom_fields: [
    { id: 27642, value: '745' },
    { id: 27648, value: 'country_sg' },
    { id: 27650, value: true },
  ],
  satisfaction_rating: { id: 1234, score: 'good', comment: 'Great support!' },
  created_at: '2026-03-01T22:55:29Z',
  updated_at: '2026-03-05T10:38:52Z',
  generated_timestamp: 1304553600,
}

export const users: readonly Record[] = [
  { id: 20978392, name: 'Johnny Customer', email: 'johnny@example.com', phone: '+15551234567', role: 'end-user' },
  { id: 235323, name: 'Ann Agent', email: 'ann@company.example', phone: null, role: 'agent' },
  { id: 35334, name: 'Bo Admin', email: 'bo@company.example', phone: null, role: 'admin' },
  { id: 234, name: 'Carl Copied', email: 'carl@example.com', phone: null, role: 'end-user' },
]

export const sideLoads: Record = {
  users,
  groups: [{ id: 98738, name: 'First Level Support' }],
  organizations: [{ id: 509974, name: 'One Organization' }],
}

export const comments: readonly Record[] = [
  {
    ...{ id: 1274, audit_id: 901, type: 'Comment', author_id: 20978392, public: true, created_at: '2026-03-01T22:55:29Z' },
    ...{ body: 'The fire is very colorful.', plain_body: 'The fire is very colorful.' },
    html_body: '<div class="zd-comment" dir="auto"><p dir="auto">The fire is very colorful.</p></div>',
    attachments: [
      {
        ...{ id: 498483, file_name: 'crash.log', content_type: 'text/plain', size: 2532, deleted: false },
        content_url: 'https://company.zendesk.com/attachments/token/abc/?name=crash.log',
      },
    ],
  },
  {
    ...{ id: 1275, audit_id: 902, type: 'Comment', author_id: 235323, public: true, created_at: '2026-03-02T08:00:00Z' },
    ...{ body: 'Use the **red** button.', plain_body: 'Use the red button.', attachments: [] },
    html_body: '<div class="zd-comment" dir="auto"><p dir="auto">Use the <strong>red</strong> button.</p></div>',
  },
  {
    ...{ id: 1276, audit_id: 903, type: 'Comment', author_id: 35334, public: false, created_at: '2026-03-02T09:00:00Z' },
    ...{ body: 'He has an old printer.', plain_body: 'He has an old printer.', attachments: [] },
    html_body: '<div class="zd-comment" dir="auto"><p dir="auto">He has an old printer.</p></div>',
  },
]

export const customStatuses: readonly Record[] = [
  { id: 502, status_category: 'open', agent_label: 'Open', active: true, default: true },
  { id: 503, status_category: 'pending', agent_label: 'Pending', active: true, default: true },
  { id: 505, status_category: 'solved', agent_label: 'Solved', active: true, default: true },
  { id: 506, status_category: 'open', agent_label: 'Waiting for courier', active: true, default: false },
  { id: 509, status_category: 'open', agent_label: 'Retired', active: false, default: false },
]

export const ticketFields: readonly Record[] = [
  { id: 34, type: 'subject', title: 'Subject', active: true, required: true },
  { id: 27642, type: 'integer', title: 'Boxes', active: true, required: false },
  {
    ...{ id: 27648, type: 'tagger', title: 'Country', active: true, required: true },
    custom_field_options: [
      { id: 1, name: 'Singapore', value: 'country_sg' },
      { id: 2, name: 'Taiwan', value: 'country_tw' },
    ],
  },
  { id: 27650, type: 'checkbox', title: 'Frequent', active: true, required: false },
  { id: 27660, type: 'text', title: 'Switched off', active: false, required: false },
]

export const me: Record = { id: 35334, name: 'Bo Admin', email: 'bo@company.example', role: 'admin', ticket_restriction: null }

/** Prints texts of more than 15 digits as numbers with all of them. */
export function send(res: ServerResponse, body: unknown, status = 200, headers: { [name: string]: string } = {}): void {
  const text = JSON.stringify(body).replace(/"(\d{16,})"/g, '$1')
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
}

type Answer = (call: VendorCall, res: ServerResponse) => void

/** Zendesk with these answers by method and path without query, and those of an account with tables. */
export async function startZendesk(answers: { readonly [line: string]: Answer | Record }): Promise<Vendor> {
  const known: { readonly [line: string]: Answer | Record } = {
    'GET /api/v2/users/me': { user: me },
    'GET /api/v2/custom_statuses': { custom_statuses: customStatuses },
    'GET /api/v2/ticket_fields': { ticket_fields: ticketFields },
    ...answers,
  }
  return startVendor((call, res) => {
    const answer = known[`${call.method} ${call.path.split('?')[0]}`]
    if (typeof answer === 'function') answer(call, res)
    else if (answer) send(res, answer)
    else json(res, { error: 'RecordNotFound', description: 'Not found' }, 404)
  })
}

/** The calls beside those for the account and its tables. */
export function linesOf(vendor: Vendor): string[] {
  return vendor.lines().filter((line) => !/\/(users\/me|custom_statuses|ticket_fields)\b/.test(line))
}

/** The source over this address. It is closed when the test ends. */
export function zendeskAt(
  url: string,
  changes: { readonly [key: string]: unknown } = {},
  metrics: Metrics = noMetrics,
): TicketSource {
  const config = zendeskConfig.parse({ url, token: 'access-token', ...changes })
  const deps = {
    key: 'zendesk',
    loginOf: claimAsLogin,
    metrics,
    logger: noLogger,
    clock: () => Date.parse('2026-03-10T00:00:00Z'),
  }
  const source = createZendeskSource(config, deps)
  onTestFinished(() => source.close?.())
  return source
}

export function zendeskRef(externalId: string) {
  return { kind: 'ticket' as const, sourceKey: 'zendesk', tenant: '', externalId }
}
