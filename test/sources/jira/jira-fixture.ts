import { onTestFinished } from 'vitest'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import { jiraConfig } from '../../../src/sources/jira/config.ts'
import { createJiraSource } from '../../../src/sources/jira/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { json, startVendor, type Vendor, type VendorCall } from '../../support/vendor.ts'

// Answers of Jira Cloud, written by hand from Atlassian's documents of the platform API (P) and the service desk API (S).

/** The source over this address. It is closed when the test ends. */
export function jiraAt(url: string, config: object = {}, metrics: Metrics = noMetrics): TicketSource {
  const parsed = jiraConfig.parse({ url, email: 'gateway@desk.example', token: 'jira-token-of-the-tests', ...config })
  const source = createJiraSource(parsed, { key: 'jira', loginOf: claimAsLogin, metrics, logger: noLogger, clock: Date.now })
  onTestFinished(() => source.close?.())
  return source
}

export function jiraRef(externalId: string) {
  return { kind: 'ticket' as const, sourceKey: 'jira', tenant: '', externalId }
}

/** What a path answers: a body, a body with a status, or a function of the call. */
type Route = unknown | ((call: VendorCall) => unknown)
export const withStatus = (status: number, body: unknown = {}) => ({ $status: status, body })

const isRecord = (value: unknown) => typeof value === 'object' && value !== null

/** A site with two service desks. `routes`: by "METHOD /path" without the query; they replace those of the site. */
export async function startJira(routes: Readonly<Record<string, Route>> = {}): Promise<Vendor> {
  const all: Readonly<Record<string, Route>> = { ...siteRoutes, ...routes }
  return startVendor((call, res) => {
    const line = `${call.method} ${call.path.split('?')[0]}`
    const route = all[line]
    const answer = typeof route === 'function' ? route(call) : route
    if (answer === undefined) return json(res, { errorMessages: [`no route ${line}`] }, 404)
    const { $status, body } =
      isRecord(answer) && '$status' in answer ? (answer as ReturnType<typeof withStatus>) : { $status: 200, body: answer }
    if ($status === 204) return void res.writeHead(204).end()
    return json(res, body, $status)
  })
}

/** A page of S. */
export const deskPage = (values: readonly unknown[], isLastPage = true, start = 0) => ({
  ...{ _expands: [], size: values.length, start, limit: 50, isLastPage, values },
  _links: { base: 'https://desk.example', context: '', next: '', prev: '' },
})

export const ann = { accountId: '5b10a2844c20165700ede21g', accountType: 'atlassian', displayName: 'Ann Agent', active: true }
export const mia = {
  ...{ accountId: 'qm:a713c8ea-1075-4e30-9d96-891a7d181739:5ad6d69abfa3980ce712caae', accountType: 'customer' },
  ...{ displayName: 'Mia Krystof', emailAddress: 'mia@example.com', active: true },
}

const category = (id: number, key: string) => ({ id, key, colorName: 'blue-gray', name: key })
export const statuses = {
  support: { id: '10001', name: 'Waiting for support', statusCategory: category(4, 'indeterminate') },
  customer: { id: '10002', name: 'Waiting for customer', statusCategory: category(4, 'indeterminate') },
  triage: { id: '10003', name: 'Triage', statusCategory: category(2, 'new') },
  review: { id: '10004', name: 'In review', statusCategory: category(4, 'indeterminate') },
  done: { id: '10005', name: 'Done', statusCategory: category(3, 'done') },
  resolved: { id: '10006', name: 'Resolved', statusCategory: category(3, 'done') },
  canceled: { id: '10007', name: 'Canceled', statusCategory: category(3, 'done') },
  odd: { id: '10008', name: 'Limbo', statusCategory: category(1, 'undefined') },
}

