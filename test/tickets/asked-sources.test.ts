import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Call } from '../../src/domain/call.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { allowedConditionsOf, selectSources, withDeadlines } from '../../src/tickets/asked-sources.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { toCall, viewerWith } from './ticket-service-fixture.ts'

const [a, b, c] = [createMemorySource('a'), createMemorySource('b'), createMemorySource('c')] as const
const sources = { all: [a, b, c], get: (key: string) => [a, b, c].find(({ info }) => info.key === key) }

describe('the sources that a request asks', () => {
  it.each([
    ['null', null, [a, b, c]],
    ['an empty list', [], [a, b, c]],
    ['their keys, in the configured order', ['c', 'a'], [a, c]],
    ['a key twice', ['b', 'b'], [b]],
  ])('are named by %s', (_, keys, expected) => {
    expect(selectSources(sources, keys)).toEqual(expected)
  })

  it('are refused with the first key that is not known, at most 100 characters of it', () => {
    expect(() => selectSources(sources, ['a', 'x', 'y'])).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: 'There is no source "x".' }),
    )
    const long = 'k'.repeat(101)
    expect(() => selectSources(sources, [long])).toThrow(
      expect.objectContaining({ message: `There is no source "${'k'.repeat(100)}".` }),
    )
  })
})

describe('a filter by the e-mail address of the customer', () => {
  const filter = { customerEmail: 'ann@example.com' }

  it('needs the scope customers:pii', () => {
    expect(() => allowedConditionsOf(filter, toCall(viewerWith('tickets:read')))).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN', message: 'A filter by customerEmail needs the scope customers:pii.' }),
    )
    expect(allowedConditionsOf(filter, toCall(viewerWith('customers:pii')))).toEqual(filter)
  })

  it('needs no scope where it has no condition, as other filters', () => {
    const call = toCall(viewerWith('tickets:read'))
    expect(allowedConditionsOf({ customerEmail: null, assignee: 'ada' }, call)).toEqual({ assignee: 'ada' })
  })
})

describe('the deadline of a source', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  /** 100 ms for the source a, and 300 ms for every other. */
  const deps = { timeoutMsOf: (key: string) => (key === 'a' ? 100 : 300) }

  /** The calls for these sources while the work runs. `end` ends the work. */
  function begin(call: Call, asked: readonly TicketSource[] = [a, b, c]) {
    const work = Promise.withResolvers<string>()
    const calls: Call[] = []
    const done = withDeadlines(call, deps, (callOf) => {
      calls.push(...asked.map(callOf))
      return work.promise
    })
    return { calls, done, end: work.resolve, fail: work.reject }
  }

  it('aborts its call at its own time, and no other', () => {
    const { calls } = begin(toCall())
    const aborted = () => calls.map(({ signal }) => signal.aborted)
    vi.advanceTimersByTime(99)
    expect(aborted()).toEqual([false, false, false])
    vi.advanceTimersByTime(1)
    expect(aborted()).toEqual([true, false, false])
    expect(calls[0]!.signal.reason).toMatchObject({ name: 'TimeoutError', message: 'The time is up.' })
    vi.advanceTimersByTime(200)
    expect(aborted()).toEqual([true, true, true])
  })

  it('is one for all sources with the same timeout', () => {
    const { calls } = begin(toCall())
    expect(calls[1]).toBe(calls[2])
    expect(calls[0]).not.toBe(calls[1])
    expect(vi.getTimerCount()).toBe(2)
  })

  it.each([
    ['its own timeout', undefined, 100, 300],
    ['the end of the operation where that is earlier', 200, 100, 200],
  ])('is told to the source as %s', (_, timeMs, first, second) => {
    const start = performance.now()
    const { calls } = begin({ ...toCall(), ...(timeMs !== undefined && { endsAt: start + timeMs }) })
    expect(calls.map(({ endsAt }) => endsAt! - start)).toEqual([first, second, second])
  })

  it('leaves the rest of the call as it is', () => {
    const call = { ...toCall(viewerWith('tickets:read')), priority: 'export' as const }
    expect(begin(call).calls[0]).toMatchObject({ viewer: call.viewer, requestId: 'test', priority: 'export' })
  })

  it('does not delay the abort of a client that disconnects, or has disconnected before', () => {
    const client = new AbortController()
    const { calls } = begin(toCall(undefined, client.signal))
    const reason = new Error('the client has disconnected')
    client.abort(reason)
    expect(calls.map(({ signal }) => signal.reason)).toEqual([reason, reason, reason])
    expect(begin(toCall(undefined, client.signal)).calls[0]!.signal.reason).toBe(reason)
  })

  it.each(['ends', 'fails'])('leaves no timer and no listener when the work %s', async (how) => {
    const client = new AbortController()
    const { calls, done, end, fail } = begin(toCall(undefined, client.signal))
    expect(getEventListeners(client.signal, 'abort')).toHaveLength(2)
    const fault = new Error('the work failed')
    if (how === 'ends') {
      end('the answer')
      expect(await done).toBe('the answer')
    } else {
      fail(fault)
      await expect(done).rejects.toBe(fault)
    }
    expect(vi.getTimerCount()).toBe(0)
    expect(getEventListeners(client.signal, 'abort')).toEqual([])
    client.abort()
    expect(calls[0]!.signal.aborted).toBe(false)
  })
})
