import { describe, expect, it } from 'vitest'
import { extensionsOf, fieldOf, listFields } from '../../../src/graphql/schema/fields.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { sourceInfo } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

const verifik = createMemorySource(sourceInfo('verifik'), { lazyFields: ['description', 'messages'] })
const oneview = createMemorySource(sourceInfo('oneview'))
const vcc = createMemorySource(sourceInfo('vcc', { mode: 'EVENT_FED' }))

function costOf(sources: readonly TicketSource[], field: string) {
  const [typeName, fieldName] = field.split('.') as [string, string]
  return extensionsOf(fieldOf(createSchema({ sources }), typeName, fieldName)).cost
}

describe('the cost of a field', () => {
  it('names only arguments that the field has', () => {
    const named = listFields(createSchema()).flatMap(({ field }) => {
      const items = extensionsOf(field).cost?.items
      return typeof items === 'object' ? [field.args.map((argument) => argument.name).includes(items.argument)] : []
    })
    expect(named).toEqual([true, true, true, true])
  })

  it('is one call per pull source for a list of tickets', () => {
    expect(costOf([verifik, oneview, vcc], 'Query.tickets')).toMatchObject({ calls: 2 })
    expect(costOf([vcc], 'Query.tickets')).toMatchObject({ calls: 0 })
  })

  it('DECISION-37 is the most calls that each source needs for a count of tickets', () => {
    const verifikLike = sourceInfo('verifik', { capabilities: { ...verifik.info.capabilities, callsPerCount: 16 } })
    expect(costOf([createMemorySource(verifikLike), oneview, vcc], 'Query.ticketCounts')).toMatchObject({ calls: 18 })
    expect(costOf([verifik], 'TicketCounts.groups')).toMatchObject({ items: 100 })
  })

  it('is one item per source for the lists of sources and of their reports', () => {
    expect(costOf([verifik, oneview, vcc], 'Query.sources')).toMatchObject({ items: 3 })
    expect(costOf([verifik, oneview, vcc], 'TicketConnection.sources')).toMatchObject({ items: 3 })
  })

  it('is one call that all lazy fields of a ticket share, and none when no source has lazy fields', () => {
    const threads = costOf([verifik, oneview], 'Ticket.threads')
    const shared = { calls: 1, sharedCall: 'full ticket' }
    expect(threads).toMatchObject(shared)
    expect(costOf([verifik, oneview], 'Ticket.timeline')).toMatchObject(shared)
    expect(costOf([verifik, oneview], 'Ticket.description')).toMatchObject(shared)
    expect(costOf([oneview], 'Ticket.threads')).toEqual({ page: 50 })
  })

  it('is two calls for every mutation of a ticket, and three for an update', () => {
    const schema = createSchema()
    const mutations = Object.values(schema.getMutationType()!.getFields()).filter(
      (field) => String(field.type) === 'TicketPayload',
    )
    const costs = Object.fromEntries(mutations.map((field) => [field.name, extensionsOf(field).cost?.calls]))
    const { updateTicket, ...others } = costs
    expect(updateTicket).toBe(3)
    expect(Object.values(others)).toEqual(Array.from({ length: 8 }, () => 2))
  })
})
