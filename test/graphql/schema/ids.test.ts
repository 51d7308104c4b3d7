import { getNamedType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { decodeId, encodeId } from '../../../src/domain/ids.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import { TicketWithEverythingDocument } from '../../generated/graphql.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createGraphFixture, ids } from '../../support/graph/graph-fixture.ts'
import { sourceInfo, ticket } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

const objectTypes = Object.values(createSchema().getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__'))

/** Every value of a field `id`, anywhere in a response. */
function idsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(idsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => (key === 'id' ? [item] : idsIn(item)))
}

describe('a field called id', () => {
  it('is the only one of type ID beside the ids of uploads and the lists of a reconciliation, and never null', () => {
    const ofTypeId = objectTypes
      .flatMap((type) => Object.values(isObjectType(type) ? type.getFields() : {}))
      .filter((field) => getNamedType(field.type).name === 'ID' && field.name !== 'uploadId')
    expect([...new Set(ofTypeId.map(({ name, type }) => `${name}: ${type}`))]).toEqual([
      ...['id: ID!', 'changedIds: [ID!]!', 'removedIds: [ID!]!'],
    ])
    const isNode = (name: string) => ['Agent', 'Group', 'Organization', 'Order', 'Attachment'].includes(name) === false
    const withId = objectTypes.filter((type) => isObjectType(type) && type.getFields().id !== undefined)
    const notNodes = withId.filter(
      (type) => isObjectType(type) && isNode(type.name) && !type.getInterfaces().some(({ name }) => name === 'Node'),
    )
    expect(notNodes).toEqual([])
  })

  it('holds a global id, in every part of a ticket', async () => {
    const { graph } = createGraphFixture()
    const { data, errors } = await graph.ask(TicketWithEverythingDocument, { variables: { id: ids.ticket } })
    expect(errors).toBeUndefined()
    const found = idsIn(data)
    expect(found.length).toBeGreaterThan(5)
    expect(found.filter((id) => decodeId(String(id)) === null)).toEqual([])
  })

  it('differs between sources whose agents and orders have the same id there, and names its source', async () => {
    const sources = ['one', 'two'].map((key) => {
      const info = sourceInfo(key)
      const assignee = { id: encodeId('agent', key, '', 'ann'), externalId: 'ann', name: null, email: null }
      const orders = [{ id: encodeId('order', key, '', '7'), externalId: '7', entityId: null, placedAt: null }]
      return createMemorySource(info, { tickets: [ticket(info, 't', { assignee, orders })] })
    })
    const { data } = await createTestGraph({ sources }).ask(
      '{ tickets { nodes { assignee { id source { key } externalId } orders { id source { key } externalId } } } }',
    )
    const { nodes } = data!.tickets as { nodes: { assignee: { id: string }; orders: { id: string }[] }[] }
    expect(nodes).toMatchObject([
      { assignee: { source: { key: 'one' }, externalId: 'ann' }, orders: [{ source: { key: 'one' }, externalId: '7' }] },
      { assignee: { source: { key: 'two' }, externalId: 'ann' }, orders: [{ source: { key: 'two' }, externalId: '7' }] },
    ])
    expect(new Set(nodes.flatMap(({ assignee, orders }) => [assignee.id, ...orders.map(({ id }) => id)])).size).toBe(4)
  })
})
