import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Dispatcher } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { noProxies } from '../../../src/outbound/proxies.ts'
import { createConnectionPool } from '../../../src/sources/http-client/connection-pool.ts'
import { makeCertificate, trust } from '../../support/certificate.ts'
import { startForwardProxy } from '../../support/forward-proxy.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { settled } from './exchange-fixture.ts'

const get = { method: 'GET', path: '/a' } as const

/** A pool of one source, closed with the test. */
function open(origin: string, { connections = 1, ...rest }: { connections?: number; proxies?: typeof noProxies } = {}) {
  const pool = createConnectionPool({ origin, timeoutMs: 2_000, limits: { connections, pipelining: 2 }, ...rest })
  onTestFinished(() => pool.close())
  return pool
}

/** Sends a request. Resolves with the status of its answer. */
function send(channel: Pick<Dispatcher, 'dispatch'>, options: object = { reset: true }): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0
    channel.dispatch(
      { ...get, ...options },
      {
        onRequestStart() {},
        onResponseStart: (_controller, code) => {
          status = code
        },
        onResponseData() {},
        onResponseEnd: () => resolve(status),
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
}

describe('a read', () => {
  it('gets the connection with the fewest reads in flight, the first of those that have as few', () => {
    const pool = open('http://127.0.0.1:1', { connections: 3 })
    const [a, b, c, again] = Array.from({ length: 4 }, () => pool.acquireForRead())
    expect(new Set([a, b, c]).size).toBe(3)
    expect(again).toBe(a)
    c!.release()
    expect(pool.acquireForRead()).toBe(c)
    b!.release()
    a!.release()
    // One read is left on `a` and one on `c`.
    expect(pool.acquireForRead()).toBe(b)
    expect(pool.acquireForRead()).toBe(a)
  })

  it('finds on a new connection that it has not served yet', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    const connection = open(vendor.url).acquireForRead()
    expect(connection.served).toBe(false)
    connection.served = true
    await send(connection.dispatcher, {})
    expect(connection.served).toBe(false)
    connection.served = true
    await send(connection.dispatcher, {})
    expect(connection.served).toBe(true)
  })

  it('shares its connection with as many others as may be in one pipeline', async () => {
    const answers: (() => void)[] = []
    const vendor = await startVendor((_, res) => void answers.push(() => json(res, {})))
    const { dispatcher } = open(vendor.url).acquireForRead()
    const reads = [1, 2, 3].map(() => send(dispatcher, { blocking: false, idempotent: true }))
    await expect.poll(() => vendor.calls.length).toBe(2)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(vendor.calls).toHaveLength(2)
    answers[0]!()
    await expect.poll(() => vendor.calls.length).toBe(3)
    for (const answer of answers.slice(1)) answer()
    expect(await Promise.all(reads)).toEqual([200, 200, 200])
    expect(new Set(vendor.calls.map(({ port }) => port)).size).toBe(1)
  })
})

describe('a source that speaks HTTP/2 too', () => {
  it('is asked by HTTP/1.1', async () => {
    const certificate = makeCertificate(Date.now() + 86_400_000)
    trust(certificate)
    const versions: string[] = []
    const server = createSecureServer({ ...certificate, allowHTTP1: true }, (req, res) => {
      versions.push(req.httpVersion)
      res.end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const pool = open(`https://localhost:${(server.address() as AddressInfo).port}`)
    for (const channel of [pool.acquireForRead().dispatcher, pool.forWrites]) expect(await send(channel)).toBe(200)
    expect(versions).toEqual(['1.1', '1.1'])
  })
})

describe('the connections for repeats, writes and files', () => {
  it.each(['forRepeats', 'forWrites'] as const)('%s: as many as for reads, and a further request waits', async (name) => {
    const answers: (() => void)[] = []
    const vendor = await startVendor((_, res) => void answers.push(() => json(res, {})))
    const pool = open(vendor.url)
    const first = send(pool[name])
    await expect.poll(() => vendor.calls.length).toBe(1)
    const second = send(pool[name])
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(vendor.calls).toHaveLength(1)
    answers[0]!()
    expect(await first).toBe(200)
    await expect.poll(() => vendor.calls.length).toBe(2)
    answers[1]!()
    expect(await second).toBe(200)
    expect(new Set(vendor.calls.map(({ port }) => port)).size).toBe(2)
  })

  it('are closed with those for reads: a request in flight fails, and no other is sent', async () => {
    const vendor = await startVendor(() => {})
    const pool = open(vendor.url)
    const channels = [pool.acquireForRead().dispatcher, pool.forRepeats, pool.forWrites]
    const running = channels.map((channel) => send(channel))
    const file = pool.forFiles.request(get)
    await expect.poll(() => vendor.calls.length).toBe(4)
    const ends = Promise.allSettled([...running, file])
    await pool.close()
    expect((await ends).map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
    for (const channel of channels) await expect(send(channel)).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' })
    await expect(pool.forFiles.request(get)).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' })
    await settled()
    expect(vendor.calls).toHaveLength(4)
  })
})

describe('a source behind a proxy', () => {
  it('is called through it on every channel, with its own host', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    const proxy = await startForwardProxy(() => Number(new URL(vendor.url).port))
    onTestFinished(proxy.close)
    const pool = open('http://vendor.test', { proxies: { ...noProxies, http: proxy.url } })
    for (const channel of [pool.acquireForRead().dispatcher, pool.forRepeats, pool.forWrites])
      expect(await send(channel)).toBe(200)
    const { statusCode, body } = await pool.forFiles.request(get)
    await body.dump()
    expect(statusCode).toBe(200)
    expect(proxy.lines()).toEqual(Array(4).fill('GET http://vendor.test/a'))
    await pool.close()
    await expect(send(pool.forWrites)).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' })
  })
})

describe('a dispatcher that is handed in', () => {
  it('gets every request with the origin of the source, and stays open', async () => {
    const asked: unknown[] = []
    const handler = {}
    const handedIn = {
      dispatch: (options: unknown, given: unknown) => given === handler && asked.push(options) > 0,
      request: async (options: unknown) => void asked.push(options),
      destroy: async () => void asked.push('destroyed'),
    } as unknown as Dispatcher
    const limits = { connections: 1, pipelining: 1 }
    const pool = createConnectionPool({ origin: 'https://vendor.test', timeoutMs: 1, limits, dispatcher: handedIn })
    const connection = pool.acquireForRead()
    for (const channel of [connection.dispatcher, pool.forRepeats, pool.forWrites])
      expect(channel.dispatch(get, handler)).toBe(true)
    await pool.forFiles.request(get)
    connection.release()
    expect(connection.served).toBe(false)
    expect(pool.acquireForRead()).not.toBe(connection)
    await pool.close()
    expect(asked).toEqual(Array(4).fill({ method: 'GET', path: '/a', origin: 'https://vendor.test' }))
  })
})
