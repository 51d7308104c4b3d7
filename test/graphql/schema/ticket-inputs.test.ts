import { expect, it } from 'vitest'
import { createTestGraph } from '../../support/graph/graph.ts'
import { ids, oneview, theTicket } from '../../support/graph/graph-fixture.ts'
import { createMemorySource } from '../../support/memory-source.ts'

// Every field of the inputs reaches a source that takes it, and the payload shows what the source made of it.

const options = [{ key: 'waiting', label: 'Waiting', status: 'PENDING' as const, requires: [] }]
const before = { ...theTicket, statusOptions: options, tags: ['a', 'b'] }
const graph = createTestGraph({ sources: [createMemorySource(oneview, { tickets: [before] })] })

async function write(mutation: string, input: object, selection: string) {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`
  const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { outcome userErrors { code message field } ${selection} } }`
  const { data, errors } = await graph.ask(query, { variables: { input } })
  expect(errors).toBeUndefined()
  const { outcome, userErrors, ...rest } = data![mutation] as Record<string, unknown>
  expect({ outcome, userErrors }).toEqual({ outcome: 'APPLIED', userErrors: [] })
  return rest
}

it('CreateTicketInput', async () => {
  const input = {
    source: 'oneview',
    market: 'plk-eu',
    queue: 'q1',
    type: 'incident',
    title: 'Late',
    description: 'An hour late.',
    priority: 'HIGH',
    category: 'order',
    subcategory: 'late',
    tags: ['vip'],
    customer: { externalId: 'c9', name: 'Ann Lee', email: 'ann.lee@example.com', phone: '+65 1' },
    storeId: '1001',
    order: { externalId: 'o1', placedAt: '2026-01-01T10:00:00Z' },
    customFields: [{ key: 'severity', value: ['minor', 3] }],
    attachments: [{ filename: 'a.png', url: 'https://files.example/a.png', size: 5, contentType: 'image/png' }],
  }
  const selection = `ticket {
    title description priority category { code path } queueKey type tags origin customer { externalId name email phone }
    orders { externalId placedAt } customFields { key value } attachments { filename url size contentType }
  }`
  expect(await write('createTicket', input, selection)).toEqual({
    ticket: {
      title: 'Late',
      description: 'An hour late.',
      priority: 'HIGH',
      category: { code: 'order', path: ['order', 'late'] },
      queueKey: 'q1',
      type: 'incident',
      tags: ['vip'],
      origin: 'plk-eu/1001',
      customer: { externalId: 'c9', name: 'Ann Lee', email: 'ann.lee@example.com', phone: '+65 1' },
      orders: [{ externalId: 'o1', placedAt: '2026-01-01T10:00:00.000Z' }],
      customFields: [{ key: 'severity', value: ['minor', 3] }],
      attachments: [{ filename: 'a.png', url: 'https://files.example/a.png', size: 5, contentType: 'image/png' }],
    },
  })
})

it('UpdateTicketInput', async () => {
  const input = {
    id: ids.ticket,
    title: 'Later',
    description: 'Two hours late.',
    priority: 'URGENT',
    category: 'delivery',
    statusOption: 'waiting',
    addTags: ['c'],
    removeTags: ['a'],
    customFields: [{ key: 'severity', value: 4 }, { key: 'note' }],
    ifUpdatedAt: '2026-01-01T11:00:00+01:00',
    contactReasonCode: '1A.1',
    event: 'PICKED_TIME',
  }
  const selection = `ticket {
    title description priority category { code } status sourceStatus statusReason tags customFields { key value }
  }`
  expect(await write('updateTicket', input, selection)).toEqual({
    ticket: {
      title: 'Later',
      description: 'Two hours late.',
      priority: 'URGENT',
      category: { code: 'delivery' },
      status: 'PENDING',
      sourceStatus: 'waiting',
      statusReason: '1A.1',
      tags: ['b', 'c'],
      customFields: [
        { key: 'severity', value: 4 },
        { key: 'note', value: null },
      ],
    },
  })
})

it('ReplyToTicketInput', async () => {
  const input = {
    id: ids.ticket,
    body: '**On its way**',
    format: 'MARKDOWN',
    visibility: 'INTERNAL',
    attachments: [{ filename: 'map.png', url: 'https://files.example/map.png' }],
  }
  expect(await write('replyToTicket', input, 'message { body format visibility attachments { filename url } }')).toEqual({
    message: {
      body: '**On its way**',
      format: 'MARKDOWN',
      visibility: 'INTERNAL',
      attachments: [{ filename: 'map.png', url: 'https://files.example/map.png' }],
    },
  })
})

it.each([
  [
    'escalateTicket',
    { department: 'legal', statusReason: 'asked twice', resolutionReason: 'no refund' },
    'status statusReason escalation { department reason }',
    { status: 'ESCALATED', statusReason: 'asked twice', escalation: { department: 'legal', reason: 'no refund' } },
  ],
  [
    'closeTicket',
    { statusReason: 'done', resolutionStatus: 'REFUNDED', resolutionReason: 'cold food' },
    'status statusReason resolution { status reason }',
    { status: 'CLOSED', statusReason: 'done', resolution: { status: 'REFUNDED', reason: 'cold food' } },
  ],
  ['reopenTicket', { statusReason: 'still cold' }, 'status statusReason', { status: 'OPEN', statusReason: 'still cold' }],
  [
    'reassignTicket',
    { assignee: 'bob', reason: 'overtime' },
    'assignee { externalId } statusReason',
    { assignee: { externalId: 'bob' }, statusReason: 'overtime' },
  ],
  ['reassignTicket', { group: 'tier 2' }, 'group { externalId }', { group: { externalId: 'tier 2' } }],
  ['reassignTicket', { unassign: true }, 'assignee { externalId }', { assignee: null }],
  ['transferTicket', { queue: 'chat-eng-sg' }, 'queueKey', { queueKey: 'chat-eng-sg' }],
])('the input of %s: %j', async (mutation, input, selection, ticket) => {
  expect(await write(mutation, { id: ids.ticket, ...input }, `ticket { ${selection} }`)).toEqual({ ticket })
})
