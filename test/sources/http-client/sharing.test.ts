import type { ServerResponse } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, startVendor, type VendorCall } from '../../support/vendor.ts'
import { errorOf, read, upstreamFor, write } from './kit.ts'

/** A vendor that holds its answers back until `release`. */
async function holding() {
  const held: ServerResponse[] = []
  const vendor = await startVendor((call, res) => (call.method === 'GET' ? void held.push(res) : json(res, {})))
  return { vendor, held, release: () => held.splice(0).forEach((res, index) => void json(res, { index })) }
}

describe('reads in flight', () => {
  it('are shared by callers with the same identity: one call, one translation, the same result', async () => {
    const metrics = countingMetrics()
    const { vendor, held, release } = await holding()
    const upstream = upstreamFor(vendor.url, { metrics })
    const toResult = vi.fn((answer) => ({ answer }))
    const reads = [1, 2, 3].map(() => upstream.read({ operation: 'thing', path: '/thing', toResult }, someCall()))
    await vi.waitFor(() => expect(held).toHaveLength(1))
    release()
    const [first, second, third] = await Promise.all(reads)
    expect(second).toBe(first)
    expect(third).toBe(first)
    expect(toResult).toHaveBeenCalledTimes(1)
    expect(vendor.calls).toHaveLength(1)
    expect(metrics.total('shared_lookups_total', { source: 'acme' })).toBe(2)
  })

  it('I9: are never shared where one name runs into the other', async () => {
    const { vendor, held, release } = await holding()
    const upstream = upstreamFor(vendor.url)
    const callers = [someCall({ viewerId: 'a', email: 'b\nc' }), someCall({ viewerId: 'a\nb', email: 'c' })]
    const reads = callers.map((caller) => read(upstream, '/thing', caller))
    await vi.waitFor(() => expect(held).toHaveLength(2))
    release()
    await Promise.all(reads)
  })

  it.each([
    ['another viewer', someCall({ viewerId: 'viewer-2' })],
    ['the same viewer under another e-mail', someCall({ email: 'other@acme.test' })],
  ])('I9: are never shared with %s', async (_, other) => {
    const { vendor, held, release } = await holding()
    const upstream = upstreamFor(vendor.url)
    const reads = [read(upstream), read(upstream, '/thing', other)]
    await vi.waitFor(() => expect(held).toHaveLength(2))
    release()
    const [mine, theirs] = await Promise.all(reads)
    expect(mine).not.toBe(theirs)
    expect(vendor.calls).toHaveLength(2)
  })

  it('are not shared once they are answered', async () => {
    const vendor = await startVendor(({ index }, res) => json(res, { index }))
    const upstream = upstreamFor(vendor.url)
    expect((await read(upstream)).body).toEqual({ index: 0 })
    expect((await read(upstream)).body).toEqual({ index: 1 })
  })

  it('go on when one of their callers leaves, and are given up when the last one does (U18)', async () => {
    const { vendor, held } = await holding()
    const upstream = upstreamFor(vendor.url)
    const [one, other] = [new AbortController(), new AbortController()]
    const first = errorOf(read(upstream, '/thing', someCall({ signal: one.signal })))
    const second = errorOf(read(upstream, '/thing', someCall({ signal: other.signal })))
    await vi.waitFor(() => expect(held).toHaveLength(1))
    one.abort()
    expect((await first).code).toBe('UPSTREAM_TIMEOUT')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(vendor.aborted()).toBe(0)
    other.abort()
    await second
    await vi.waitFor(() => expect(vendor.aborted()).toBe(1))
  })

  it('are not joined after a write: the next read shows what it did', async () => {
    const { vendor, held, release } = await holding()
    const upstream = upstreamFor(vendor.url)
    const before = read(upstream)
    await vi.waitFor(() => expect(held).toHaveLength(1))
    await write(upstream)
    const after = read(upstream)
    await vi.waitFor(() => expect(held).toHaveLength(2))
    release()
    expect((await before).body).toEqual({ index: 0 })
    expect((await after).body).toEqual({ index: 1 })
    expect(vendor.lines()).toEqual(['GET /thing', 'POST /thing', 'GET /thing'])
  })

  it('are not shared when sharing is switched off', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    const upstream = upstreamFor(vendor.url, { limits: { shareReads: false } })
    await Promise.all([read(upstream), read(upstream)])
    expect(vendor.calls).toHaveLength(2)
  })
})

describe('a caller that is already gone', () => {
  it('causes no call', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    await errorOf(read(upstreamFor(vendor.url), '/thing', someCall({ signal: AbortSignal.abort() })))
    expect(vendor.calls).toEqual([])
  })
})

function perConnection(calls: readonly VendorCall[]): number[] {
  return [...Map.groupBy(calls, ({ port }) => port).values()].map((group) => group.length)
}

describe('connections', () => {
  it('are taken by the fewest reads under way, and pipelined only when all are busy', async () => {
    const vendor = await startVendor((_, res) => void setTimeout(() => json(res, {}), 20))
    const upstream = upstreamFor(vendor.url, { limits: { connections: 4, pipelining: 8, shareReads: false } })
    await Promise.all([1, 2, 3, 4].map(() => read(upstream)))
    expect(perConnection(vendor.calls)).toEqual([1, 1, 1, 1])
    await Promise.all(Array.from({ length: 12 }, () => read(upstream)))
    expect(perConnection(vendor.calls)).toEqual([4, 4, 4, 4])
  })

  it("a read that is given up does not take its neighbours' answers with it", async () => {
    const vendor = await startVendor(({ path }, res) => {
      if (path !== '/hangs') setTimeout(() => json(res, { path }), 10)
    })
    const upstream = upstreamFor(vendor.url, { limits: { connections: 1, pipelining: 8, retries: 0 } })
    const leaving = new AbortController()
    const hangs = errorOf(read(upstream, '/hangs', someCall({ signal: leaving.signal })))
    const others = ['/a', '/b', '/c'].map((path) => read(upstream, path))
    setTimeout(() => leaving.abort(), 40)
    await hangs
    expect((await Promise.all(others)).map(({ body }) => body)).toEqual([{ path: '/a' }, { path: '/b' }, { path: '/c' }])
  })
})
