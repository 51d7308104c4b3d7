import { describe, expect, test } from 'vitest'
import { findPlace, toListKey, toOrder } from '../../clients/typescript/src/live-list.ts'

describe('CLIENT-58: two lists are the same list', () => {
  test.each([
    ['without a filter', {}, { filter: null }],
    ['with an empty filter', {}, { filter: {} }],
    ['with conditions that are none', {}, { filter: { status: [], text: null, tags: undefined }, orderBy: null }],
    ['in either order of the conditions', { filter: { text: 'a', tags: ['b'] } }, { filter: { tags: ['b'], text: 'a' } }],
    ['with the default order or its name', {}, { orderBy: { direction: 'DESC', field: 'UPDATED_AT' } }],
  ])('%s', (_name, one, other) => {
    expect(toListKey(one)).toBe(toListKey(other))
  })
  test.each([
    ['another condition', {}, { filter: { status: ['OPEN'] } }],
    ['no ids, which match nothing', {}, { filter: { ids: [] } }],
    ['another order', {}, { orderBy: { field: 'CREATED_AT', direction: 'DESC' } }],
    ['another direction', {}, { orderBy: { field: 'UPDATED_AT', direction: 'ASC' } }],
  ])('but not with %s', (_name, one, other) => {
    expect(toListKey(one)).not.toBe(toListKey(other))
  })
})

describe('CLIENT-58: a changed ticket comes to the place', () => {
  const [first, second, third] = ['2026-01-03T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-01T00:00:00.000Z']
  const byCreation = toOrder({ field: 'CREATED_AT', direction: 'ASC' })
  const byPriority = toOrder({ field: 'PRIORITY', direction: 'DESC' })
  test.each([
    ['before all, as the latest', [second, third], first, toOrder(null), false, 0],
    ['before one that changed at the same time', [first, second], first, toOrder(null), false, 0],
    ['between two', [first, third], second, toOrder(null), false, 1],
    ['behind all on the last page', [first, second], third, toOrder(null), false, 2],
    ['that no page has yet', [first, second], third, toOrder(null), true, null],
    ['of an ascending order', [third, first], second, byCreation, false, 1],
    ['before all, where its time was not selected', [first], undefined, toOrder(null), true, 0],
    ['by its priority', ['URGENT', 'MEDIUM', 'LOW'], 'HIGH', byPriority, false, 1],
    ['behind its own priority', ['URGENT', 'HIGH', 'LOW'], 'HIGH', byPriority, false, 2],
    ['behind all without a priority', ['LOW', null], null, byPriority, false, 2],
    ['before those without a priority', [null, null], 'LOW', byPriority, false, 0],
    ['of the only one', [], first, toOrder(null), false, 0],
  ] as const)('%s', (_name, others, own, order, hasNextPage, place) => {
    expect(findPlace(others, own, order, hasNextPage)).toBe(place)
  })
})
