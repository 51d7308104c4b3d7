import type { ServerResponse } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { clientFor, errorOf, read, write } from './test-client.ts'

/** Starts a vendor that delays its answers until `release`. */
async function startSlowVendor() {
  const pending: ServerResponse[] = []
  const vendor = await startVendor((call, res) => (call.method === 'GET' ? void pending.push(res) : json(res, {})))
  return { vendor, pending, release: () => pending.splice(0).forEach((res, index) => void json(res, { index })) }
}

describe('reads in flight', () => {
  it('are shared by callers with the same identity: one call, one translation, the same result', async () => {
    const metrics = countingMetrics()
    const { vendor, pending, release } = await startSlowVendor()
    const client = clientFor(vendor.url, { metrics })
    const toResult = vi.fn((answer) => ({ answer }))
    const reads = [1, 2, 3].map(() => client.read({ operation: 'thing', path: '/thing', toResult }, someCall()))
    await vi.waitFor(() => expect(pending).toHaveLength(1))
    release()
    const [first, second, third] = await Promise.all(reads)
    expect(second).toBe(first)
    expect(third).toBe(first)
    expect(toResult).toHaveBeenCalledTimes(1)
    expect(vendor.calls).toHaveLength(1)
    expect(metrics.total('shared_lookups_total', { source: 'acme' })).toBe(2)
  })

  it('INPUT-09: are never shared when two identities join to the same text', async () => {
    const { vendor, pending, release } = await startSlowVendor()
    const client = clientFor(vendor.url)
    const callers = [someCall({ viewerId: 'a', email: 'b\nc' }), someCall({ viewerId: 'a\nb', email: 'c' })]
    const reads = callers.map((caller) => read(client, '/thing', caller))
    await vi.waitFor(() => expect(pending).toHaveLength(2))
    release()
    await Promise.all(reads)
  })

  it.each([
    ['another viewer', someCall({ viewerId: 'viewer-2' })],
    ['the same viewer under another e-mail', someCall({ email: 'other@acme.test' })],
  ])('INPUT-09: are never shared with %s', async (_, other) => {
    const { vendor, pending, release } = await startSlowVendor()
    const client = clientFor(vendor.url)
    const reads = [read(client), read(client, '/thing', other)]
    await vi.waitFor(() => expect(pending).toHaveLength(2))
    release()
    const [mine, theirs] = await Promise.all(reads)
    expect(mine).not.toBe(theirs)
    expect(vendor.calls).toHaveLength(2)
  })

  it('are not shared after their answer', async () => {
    const vendor = await startVendor(({ index }, res) => json(res, { index }))
    const client = clientFor(vendor.url)
    expect((await read(client)).body).toEqual({ index: 0 })
    expect((await read(client)).body).toEqual({ index: 1 })
  })

  it('UPSTREAM-18: continue when one of their callers leaves, and are aborted when the last one leaves', async () => {
    const { vendor, pending } = await startSlowVendor()
    const client = clientFor(vendor.url)
    const [one, other] = [new AbortController(), new AbortController()]
    const first = errorOf(read(client, '/thing', someCall({ signal: one.signal })))
    const second = errorOf(read(client, '/thing', someCall({ signal: other.signal })))
    await vi.waitFor(() => expect(pending).toHaveLength(1))
    one.abort()
    expect((await first).code).toBe('UPSTREAM_TIMEOUT')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(vendor.aborted()).toBe(0)
    other.abort()
    await second
    await vi.waitFor(() => expect(vendor.aborted()).toBe(1))
  })

  it('are not shared after a write: the next read shows its effect', async () => {
    const { vendor, pending, release } = await startSlowVendor()
    const client = clientFor(vendor.url)
    const before = read(client)
    await vi.waitFor(() => expect(pending).toHaveLength(1))
    await write(client)
    const after = read(client)
    await vi.waitFor(() => expect(pending).toHaveLength(2))
    release()
    expect((await before).body).toEqual({ index: 0 })
    expect((await after).body).toEqual({ index: 1 })
    expect(vendor.lines()).toEqual(['GET /thing', 'POST /thing', 'GET /thing'])
  })

  it('are not shared when the configuration says so', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    const client = clientFor(vendor.url, { limits: { shareReads: false } })
    await Promise.all([read(client), read(client)])
    expect(vendor.calls).toHaveLength(2)
  })
})

describe('a caller that has already left', () => {
  it('causes no call', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    await errorOf(read(clientFor(vendor.url), '/thing', someCall({ signal: AbortSignal.abort() })))
    expect(vendor.calls).toEqual([])
  })
})
