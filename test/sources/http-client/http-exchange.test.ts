import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { countingMetrics } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { clientFor, errorOf, read } from './test-client.ts'

/** Finds a port without a server. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

describe('a read', () => {
  it('UPSTREAM-01: is UPSTREAM_UNAVAILABLE when the connection is refused, after one retry', async () => {
    const metrics = countingMetrics()
    const error = await errorOf(read(clientFor(`http://127.0.0.1:${await closedPort()}`, { metrics })))
    expect(error).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      source: 'acme',
      retryable: true,
      message: 'Acme could not be reached.',
    })
    expect(metrics.total('upstream_calls_total', { outcome: 'refused' })).toBe(2)
    expect(metrics.total('upstream_retries_total', { source: 'acme' })).toBe(1)
  })

  it('UPSTREAM-01: is UPSTREAM_UNAVAILABLE when the name does not resolve', async () => {
    const error = await errorOf(read(clientFor('http://nowhere.invalid', { limits: { retries: 0 } })))
    expect(error.code).toBe('UPSTREAM_UNAVAILABLE')
  })

  it('UPSTREAM-02: is UPSTREAM_TIMEOUT at the deadline when the source does not answer, and is not retried', async () => {
    const vendor = await startVendor(() => {})
    const error = await errorOf(read(clientFor(vendor.url, { timeoutMs: 600 })))
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', message: 'Acme did not answer in time.', retryable: true })
    expect(vendor.calls).toHaveLength(1)
  })

  it('UPSTREAM-03: is UPSTREAM_TIMEOUT at the deadline when the body arrives too slowly', async () => {
    const vendor = await startVendor((_, res) => {
      const timer = setInterval(() => res.write(' '), 10)
      res.on('close', () => clearInterval(timer))
    })
    const error = await errorOf(read(clientFor(vendor.url, { timeoutMs: 600 })))
    expect(error.code).toBe('UPSTREAM_TIMEOUT')
  })

  it('UPSTREAM-04: is retried after a 5xx, whose body is never passed on', async () => {
    const vendor = await startVendor(({ index }, res) =>
      index === 0 ? json(res, { secret: 'stack' }, 500) : json(res, { ok: true }),
    )
    expect((await read(clientFor(vendor.url))).body).toEqual({ ok: true })
    expect(vendor.calls).toHaveLength(2)

    const failing = await startVendor((_, res) => json(res, { secret: 'stack trace of db-7' }, 502))
    const error = await errorOf(read(clientFor(failing.url)))
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: 'Acme failed on its side.' })
    expect(JSON.stringify(error) + error.message + String(error.cause)).not.toContain('db-7')
  })

  it('UPSTREAM-05: is UPSTREAM_RATE_LIMITED on a 429, with its Retry-After up to a minute', async () => {
    const headers = ['120', '5', new Date(Date.UTC(2026, 0, 1, 0, 0, 30)).toUTCString(), '99999999999999999999', 'soon', '-5']
    const vendor = await startVendor(({ index }, res) => res.writeHead(429, { 'retry-after': headers[index]! }).end())
    const client = clientFor(vendor.url, { clock: () => Date.UTC(2026, 0, 1), timeoutMs: 1000 })
    const waits: (number | undefined)[] = []
    for (const _ of headers) {
      const error = await errorOf(read(client))
      expect(error.code).toBe('UPSTREAM_RATE_LIMITED')
      waits.push(error.retryAfter)
    }
    expect(waits).toEqual([60, 5, 30, 60, undefined, undefined])
    expect(vendor.calls).toHaveLength(6)
  })

  it('UPSTREAM-05: is retried after a 429 when the wait fits into the deadline', async () => {
    const vendor = await startVendor(({ index }, res) => {
      if (index === 0) res.writeHead(429, { 'retry-after': '0' }).end()
      else json(res, { ok: true })
    })
    expect((await read(clientFor(vendor.url))).body).toEqual({ ok: true })
  })

  it('is UPSTREAM_UNAVAILABLE on a 503, with its Retry-After', async () => {
    const vendor = await startVendor((_, res) => res.writeHead(503, { 'retry-after': '20' }).end())
    expect(await errorOf(read(clientFor(vendor.url)))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryAfter: 20 })
    expect(vendor.calls).toHaveLength(1)
  })

  it("UPSTREAM-06: is UPSTREAM_AUTH_FAILED on a 401, never the client's UNAUTHENTICATED", async () => {
    const vendor = await startVendor((_, res) => json(res, {}, 401))
    const error = await errorOf(read(clientFor(vendor.url)))
    expect(error).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED', retryable: false })
    expect(vendor.calls).toHaveLength(1)
  })

  it.each([400, 403, 404, 409, 422])('UPSTREAM-07: returns a %i with its decoded body, and is not retried', async (status) => {
    const vendor = await startVendor((_, res) => json(res, { errors: [{ status: String(status) }] }, status))
    const answer = await read(clientFor(vendor.url))
    expect(answer).toEqual({ status, body: { errors: [{ status: String(status) }] }, readable: true })
    expect(vendor.calls).toHaveLength(1)
  })

  it('UPSTREAM-07: returns a 4xx whose body is empty or not JSON', async () => {
    const vendor = await startVendor(({ index }, res) => res.writeHead(404).end(index === 0 ? '' : '<h1>404</h1>'))
    const client = clientFor(vendor.url)
    expect(await read(client)).toEqual({ status: 404, body: undefined, readable: true })
    expect(await read(client)).toEqual({ status: 404, body: undefined, readable: false })
  })

  it.each([
    ['HTML', '<html>Sign in</html>'],
    ['nothing', ''],
    ['half a document', '{"id":"a'],
    ['bytes that are no text (UPSTREAM-17)', Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x7b, 0x7d])],
    ['100,000 nested lists (UPSTREAM-17)', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['20,000 nested objects (UPSTREAM-17)', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
  ])('UPSTREAM-08: is UPSTREAM_BAD_RESPONSE when the answer is %s', async (_, body) => {
    const vendor = await startVendor((_call, res) => res.writeHead(200).end(body))
    const error = await errorOf(read(clientFor(vendor.url)))
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', message: 'Acme sent an answer that could not be understood.' })
    expect(vendor.calls).toHaveLength(1)
  })

  it('UPSTREAM-10: stops at the size limit, for an announced length and for an endless body', async () => {
    let sent = 0
    const vendor = await startVendor(({ index }, res) => {
      if (index === 0) return res.writeHead(200, { 'content-length': String(200 * 1024 * 1024) }).write('[')
      const more = () => {
        while (!res.destroyed && res.write('1,'.repeat(32_768))) sent += 65_536
      }
      res.on('drain', more)
      more()
    })
    const client = clientFor(vendor.url, { limits: { maxBytes: 1_000_000 } })
    expect(await errorOf(read(client))).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      message: 'Acme sent more than is accepted.',
    })
    expect(await errorOf(read(client))).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      message: 'Acme sent more than is accepted.',
    })
    expect(sent).toBeLessThan(50_000_000)
  })

  it('asks for no compression', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    await read(clientFor(vendor.url))
    expect(vendor.calls[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('UPSTREAM-11: does not follow a redirect, so that its credentials are sent nowhere else', async () => {
    const other = await startVendor((_, res) => json(res, { stolen: true }))
    const vendor = await startVendor((_, res) => res.writeHead(302, { location: `${other.url}/thing` }).end())
    const error = await errorOf(read(clientFor(vendor.url, { headers: { authorization: 'Bearer secret' } })))
    expect(error.code).toBe('UPSTREAM_BAD_RESPONSE')
    expect(other.calls).toEqual([])
  })

  it('UPSTREAM-12: is retried once when the connection breaks inside the body, then UPSTREAM_BAD_RESPONSE', async () => {
    const broken = (res: ServerResponse) => {
      res.writeHead(200, { 'content-length': '100' }).write('{"half":')
      setTimeout(() => res.destroy(), 5)
    }
    const vendor = await startVendor(({ index }, res) => (index === 0 ? broken(res) : json(res, { ok: true })))
    expect((await read(clientFor(vendor.url))).body).toEqual({ ok: true })

    const always = await startVendor((_, res) => broken(res))
    expect(await errorOf(read(clientFor(always.url)))).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
    expect(always.calls).toHaveLength(2)
  })

  it('UPSTREAM-12: is retried when the source has closed a reused connection', async () => {
    const vendor = await startVendor(({ index }, res) => (index === 1 ? res.destroy() : json(res, { index })))
    const client = clientFor(vendor.url, { limits: { connections: 1 } })
    expect((await read(client)).body).toEqual({ index: 0 })
    expect((await read(client)).body).toEqual({ index: 2 })
  })

  it('UPSTREAM-17: keeps `__proto__` in an answer inert', async () => {
    const vendor = await startVendor((_, res) => res.writeHead(200).end('{"__proto__":{"isAdmin":true},"id":"a"}'))
    const { body } = await read(clientFor(vendor.url))
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
    expect((body as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('UPSTREAM-19: keeps every digit of whole numbers above 2^53, and leaves texts and other numbers unchanged', async () => {
    const text =
      '{"id":9007199254740993,"list":[12345678901234567890, -9007199254740995],"text":"id 9007199254740993","float":1.25,"small":42}'
    const vendor = await startVendor((_, res) => res.writeHead(200).end(text))
    expect((await read(clientFor(vendor.url))).body).toEqual({
      id: '9007199254740993',
      list: ['12345678901234567890', '-9007199254740995'],
      text: 'id 9007199254740993',
      float: 1.25,
      small: 42,
    })
  })

  it('never shows the URL, a header or the token in an error', async () => {
    const vendor = await startVendor((_, res) => res.writeHead(500).end('internal: token=s3cret'))
    const client = clientFor(`${vendor.url}/hidden-path`, { headers: { authorization: 'Bearer s3cret' } })
    const error = await errorOf(read(client))
    expect(JSON.stringify({ ...error, message: error.message })).not.toMatch(/s3cret|hidden-path|127\.0\.0\.1/)
  })
})
