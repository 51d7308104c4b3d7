import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { createService, toCall } from './ticket-service-fixture.ts'

const id = encodeId('ticket', 'a', '', 'x')

describe('a request that waits for the first one with its key', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  /** A ticket whose key is in use. Each look for its answer takes `lookMs`. `answerAt`: the look that finds an answer. */
  function withRunningKey(lookMs: number, answerAt = Number.POSITIVE_INFINITY) {
    const source = createMemorySource('a')
    source.put('x')
    const fixture = createService([source])
    const { idempotency } = fixture
    const state = { looks: 0 }
    idempotency.begin = async () => ({ state: 'running' })
    idempotency.answerOf = async () => {
      state.looks += 1
      vi.advanceTimersByTime(lookMs)
      return state.looks === answerAt ? { outcome: 'APPLIED', ticketId: id, userErrors: [] } : null
    }
    const close = (timeMs?: number) => {
      const call = toCall()
      return fixture.service
        .begin(timeMs === undefined ? call : { ...call, endsAt: performance.now() + timeMs })
        .writes.close({ id, idempotencyKey: 'k' }, {})
    }
    return { state, close }
  }

  it('looks for the answer until there is one', async () => {
    const { state, close } = withRunningKey(1, 3)
    expect(await close()).toMatchObject({ outcome: 'APPLIED', ticket: { externalId: 'x' } })
    expect(state.looks).toBe(3)
  })

  it.each([
    // A quarter of 1,000 ms is left for the ticket: looks after 0, 250 and 500 ms.
    ['leaves a quarter of its time for the ticket', 1_000, 250, 3],
    // A second of 8,000 ms is left: looks after 0, 3,500 ms.
    ['leaves at most a second of its time for the ticket', 8_000, 3_500, 2],
    // 30 seconds: looks after 0, 10,000 and 20,000 ms.
    ['ends after 30 seconds where its transport allows more', 60_000, 10_000, 3],
    ['ends after 30 seconds where its transport sets no time', undefined, 10_000, 3],
  ])('%s', async (_, timeMs, lookMs, looks) => {
    const { state, close } = withRunningKey(lookMs)
    const { outcome, userErrors } = await close(timeMs)
    expect(outcome).toBe('REJECTED')
    expect(userErrors).toEqual([
      {
        code: 'CONFLICT',
        message: 'A change with this idempotency key is still running. Ask again in a moment.',
        field: ['input', 'idempotencyKey'],
      },
    ])
    expect(state.looks).toBe(looks)
  })
})
