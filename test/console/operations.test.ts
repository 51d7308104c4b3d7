import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { readyOperations } from '../../src/console/operations.ts'
import { toTicketId } from '../../src/console/ticket-id.ts'
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
