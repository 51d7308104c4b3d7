import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { HttpClient } from '../../../src/sources/http-client/types.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import { someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { clientFor, errorOf, read, write } from './test-client.ts'

const identity = { header: 'X-Agent-User-ID', loginOf: claimAsLogin }

describe('a request', () => {
  it("carries the source's own headers, the request id and the viewer's e-mail", async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    const client = clientFor(vendor.url, { headers: { authorization: 'Bearer t' }, identity })
    await read(client, '/thing', someCall({ email: 'agent@foodpanda.com', requestId: 'r-7' }))
    expect(vendor.calls[0]?.headers).toMatchObject({
      authorization: 'Bearer t',
      'x-request-id': 'r-7',
      'x-agent-user-id': 'agent@foodpanda.com',
      accept: 'application/json',
    })
  })

  it('carries no identity when the viewer has no e-mail, or the source has no identity header', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    await read(clientFor(vendor.url, { identity }))
    await read(clientFor(vendor.url), '/thing', someCall({ email: 'agent@foodpanda.com' }))
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
  ])('INPUT-01: an identity with %s is not sent, and neither is the request', async (_, email) => {
    const vendor = await startVendor((_call, res) => json(res, {}))
    const client = clientFor(vendor.url, { identity })
    expect(await errorOf(read(client, '/thing', someCall({ email })))).toMatchObject({ code: 'FORBIDDEN', source: 'acme' })
    expect(await errorOf(write(client, someCall({ email })))).toMatchObject({ code: 'FORBIDDEN' })
    expect(vendor.calls).toEqual([])
  })
})

describe('health', () => {
  it('is UNKNOWN before the first call, then describes the last calls', async () => {
    const vendor = await startVendor(({ index }, res) => json(res, {}, index < 3 ? 200 : 500))
    const client = clientFor(vendor.url, { clock: () => Date.UTC(2026, 0, 2), limits: { retries: 0 } })
    expect(client.health()).toEqual({
      state: 'UNKNOWN',
      checkedAt: null,
      latencyP50Ms: null,
      latencyP99Ms: null,
      errorRate: null,
      lastError: null,
    })
    for (let call = 1; call <= 3; call++) await read(client)
    expect(client.health()).toMatchObject({ state: 'UP', errorRate: 0, lastError: null, checkedAt: '2026-01-02T00:00:00.000Z' })
    expect(client.health().latencyP50Ms).toBeGreaterThan(0)
    expect(client.health().latencyP99Ms).toBeGreaterThanOrEqual(client.health().latencyP50Ms ?? 0)
    await errorOf(read(client))
    expect(client.health()).toMatchObject({ state: 'DEGRADED', errorRate: 0.25, lastError: 'UPSTREAM_UNAVAILABLE' })
  })
})

