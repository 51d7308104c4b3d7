import { isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createFieldCosts } from '../../src/graphql/limits/field-costs.ts'
import { createSchema } from '../../src/graphql/schema/index.ts'
import { createMemorySource } from '../support/graph/memory-source.ts'
import { sourceInfo } from '../support/graph/tickets.ts'

const verifik = createMemorySource(sourceInfo('verifik'), [], { lazyFields: ['description', 'messages'] })
const oneview = createMemorySource(sourceInfo('oneview'), [])
const vcc = createMemorySource(sourceInfo('vcc', { mode: 'EVENT_FED' }), [])

describe('the table of costs', () => {
  const schema = createSchema()

  it('names only fields and arguments that the schema has', () => {
    for (const [name, cost] of Object.entries(createFieldCosts([verifik, oneview, vcc]))) {
      const [typeName, fieldName] = name.split('.') as [string, string]
      const type = schema.getType(typeName)
      const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
      expect(field, name).toBeDefined()
      if (typeof cost.items === 'object') expect(field!.args.map((arg) => arg.name)).toContain(cost.items.argument)
    }
  })

  it('counts one call per pulled source for a list', () => {
    expect(createFieldCosts([verifik, oneview, vcc])['Query.tickets']).toEqual({ calls: 2 })
    expect(createFieldCosts([vcc])['Query.tickets']).toEqual({ calls: 0 })
  })

  it('counts one shared call for all detail fields of a ticket, and none where lists are whole', () => {
    const costs = createFieldCosts([verifik, oneview])
    expect(costs['Ticket.threads']).toEqual({ calls: 1, shared: 'whole ticket' })
    expect(costs['Ticket.description']).toEqual(costs['Ticket.threads'])
    expect(createFieldCosts([oneview])['Ticket.threads']).toBeUndefined()
  })

  it('counts a call for every mutation of a ticket', () => {
    const costs = createFieldCosts([])
    const mutations = Object.values(schema.getMutationType()!.getFields()).filter(
      (field) => String(field.type) === 'TicketPayload!',
    )
    expect(mutations.map((field) => costs[`Mutation.${field.name}`]?.calls)).toEqual(mutations.map(() => 2))
    expect(mutations).toHaveLength(8)
  })
})
