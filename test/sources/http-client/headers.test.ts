import { describe, expect, it } from 'vitest'
import { someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { errorOf, read, upstreamFor, write } from './kit.ts'

describe('what goes upstream', () => {
  it("carries the source's own headers, the request id and the viewer's e-mail", async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    const upstream = upstreamFor(vendor.url, { headers: { authorization: 'Bearer t' }, identityHeader: 'X-Agent-User-ID' })
    await read(upstream, '/thing', someCall({ email: 'agent@foodpanda.com', requestId: 'r-7' }))
    expect(vendor.calls[0]?.headers).toMatchObject({
      authorization: 'Bearer t',
      'x-request-id': 'r-7',
      'x-agent-user-id': 'agent@foodpanda.com',
      accept: 'application/json',
    })
  })

  it('names nobody when the viewer has no e-mail, or the source does not ask', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    await read(upstreamFor(vendor.url, { identityHeader: 'X-Agent-User-ID' }))
    await read(upstreamFor(vendor.url), '/thing', someCall({ email: 'agent@foodpanda.com' }))
    for (const { headers } of vendor.calls) expect(headers).not.toHaveProperty('x-agent-user-id')
  })

  it.each([
    ['CR and LF', 'a@b.test\r\nX-Admin: 1'],
    ['LF', 'a@b.test\nX-Admin: 1'],
    ['NUL', 'a@b.test\u0000'],
    ['a comma', 'a@b.test,c@d.test'],
    ['non-ASCII', 'ägent@b.test'],
    ['a leading blank', ' a@b.test'],
    ['a trailing blank', 'a@b.test '],
    ['a tab', 'a@b.test\t'],
    ['DEL', 'a@b.test\u007f'],
    ['nothing', ''],
    ['a look-alike letter', 'аdmin@b.test'],
    ['a no-break space', '\u00a0a@b.test'],
    ['more than any address', `${'a'.repeat(250)}@b.test`],
  ])('I1: an identity with %s never goes upstream, and neither does the call', async (_, email) => {
    const vendor = await startVendor((_call, res) => json(res, {}))
    const upstream = upstreamFor(vendor.url, { identityHeader: 'X-Agent-User-ID' })
    expect(await errorOf(read(upstream, '/thing', someCall({ email })))).toMatchObject({ code: 'FORBIDDEN', source: 'acme' })
    expect(await errorOf(write(upstream, someCall({ email })))).toMatchObject({ code: 'FORBIDDEN' })
    expect(vendor.calls).toEqual([])
  })
})

describe('health', () => {
  it('is UNKNOWN before the first call, then says what the last calls were like', async () => {
    const vendor = await startVendor(({ index }, res) => json(res, {}, index < 3 ? 200 : 500))
    const upstream = upstreamFor(vendor.url, { clock: () => Date.UTC(2026, 0, 2), limits: { retries: 0 } })
    expect(upstream.health()).toEqual({
      state: 'UNKNOWN',
      checkedAt: null,
      latencyP50Ms: null,
      latencyP99Ms: null,
      errorRate: null,
      lastError: null,
    })
    for (let call = 1; call <= 3; call++) await read(upstream)
    expect(upstream.health()).toMatchObject({ state: 'UP', errorRate: 0, lastError: null, checkedAt: '2026-01-02T00:00:00.000Z' })
    expect(upstream.health().latencyP50Ms).toBeGreaterThan(0)
    expect(upstream.health().latencyP99Ms).toBeGreaterThanOrEqual(upstream.health().latencyP50Ms ?? 0)
    await errorOf(read(upstream))
    expect(upstream.health()).toMatchObject({ state: 'DEGRADED', errorRate: 0.25, lastError: 'UPSTREAM_UNAVAILABLE' })
  })
})