describe('a write', () => {
  it('is sent once, with its body as JSON, and returns the answer', async () => {
    const vendor = await startVendor((_, res) => json(res, { id: 'a' }, 201))
    expect(await write(clientFor(`${vendor.url}/base/`))).toEqual({
      ended: 'answered',
      answer: { status: 201, body: { id: 'a' }, readable: true },
    })
    expect(vendor.calls).toMatchObject([{ method: 'POST', path: '/base/thing', body: { say: 'hello' } }])
    expect(vendor.calls[0]?.headers['content-type']).toBe('application/json')
  })

  it('may have headers of its own, and its answer says where the new record is and which version it has', async () => {
    const vendor = await startVendor((_, res) => res.writeHead(201, { etag: '"7"', location: '/thing/7' }).end('{}'))
    const request = { operation: 'write', method: 'PUT', path: '/thing', body: {}, headers: { 'if-match': '"6"' } } as const
    expect(await clientFor(vendor.url).write(request, someCall())).toEqual({
      ended: 'answered',
      answer: { status: 201, body: {}, readable: true, etag: '"7"', location: '/thing/7' },
    })
    expect(vendor.calls[0]?.headers['if-match']).toBe('"6"')
  })

  it.each([
    ['answered 500 after it was done', (res: ServerResponse) => json(res, {}, 500)],
    ['reset before an answer', (res: ServerResponse) => res.destroy()],
    [
      'cut off in the answer',
      (res: ServerResponse) => {
        res.writeHead(200, { 'content-length': '50' }).write('{')
        setTimeout(() => res.destroy(), 5)
      },
    ],
    ['redirected', (res: ServerResponse) => res.writeHead(303, { location: '/elsewhere' }).end()],
    ['never answered', () => {}],
  ])('UPSTREAM-13: is unconfirmed when it is %s, and is not retried', async (_, answer) => {
    const vendor = await startVendor((_call, res) => answer(res))
    expect(await write(clientFor(vendor.url, { timeoutMs: 800 }))).toEqual({ ended: 'unconfirmed' })
    expect(vendor.calls).toHaveLength(1)
  })

  it('is an error when it was certainly not sent', async () => {
    const error = await errorOf(write(clientFor('http://127.0.0.1:1')))
    expect(error).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      effect: 'none',
      message: 'Acme could not be reached; nothing was changed.',
    })
  })

  it.each([
    [401, 'UPSTREAM_AUTH_FAILED'],
    [429, 'UPSTREAM_RATE_LIMITED'],
  ])('is an error when a %i says that it was refused', async (status, code) => {
    const vendor = await startVendor((_, res) => res.writeHead(status).end())
    expect(await errorOf(write(clientFor(vendor.url)))).toMatchObject({ code, effect: 'none' })
    expect(vendor.calls).toHaveLength(1)
  })

  it('is unconfirmed when its caller leaves after it was sent, and not sent when the caller left before', async () => {
    const vendor = await startVendor(() => controller.abort())
    const controller = new AbortController()
    const call = someCall({ signal: controller.signal })
    expect(await write(clientFor(vendor.url), call)).toEqual({ ended: 'unconfirmed' })
    expect((await errorOf(write(clientFor(vendor.url), call))).code).toBe('UPSTREAM_TIMEOUT')
    expect(vendor.calls).toHaveLength(1)
  })

  it('is sent on a connection of its own', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    const client = clientFor(vendor.url, { limits: { connections: 1 } })
    await read(client)
    await write(client)
    await write(client)
    expect(new Set(vendor.calls.map(({ port }) => port)).size).toBe(3)
  })

  it('returns an answer that is not JSON as unreadable', async () => {
    const vendor = await startVendor((_, res) => res.writeHead(200).end('<html>'))
    expect(await write(clientFor(vendor.url))).toEqual({
      ended: 'answered',
      answer: { status: 200, body: undefined, readable: false },
    })
  })
})

describe('a read that the vendor takes by POST', () => {
  const search = (client: HttpClient, body: unknown, call = someCall()) =>
    client.read({ operation: 'search', path: '/search', body, toResult: (answer) => answer.body }, call)

  it('is sent as JSON, retried after a 503, and shared with an equal one in flight, but not with another', async () => {
    const vendor = await startVendor(({ index }, res) => json(res, { index }, index === 0 ? 503 : 200))
    const client = clientFor(vendor.url)
    const call = someCall()
    const [one, same] = await Promise.all([search(client, { jql: 'a' }, call), search(client, { jql: 'a' }, call)])
    expect([one, same]).toEqual([{ index: 1 }, { index: 1 }])
    await Promise.all([search(client, { jql: 'a' }, call), search(client, { jql: 'b' }, call)])
    expect(vendor.calls.map(({ method, body }) => [method, body])).toEqual([
      ['POST', { jql: 'a' }],
      ['POST', { jql: 'a' }],
      ['POST', { jql: 'a' }],
      ['POST', { jql: 'b' }],
    ])
    expect(vendor.calls[0]!.headers['content-type']).toBe('application/json')
  })
})
