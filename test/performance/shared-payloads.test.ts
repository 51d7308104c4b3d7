import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { anonymous } from '../../src/domain/permissions.ts'
import { createSharedPayloads } from '../../src/performance/shared-payloads.ts'
import { viewerWith } from '../support/graph/graph.ts'

const document = parse(`
  subscription ($filter: TicketFilter, $after: String, $deep: Boolean!) {
    ticketChanged(filter: $filter, after: $after) { cursor ticket { id ...More @include(if: $deep) } }
  }
  fragment More on Ticket { title }
`)
const key = { document, operationName: null, variables: { deep: true } }

test('the same operation with the same rights finds the payload of an event', () => {
  const shared = createSharedPayloads()
  const event = {}
  shared.of(key, viewerWith(['tickets:read', 'source:vcc'])).keep(event, 'body')
  const other = { ...viewerWith(['source:vcc', 'tickets:read']), id: 'another viewer', email: null }
  expect(shared.of(key, other).find(event)).toBe('body')
  expect(shared.of(key, other).find({})).toBeUndefined()
})

test('arguments that select events do not change payloads', () => {
  const shared = createSharedPayloads()
  const event = {}
  shared.of({ ...key, variables: { deep: true, after: 'a', filter: { tags: ['x'] } } }, anonymous).keep(event, 'body')
  expect(shared.of({ ...key, variables: { deep: true, after: 'b' } }, anonymous).find(event)).toBe('body')
})

test('other rights, another document, another operation or other variables have payloads of their own', () => {
  const shared = createSharedPayloads()
  const event = {}
  shared.of(key, anonymous).keep(event, 'body')
  expect(shared.of(key, viewerWith(['tickets:read'])).find(event)).toBeUndefined()
  expect(shared.of({ ...key, document: parse('{ __typename }') }, anonymous).find(event)).toBeUndefined()
  expect(shared.of({ ...key, operationName: 'Other' }, anonymous).find(event)).toBeUndefined()
  expect(shared.of({ ...key, variables: { deep: false } }, anonymous).find(event)).toBeUndefined()
})
