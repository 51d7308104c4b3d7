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
const asking = { document, operationName: null, variables: { deep: true } }

test('whoever asks the same with the same rights finds the body of the same event', () => {
  const shared = createSharedPayloads()
  const event = {}
  shared.of(asking, viewerWith(['tickets:read', 'source:vcc'])).keep(event, 'body')
  const other = { ...viewerWith(['source:vcc', 'tickets:read']), id: 'somebody else', email: null }
  expect(shared.of(asking, other).find(event)).toBe('body')
  expect(shared.of(asking, other).find({})).toBeUndefined()
})

test('what chooses the events is no part of their bodies', () => {
  const shared = createSharedPayloads()
  const event = {}
  shared.of({ ...asking, variables: { deep: true, after: 'a', filter: { tags: ['x'] } } }, anonymous).keep(event, 'body')
  expect(shared.of({ ...asking, variables: { deep: true, after: 'b' } }, anonymous).find(event)).toBe('body')
})

test('other rights, another document, another operation or other variables have bodies of their own', () => {
  const shared = createSharedPayloads()
  const event = {}
  shared.of(asking, anonymous).keep(event, 'body')
  expect(shared.of(asking, viewerWith(['tickets:read'])).find(event)).toBeUndefined()
  expect(shared.of({ ...asking, document: parse('{ __typename }') }, anonymous).find(event)).toBeUndefined()
  expect(shared.of({ ...asking, operationName: 'Other' }, anonymous).find(event)).toBeUndefined()
  expect(shared.of({ ...asking, variables: { deep: false } }, anonymous).find(event)).toBeUndefined()
})
