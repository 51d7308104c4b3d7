import { encodeId } from '../../src/domain/ids.ts'
import type { Agent, Attachment, Order, Ticket } from '../../src/domain/ticket.ts'
import { type FormOption, lookupNames, type SourceInfo, type TicketSource } from '../../src/sources/source.ts'
import { createMemorySource, type MemorySource } from './memory-source.ts'
import { toSourceInfo } from './memory-ticket.ts'

// A source whose ticket has a value in every field, so that none of them is untested. A new field of `Ticket` does not compile
// until it has a value here.

export const fullKey = 'full'
const plain = toSourceInfo(fullKey)
const info: SourceInfo = { ...plain, capabilities: { ...plain.capabilities, lookups: lookupNames } }
const at = '2026-01-01T10:00:00.000Z'
export const idOf = (kind: Parameters<typeof encodeId>[0], externalId: string) => encodeId(kind, fullKey, '', externalId)

const agent = (name: string): Agent => ({
  id: idOf('agent', name),
  externalId: name,
  name: `Agent ${name}`,
  email: `${name}@desk.example`,
})
const attachment: Attachment = {
  id: idOf('attachment', 't1#file-0'),
  filename: 'photo.png',
  url: 'https://files.example.com/photo.png',
  size: 3,
  contentType: 'image/png',
  expiresAt: at,
  requiresAuth: true,
}
const orders: Order[] = [{ id: idOf('order', 'o1'), externalId: 'o1', entityId: 'FP_SG', placedAt: at }]

type Filled<T> = { readonly [K in keyof T]: NonNullable<T[K]> }

/** Every field has a value, and none is an empty list. */
export const fullTicket: Filled<Ticket> = {
  id: idOf('ticket', 't1'),
  source: info,
  tenant: '',
  externalId: 't1',
  isSummary: false,
  number: '2026-1',
  url: 'https://desk.example/t1',
  title: 'Late order',
  description: 'Where is it?',
  status: 'PENDING',
  sourceStatus: 'waiting',
  statusReason: 'asked the customer',
  statusChangedAt: at,
  priority: 'HIGH',
  sourcePriority: 'p2',
  priorityRank: 2,
  category: { code: '1A', label: 'Delivery', path: ['Order', 'Delivery'] },
  reason: { kind: 'GENERAL', code: 'r1', label: 'Late', localLabel: 'Spät' },
  type: 'CHAT',
  channel: 'CHAT',
  origin: 'app',
  queue: 'chat-en',
  queueKey: 'q1',
  country: 'sg',
  language: 'en',
  tags: ['vip'],
  assignee: agent('ann'),
  group: { id: idOf('group', 'g1'), externalId: 'g1', name: 'First line' },
  followers: [{ kind: 'AGENT', externalId: 'bob', name: 'Agent bob' }],
  organization: { id: idOf('organization', 'org1'), externalId: 'org1', name: 'Acme' },
  createdBy: agent('bob'),
  updatedBy: agent('cat'),
  customer: {
    id: idOf('customer', 'c1'),
    externalId: 'c1',
    name: 'Kim Lee',
    firstName: 'Kim',
    lastName: 'Lee',
    email: 'kim@example.com',
    phone: '+65 1',
  },
  vendor: { id: idOf('vendor', 'v1'), externalId: 'v1', name: 'Noodle bar', vertical: 'RESTAURANTS' },
  orders,
  links: [
    {
      kind: 'BLOCKED_BY',
      system: 'MEMORY',
      externalId: 't1',
      category: 'ESCALATED',
      reason: 'the same order',
      creator: 'ann',
      createdAt: at,
      url: 'https://desk.example/t1',
      ticketId: idOf('ticket', 't1'),
    },
  ],
  messages: [
    {
      id: idOf('message', 't1#0'),
      author: { kind: 'CUSTOMER', externalId: 'c1', name: 'Kim Lee' },
      body: '<p>Where is <b>it</b>?</p>',
      format: 'HTML',
      visibility: 'PUBLIC',
      createdAt: at,
      attachments: [attachment],
    },
  ],
  customFields: [
    { key: 'tier', label: 'Tier', type: 'CHOICE', value: 'gold', text: 'Gold' },
    { key: 'iban', label: 'IBAN', type: 'TEXT', value: 'DE00', text: 'DE00' },
  ],
  statusOptions: [
    { key: 'wait', label: 'waiting', status: 'PENDING', requires: [] },
    { key: 'solve', label: 'Solve', status: 'RESOLVED', requires: ['tier'] },
  ],
  slaTargets: [{ name: 'First reply', kind: 'FIRST_REPLY', dueAt: at, breached: false, paused: true, completedAt: at }],
  satisfaction: { score: 'GOOD', sourceScore: '5', comment: 'Thanks', ratedAt: at },
  attachments: [attachment],
  escalation: { department: 'partner-service', reason: 'refund', escalatedAt: at },
  resolution: { status: 'REFUNDED', reason: 'cold food', resolvedAt: at },
  routing: { type: 'STORE', partners: ['careco', 'second'], rule: 'STORE_SUBSCRIBED', trace: ['store 1001'] },
  sla: 64,
  dueAt: at,
  firstReplyTimeInMinutes: 1.5,
  createdAt: at,
  updatedAt: at,
  firstOpenedAt: at,
  lastOpenedAt: at,
  resolvedAt: at,
  deletedAt: at,
  freshness: { mode: 'LIVE', observedAt: at },
  raw: { id: 't1' },
}

const options: FormOption[] = [{ key: 'late', label: 'Late', parent: 'delivery' }]
const parent = { code: '1', label: 'Delivery', language: 'en', level: 1, parents: [] }

/** Every look-up. Each list has one entry with a value in every field. */
export const fullLookups: Required<Pick<TicketSource, (typeof lookupNames)[number]>> = {
  escalationDepartments: async () => [{ key: 'partner-service', label: 'Partner service' }],
  transferQueues: async () => [{ key: 'q1', name: 'chat-en', language: 'en' }],
  resolutionStatuses: async () => [{ key: 'REFUNDED', label: 'Refunded' }],
  contactReasons: async ({ first }) =>
    [{ code: '1A', label: 'Late', language: 'en', level: 2, parents: [parent] }].slice(0, first),
  agents: async ({ search, first }) => [agent(search ?? 'ann')].slice(0, first),
  groups: async ({ first }) => [fullTicket.group].slice(0, first),
  createForm: async () => [
    { key: 'subcategory', label: 'Sub-category', type: 'CHOICE', required: true, options, dependsOn: 'category' },
  ],
  customFieldDefinitions: async () => [{ key: 'tier', label: 'Tier', type: 'CHOICE', required: false, writable: true, options }],
}

/** `lazyFields`: those that lists leave out. */
export function createFullSource(options: { readonly lazyFields?: readonly (keyof Ticket)[] } = {}): MemorySource {
  return createMemorySource(info, { tickets: [fullTicket], methods: fullLookups, ...options })
}
