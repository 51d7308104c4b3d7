import { readFileSync } from 'node:fs'
import { isObjectType } from 'graphql'
import { expect, it } from 'vitest'
import { toCapabilityPage } from '../../src/cli/capabilities.ts'
import { createSchema } from '../../src/graphql/schema/index.ts'
import { sourcePlugins } from '../../src/sources/registry.ts'
import { commonTicketFields, lookupNames, sourceTicketFields } from '../../src/sources/source.ts'
import { toSourceInfo } from '../../src/sources/source-table.ts'

it('docs/capabilities.md is what the tables of the sources say (npm run capabilities)', () => {
  expect(readFileSync('docs/capabilities.md', 'utf8')).toBe(toCapabilityPage())
})

it('the tables know every field of Ticket, and every look-up of Source', () => {
  const fieldsOf = (name: string) => {
    const type = createSchema().getType(name)
    return isObjectType(type) ? Object.keys(type.getFields()) : []
  }
  expect([...commonTicketFields, ...sourceTicketFields].sort()).toEqual(fieldsOf('Ticket').sort())
  expect(fieldsOf('Source')).toEqual(expect.arrayContaining([...lookupNames]))
})

it('an operation that the configuration switches off is in no list of the source', () => {
  const { table } = sourcePlugins.find(({ system }) => system === 'verifik')!
  const source = { key: 'v', system: 'verifik', label: 'V', mode: 'PULL' } as const
  expect(toSourceInfo(source, table)).toMatchObject({
    actions: ['UPDATE', 'REPLY'],
    canCreate: true,
    filters: ['SOURCES', 'STATUS', 'PRIORITY', 'CATEGORY', 'IDS'],
    capabilities: { writes: ['UPDATE', 'REPLY'], updatableFields: table.takes.UPDATE, lookups: ['createForm'] },
  })
  expect(toSourceInfo({ ...source, switches: { UPDATE: false, CREATE: false, createForm: false } }, table)).toMatchObject({
    actions: ['REPLY'],
    canCreate: false,
    capabilities: { writes: ['REPLY'], updatableFields: [], lookups: [] },
  })
})
