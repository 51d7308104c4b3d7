import { noMetrics } from '../../src/domain/telemetry.ts'
import type { PlainTicket } from '../../src/domain/ticket.ts'
import { toPlainTicket } from '../../src/domain/ticket-view.ts'
import { toList, toRecord } from '../../src/sources/decode.ts'
import { freshdeskConfig } from '../../src/sources/freshdesk/config.ts'
import * as freshdesk from '../../src/sources/freshdesk/decode.ts'
import { createMapping as freshdeskMapping } from '../../src/sources/freshdesk/mapping.ts'
import { intercomConfig } from '../../src/sources/intercom/config.ts'
import * as intercom from '../../src/sources/intercom/decode.ts'
import { createMapping as intercomMapping } from '../../src/sources/intercom/mapping.ts'
import { jiraConfig } from '../../src/sources/jira/config.ts'
import * as jira from '../../src/sources/jira/decode.ts'
import { createMapping as jiraMapping } from '../../src/sources/jira/mapping.ts'
import { createMirrors } from '../../src/sources/mirrors.ts'
import { toOneViewTicket } from '../../src/sources/oneview/decode.ts'
import { mapping as oneViewMapping } from '../../src/sources/oneview/mapping.ts'
import { redmineConfig } from '../../src/sources/redmine/config.ts'
import { toIssueOfBody } from '../../src/sources/redmine/decode.ts'
import { createMapping as redmineMapping } from '../../src/sources/redmine/mapping.ts'
import { rtConfig } from '../../src/sources/rt/config.ts'
import * as rt from '../../src/sources/rt/decode.ts'
import { createMapping as rtMapping } from '../../src/sources/rt/mapping.ts'
import { createTranslate, type Mapping } from '../../src/sources/translate.ts'
import { toTicketOfBody } from '../../src/sources/verifik/decode.ts'
import { mapping as verifikMapping } from '../../src/sources/verifik/mapping.ts'
import { zendeskConfig } from '../../src/sources/zendesk/config.ts'
import * as zendesk from '../../src/sources/zendesk/decode.ts'
import { createMapping as zendeskMapping } from '../../src/sources/zendesk/mapping.ts'
import { readFixture } from '../fixtures/read-fixture.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'
import * as freshdeskDesk from './freshdesk/freshdesk-fixture.ts'
import * as intercomDesk from './intercom/intercom-fixture.ts'
import * as jiraDesk from './jira/jira-fixture.ts'
import { readRecording as readRedmine } from './redmine/redmine-fixture.ts'
import { readRecording as readRt } from './rt/rt-fixture.ts'
import * as zendeskDesk from './zendesk/zendesk-fixture.ts'

type Json = Readonly<Record<string, unknown>>
const url = 'https://desk.example'
const byId = <T extends { readonly id: string }>(list: readonly T[] | null) => new Map(list?.map((one) => [one.id, one]))

/** A record with all that stands beside it, and how its source reads them. null: its decoder refuses the record. */
function sourceOf<Wire extends { readonly id: string }>(
  sample: Json,
  mapping: Mapping<Wire>,
  decode: (sample: Json) => Wire | null,
): readonly [sample: Json, read: (damaged: unknown) => PlainTicket | null] {
  const origin = { source: toSourceInfo('desk'), tenant: '', observedAt: '2026-04-01T00:00:00.000Z' }
  const addMirrors = createMirrors('desk', [{ field: 'Order', source: 'others' }], {})
  const translate = createTranslate({ mapping, key: 'desk', baseUrl: url, addMirrors, metrics: noMetrics })
  const read = (damaged: unknown) => {
    const wire = decode(toRecord(damaged) ?? {})
    return wire && toPlainTicket(translate(wire, origin, false))
  }
  return [sample, read]
}

