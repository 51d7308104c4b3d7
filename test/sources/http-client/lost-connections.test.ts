import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, startVendor, type Vendor } from '../../support/vendor.ts'
import { clientFor, errorOf, read, write } from './test-client.ts'

/** The ways in which a connection ends without an answer. A second pipelined request finds it ended: null. */
const endings: readonly (readonly [string, (socket: Socket | null) => unknown])[] = [
  ['reset (RST)', (socket) => socket?.resetAndDestroy()],
  ['closed (FIN)', (socket) => socket?.end()],
  ['destroyed', (socket) => socket?.destroy()],
]

/** Answers with the path, late enough that reads at once need several connections. */
const answerLate = (path: string, res: ServerResponse) => void setTimeout(() => json(res, { path }), 10)

const paths = (count: number) => Array.from({ length: count }, (_, index) => `/thing/${index}`)
const portsOf = ({ calls }: Vendor) => new Set(calls.map(({ port }) => port))

/** A server of bare TCP. `serve` receives what arrives on a connection. */
async function startTcp(serve: (text: string, socket: Socket, index: number) => void): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    const index = sockets.push(socket) - 1
    socket.on('error', () => {})
    socket.on('data', (data) => serve(data.toString('latin1'), socket, index))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const okHead = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

describe('UPSTREAM-33: a read whose connection had served before and is lost', () => {
  it.each(endings)('succeeds when eight idle connections are %s at the next read', async (_, end) => {
    const dead = new Set<number>()
    const vendor = await startVendor(({ port, path }, res) => (dead.has(port) ? end(res.socket) : answerLate(path, res)))
    const metrics = countingMetrics()
    const client = clientFor(vendor.url, { metrics, limits: { failures: 1 } })
    await Promise.all(paths(8).map((path) => read(client, path)))
    for (const port of portsOf(vendor)) dead.add(port)
    expect(dead.size).toBe(8)

    const answers = await Promise.all(paths(20).map((path) => read(client, path)))
    expect(answers.map(({ body }) => body)).toEqual(paths(20).map((path) => ({ path })))
    expect(client.health()).toMatchObject({ state: 'UP', errorRate: 0 })
    expect(metrics.total('upstream_retries_total')).toBe(0)
    expect(metrics.total('upstream_calls_total')).toBe(28)
    expect(metrics.total('upstream_calls_total', { outcome: 'ok' })).toBe(28)
  })

  it.each(endings)('is sent again once and then fails when every connection is %s', async (_, end) => {
    const vendor = await startVendor(({ index, path }, res) => (index === 0 ? answerLate(path, res) : end(res.socket)))
    const metrics = countingMetrics()
    const client = clientFor(vendor.url, { metrics, limits: { connections: 1, retries: 0 } })
    await read(client)
    expect(await errorOf(read(client))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryable: true })
    expect(vendor.calls).toHaveLength(3)
    expect(portsOf(vendor).size).toBe(2)
    expect(metrics.total('upstream_calls_total', { outcome: 'reset' })).toBe(1)
  })

  it.each(endings)('is not sent again when its first connection is %s', async (_, end) => {
    const vendor = await startVendor((_call, res) => end(res.socket))
    const client = clientFor(vendor.url, { limits: { retries: 0 } })
    expect(await errorOf(read(client))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    expect(vendor.calls).toHaveLength(1)
  })

  it('is not sent again once the first byte of its answer has come', async () => {
    let requests = 0
    const url = await startTcp((_, socket) => {
      requests += 1
      if (requests === 1) socket.write(`${okHead}content-length: 2\r\n\r\n{}`)
      else socket.write('HTTP/1.1 200 O', () => socket.end())
    })
    const client = clientFor(url, { limits: { connections: 1, retries: 0 } })
    expect((await read(client)).body).toEqual({})
    expect(await errorOf(read(client))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    expect(requests).toBe(2)
  })

  it('is not sent again after its deadline or when its caller has left', async () => {
    const vendor = await startVendor(({ index, path }, res) => {
      if (index === 0) answerLate(path, res)
    })
    const client = clientFor(vendor.url, { limits: { connections: 1 }, timeoutMs: 600 })
    await read(client)
    const leaving = new AbortController()
    const left = errorOf(read(client, '/left', someCall({ signal: leaving.signal })))
    await expect.poll(() => vendor.calls.length).toBe(2)
    leaving.abort()
    expect((await left).code).toBe('UPSTREAM_TIMEOUT')
    expect((await errorOf(read(client, '/late'))).code).toBe('UPSTREAM_TIMEOUT')
    expect(vendor.lines()).toEqual(['GET /thing', 'GET /left', 'GET /late'])
  })

  it('is never a write', async () => {
    const vendor = await startVendor(({ method, path }, res) =>
      method === 'GET' ? answerLate(path, res) : void res.socket?.resetAndDestroy(),
    )
    const client = clientFor(vendor.url)
    await read(client)
    expect(await write(client)).toEqual({ ended: 'unconfirmed' })
    expect(vendor.lines()).toEqual(['GET /thing', 'POST /thing'])
  })
})

describe('UPSTREAM-33: a pipelined read', () => {
  it('is sent at most three times on shared connections and once on its own when every connection is lost', async () => {
    const sent = new Map<string, number>()
    const url = await startTcp((text, socket) => {
      for (const [path] of text.matchAll(/\/thing\/\d+/g)) sent.set(path, (sent.get(path) ?? 0) + 1)
      setTimeout(() => socket.resetAndDestroy(), 10)
    })
    const client = clientFor(url, { limits: { connections: 1, pipelining: 8, retries: 0 } })
    const errors = await Promise.all(paths(8).map((path) => errorOf(read(client, path))))
    expect(errors.map(({ code }) => code)).toEqual(Array(8).fill('UPSTREAM_UNAVAILABLE'))
    // The first reads lose their connection before undici has sent them three times.
    expect(paths(8).map((path) => sent.get(path))).toEqual([1, 2, 3, 4, 4, 4, 4, 4])
  })

  it('has its answer after any number of reads before it were aborted', async () => {
    const vendor = await startVendor(({ path }, res) => {
      if (path === '/last') json(res, { path })
    })
    const client = clientFor(vendor.url, { limits: { connections: 1, pipelining: 8, failures: 1, retries: 0 } })
    const leaving = Array.from({ length: 7 }, () => new AbortController())
    const hanging = leaving.map(({ signal }, index) => errorOf(read(client, `/hangs/${index}`, someCall({ signal }))))
    const last = read(client, '/last')
    for (const controller of leaving) {
      await sleep(30)
      controller.abort()
    }
    expect((await last).body).toEqual({ path: '/last' })
    await Promise.all(hanging)
    expect(client.health()).toMatchObject({ state: 'UP' })
    expect(vendor.calls.filter(({ path }) => path === '/last').length).toBeLessThanOrEqual(4)
  })
})

describe('UPSTREAM-36: the head of an answer', () => {
  const answerWith = (bytes: number) => (_: unknown, socket: Socket) => {
    const line = `x-filler: ${'f'.repeat(1_000)}\r\n`
    const head = `${okHead}content-length: 2\r\n`
    const whole = head + line.repeat(Math.floor((bytes - head.length - 30) / line.length))
    const rest = `x-rest: ${'r'.repeat(bytes - whole.length - 'x-rest: \r\n\r\n'.length)}\r\n\r\n`
    expect((whole + rest).length).toBe(bytes)
    socket.write(`${whole + rest}{}`)
  }

  it.each([17, 32, 64])('of %i kB is read', async (kilobytes) => {
    const client = clientFor(await startTcp(answerWith(kilobytes * 1024)))
    expect((await read(client)).body).toEqual({})
    expect(await write(client)).toMatchObject({ ended: 'answered', answer: { body: {} } })
  })

  it.each([80, 1024])('of %i kB is UPSTREAM_BAD_RESPONSE, and is not read twice', async (kilobytes) => {
    let requests = 0
    const answer = answerWith(kilobytes * 1024)
    const url = await startTcp((text, socket) => {
      requests += 1
      answer(text, socket)
    })
    const error = await errorOf(read(clientFor(url)))
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', message: 'Acme sent more than is accepted.' })
    expect(requests).toBe(1)
  })
})
