import { describe, expect, it } from 'vitest'
import type { Ticket, TicketPriority } from '../../../src/domain/ticket.ts'
import {
  assumedOrder,
  compareKeys,
  compareTexts,
  compareValues,
  isInOrder,
  type OrderKey,
  orderKey,
  orderValue,
} from '../../../src/sources/pagination/ticket-order.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('desk')
const ticket = (known: Partial<Ticket>, id = '1') => toTicket(info, id, known)
const [monday, tuesday] = ['2026-01-05T00:00:00.000Z', '2026-01-06T00:00:00.000Z']

describe('what a ticket is sorted by', () => {
  const one = ticket({ createdAt: monday, updatedAt: tuesday, priority: 'HIGH', tenant: 'de' })

  it('is the time or the priority that the order names', () => {
    expect(orderValue(one, { field: 'CREATED_AT', direction: 'ASC' })).toBe(monday)
    expect(orderValue(one, { field: 'UPDATED_AT', direction: 'ASC' })).toBe(tuesday)
    expect(orderValue(one, { field: 'PRIORITY', direction: 'ASC' })).toBe('3')
  })

  it('rises with the priority from 1 to 4, and is null where the priority is unknown', () => {
    const toValue = (priority: TicketPriority | null) => orderValue(ticket({ priority }), { field: 'PRIORITY', direction: 'ASC' })
    expect((['LOW', 'MEDIUM', 'HIGH', 'URGENT'] as const).map(toValue)).toEqual(['1', '2', '3', '4'])
    expect([toValue('UNKNOWN'), toValue(null)]).toEqual([null, null])
  })

  it('is followed by the tenant and the external id', () => {
    expect(orderKey(one, { field: 'CREATED_AT', direction: 'DESC' })).toEqual([monday, 'de', '1'])
  })

  it('is the time of the last change, newest first, where the vendor documents no order', () => {
    expect(assumedOrder).toEqual({ field: 'UPDATED_AT', direction: 'DESC' })
  })
})

describe('two values', () => {
  it('are compared in the asked direction', () => {
    expect(compareValues('a', 'b', 'ASC')).toBeLessThan(0)
    expect(compareValues('b', 'a', 'ASC')).toBeGreaterThan(0)
    expect(compareValues('a', 'b', 'DESC')).toBeGreaterThan(0)
    expect(compareValues('b', 'a', 'DESC')).toBeLessThan(0)
    expect([compareValues('a', 'a', 'ASC'), compareValues(null, null, 'DESC')]).toEqual([0, 0])
  })

  it('of which one is unknown put it last in both directions', () => {
    for (const direction of ['ASC', 'DESC'] as const) {
      expect(compareValues(null, 'a', direction)).toBeGreaterThan(0)
      expect(compareValues('a', null, direction)).toBeLessThan(0)
    }
  })

  it('are compared by code units where they are texts', () => {
    expect([compareTexts('a', 'b'), compareTexts('b', 'a'), compareTexts('a', 'a'), compareTexts('Z', 'a')]).toEqual([
      -1, 1, 0, -1,
    ])
  })
})

describe('two keys', () => {
  const sorted = (keys: readonly OrderKey[], direction: 'ASC' | 'DESC') =>
    keys.toSorted((a, b) => compareKeys(a, b, direction)).map((key) => key.join('/'))
  const keys: readonly OrderKey[] = [
    [tuesday, 'b', '2'],
    [tuesday, 'b', '1'],
    [tuesday, 'a', '3'],
    [monday, 'c', '9'],
  ]

  it('are sorted by value, then by tenant and id, which ascend in both directions', () => {
    const ofTuesday = [`${tuesday}/a/3`, `${tuesday}/b/1`, `${tuesday}/b/2`]
    expect(sorted(keys, 'ASC')).toEqual([`${monday}/c/9`, ...ofTuesday])
    expect(sorted(keys, 'DESC')).toEqual([...ofTuesday, `${monday}/c/9`])
  })
})

describe('a page', () => {
  const times = (...values: (string | null)[]) => values.map((updatedAt, index) => ticket({ updatedAt }, String(index)))

  it('is in order where no ticket sorts before the one before it', () => {
    expect(isInOrder(times(tuesday, tuesday, monday, null), assumedOrder)).toBe(true)
    expect(isInOrder([], assumedOrder)).toBe(true)
    expect(isInOrder(times(monday, tuesday), { field: 'UPDATED_AT', direction: 'ASC' })).toBe(true)
  })

  it('is out of order from its first pair to its last', () => {
    expect(isInOrder(times(monday, tuesday), assumedOrder)).toBe(false)
    expect(isInOrder(times(tuesday, monday, tuesday), assumedOrder)).toBe(false)
    expect(isInOrder(times(null, monday), assumedOrder)).toBe(false)
  })
})