/** For each pulled source: a record with a value in most fields, and how it is read. */
export const fullRecords = {
  oneview: () =>
    sourceOf({ ticket: readFixture('oneview/ticket.json') }, oneViewMapping, ({ ticket }) => toOneViewTicket(ticket)),
  verifik: () => {
    const file = { _id: 'file_1', filename: 'a.txt', url: '/a.txt', size: 3, type: 'text/plain' }
    const ticket = readFixture('verifik/ticket.json')
    const person = { _id: 'agent_1', name: 'Ann', email: 'ann@desk.example' }
    const threads = [...(ticket.threads as unknown[]), { author: person, message: 'Done', type: 'agent', attachments: [file] }]
    return sourceOf({ data: { ...ticket, assignedTo: person, threads } }, verifikMapping, toTicketOfBody)
  },
  redmine: () => {
    const { issue } = readRedmine<{ issue: Json }>('issue-20')
    const dialect = { channelField: 'Channel', tagsField: 'Tags', customFieldTypes: { Amount: 'NUMBER' } }
    const more = {
      ...{ due_date: '2026-05-01', assigned_to: { id: 5, name: 'Ann Agent' }, category: { id: 1, name: 'Hardware' } },
      ...{ parent: { id: 7 }, children: [{ id: 21 }], relations: [{ issue_id: 20, issue_to_id: 3, relation_type: 'blocks' }] },
      custom_fields: [
        ...[
          { id: 1, name: 'Channel', value: 'email' },
          { id: 2, name: 'Tags', multiple: true, value: ['vip'] },
        ],
        ...[
          { id: 4, name: 'Amount', value: '7' },
          { id: 9, name: 'Order', value: '#12 X-7' },
        ],
      ],
      journals: [{ ...(issue.journals as Json[])[1], details: [{ property: 'attachment', name: '2', new_value: 'log-20.txt' }] }],
    }
    const config = redmineConfig.parse({ url, token: 'key', dialect })
    return sourceOf({ issue: { ...issue, ...more } }, redmineMapping(config), toIssueOfBody)
  },
  rt: () => {
    const [ticket] = readRt<{ items: Json[] }>('search-10').items
    const more = {
      CustomFields: [
        ...[
          { id: '2', name: 'Channel', values: ['web'] },
          { id: '3', name: 'Tags', values: ['vip'] },
        ],
        ...[
          { id: '5', name: 'Amount', values: ['7'] },
          { id: '9', name: 'Order', values: ['#12', 'X-7'] },
        ],
      ],
      _hyperlinks: [
        { ref: 'depends-on', type: 'ticket', id: '9' },
        { ref: 'refers-to', type: 'external', _url: 'https://shop.example/7' },
        { ref: 'lifecycle', label: 'Resolve', to: 'resolved' },
      ],
    }
    const said = readRt('history-10').items.slice(0, 1)
    const parts = readRt('attachments-10').items.slice(0, 3)
    const config = rtConfig.parse({
      url,
      token: '1-27-abc',
      dialect: { ...{ channelField: 'Channel', tagsField: 'Tags' }, customFieldTypes: { Amount: 'NUMBER' } },
    })
    return sourceOf({ ticket: { ...ticket, ...more }, said, parts }, rtMapping(config), (sample) => {
      const wire = rt.toRtTicket(sample.ticket)
      const own = toList(sample.parts, rt.toPart) ?? []
      const messages = toList(sample.said, rt.toTransaction)?.map((one) => ({
        ...one,
        parts: own.filter(({ transactionId }) => transactionId === one.id),
      }))
      return wire && { ...wire, messages: messages ?? null }
    })
  },
  zendesk: () => {
    const { ticket, users, sideLoads, comments, customStatuses: statuses } = zendeskDesk
    const fields = [
      ...[
        { id: 1, type: 'integer', title: 'Boxes' },
        { id: 2, type: 'text', title: 'Order' },
        { id: 3, type: 'checkbox' },
      ],
      { id: 4, type: 'multiselect', title: 'Wants', custom_field_options: [{ name: 'Refund', value: 'refund' }] },
    ]
    const custom_fields = [
      ...[
        { id: 1, value: '745' },
        { id: 2, value: '#12, X-7' },
        { id: 3, value: true },
        { id: 4, value: ['refund', 'other'] },
      ],
    ]
    const via = { channel: 'web', source: { from: { ticket_id: 12 }, rel: 'follow_up' } }
    const slas = { policy_metrics: [{ metric: 'first_reply_time', stage: 'active', breach_at: '2026-03-01T12:00:00Z' }] }
    const sample = {
      ticket: { ...ticket, custom_fields, via, slas },
      ...{
        sideLoads: { ...sideLoads, users: users.slice(0, 3) },
        comments: comments.slice(0, 2),
        statuses: statuses.slice(2),
        fields,
      },
    }
    return sourceOf(sample, zendeskMapping(zendeskConfig.parse({ url, token: 'token' })), (sample) => {
      const record = zendesk.toZendeskRecord(sample.ticket)
      return (
        record && {
          ...{ ...record, ...zendesk.toSideLoads(sample.sideLoads), incidentIds: ['9'] },
          comments: toList(sample.comments, zendesk.toComment),
          statuses: toList(sample.statuses, zendesk.toStatus) ?? [],
          fields: toList(sample.fields, zendesk.toField) ?? [],
        }
      )
    })
  },
  jira: () => {
    const { statuses, ann, mia, issue, comment, desks } = jiraDesk
    const custom = 'com.atlassian.jira.plugin.system.customfieldtypes'
    const fields = [
      { id: 'customfield_10010', name: 'Request Type', schema: { custom: 'com.atlassian.servicedesk:vp-origin' } },
      { id: 'customfield_10002', name: 'Org', schema: { custom: 'com.atlassian.servicedesk:sd-customer-organizations' } },
      { id: 'customfield_10026', name: 'With', schema: { custom: 'com.atlassian.servicedesk:sd-request-participants' } },
      { id: 'cf1', name: 'Source', schema: { type: 'option', custom: `${custom}:select` } },
      { id: 'cf2', name: 'Rooms', schema: { type: 'array', items: 'option', custom: `${custom}:multiselect` } },
      { id: 'cf3', name: 'Order', schema: { type: 'string', custom: `${custom}:textfield` } },
      { id: 'cf4', name: 'Starts', schema: { type: 'datetime', custom: `${custom}:datetime` } },
    ]
    const nodes = [
      {
        type: 'heading',
        attrs: { level: 2 },
        content: [{ type: 'text', text: 'Fire', marks: [{ type: 'link', attrs: { href: url } }] }],
      },
      {
        type: 'orderedList',
        attrs: { order: 3 },
        content: [{ type: 'listItem', content: [{ type: 'paragraph', content: [] }] }],
      },
      {
        type: 'paragraph',
        content: [
          { type: 'date', attrs: { timestamp: '1767323045123' } },
          { type: 'mention', attrs: { text: '@ann' } },
        ],
      },
    ]
    const doc = { type: 'doc', version: 1, content: nodes }
    const file = { id: '10001', filename: 'a.txt', size: 3, mimeType: 'text/plain', content: `${url}/attachment/content/10001` }
    const changes = {
      ...{ description: doc, attachment: [file], parent: { id: '10', key: 'DESK-10' }, resolution: { id: '1', name: 'Done' } },
      issuelinks: [{ type: { name: 'Blocks', outward: 'blocks' }, outwardIssue: { id: '11', key: 'DESK-11' } }],
      customfield_10010: { requestType: { id: '7', name: 'Get help' } },
      ...{ customfield_10002: [{ id: '5', name: 'Acme' }], customfield_10026: [mia] },
      ...{ cf1: { id: '1', value: 'Phone', child: { value: 'Desk' } }, cf2: [{ id: '2', value: 'A' }], cf3: '#12 X-7' },
      cf4: '2026-01-02T03:04:05.678+0100',
    }
    const files = { values: [{ filename: 'b.txt', _links: { jiraRest: `${url}/attachment/10002`, content: url } }] }
    const transition = {
      id: '5',
      name: 'Resolve',
      to: statuses.done,
      fields: { resolution: { required: true, key: 'resolution' } },
    }
    const sample = {
      ...{ issue: issue('1', changes), comments: [{ ...comment('7', 'Hello', true), attachments: files }], fields },
      ...{
        platform: [{ id: '8', body: { type: 'doc', content: nodes.slice(2) }, jsdPublic: true }],
        transitions: [transition],
        watchers: [ann],
        desks: desks.slice(0, 1),
      },
    }
    const config = jiraConfig.parse({ url, email: 'a@desk.example', token: 'token', dialect: { channelField: 'Source' } })
    return sourceOf(sample, jiraMapping(config), (sample) => {
      const site = { fields: toList(sample.fields, jira.toField) ?? [], desks: toList(sample.desks, jira.toDesk) ?? [] }
      const issue = jira.toIssue(sample.issue, site)
      const comments = [
        ...(toList(sample.comments, jira.toComment) ?? []),
        ...(toList(sample.platform, jira.toPlatformComment) ?? []),
      ]
      const transitions = toList(sample.transitions, jira.toTransition)
      return issue && { ...issue, comments, transitions, watchers: toList(sample.watchers, jira.toUser) }
    })
  },
  intercom: () => {
    const { ticket, types, parts, contacts, admins, teams } = intercomDesk
    const attributes = { ...(ticket.ticket_attributes as Json), Order: '#12 X-7', Sizes: ['S', 'M'] }
    const type = types[0] as { readonly ticket_type_attributes: { readonly data: readonly Json[] } }
    const data = [
      ...type.ticket_type_attributes.data.slice(2, 7),
      ...[
        { id: '180', name: 'Order', data_type: 'string' },
        { id: '181', name: 'Sizes', data_type: 'list' },
      ],
    ].map(({ id, name, data_type, input_options }) => ({ id, name, data_type, ...(input_options ? { input_options } : {}) }))
    const thread = { ticket_parts: parts.slice(1, 3) }
    const sample = {
      ticket: { ...ticket, ticket_attributes: attributes, ticket_type: { id: '67', name: 'Bug Report' }, ticket_parts: thread },
      ...{
        types: [{ ...type, ticket_type_attributes: { data } }],
        contacts: contacts.slice(0, 1),
        admins: admins.slice(0, 1),
        teams: teams.slice(0, 1),
      },
      company: { id: '531ee472cce572a6ec000006', name: 'Blue Sun' },
    }
    const config = intercomConfig.parse({ url, token: 'intercom-token-of-the-tests', priorityField: 'Urgency' })
    return sourceOf(sample, intercomMapping(config), (sample) => {
      const record = intercom.toIntercomRecord(sample.ticket)
      return (
        record && {
          ...{
            ...record,
            contactsById: byId(toList(sample.contacts, intercom.toContact)),
            company: intercom.toName(sample.company),
          },
          types: toList(sample.types, intercom.toType) ?? [],
          admins: toList(sample.admins, intercom.toAdmin) ?? [],
          teams: toList(sample.teams, intercom.toName) ?? [],
        }
      )
    })
  },
  freshdesk: () => {
    const { ticket, included, conversations, fields, agents, groups } = freshdeskDesk
    const more = { association_type: 3, associated_tickets_list: [21], structured_description: { description_contents: [] } }
    const custom_fields = {
      cf_boxes: 7,
      cf_order: '#12 X-7',
      cf_country: 'Chile',
      cf_city: 'Arica',
      cf_wants: ['Refund', 'Repair'],
    }
    const shown = fields.map((field) => (field.name === 'cf_order' ? { ...field, label: 'Order' } : field))
    const sample = {
      ticket: { ...ticket, ...included, ...more, custom_fields },
      ...{ conversations: conversations.slice(1), fields: shown, agents: agents.slice(0, 1), groups: groups.slice(0, 1) },
    }
    return sourceOf(sample, freshdeskMapping(freshdeskConfig.parse({ url, token: 'key' })), (sample) => {
      const record = freshdesk.toFreshdeskRecord(sample.ticket)
      const tables = {
        fields: toList(sample.fields, freshdesk.toField) ?? [],
        agents: byId(toList(sample.agents, freshdesk.toAgent)),
        groups: byId(toList(sample.groups, freshdesk.toNamed)),
      }
      const thread = toList(sample.conversations, freshdesk.toConversation)
      return record && { ...record, tables, conversations: thread, associatedIds: record.listedIds ?? [], isArchived: false }
    })
  },
}
