import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createAdaptiveLimit } from '../../../src/sources/http-client/adaptive-limit.ts'
import { UpstreamError } from '../../../src/sources/http-client/upstream-error.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { clientFor, read } from './test-client.ts'

/** A vendor that bears so many reads at once, and answers each further one with 503. */
async function startSmallVendor(capacity: number) {
  const state = { capacity, active: 0, most: 0, refused: 0 }
  const vendor = await startVendor((_, res: ServerResponse) => {
    if (state.active >= state.capacity) {
      state.refused += 1
      return json(res, {}, 503)
    }
    state.active += 1
    state.most = Math.max(state.most, state.active)
    setTimeout(() => {
      state.active -= 1
      json(res, { ok: true })
    }, 5)
  })
  return { state, vendor }
}

describe('UPSTREAM-38: how many reads run at once', () => {
  it('falls to what a small server bears, so that few reads are refused, and rises again when it bears more', async () => {
    const { state, vendor } = await startSmallVendor(4)
    const limits = { concurrentReads: 64, failures: 1000, retries: 0, connections: 64, pipelining: 1 }
    const client = clientFor(vendor.url, { limits, timeoutMs: 20_000 })
    const readMany = async (count: number) => {
      state.refused = 0
      const results = await Promise.allSettled(Array.from({ length: count }, (_, index) => read(client, `/${index}`)))
      return results.filter(({ status }) => status === 'rejected').length
    }
    expect(await readMany(100)).toBeGreaterThan(20)
    // Four at once are borne: the limit goes up and down around it, and most reads are answered.
    expect(await readMany(200)).toBeLessThan(50)
    state.capacity = 1000
    state.most = 0
    await readMany(250)
    expect(state.most).toBeGreaterThan(12)
  }, 30_000)

  it('is halved once for all reads that ran together, and never below one', async () => {
    const lowered: number[] = []
    const limit = createAdaptiveLimit({ max: 16, onLowered: (to) => lowered.push(to) })
    const fail = () => Promise.reject(new UpstreamError('rateLimited', { sent: true }))
    const run = (count: number) =>
      Promise.allSettled(Array.from({ length: count }, () => limit.run(new AbortController().signal, fail)))
    await run(16)
    expect([lowered, limit.current]).toEqual([[8], 8])
    for (let round = 0; round < 5; round++) await run(1)
    expect([lowered, limit.current]).toEqual([[8, 4, 2, 1], 1])
  })

  it('is not lowered by a fault of one record, or by a caller that left', async () => {
    const limit = createAdaptiveLimit({ max: 16, onLowered: () => {} })
    for (const error of [
      new UpstreamError('server', { sent: true, status: 500 }),
      new UpstreamError('cancelled', { sent: true }),
      new UpstreamError('refused', { sent: false }),
    ]) {
      await limit.run(new AbortController().signal, () => Promise.reject(error)).catch(() => null)
    }
    expect(limit.current).toBe(16)
    await limit
      .run(new AbortController().signal, () => Promise.reject(new UpstreamError('server', { sent: true, status: 503 })))
      .catch(() => null)
    expect(limit.current).toBe(8)
  })

  it('lets a read that waits for its turn leave when its caller does', async () => {
    const limit = createAdaptiveLimit({ max: 1, onLowered: () => {} })
    const first = Promise.withResolvers<string>()
    const running = limit.run(new AbortController().signal, () => first.promise)
    const caller = new AbortController()
    const left = limit.run(caller.signal, async () => 'never')
    const next = limit.run(new AbortController().signal, async () => 'next')
    caller.abort(new UpstreamError('cancelled', { sent: false }))
    await expect(left).rejects.toMatchObject({ kind: 'cancelled' })
    const deadline = new AbortController()
    const late = limit.run(deadline.signal, async () => 'never')
    deadline.abort(new UpstreamError('deadline', { sent: false }))
    // The source was not asked: it must not open the circuit.
    await expect(late).rejects.toMatchObject({ kind: 'notSent', tripsCircuit: false })
    first.resolve('first')
    expect([await running, await next]).toEqual(['first', 'next'])
  })
})

describe('UPSTREAM-39: one try of a read', () => {
  it('ends after its own time, and the read is tried again within the deadline', async () => {
    const vendor = await startVendor(({ index }, res) => {
      if (index > 0) json(res, { ok: true })
    })
    const client = clientFor(vendor.url, { limits: { tryTimeoutMs: 100 }, timeoutMs: 2000 })
    const startedAt = performance.now()
    expect((await read(client)).body).toEqual({ ok: true })
    expect(performance.now() - startedAt).toBeLessThan(1500)
    expect(vendor.calls).toHaveLength(2)
  })

  it('has the time of the call where none is configured, or none is left', async () => {
    const vendor = await startVendor(() => {})
    for (const limits of [{}, { tryTimeoutMs: 250 }]) {
      const client = clientFor(vendor.url, { limits, timeoutMs: 200 })
      await expect(read(client)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    }
    expect(vendor.calls).toHaveLength(2)
  })
})