const custom = (id: number, name: string, kind: string, schema: object) => ({
  ...{
    id: `customfield_${id}`,
    key: `customfield_${id}`,
    name,
    custom: true,
    orderable: true,
    navigable: true,
    searchable: true,
  },
  ...{ clauseNames: [`cf[${id}]`, name], schema: { ...schema, custom: kind, customId: id } },
})
const plain = 'com.atlassian.jira.plugin.system.customfieldtypes'
const fields = [
  { id: 'summary', key: 'summary', name: 'Summary', custom: false, schema: { type: 'string', system: 'summary' } },
  custom(10010, 'Request Type', 'com.atlassian.servicedesk:vp-origin', { type: 'sd-customerrequesttype' }),
  custom(10002, 'Organizations', 'com.atlassian.servicedesk:sd-customer-organizations', {
    type: 'array',
    items: 'sd-customerorganization',
  }),
  custom(10026, 'Request participants', 'com.atlassian.servicedesk:sd-request-participants', { type: 'array', items: 'user' }),
  custom(10030, 'Time to resolution', 'com.atlassian.servicedesk:sd-sla-field', { type: 'sd-servicelevelagreement' }),
  custom(10040, 'Impact', `${plain}:select`, { type: 'option' }),
  custom(10041, 'Rooms', `${plain}:multiselect`, { type: 'array', items: 'option' }),
  custom(10042, 'Seats', `${plain}:float`, { type: 'number' }),
  custom(10043, 'Workaround', `${plain}:textarea`, { type: 'string' }),
  custom(10044, 'Source', `${plain}:select`, { type: 'option' }),
  custom(10045, 'Starts', `${plain}:datetime`, { type: 'datetime' }),
]

export const desks = [
  { id: '1', projectId: '10000', projectName: 'Help desk', projectKey: 'DESK', _links: { self: '' } },
  { id: '2', projectId: '10100', projectName: 'Facilities', projectKey: 'FAC', _links: { self: '' } },
]

const siteRoutes: Readonly<Record<string, Route>> = {
  'GET /rest/servicedeskapi/servicedesk': deskPage(desks),
  'GET /rest/api/3/field': fields,
  'GET /rest/api/3/status': Object.values(statuses),
  'GET /rest/api/3/priority/search': {
    ...{ startAt: 0, maxResults: 50, total: 3, isLast: true },
    values: [
      { id: '1', name: 'Highest' },
      { id: '3', name: 'Medium' },
      { id: '9', name: 'Whenever' },
    ],
  },
  'GET /rest/api/3/resolution/search': {
    ...{ startAt: 0, maxResults: 50, total: 2, isLast: true },
    values: [
      { id: '10000', name: 'Done' },
      { id: '10001', name: "Won't do" },
    ],
  },
}

const doc = (text: string) => ({ type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] })

/** An issue of P. */
export function issue(id: string, changes: object = {}, key = `DESK-${id}`) {
  return {
    ...{ id, key, expand: '', self: `https://desk.example/rest/api/3/issue/${id}` },
    fields: {
      summary: 'Printer on fire',
      description: doc('It smokes.'),
      status: statuses.support,
      statuscategorychangedate: '2026-01-02T03:04:05.678+0100',
      priority: { id: '1', name: 'Highest' },
      issuetype: { id: '10011', name: 'Incident', subtask: false },
      project: { id: '10000', key: 'DESK', name: 'Help desk' },
      labels: ['fire', 'printer'],
      assignee: ann,
      reporter: mia,
      created: '2024-11-29T10:44:51.887-0800',
      updated: '2026-01-02T03:04:05.678+0100',
      duedate: '2026-01-31',
      attachment: [],
      issuelinks: [],
      ...changes,
    },
  }
}

/** A comment of S. */
export function comment(id: string, body: string, isPublic: boolean, author: object = ann) {
  const { accountType: _, ...user } = author as Record<string, unknown>
  const created = { iso8601: '2026-01-02T04:04:05+0100', jira: '', friendly: 'Yesterday', epochMillis: 1_767_323_045_123 }
  return { id, body, public: isPublic, author: user, created, attachments: deskPage([]), _expands: [], _links: { self: '' } }
}

/** The routes of one issue. */
export const issueRoutes = (
  id: string,
  of: object,
  routes: Readonly<Record<string, Route>> = {},
): Readonly<Record<string, Route>> => ({
  [`GET /rest/api/3/issue/${id}`]: of,
  [`GET /rest/servicedeskapi/request/${id}/comment`]: deskPage([]),
  [`GET /rest/api/3/issue/${id}/comment`]: { startAt: 0, maxResults: 50, total: 0, comments: [] },
  [`GET /rest/api/3/issue/${id}/transitions`]: { expand: 'transitions', transitions: [] },
  [`GET /rest/api/3/issue/${id}/watchers`]: { self: '', isWatching: false, watchCount: 0, watchers: [] },
  ...routes,
})
