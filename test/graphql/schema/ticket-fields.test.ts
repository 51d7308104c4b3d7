import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type GraphQLNamedType,
  isInterfaceType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../../src/domain/delivery.ts'
import type { TicketEvent } from '../../../src/domain/events.ts'
import { TicketWithEverythingDocument } from '../../generated/graphql.ts'
import { createFullSource, fullKey, fullTicket, idOf } from '../../support/full-source.ts'
import { createTestGraph, resolverModes } from '../../support/graph/graph.ts'
import { createMemoryDeliveries, createMemoryHistory } from '../../support/graph/memory-services.ts'

const at = '2026-01-01T10:00:00.000Z'
const delivery: Delivery = {
  id: idOf('delivery', 'd1'),
  event: 'STORE_SUPPORT_TICKET_EVENT',
  partner: 'careco',
  state: 'FAILED',
  attempts: 1,
  lastStatus: 500,
  lastError: 'answered 500',
  nextAttemptAt: at,
  deliveredAt: at,
  createdAt: at,
}
const event: TicketEvent = {
  id: idOf('event', '1'),
  kind: 'UPDATED',
  at,
  actor: { kind: 'AGENT', externalId: 'ann', name: 'Agent ann' },
  summary: 'Changed',
  changes: [{ field: 'title', before: 'Late', after: 'Late order' }],
}

function createFullGraph(
  options: { resolvers?: (typeof resolverModes)[number]; source?: ReturnType<typeof createFullSource> } = {},
) {
  const { resolvers, source = createFullSource() } = options
  const services = {
    deliveries: createMemoryDeliveries({ [fullTicket.id]: [delivery] }).deliveries,
    history: createMemoryHistory({ [fullTicket.id]: [event] }).history,
    publicFields: { [fullKey]: ['tier'] },
  }
  return { source, graph: createTestGraph({ sources: [source], services, ...(resolvers && { resolvers }) }) }
}

/** The paths of every null in a response. */
function nullsIn(value: unknown, path = ''): string[] {
  if (value === null) return [path]
  if (Array.isArray(value)) return value.flatMap((item, index) => nullsIn(item, `${path}.${index}`))
  if (typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => nullsIn(item, `${path}.${key}`))
}

describe('the operation TicketWithEverything', () => {
  it('selects every field of Ticket and of everything inside it', () => {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
    const info = new TypeInfo(schema)
    const selected = new Set<string>()
    const touched = new Set<GraphQLNamedType>()
    const enter = () => {
      const parent = info.getParentType()
      const field = info.getFieldDef()
      if (!parent || !field) return
      selected.add(`${parent.name}.${field.name}`)
      if (parent.name !== 'Query') touched.add(parent)
    }
    const document = parse(readFileSync('test/operations/ticket-with-everything.graphql', 'utf8'))
    visit(document, visitWithTypeInfo(info, { Field: enter }))
    // Lists of tickets are a subject of their own.
    const left = new Set(['Customer.tickets', 'Vendor.tickets'])
    const isSelected = (type: GraphQLNamedType, field: string): boolean =>
      selected.has(`${type.name}.${field}`) ||
      left.has(`${type.name}.${field}`) ||
      (isObjectType(type) && type.getInterfaces().some((parent) => isSelected(parent, field)))
    const missing = [...touched].flatMap((type) =>
      isObjectType(type) || isInterfaceType(type)
        ? Object.keys(type.getFields()).flatMap((field) => (isSelected(type, field) ? [] : [`${type.name}.${field}`]))
        : [],
    )
    expect(missing).toEqual([])
    expect(touched.size).toBeGreaterThan(25)
  })

  it.each(resolverModes)(
    'is answered without a null when the source has a value for every field, with %s resolvers',
    async (resolvers) => {
      const { graph } = createFullGraph({ resolvers })
      const { data, errors } = await graph.ask(TicketWithEverythingDocument, { variables: { id: fullTicket.id } })
      expect(errors).toBeUndefined()
      const unknown = ['.ticket.source.health.checkedAt', '.ticket.source.health.lastError']
      const refused = nullsIn(data).filter((path) => !unknown.includes(path) && !/^\.ticket\.actions\.\d+\.reason$/.test(path))
      expect(refused).toEqual([])
      const ticket = data!.ticket as Record<string, unknown>
      expect(ticket).toMatchObject({
        queueKey: 'q1',
        group: { id: idOf('group', 'g1'), source: { key: fullKey }, externalId: 'g1', name: 'First line' },
        organization: { id: idOf('organization', 'org1'), source: { key: fullKey }, externalId: 'org1', name: 'Acme' },
        followers: [{ kind: 'AGENT', externalId: 'bob', name: 'Agent bob' }],
        customFields: fullTicket.customFields,
        statusOptions: fullTicket.statusOptions,
        slaTargets: fullTicket.slaTargets,
        satisfaction: fullTicket.satisfaction,
        attachments: fullTicket.attachments,
        routing: { partners: ['careco', 'second'], deliveries: [{ at, createdAt: at }] },
      })
      const { threads } = ticket as { threads: { nodes: unknown[] } }
      expect(threads.nodes).toMatchObject([{ at, body: '<p>Where is <b>it</b>?</p>', format: 'HTML', text: 'Where is it?' }])
    },
  )
})

describe('custom fields', () => {
  const operation = `{ ticket(id: "${fullTicket.id}") { customFields { key } } }`
  const keysFor = async (scopes: readonly string[]) => {
    const { data, extensions } = await createFullGraph().graph.ask(operation, { scopes: ['tickets:read', 'source:*', ...scopes] })
    return { fields: (data!.ticket as { customFields: unknown }).customFields, extensions }
  }

  it('without customers:pii are only those that the operator calls public, and the response says so', async () => {
    expect(await keysFor([])).toEqual({ fields: [{ key: 'tier' }], extensions: { redacted: ['customers:pii'] } })
    expect(await keysFor(['customers:pii'])).toEqual({ fields: [{ key: 'tier' }, { key: 'iban' }], extensions: undefined })
  })

  it('that lists leave out cost one call for the tickets of a page, and none where they are not selected', async () => {
    const source = createFullSource({ lazyFields: ['customFields', 'statusOptions', 'slaTargets', 'satisfaction', 'followers'] })
    source.put('t1', { ...fullTicket, deletedAt: null })
    source.put('t2', { ...fullTicket, id: idOf('ticket', 't2'), externalId: 't2', deletedAt: null })
    const { graph } = createFullGraph({ source })
    await graph.ask('{ tickets { nodes { id title queueKey group { name } } } }')
    expect(source.loadedIds()).toEqual([])
    const { data, errors } = await graph.ask(
      '{ tickets { nodes { customFields { key } statusOptions { key } followers { name } } } }',
    )
    expect(errors).toBeUndefined()
    expect((data!.tickets as { nodes: unknown }).nodes).toEqual(
      Array(2).fill({
        customFields: [{ key: 'tier' }, { key: 'iban' }],
        statusOptions: [{ key: 'wait' }, { key: 'solve' }],
        followers: [{ name: 'Agent bob' }],
      }),
    )
    expect(source.loadedIds().map((ids) => [...ids].sort())).toEqual([['t1', 't2']])
  })
})
