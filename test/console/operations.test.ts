import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { readyOperations } from '../../console/operations.ts'
import { understand } from '../../console/own-operation.ts'
import { findShownTab } from '../../console/shown-tab.ts'
import { toTicketId } from '../../console/ticket-id.ts'
import { decodeId, encodeId } from '../../src/domain/ids.ts'

test('every ready operation of the console is valid in the graph', () => {
  const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
  const faults = readyOperations.flatMap(({ name, query }) =>
    validate(schema, parse(query)).map(({ message }) => `${name}: ${message}`),
  )
  expect(faults).toEqual([])
  expect(readyOperations.map(({ name }) => name)).toEqual([
    'OneTicket',
    'AcrossSources',
    'Escalate',
    'Close',
    'Changes',
    'LookUps',
  ])
})

test('the console writes global ids as the gateway does', () => {
  for (const [source, tenant, id] of [
    ['oneview', '', 'absmw0dbma'],
    ['vcc', 'acme', '130-21'],
    ['rbi', 'plk-eu', 'ñ-ü-1?'],
  ] as const) {
    expect(toTicketId(source, tenant, id)).toBe(encodeId('ticket', source, tenant, id))
    expect(decodeId(toTicketId(source, tenant, id))).toEqual({ kind: 'ticket', sourceKey: source, tenant, externalId: id })
  }
})

test('a name that is not in the document becomes the name of its first operation', () => {
  const query = 'subscription Changes { a } query Other { b }'
  expect(understand({ query, operationName: 'LookUps' }).asked.operationName).toBe('Changes')
  expect(understand({ query, operationName: 'Other' }).asked.operationName).toBe('Other')
  expect(understand({ query: '{ a }', operationName: 'LookUps' }).asked.operationName).toBeNull()
  expect(understand({ query: '{ a', operationName: 'LookUps' })).toEqual({
    asked: { query: '{ a', operationName: 'LookUps' },
    documentAST: undefined,
  })
})

test('a visit begins with the tab that was open at the last one, else with the first ready one', () => {
  const ready = [{ query: '{ first }', variables: '{"a":1}' }]
  const kept = JSON.stringify({ activeTabIndex: 1, tabs: [ready[0], { query: '{ second }', variables: '{}' }] })
  expect(findShownTab(null, ready)).toEqual({ query: '{ first }', variables: '{"a":1}' })
  expect(findShownTab(kept, ready)).toEqual({ query: '{ second }', variables: '{}' })
  expect(findShownTab('broken', ready)).toEqual({ query: '{ first }', variables: '{"a":1}' })
})
