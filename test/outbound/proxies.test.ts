import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRemoteKeys } from '../../src/auth/keys.ts'
import { createSendAttempt } from '../../src/delivery/send-attempt.ts'
import { createSsrfGuard } from '../../src/delivery/ssrf-guard.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { noProxies, type Proxies } from '../../src/outbound/proxies.ts'
import { createSigner } from '../auth/issuer.ts'
import { startPartner } from '../delivery/fake-partner.ts'
import { clientFor, errorOf, read, write } from '../sources/http-client/test-client.ts'
import { countingMetrics } from '../support/call.ts'
import { type ForwardProxy, startForwardProxy } from '../support/forward-proxy.ts'
import { json, startVendor } from '../support/vendor.ts'

// The hosts of these tests end in .test, which no DNS resolves (RFC 6761): only the proxy can reach them.

async function startProxy(...given: Parameters<typeof startForwardProxy>): Promise<ForwardProxy> {
  const proxy = await startForwardProxy(...given)
  onTestFinished(proxy.close)
  return proxy
}

const portOf = (url: string): number => Number(new URL(url).port)
const through = (proxies: Partial<Proxies>): Proxies => ({ ...noProxies, ...proxies })

async function startServer(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  return (server.address() as AddressInfo).port
}

describe('UPSTREAM-37: a source', () => {
  const startSource = () => startVendor(({ method, path }, res) => json(res, { method, path }))

  it('is read and written through the proxy for http, on its own host and with its path', async () => {
    const vendor = await startSource()
    const proxy = await startProxy(() => portOf(vendor.url))
    const client = clientFor('http://vendor.test:8080/base', { proxies: through({ http: proxy.url }) })
    expect((await read(client, '/thing?page=2')).body).toEqual({ method: 'GET', path: '/base/thing?page=2' })
    expect(await write(client)).toMatchObject({ answer: { body: { method: 'POST', path: '/base/thing' } } })
    expect(proxy.lines()).toEqual(['GET http://vendor.test:8080/base/thing?page=2', 'POST http://vendor.test:8080/base/thing'])
    expect(vendor.calls.map(({ headers }) => headers.host)).toEqual(['vendor.test:8080', 'vendor.test:8080'])
    expect(vendor.calls[1]?.body).toEqual({ say: 'hello' })
  })

  it('gives a tunnel to its host to a call by https, and the proxy sees no more of it', async () => {
    const proxy = await startProxy(() => null)
    const client = clientFor('https://vendor.test/base', {
      proxies: through({ https: proxy.url }),
      headers: { authorization: 'Bearer s3cret' },
      limits: { retries: 0 },
    })
    expect(await errorOf(read(client))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: 'Acme could not be reached.' })
    expect(await errorOf(write(client))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', effect: 'none' })
    expect(proxy.lines()).toEqual(['CONNECT vendor.test:443', 'CONNECT vendor.test:443'])
    expect(JSON.stringify(proxy.calls)).not.toContain('s3cret')
  })

  it('by https goes through the proxy for http where there is no other', async () => {
    const proxy = await startProxy(() => null)
    await errorOf(read(clientFor('https://vendor.test', { proxies: through({ http: proxy.url }), limits: { retries: 0 } })))
    expect(proxy.lines()).toEqual(['CONNECT vendor.test:443'])
  })

  it('by http does not go through the proxy for https', async () => {
    const proxy = await startProxy(() => null)
    await errorOf(read(clientFor('http://vendor.test', { proxies: through({ https: proxy.url }), limits: { retries: 0 } })))
    expect(proxy.lines()).toEqual([])
  })

  it('sends the user and password of the proxy to the proxy alone', async () => {
    const vendor = await startSource()
    const proxy = await startProxy(() => portOf(vendor.url))
    const http = proxy.url.replace('//', '//ann:p%40ss@')
    await read(clientFor('http://vendor.test', { proxies: through({ http }) }))
    // RFC 7617: base64 of "ann:p@ss".
    expect(proxy.calls[0]?.headers['proxy-authorization']).toBe('Basic YW5uOnBAc3M=')
    await errorOf(read(clientFor('https://vendor.test', { proxies: through({ https: http }), limits: { retries: 0 } })))
    expect(proxy.calls[1]?.headers['proxy-authorization']).toBe('Basic YW5uOnBAc3M=')
  })

  it.each([
    ['vendor.test', true],
    ['other.test, vendor.test', true],
    ['.vendor.test', true],
    ['VENDOR.test', true],
    ['test', true],
    ['*', true],
    ['vendor.test:8080', true],
    ['vendor.test:9090', false],
    ['endor.test', false],
    ['api.vendor.test', false],
    ['', false],
  ])('is called directly when NO_PROXY is "%s": %s', async (except, direct) => {
    const vendor = await startSource()
    const proxy = await startProxy(() => portOf(vendor.url))
    const client = clientFor('http://vendor.test:8080', { proxies: through({ http: proxy.url, except }), limits: { retries: 0 } })
    if (direct) expect((await errorOf(read(client))).code).toBe('UPSTREAM_UNAVAILABLE')
    else expect((await read(client)).body).toEqual({ method: 'GET', path: '/thing' })
    expect(proxy.calls).toHaveLength(direct ? 0 : 1)
  })

  it('on the own machine is never called through a proxy', async () => {
    const vendor = await startSource()
    const proxy = await startProxy(() => null)
    for (const host of ['127.0.0.1', 'localhost']) {
      const client = clientFor(`http://${host}:${portOf(vendor.url)}`, { proxies: through({ http: proxy.url }) })
      expect((await read(client)).body).toEqual({ method: 'GET', path: '/thing' })
    }
    expect(proxy.calls).toEqual([])
  })

  it.each([407, 403, 503])(
    'is UPSTREAM_UNAVAILABLE when the proxy answers %i to a tunnel, and a write did nothing',
    async (status) => {
      const proxy = await startProxy(() => null, { refuse: status })
      const client = clientFor('https://vendor.test', { proxies: through({ https: proxy.url }), limits: { retries: 0 } })
      expect((await errorOf(read(client))).code).toBe('UPSTREAM_UNAVAILABLE')
      expect(await errorOf(write(client))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', effect: 'none' })
    },
  )

  it('UPSTREAM-33: loses no read when eight idle connections to the proxy are reset at once', async () => {
    const dead = new Set<number>()
    // A proxy that answers by itself.
    const proxy = await startVendor(({ port, path }, res) => {
      if (dead.has(port)) res.socket?.resetAndDestroy()
      else setTimeout(() => json(res, { path }), 10)
    })
    const metrics = countingMetrics()
    const client = clientFor('http://vendor.test', { metrics, proxies: through({ http: proxy.url }), limits: { failures: 1 } })
    const paths = Array.from({ length: 20 }, (_, index) => `/thing/${index}`)
    const readAll = async () => (await Promise.all(paths.map((path) => read(client, path)))).map(({ body }) => body)
    const whole = paths.map((path) => ({ path: `http://vendor.test${path}` }))
    expect(await readAll()).toEqual(whole)
    for (const { port } of proxy.calls) dead.add(port)
    expect(dead.size).toBe(8)
    expect(await readAll()).toEqual(whole)
    expect(metrics.total('upstream_calls_total', { outcome: 'ok' })).toBe(40)
    expect(metrics.total('upstream_retries_total')).toBe(0)
  })

  it('UPSTREAM-36: is read with a head of 48 kB behind a proxy', async () => {
    const proxy = await startVendor((_, res) => {
      res.setHeader(
        'x-filler',
        Array.from({ length: 48 }, () => 'f'.repeat(1_000)),
      )
      json(res, {})
    })
    const client = clientFor('http://vendor.test', { proxies: through({ http: proxy.url }) })
    expect((await read(client)).body).toEqual({})
  })
})

describe('UPSTREAM-37: the keys of an issuer', () => {
  it('are read through the proxy, and directly where NO_PROXY names the issuer', async () => {
    const { publicJwk } = await createSigner('one')
    const port = await startServer((_, res) => void res.end(JSON.stringify({ keys: [publicJwk] })))
    const proxy = await startProxy(() => port)
    const start = (except: string) => {
      const proxies = through({ http: proxy.url, except })
      const keys = createRemoteKeys({ url: 'http://issuer.test/jwks', clock: Date.now, logger: noLogger, onChange() {}, proxies })
      onTestFinished(keys.close)
      return keys
    }
    const keys = start('')
    await expect.poll(() => keys.isReady()).toBe(true)
    expect(proxy.lines()).toEqual(['GET http://issuer.test/jwks'])
    const direct = start('issuer.test')
    await expect(direct.keyFor({ alg: 'ES256' }, { payload: '', signature: '' })).rejects.toMatchObject({
      code: 'AUTH_UNAVAILABLE',
    })
    expect(proxy.calls).toHaveLength(1)
  })
})

describe('UPSTREAM-37: a partner', () => {
  const never = new AbortController().signal
  const endpoint = (url: string, addresses: readonly string[], allowed: readonly string[] = []) => ({
    url,
    secrets: ['s3cret'],
    guard: createSsrfGuard(allowed, async () => addresses),
  })
  const send = (proxies: Proxies, to: ReturnType<typeof endpoint>) =>
    createSendAttempt({ timeoutMs: 2_000, clock: Date.now, proxies })(to, 'msg_1', '{}', never)

  it('is called through a tunnel to the checked address, under its own name, by http and https', async () => {
    const partner = await startPartner()
    onTestFinished(partner.close)
    const proxy = await startProxy((authority) => (authority === '10.0.0.7:8080' ? partner.port : null))
    const proxies = through({ http: proxy.url, https: proxy.url })
    const inside = endpoint('http://partner.test:8080/hook', ['10.0.0.7'], ['10.0.0.0/8'])
    expect(await send(proxies, inside)).toMatchObject({ delivered: true, status: 204 })
    expect(partner.received[0]?.headers.host).toBe('partner.test:8080')
    expect(await send(proxies, endpoint('https://partner.test/hook', ['93.184.216.34']))).toMatchObject({ delivered: false })
    expect(proxy.lines()).toEqual(['CONNECT 10.0.0.7:8080', 'CONNECT 93.184.216.34:443'])
    expect(proxy.calls.map(({ headers }) => headers.host)).toEqual(['10.0.0.7:8080', '93.184.216.34:443'])
  })

  it('is called at its next address when the proxy cannot reach one', async () => {
    const partner = await startPartner()
    onTestFinished(partner.close)
    const proxy = await startProxy((authority) => (authority === '10.0.0.8:8080' ? partner.port : null))
    const two = endpoint('http://partner.test:8080/hook', ['fd00::1', '10.0.0.8'], ['10.0.0.0/8', 'fd00::/8'])
    expect(await send(through({ http: proxy.url }), two)).toMatchObject({ delivered: true })
    expect(proxy.lines()).toEqual(['CONNECT [fd00::1]:8080', 'CONNECT 10.0.0.8:8080'])
  })

  it.each([
    ['https://partner.test/hook', ['10.0.0.1']],
    ['https://partner.test/hook', ['93.184.216.34', '169.254.169.254']],
    ['https://partner.test/hook', ['::ffff:127.0.0.1']],
    ['https://partner.test:22/hook', ['93.184.216.34']],
    ['http://partner.test/hook', ['93.184.216.34']],
    ['https://10.0.0.1/hook', []],
    ['https://[fd00::1]/hook', []],
  ])('INPUT-04: at %s that means %s is refused before the proxy is asked', async (url, addresses) => {
    const proxy = await startProxy(() => null)
    const outcome = await send(through({ http: proxy.url, https: proxy.url }), endpoint(url, addresses))
    expect(outcome).toMatchObject({
      delivered: false,
      status: null,
      error: expect.stringMatching(/^The partner may not be called/),
    })
    expect(proxy.calls).toEqual([])
  })

  it('that NO_PROXY names is called directly, with the same checks', async () => {
    const partner = await startPartner()
    onTestFinished(partner.close)
    const proxy = await startProxy(() => null)
    const proxies = through({ http: proxy.url, except: 'partner.test' })
    const url = `http://partner.test:${partner.port}/hook`
    expect(await send(proxies, endpoint(url, ['127.0.0.1'], ['127.0.0.1/32']))).toMatchObject({ delivered: true })
    expect(await send(proxies, endpoint(url, ['127.0.0.1']))).toMatchObject({ delivered: false, status: null })
    expect(proxy.calls).toEqual([])
  })
})
