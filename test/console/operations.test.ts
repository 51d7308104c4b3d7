import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { correctOperationName, findInitialTab } from '../../console/graphiql-fixes.ts'
import { readyOperations, toTicketId } from '../../console/operations.ts'
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
    'Counts',
    'Escalate',
    'Close',
    'Changes',
    'LookUps',
  ])
})

test('the console builds global ids in the scheme of the gateway', () => {
  for (const [source, tenant, id] of [
    ['oneview', '', 'absmw0dbma'],
    ['vcc', 'acme', '130-21'],
    ['rbi', 'plk-eu', 'ñ-ü-1?'],
  ] as const) {
    expect(toTicketId(source, tenant, id)).toBe(encodeId('ticket', source, tenant, id))
    expect(decodeId(toTicketId(source, tenant, id))).toEqual({ kind: 'ticket', sourceKey: source, tenant, externalId: id })
  }
})

test('an operation name that is not in the document becomes the name of its first operation', () => {
  const query = 'subscription Changes { a } query Other { b }'
  expect(correctOperationName({ query, operationName: 'LookUps' }).request.operationName).toBe('Changes')
  expect(correctOperationName({ query, operationName: 'Other' }).request.operationName).toBe('Other')
  expect(correctOperationName({ query: '{ a }', operationName: 'LookUps' }).request.operationName).toBeNull()
  expect(correctOperationName({ query: '{ a', operationName: 'LookUps' })).toEqual({
    request: { query: '{ a', operationName: 'LookUps' },
    documentAST: undefined,
  })
})

test('a visit starts with the active tab of the last visit, otherwise with the first ready operation', () => {
  const ready = [{ query: '{ first }', variables: '{"a":1}' }]
  const stored = JSON.stringify({ activeTabIndex: 1, tabs: [ready[0], { query: '{ second }', variables: '{}' }] })
  expect(findInitialTab(null, ready)).toEqual({ query: '{ first }', variables: '{"a":1}' })
  expect(findInitialTab(stored, ready)).toEqual({ query: '{ second }', variables: '{}' })
  expect(findInitialTab('broken', ready)).toEqual({ query: '{ first }', variables: '{"a":1}' })
})
