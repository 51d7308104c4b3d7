import { describe, expect, test } from 'vitest'
import type { DeliveryProgress } from '../../src/delivery/delivery-store.ts'
import { describeProgress, toReplay } from '../../src/delivery/retry-schedule.ts'

const failed: DeliveryProgress = {
  state: 'FAILED',
  attempts: 3,
  run: 0,
  lastStatus: 503,
  lastError: 'The partner answered 503.',
  nextAttemptAt: '2026-03-01T12:30:00.000Z',
  deliveredAt: null,
}

describe('the summary of an attempt in the change log', () => {
  test.each<[string, Partial<DeliveryProgress>, string]>([
    ['that succeeded', { state: 'DELIVERED', lastStatus: 204, lastError: null }, 'Delivered to careco at attempt 3.'],
    [
      'that failed',
      {},
      'Attempt 3 to deliver to careco failed: The partner answered 503. The next one is at 2026-03-01T12:30:00.000Z.',
    ],
    [
      'that got no answer',
      { lastStatus: null, lastError: 'No answer came in time.' },
      'Attempt 3 to deliver to careco failed: No answer came in time. The next one is at 2026-03-01T12:30:00.000Z.',
    ],
    [
      'that failed without a reason',
      { lastError: null },
      'Attempt 3 to deliver to careco failed: the reason is not known. The next one is at 2026-03-01T12:30:00.000Z.',
    ],
    [
      'that was the last one',
      { state: 'DEAD', nextAttemptAt: null },
      'Attempt 3 to deliver to careco failed: The partner answered 503. It was given up and can be replayed.',
    ],
    [
      'that was answered by 410',
      { state: 'HELD', nextAttemptAt: null, lastStatus: 410, lastError: 'The partner answered 410.' },
      'Attempt 3 to deliver to careco failed: The partner answered 410. It is held until the endpoint is switched on again.',
    ],
    [
      'that was not made, because the endpoint is switched off',
      { state: 'HELD', nextAttemptAt: null, lastStatus: null },
      'Held for careco, whose endpoint is switched off.',
    ],
  ])('%s', (_, changes, summary) => {
    expect(describeProgress('careco', { ...failed, ...changes })).toBe(summary)
  })
})

test('a replay begins a new run of the schedule without the results of the old one, due at once', () => {
  expect(toReplay({ run: 4 }, '2026-03-02T00:00:00.000Z')).toEqual({
    state: 'PENDING',
    attempts: 0,
    run: 5,
    lastStatus: null,
    lastError: null,
    nextAttemptAt: '2026-03-02T00:00:00.000Z',
    deliveredAt: null,
  })
})
