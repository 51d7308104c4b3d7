import { expect, it } from 'vitest'
import type { TicketSource } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import * as freshdesk from './freshdesk/freshdesk-fixture.ts'
import * as jira from './jira/jira-fixture.ts'
import * as zendesk from './zendesk/zendesk-fixture.ts'

/** `String` throws for it. */
const odd = { toString: 1, valueOf: 1 }

// A change is compared with what the vendor has afterwards.
const desks: Readonly<Record<string, () => Promise<readonly [TicketSource, string, string]>>> = {
  zendesk: async () => {
    const ticket = { ...zendesk.ticket, custom_fields: [{ id: 27642, value: odd }] }
    const vendor = await zendesk.startZendesk({
      'GET /api/v2/tickets/35436': { ticket, ...zendesk.sideLoads },
      'PUT /api/v2/tickets/35436': { ticket, audit: { id: 905 } },
    })
    return [zendesk.zendeskAt(vendor.url), '35436', '27642']
  },
  freshdesk: async () => {
    const ticket = { ...freshdesk.ticket, custom_fields: { cf_boxes: odd } }
    const vendor = await freshdesk.startFreshdesk({ 'GET /api/v2/tickets/20': ticket, 'PUT /api/v2/tickets/20': ticket })
    return [freshdesk.freshdeskAt(vendor.url), '20', 'cf_boxes']
  },
  jira: async () => {
    const issue = jira.issue('10001', { customfield_10042: [odd], summary: odd })
    const vendor = await jira.startJira({
      ...jira.issueRoutes('10001', issue),
      'PUT /rest/api/3/issue/10001': jira.withStatus(204),
    })
    return [jira.jiraAt(vendor.url), '10001', 'customfield_10042']
  },
}

it.each(Object.entries(desks))('a write of %s is SOURCE_REJECTED where the vendor has an odd value then', async (key, open) => {
  const [source, externalId, field] = await open()
  const ref = { kind: 'ticket' as const, sourceKey: key, tenant: '', externalId }
  const input = { title: 'New', customFields: [{ key: field, value: 7 }] }
  const { outcome, userErrors } = await source.updateTicket!(ref, input, someCall())
  expect([outcome, userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`).toSorted()]).toEqual([
    'REJECTED',
    ['SOURCE_REJECTED input.customFields.0', 'SOURCE_REJECTED input.title'],
  ])
})
