import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { errorOf, read, upstreamFor, write } from './kit.ts'

afterEach(() => vi.useRealTimers())

/** A vendor that fails until it is told to work, behind a client that tries nothing twice. */
async function failing(answer: (res: ServerResponse) => void = (res) => json(res, {}, 500)) {
  let works = false
  const vendor = await startVendor((_, res) => (works ? json(res, { ok: true }) : answer(res)))
  const upstream = upstreamFor(vendor.url, { limits: { retries: 0 } })
  const mend = () => {
    works = true
  }
  return { vendor, upstream, mend }
}

/** Moves the clock that circuit and health read; timers stay real. */
function later(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
}

describe('U14: the circuit', () => {
  it('opens after five failures in a row; then every call ends at once with CIRCUIT_OPEN and the wait', async () => {
    const { vendor, upstream } = await failing()
    for (let call = 1; call <= 5; call++) expect((await errorOf(read(upstream))).code).toBe('UPSTREAM_UNAVAILABLE')
    const error = await errorOf(read(upstream))
    expect(error).toMatchObject({ code: 'CIRCUIT_OPEN', source: 'acme', retryable: true })
    expect(error.retryAfter).toBeGreaterThan(28)
    expect(error.retryAfter).toBeLessThanOrEqual(30)
    expect(await errorOf(write(upstream))).toMatchObject({ code: 'CIRCUIT_OPEN', retryable: false })
    expect(vendor.calls).toHaveLength(5)
    expect(upstream.health().state).toBe('DOWN')
  })

  it('lets one call probe after 30 s, answers the others at once meanwhile, and closes when the probe succeeds', async () => {
    const { vendor, upstream, mend } = await failing()
    for (let call = 1; call <= 5; call++) await errorOf(read(upstream))
    later(29_000)
    expect((await errorOf(read(upstream))).code).toBe('CIRCUIT_OPEN')
    later(2_000)
    mend()
    const [probe, other] = await Promise.all([read(upstream, '/a'), errorOf(read(upstream, '/b'))])
    expect(probe.body).toEqual({ ok: true })
    expect(other.code).toBe('CIRCUIT_OPEN')
    expect(vendor.calls).toHaveLength(6)
    expect((await read(upstream)).body).toEqual({ ok: true })
  })

  it('opens again when the probe fails', async () => {
    const { vendor, upstream } = await failing()
    for (let call = 1; call <= 5; call++) await errorOf(read(upstream))
    later(31_000)
    expect((await errorOf(read(upstream))).code).toBe('UPSTREAM_UNAVAILABLE')
    expect((await errorOf(read(upstream))).code).toBe('CIRCUIT_OPEN')
    expect(vendor.calls).toHaveLength(6)
  })

  it('does not close because the caller of the probe went away', async () => {
    let hang = false
    const { upstream } = await failing((res) => (hang ? undefined : json(res, {}, 500)))
    for (let call = 1; call <= 5; call++) await errorOf(read(upstream))
    later(31_000)
    hang = true
    const controller = new AbortController()
    const probe = errorOf(read(upstream, '/thing', someCall({ signal: controller.signal })))
    setTimeout(() => controller.abort(), 20)
    await probe
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await errorOf(read(upstream))).code).toBe('CIRCUIT_OPEN')
  })

  it.each([400, 401, 403, 404, 409, 422, 429])('is not opened by %i', async (status) => {
    const { vendor, upstream } = await failing((res) => json(res, {}, status))
    for (let call = 1; call <= 8; call++) await read(upstream).catch(() => {})
    expect(vendor.calls).toHaveLength(8)
  })

  it('counts failures in a row only: an answer in between starts anew', async () => {
    const vendor = await startVendor(({ index }, res) => json(res, {}, index % 5 === 4 ? 200 : 500))
    const upstream = upstreamFor(vendor.url, { limits: { retries: 0 } })
    for (let call = 1; call <= 12; call++) await read(upstream).catch(() => {})
    expect(vendor.calls).toHaveLength(12)
  })
})

describe('U16: repeats', () => {
  it('are at most a fifth of the calls under way when everything answers 503', async () => {
    const metrics = countingMetrics()
    const vendor = await startVendor((_, res) => res.writeHead(503).end())
    // A circuit that never opens, so that nothing but the budget holds the repeats back.
    const upstream = upstreamFor(vendor.url, { metrics, limits: { failures: 1_000_000, shareReads: false } })
    await Promise.all(Array.from({ length: 60 }, () => errorOf(read(upstream))))
    expect(metrics.total('upstream_retries_total')).toBeGreaterThan(0)
    expect(vendor.calls.length - 60).toBeLessThanOrEqual(12)
  })

  it('are at most a fifth of the calls, beside a reserve of three, when calls come one after another', async () => {
    const vendor = await startVendor((_, res) => res.writeHead(503).end())
    const upstream = upstreamFor(vendor.url, { limits: { failures: 1_000_000 } })
    for (let call = 1; call <= 30; call++) await errorOf(read(upstream))
    expect(vendor.calls.length - 30).toBeLessThanOrEqual(6 + 3)
  })
})

describe('U15: the bulkhead', () => {
  it('lets so many reads through at once, so many wait, and refuses the rest at once', async () => {
    const held: ServerResponse[] = []
    const vendor = await startVendor((_, res) => void held.push(res))
    const upstream = upstreamFor(vendor.url, { limits: { concurrentReads: 2, waitingReads: 3, shareReads: false, retries: 0 } })
    const reads = Array.from({ length: 6 }, () =>
      read(upstream).then(
        () => 'answered',
        (error) => error.message as string,
      ),
    )
    await vi.waitFor(() => expect(held).toHaveLength(2))
    expect(await reads[5]).toBe('Acme has too many calls waiting already.')
    const release = setInterval(() => held.splice(0).map((res) => json(res, {})), 5)
    expect(await Promise.all(reads.slice(0, 5))).toEqual(Array(5).fill('answered'))
    clearInterval(release)
    expect(vendor.calls).toHaveLength(5)
  })

  it('does not send a read whose caller left while it waited for its turn', async () => {
    const held: ServerResponse[] = []
    const vendor = await startVendor((_, res) => void held.push(res))
    const upstream = upstreamFor(vendor.url, { limits: { concurrentReads: 1 } })
    const first = read(upstream, '/first')
    await vi.waitFor(() => expect(held).toHaveLength(1))
    const controller = new AbortController()
    const second = errorOf(read(upstream, '/second', someCall({ signal: controller.signal })))
    const third = read(upstream, '/third')
    controller.abort()
    expect((await second).code).toBe('UPSTREAM_TIMEOUT')
    json(held[0]!, {})
    await first
    await vi.waitFor(() => expect(held).toHaveLength(2))
    json(held[1]!, {})
    await third
    expect(vendor.lines()).toEqual(['GET /first', 'GET /third'])
  })
})
