import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Metrics, noMetrics } from '../../../src/domain/telemetry.ts'
import { createCallStatistics } from '../../../src/sources/http-client/call-statistics.ts'
import type { OutgoingRequest } from '../../../src/sources/http-client/http-exchange.ts'
import { UpstreamError } from '../../../src/sources/http-client/upstream-error.ts'

afterEach(() => vi.useRealTimers())

const request: OutgoingRequest = { operation: 'thing', method: 'GET', path: '/', headers: [], body: null, isRead: true }
const { signal } = new AbortController()

/** Statistics whose attempts take as long as the test says. */
function start() {
  vi.useFakeTimers({ toFake: ['performance'] })
  const counted: unknown[] = []
  const observed: unknown[] = []
  const metrics: Metrics = {
    ...noMetrics,
    count: (name, labels) => void counted.push([name, labels]),
    observe: (name, value, labels) => void observed.push([name, value, labels]),
  }
  const statistics = createCallStatistics('acme', metrics, () => Date.UTC(2026, 0, 2))
  const attempt = (ms: number, outcome: number | Error) =>
    statistics
      .measure(async () => {
        vi.advanceTimersByTime(ms)
        if (outcome instanceof Error) throw outcome
        return { status: outcome }
      })(request, signal)
      .catch((error: unknown) => error)
  return { statistics, counted, observed, attempt }
}
const failed = (kind: ConstructorParameters<typeof UpstreamError>[0]) => new UpstreamError(kind, { sent: true })

describe('the metrics of an attempt', () => {
  it.each([
    [200, 'ok'],
    [399, 'ok'],
    [400, '400'],
    [404, '404'],
    [failed('reset'), 'reset'],
    [failed('rateLimited'), 'limited'],
    [new TypeError('a defect'), 'error'],
  ])('%s: are its outcome and its seconds', async (answer, outcome) => {
    const { counted, observed, attempt } = start()
    await attempt(250, answer)
    expect(counted).toEqual([['upstream_calls_total', { source: 'acme', operation: 'thing', outcome }]])
    expect(observed).toEqual([['upstream_call_seconds', 0.25, { source: 'acme', operation: 'thing' }]])
  })

  it('leave out the time of one whose caller left, which says nothing about the source', async () => {
    const { statistics, counted, observed, attempt } = start()
    await attempt(250, failed('cancelled'))
    expect(counted).toEqual([['upstream_calls_total', { source: 'acme', operation: 'thing', outcome: 'cancelled' }]])
    expect(observed).toEqual([])
    expect(statistics.toHealth(true)).toMatchObject({ state: 'UNKNOWN', checkedAt: null, errorRate: null })
  })

  it('do not change what it returns or throws', async () => {
    const { attempt } = start()
    const error = failed('reset')
    expect([await attempt(1, 200), await attempt(1, error)]).toEqual([{ status: 200 }, error])
  })
})

describe('the health of a source', () => {
  it('has the median and the 99th percentile of the last attempts, in milliseconds', async () => {
    const { statistics, attempt } = start()
    for (const ms of [50, 10, 40, 20, 30]) await attempt(ms, 200)
    expect(statistics.toHealth(true)).toEqual({
      state: 'UP',
      checkedAt: '2026-01-02T00:00:00.000Z',
      latencyP50Ms: 30,
      latencyP99Ms: 50,
      errorRate: 0,
      lastError: null,
    })
    await attempt(60, 200)
    // Of six sorted times, the median is the fourth one.
    expect(statistics.toHealth(true).latencyP50Ms).toBe(40)
  })

  it('is DEGRADED from one failure in ten on, and DOWN where all fail or the circuit is open', async () => {
    const { statistics, attempt } = start()
    await attempt(1, failed('server'))
    expect(statistics.toHealth(true)).toMatchObject({ state: 'DOWN', errorRate: 1, lastError: 'UPSTREAM_UNAVAILABLE' })
    for (let call = 0; call < 9; call++) await attempt(1, 200)
    expect(statistics.toHealth(true)).toMatchObject({ state: 'DEGRADED', errorRate: 0.1 })
    expect(statistics.toHealth(false).state).toBe('DOWN')
    await attempt(1, 404)
    expect(statistics.toHealth(true)).toMatchObject({ state: 'UP', lastError: 'UPSTREAM_UNAVAILABLE' })
  })

  it('names the last error, also a defect of the gateway', async () => {
    const { statistics, attempt } = start()
    await attempt(1, failed('deadline'))
    await attempt(1, new TypeError('a defect'))
    expect(statistics.toHealth(true).lastError).toBe('INTERNAL_SERVER_ERROR')
  })

  it('forgets what lies more than 128 attempts back', async () => {
    const { statistics, attempt } = start()
    await attempt(500, failed('server'))
    for (let call = 0; call < 127; call++) await attempt(1, 200)
    expect(statistics.toHealth(true)).toMatchObject({ errorRate: 1 / 128, latencyP99Ms: 1 })
    await attempt(1, 200)
    expect(statistics.toHealth(true)).toMatchObject({ state: 'UP', errorRate: 0 })
  })
})
