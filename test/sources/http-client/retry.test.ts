import { describe, expect, it } from 'vitest'
import { backoff, createRetryBudget } from '../../../src/sources/http-client/retry.ts'
import { countingMetrics } from '../../support/call.ts'
import { startVendor } from '../../support/vendor.ts'
import { clientFor, errorOf, read } from './test-client.ts'

describe('the wait before a retry', () => {
  it('is between half and all of a delay that starts at 50 ms and doubles up to a second', () => {
    for (let sample = 0; sample < 100; sample++) {
      let wait = backoff.next()
      for (const longest of [50, 100, 200, 400, 800, 1_000, 1_000]) {
        expect(wait.duration).toBeGreaterThanOrEqual(longest / 2)
        expect(wait.duration).toBeLessThanOrEqual(longest)
        wait = wait.next(undefined)
      }
    }
  })
})

describe('UPSTREAM-16: a retry budget', () => {
  it('allows a fifth of the calls of a burst', () => {
    const budget = createRetryBudget()
    for (let call = 0; call < 60; call++) budget.enter()
    expect(Array.from({ length: 60 }, () => budget.take()).filter(Boolean)).toHaveLength(12)
  })

  it('allows one retry per call, and a fifth of the calls with a reserve of three, when calls run in sequence', () => {
    const budget = createRetryBudget()
    const takenPerCall = Array.from({ length: 30 }, () => {
      budget.enter()
      const taken = [budget.take(), budget.take()].filter(Boolean).length
      budget.leave()
      return taken
    })
    expect(takenPerCall.slice(0, 3)).toEqual([1, 1, 1])
    expect(Math.max(...takenPerCall)).toBe(1)
    expect(takenPerCall.reduce((sum, taken) => sum + taken)).toBe(6 + 3)
  })
})

describe('UPSTREAM-16: retries', () => {
  it('are at most a fifth of the active calls when every call answers 503', async () => {
    const metrics = countingMetrics()
    const vendor = await startVendor((_, res) => res.writeHead(503).end())
    // The circuit never opens, so that only the budget limits the retries.
    const client = clientFor(vendor.url, { metrics, limits: { failures: 1_000_000, shareReads: false } })
    await Promise.all(Array.from({ length: 60 }, () => errorOf(read(client))))
    expect(metrics.total('upstream_retries_total')).toBeGreaterThan(0)
    expect(vendor.calls.length - 60).toBeLessThanOrEqual(12)
  })

  it('are at most a fifth of the calls and a reserve of three, when calls run in sequence', async () => {
    const vendor = await startVendor((_, res) => res.writeHead(503).end())
    const client = clientFor(vendor.url, { limits: { failures: 1_000_000 } })
    for (let call = 1; call <= 30; call++) await errorOf(read(client))
    expect(vendor.calls.length - 30).toBeLessThanOrEqual(6 + 3)
  })
})
