import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { checkExtensions, fieldOf, listFields } from '../../../src/graphql/schema/fields.ts'

function schemaWith(extensions: Record<string, unknown>) {
  const schema = buildSchema('type Query { ticket: String }')
  fieldOf(schema, 'Query', 'ticket').extensions = extensions
  return schema
}

describe('the extensions of a field', () => {
  it('are its permission and its cost', () => {
    const permission = { scopes: ['tickets:read'], otherwise: 'forbid' }
    expect(() => checkExtensions(schemaWith({ permission, cost: { calls: 1 } }))).not.toThrow()
  })

  it.each([
    ['a misspelt key', { permision: { scopes: ['tickets:read'], otherwise: 'forbid' } }],
    ['an unknown scope', { permission: { scopes: ['tickets:reed'], otherwise: 'forbid' } }],
    ['no scope', { permission: { scopes: [], otherwise: 'forbid' } }],
    ['another consequence', { permission: { scopes: ['tickets:read'], otherwise: 'deny' } }],
    ['an unknown part of a cost', { cost: { call: 1 } }],
  ])('cannot have %s', (_what, extensions) => {
    expect(() => checkExtensions(schemaWith(extensions))).toThrow('Wrong extensions of Query.ticket')
  })
})

describe('fields', () => {
  it('are listed by type and name, without those of introspection', () => {
    const schema = buildSchema('type Query { ticket: Ticket } type Ticket { id: ID title: String }')
    expect(listFields(schema).map(({ name }) => name)).toEqual(['Query.ticket', 'Ticket.id', 'Ticket.title'])
  })

  it('that the schema does not have are an error', () => {
    expect(() => fieldOf(schemaWith({}), 'Query', 'tickets')).toThrow('The schema has no field Query.tickets')
  })
})
