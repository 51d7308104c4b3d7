import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { clientFor, errorOf, read, write } from './test-client.ts'

afterEach(() => vi.useRealTimers())

/** Starts a vendor that fails until `repair`, and a client without retries. */
async function startFailingVendor(answer: (res: ServerResponse) => void = (res) => json(res, {}, 500)) {
  let works = false
  const vendor = await startVendor((_, res) => (works ? json(res, { ok: true }) : answer(res)))
  const client = clientFor(vendor.url, { limits: { retries: 0 } })
  const repair = () => {
    works = true
  }
  return { vendor, client, repair }
}

/** Moves the clock of the circuit breaker; timers stay real. */
function advanceClock(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
}

describe('UPSTREAM-14: the circuit', () => {
  it('opens after five failures in a row; then every call fails at once with CIRCUIT_OPEN and Retry-After', async () => {
    const { vendor, client } = await startFailingVendor()
    for (let call = 1; call <= 5; call++) expect((await errorOf(read(client))).code).toBe('UPSTREAM_UNAVAILABLE')
    const error = await errorOf(read(client))
    expect(error).toMatchObject({ code: 'CIRCUIT_OPEN', source: 'acme', retryable: true })
    expect(error.retryAfter).toBeGreaterThan(28)
    expect(error.retryAfter).toBeLessThanOrEqual(30)
    expect(await errorOf(write(client))).toMatchObject({ code: 'CIRCUIT_OPEN', effect: 'none' })
    expect(vendor.calls).toHaveLength(5)
    expect(client.health().state).toBe('DOWN')
  })

  it('sends one probe after 30 s, refuses other calls meanwhile, and closes when the probe succeeds', async () => {
    const { vendor, client, repair } = await startFailingVendor()
    for (let call = 1; call <= 5; call++) await errorOf(read(client))
    advanceClock(29_000)
    expect((await errorOf(read(client))).code).toBe('CIRCUIT_OPEN')
    advanceClock(2_000)
    repair()
    const [probe, other] = await Promise.all([read(client, '/a'), errorOf(read(client, '/b'))])
    expect(probe.body).toEqual({ ok: true })
    expect(other.code).toBe('CIRCUIT_OPEN')
    expect(vendor.calls).toHaveLength(6)
    expect((await read(client)).body).toEqual({ ok: true })
  })

  it('opens again when the probe fails', async () => {
    const { vendor, client } = await startFailingVendor()
    for (let call = 1; call <= 5; call++) await errorOf(read(client))
    advanceClock(31_000)
    expect((await errorOf(read(client))).code).toBe('UPSTREAM_UNAVAILABLE')
    expect((await errorOf(read(client))).code).toBe('CIRCUIT_OPEN')
    expect(vendor.calls).toHaveLength(6)
  })

  it('does not close when the caller of the probe leaves', async () => {
    let hang = false
    const { client } = await startFailingVendor((res) => (hang ? undefined : json(res, {}, 500)))
    for (let call = 1; call <= 5; call++) await errorOf(read(client))
    advanceClock(31_000)
    hang = true
    const controller = new AbortController()
    const probe = errorOf(read(client, '/thing', someCall({ signal: controller.signal })))
    setTimeout(() => controller.abort(), 20)
    await probe
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await errorOf(read(client))).code).toBe('CIRCUIT_OPEN')
  })

  it.each([400, 401, 403, 404, 409, 422, 429])('is not opened by %i', async (status) => {
    const { vendor, client } = await startFailingVendor((res) => json(res, {}, status))
    for (let call = 1; call <= 8; call++) await read(client).catch(() => {})
    expect(vendor.calls).toHaveLength(8)
  })

  it('counts failures in a row only: an answer resets the count', async () => {
    const vendor = await startVendor(({ index }, res) => json(res, {}, index % 5 === 4 ? 200 : 500))
    const client = clientFor(vendor.url, { limits: { retries: 0 } })
    for (let call = 1; call <= 12; call++) await read(client).catch(() => {})
    expect(vendor.calls).toHaveLength(12)
  })
})

describe('UPSTREAM-15: the bulkhead', () => {
  it('runs some reads at once, lets some wait, and refuses the rest at once', async () => {
    const pending: ServerResponse[] = []
    const vendor = await startVendor((_, res) => void pending.push(res))
    const client = clientFor(vendor.url, { limits: { concurrentReads: 2, waitingReads: 3, shareReads: false, retries: 0 } })
    const reads = Array.from({ length: 6 }, () =>
      read(client).then(
        () => 'answered',
        (error) => error.message as string,
      ),
    )
    await vi.waitFor(() => expect(pending).toHaveLength(2))
    expect(await reads[5]).toBe('Acme has too many calls waiting already.')
    const release = setInterval(() => pending.splice(0).map((res) => json(res, {})), 5)
    expect(await Promise.all(reads.slice(0, 5))).toEqual(Array(5).fill('answered'))
    clearInterval(release)
    expect(vendor.calls).toHaveLength(5)
  })

  it('does not send a read whose caller left while it waited', async () => {
    const pending: ServerResponse[] = []
    const vendor = await startVendor((_, res) => void pending.push(res))
    const client = clientFor(vendor.url, { limits: { concurrentReads: 1 } })
    const first = read(client, '/first')
    await vi.waitFor(() => expect(pending).toHaveLength(1))
    const controller = new AbortController()
    const second = errorOf(read(client, '/second', someCall({ signal: controller.signal })))
    const third = read(client, '/third')
    controller.abort()
    expect((await second).code).toBe('UPSTREAM_TIMEOUT')
    json(pending[0]!, {})
    await first
    await vi.waitFor(() => expect(pending).toHaveLength(2))
    json(pending[1]!, {})
    await third
    expect(vendor.lines()).toEqual(['GET /first', 'GET /third'])
  })

  it('ends a waiting call at once when its caller leaves, and a waiting write is certain to have done nothing', async () => {
    const pending: ServerResponse[] = []
    const vendor = await startVendor((_, res) => void pending.push(res))
    const client = clientFor(vendor.url, { limits: { concurrentReads: 1, concurrentWrites: 1 } })
    const running = [read(client, '/first'), write(client)]
    await vi.waitFor(() => expect(pending).toHaveLength(2))
    const controller = new AbortController()
    const { signal } = controller
    const waiting = [errorOf(read(client, '/second', someCall({ signal }))), errorOf(write(client, someCall({ signal })))]
    controller.abort()
    expect(await Promise.all(waiting)).toMatchObject([
      { code: 'UPSTREAM_TIMEOUT', message: 'Acme was no longer waited for.' },
      { code: 'UPSTREAM_TIMEOUT', message: 'Acme was no longer waited for; nothing was changed.' },
    ])
    for (const res of pending) json(res, {})
    await Promise.all(running)
    expect(vendor.lines().toSorted()).toEqual(['GET /first', 'POST /thing'])
  })
})
