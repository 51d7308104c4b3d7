import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultSchedule, deliveriesConfig } from '../../src/delivery/config.ts'
import { describeProgress, nextWaitMs, toProgress } from '../../src/delivery/retry-schedule.ts'
import type { AttemptOutcome } from '../../src/delivery/send-attempt.ts'

const failed: AttemptOutcome = {
  delivered: false,
  status: 500,
  error: 'The partner answered 500.',
  retryAfterMs: null,
  gone: false,
}
const now = Date.parse('2026-03-01T12:00:00.000Z')

describe('the schedule', () => {
  it('is by default: at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h', () => {
    expect(deliveriesConfig.parse({}).scheduleSeconds).toEqual([0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400])
  })

  it('has ten attempts, the last one more than 24 hours after the first', () => {
    const waits = Array.from({ length: 10 }, (_, made) => nextWaitMs(defaultSchedule, made, null, 0))
    expect(waits).not.toContain(null)
    expect(waits.reduce((sum, wait) => sum! + wait!, 0)).toBeGreaterThan(24 * 3_600_000)
    expect(nextWaitMs(defaultSchedule, 10, null, 0)).toBeNull()
  })

  it.each([
    [0, 240_000],
    [0.5, 300_000],
    [0.999999999, 360_000],
  ])('varies 5 minutes by up to 20 %% each way: %d gives %d ms', (random, wait) => {
    expect(nextWaitMs(defaultSchedule, 2, null, random)).toBe(wait)
  })

  it.each([
    ['less than the wait: the wait', 10_000, 300_000],
    ['between: as asked', 450_000, 450_000],
    ['absurd: twice the wait', 1e12, 600_000],
  ])('DELIVERY-05 takes a Retry-After of %s', (_, retryAfterMs, wait) => {
    expect(nextWaitMs(defaultSchedule, 2, retryAfterMs, 0)).toBe(wait)
  })

  it('DELIVERY-05 never waits less than was asked within the bounds, nor more than twice the wait', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (asked, random) => {
        const wait = nextWaitMs(defaultSchedule, 2, asked, random)!
        expect(wait).toBeGreaterThanOrEqual(Math.min(Math.max(asked, 300_000), 600_000))
        expect(wait).toBeLessThanOrEqual(600_000)
      }),
    ))
})

describe('an attempt', () => {
  it('that succeeded makes the delivery DELIVERED', () => {
    const outcome = { ...failed, delivered: true, status: 201, error: null }
    expect(toProgress({ attempts: 1, run: 2 }, outcome, defaultSchedule, now, 0.5)).toEqual({
      state: 'DELIVERED',
      attempts: 2,
      run: 2,
      lastStatus: 201,
      lastError: null,
      nextAttemptAt: null,
      deliveredAt: '2026-03-01T12:00:00.000Z',
    })
  })
  it('that failed makes it FAILED until the next one', () => {
    expect(toProgress({ attempts: 0, run: 0 }, failed, defaultSchedule, now, 0.5)).toMatchObject({
      state: 'FAILED',
      attempts: 1,
      nextAttemptAt: '2026-03-01T12:00:05.000Z',
      lastError: 'The partner answered 500.',
    })
  })
  it('that was the last makes it DEAD', () => {
    expect(toProgress({ attempts: 9, run: 0 }, failed, defaultSchedule, now, 0.5)).toMatchObject({
      state: 'DEAD',
      nextAttemptAt: null,
    })
  })
  it('that was answered by 410 makes it HELD, and so does an endpoint that answered 410 before, without an attempt', () => {
    const gone = { ...failed, status: 410, gone: true }
    expect(toProgress({ attempts: 0, run: 0 }, gone, defaultSchedule, now, 0.5)).toMatchObject({
      state: 'HELD',
      attempts: 1,
      nextAttemptAt: null,
    })
    const notSent = toProgress({ attempts: 3, run: 1 }, { ...gone, status: null }, defaultSchedule, now, 0.5)
    expect(notSent).toMatchObject({ state: 'HELD', attempts: 3, lastStatus: null, nextAttemptAt: null })
    expect(describeProgress('careco', notSent)).toBe('Held for careco, whose endpoint is switched off.')
  })
})
