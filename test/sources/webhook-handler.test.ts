import { describe, expect, it } from 'vitest'
import { EventProblem, equalQuerySecrets, equalSecrets, isOvertaken } from '../../src/sources/webhook-handler.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

describe('a late event', () => {
  const [before, at, after] = ['2026-01-02T00:00:00.000Z', '2026-01-02T00:00:01.000Z', '2026-01-02T00:00:02.000Z']
  const seenAt = (observedAt: string) => {
    const ticket = toTicket(toSourceInfo('desk'), '1')
    return { ...ticket, freshness: { ...ticket.freshness, observedAt } }
  }

  it('is overtaken where the ticket shows an event that arrived after it', () => {
    const overtaken = (observedAt: string) => isOvertaken({ late: true, receivedAt: at, ticket: seenAt(observedAt), state: null })
    expect([overtaken(before), overtaken(at), overtaken(after)]).toEqual([false, false, true])
  })

  it('is not overtaken where there is no ticket, and no other event ever is', () => {
    expect(isOvertaken({ late: true, receivedAt: at, ticket: null, state: null })).toBe(false)
    expect(isOvertaken({ late: false, receivedAt: at, ticket: seenAt(after), state: null })).toBe(false)
    expect(isOvertaken({ receivedAt: at, ticket: seenAt(after), state: null })).toBe(false)
  })
})

describe('two secrets', () => {
  it('are equal where all their bytes are', () => {
    expect(equalSecrets('secret', Buffer.from('secret'))).toBe(true)
    for (const other of ['secret ', 'Secret', '', 'secre']) expect(equalSecrets('secret', other)).toBe(false)
  })

  it('are equal in a query where a blank of the parsed value stands for a plus', () => {
    expect(equalQuerySecrets('a b c', 'a+b c')).toBe(true)
    expect(equalQuerySecrets('a+b', 'a+b')).toBe(true)
    expect(equalQuerySecrets('a b', 'a-b')).toBe(false)
    expect(equalQuerySecrets('a b', 'a+c')).toBe(false)
    expect(equalQuerySecrets('a b ', 'a+b')).toBe(false)
  })
})

it('the problem of an event has a name of its own', () => {
  expect(new EventProblem('no id')).toMatchObject({ name: 'EventProblem', message: 'no id' })
})
