import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { bytes, drip, endless, gzipBomb, hang, late, reset, status, truncate } from '../support/fault-proxy.ts'
import {
  deadlineMs,
  expectPartialPage,
  type FaultyGateway,
  internals,
  page,
  readCounter,
  startFaultyGateway,
} from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

let gateway: FaultyGateway
beforeAll(async () => {
  gateway = await startFaultyGateway({
    oneViews: { gone: {}, nameless: {} },
    config: (config) => {
      const { gone, nameless } = config.sources
      const sources = {
        ...config.sources,
        gone: { ...gone!, url: `http://127.0.0.1:${closedPort}/ticket-detail` },
        nameless: { ...nameless!, url: 'http://nowhere.invalid/ticket-detail' },
      } as typeof config.sources
      return { ...config, sources }
    },
  })
})
afterAll(() => gateway.close())

/** A closed port. */
const closedPort = await (async () => {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
})()

// A success between the tests: five failures in a row would open the circuit.
beforeEach(async () => {
  gateway.proxy('oneview').reset()
  const { data } = await page(gateway, 'oneview')
  expect(data.tickets.nodes).toHaveLength(10)
  gateway.proxy('oneview').reset()
})
const oneview = () => gateway.proxy('oneview')
const calls = () => `${oneview().calls.length} call(s)`

const unavailable = { code: 'UPSTREAM_UNAVAILABLE', outcome: 'ERROR' }
const badResponse = { code: 'UPSTREAM_BAD_RESPONSE', outcome: 'ERROR' }
const timeout = { code: 'UPSTREAM_TIMEOUT', outcome: 'TIMEOUT' }

for (const [key, what] of [
  ['gone', 'a source refuses the connection'],
  ['nameless', "a source's name does not resolve"],
] as const) {
  guarantee('UPSTREAM-01', { fault: what, expected: 'the others, UPSTREAM_UNAVAILABLE, one retry' }, async () => {
    await expectPartialPage(gateway, key, unavailable)
    expect(await readCounter(gateway, 'upstream_calls_total', { source: key, outcome: 'refused' })).toBe(2)
    expect(await readCounter(gateway, 'upstream_retries_total', { source: key })).toBe(1)
    return 'UPSTREAM_UNAVAILABLE at its report, 10 tickets of the other source, 2 attempts'
  })
}

for (const [id, what, fault] of [
  ['UPSTREAM-02', 'a source hangs', hang],
  ['UPSTREAM-03', 'a source drips its body', drip],
] as const) {
  guarantee(id, { fault: what, expected: 'the others, UPSTREAM_TIMEOUT at the deadline' }, async () => {
    oneview().fault(fault)
    const startedAt = performance.now()
    await expectPartialPage(gateway, 'oneview', timeout)
    expect(performance.now() - startedAt).toBeLessThan(3 * deadlineMs)
    expect(oneview().calls).toHaveLength(1)
    return `UPSTREAM_TIMEOUT after ${((performance.now() - startedAt) / 1000).toFixed(1)} s (deadline ${deadlineMs / 1000} s), ${calls()}`
  })
}

guarantee(
  'UPSTREAM-04',
  { fault: 'a source answers 500 with internals in its body', expected: 'one retry, UPSTREAM_UNAVAILABLE, no internals' },
  async () => {
    oneview().fault(status(500, {}, JSON.stringify({ error: internals })))
    await expectPartialPage(gateway, 'oneview', unavailable)
    expect(oneview().calls).toHaveLength(2)
    return `UPSTREAM_UNAVAILABLE, ${calls()}, body not relayed`
  },
)

guarantee('UPSTREAM-04', { fault: 'a source answers 502 once', expected: 'the retry succeeds, without an error' }, async () => {
  oneview().fault(status(502), 1)
  const { data, errors } = await page(gateway, 'oneview', 'verifik')
  expect(errors).toBeUndefined()
  expect(data.tickets.sources.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['OK', 'OK'])
  expect(oneview().calls).toHaveLength(2)
  return `both sources OK, ${calls()}`
})

const limited = { code: 'UPSTREAM_RATE_LIMITED', outcome: 'RATE_LIMITED' }
for (const [what, toRetryAfter, most] of [
  ['7 seconds', () => '7', 7],
  ['a date in half a minute', () => new Date(Date.now() + 30_000).toUTCString(), 30],
  ['a year', () => '31536000', 60],
] as const) {
  guarantee(
    'UPSTREAM-05',
    {
      fault: `a source answers 429 with a Retry-After of ${what}`,
      expected: `UPSTREAM_RATE_LIMITED, retryAfter at most ${most}`,
    },
    async () => {
      oneview().fault(status(429, { 'retry-after': toRetryAfter() }))
      const { retryAfter, retryAt } = await expectPartialPage(gateway, 'oneview', limited)
      expect(retryAfter).toBeGreaterThan(0)
      expect(retryAfter).toBeLessThanOrEqual(most)
      expect(Date.parse(String(retryAt))).toBeLessThanOrEqual(Date.now() + most * 1000)
      expect(oneview().calls).toHaveLength(1)
      return `retryAfter ${retryAfter}, ${calls()}`
    },
  )
}

guarantee(
  'UPSTREAM-05',
  { fault: 'a source answers 429 with an invalid Retry-After', expected: 'UPSTREAM_RATE_LIMITED without a time' },
  async () => {
    oneview().fault(status(429, { 'retry-after': "-5 o'clock" }))
    expect((await expectPartialPage(gateway, 'oneview', limited)).retryAfter).toBeUndefined()
    return `no retryAfter, ${calls()}`
  },
)

guarantee(
  'UPSTREAM-06',
  { fault: "a source answers 401 to the gateway's token", expected: "UPSTREAM_AUTH_FAILED, not the client's UNAUTHENTICATED" },
  async () => {
    oneview().fault(status(401, { 'www-authenticate': 'Bearer realm="x"' }))
    await expectPartialPage(gateway, 'oneview', { code: 'UPSTREAM_AUTH_FAILED', outcome: 'UNAUTHENTICATED' })
    expect(oneview().calls).toHaveLength(1)
    return `UPSTREAM_AUTH_FAILED at HTTP 200, ${calls()}`
  },
)

for (const [what, fault] of [
  ['HTML', bytes('<html><body><h1>Bad gateway</h1>', { 'content-type': 'text/html' })],
  ['nothing', bytes('')],
  ['half of its JSON with a matching length', bytes('{"list":[{"id":"a')],
  ['half of its promised length', truncate],
] as const) {
  guarantee('UPSTREAM-08', { fault: `a source answers ${what}`, expected: 'the others, UPSTREAM_BAD_RESPONSE' }, async () => {
    oneview().fault(fault)
    await expectPartialPage(gateway, 'oneview', badResponse)
    return `UPSTREAM_BAD_RESPONSE, ${calls()}`
  })
}

for (const [what, fault] of [
  ['announces 200 MB', endless(200 * 1024 * 1024)],
  ['never ends its answer', endless()],
  ['answers with a gzip bomb', gzipBomb()],
] as const) {
  guarantee('UPSTREAM-10', { fault: `a source ${what}`, expected: 'aborted at 4 MiB, UPSTREAM_BAD_RESPONSE' }, async () => {
    oneview().fault(fault)
    const before = process.memoryUsage().rss
    await expectPartialPage(gateway, 'oneview', badResponse)
    expect(oneview().calls).toHaveLength(1)
    const grown = Math.max(0, process.memoryUsage().rss - before)
    expect(grown).toBeLessThan(150 * 1024 * 1024)
    return `UPSTREAM_BAD_RESPONSE, ${calls()}, memory +${(grown / 1024 / 1024).toFixed(0)} MB`
  })
}

guarantee(
  'UPSTREAM-11',
  { fault: 'a source redirects to another host', expected: 'refused, no credentials sent there' },
  async () => {
    const foreignCalls: string[] = []
    const otherHost = createServer((request, response) => {
      foreignCalls.push(JSON.stringify(request.headers))
      response.end('{}')
    })
    await new Promise<void>((resolve) => otherHost.listen(0, '127.0.0.1', resolve))
    try {
      for (const code of [301, 302, 307, 308]) {
        oneview().fault(status(code, { location: `http://127.0.0.1:${(otherHost.address() as AddressInfo).port}/v1/tickets` }))
        await expectPartialPage(gateway, 'oneview', badResponse)
      }
      expect(foreignCalls).toEqual([])
      return 'UPSTREAM_BAD_RESPONSE four times, 0 calls to the other host'
    } finally {
      otherHost.close()
    }
  },
)

for (const [when, what, fault] of [
  ['before', 'before it answers', unavailable],
  ['headers', 'after its headers', badResponse],
  ['body', 'within its body', badResponse],
] as const) {
  guarantee(
    'UPSTREAM-12',
    { fault: `a source resets the connection ${what}, once`, expected: 'the read is repeated and succeeds' },
    async () => {
      oneview().fault(reset(when), 1)
      const { data, errors } = await page(gateway, 'oneview')
      expect(errors).toBeUndefined()
      expect(data.tickets.nodes).toHaveLength(10)
      expect(oneview().calls).toHaveLength(2)
      return `10 tickets, ${calls()}`
    },
  )
  guarantee(
    'UPSTREAM-12',
    { fault: `a source resets the connection ${what}, always`, expected: `the others, ${fault.code}` },
    async () => {
      oneview().fault(reset(when))
      await expectPartialPage(gateway, 'oneview', fault)
      // A read that was lost on a connection that had served before is sent once more (UPSTREAM-33).
      expect(oneview().calls).toHaveLength(when === 'before' ? 3 : 2)
      return `${fault.code}, ${calls()}`
    },
  )
}

guarantee(
  'UPSTREAM-12',
  { fault: 'a source closes an idle connection at the next call', expected: 'a new connection, without an error' },
  async () => {
    await page(gateway, 'oneview')
    const [first] = oneview().calls
    oneview().fault(({ socket }) => void socket.end(), 1)
    const { errors } = await page(gateway, 'oneview')
    expect(errors).toBeUndefined()
    expect(
      oneview()
        .calls.map(({ port }) => port)
        .at(-1),
    ).not.toBe(first?.port)
    return `no error, ${calls()}, a new connection`
  },
)

guarantee(
  'UPSTREAM-18',
  { fault: 'the client disconnects while a source hangs', expected: 'its upstream call is aborted within 100 ms' },
  async () => {
    oneview().fault(hang)
    const client = new AbortController()
    const asked = fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ tickets(first: 1, filter: { sources: ["oneview"] }) { nodes { id } } }' }),
      signal: client.signal,
    }).catch(() => null)
    await expect.poll(() => oneview().calls.length).toBe(1)
    const leftAt = performance.now()
    client.abort()
    await asked
    await expect.poll(() => oneview().calls[0]?.abortedAt, { interval: 5 }).not.toBeNull()
    const tookMs = (oneview().calls[0]?.abortedAt ?? Number.NaN) - leftAt
    expect(tookMs).toBeLessThan(3 * 100)
    expect(tookMs).toBeLessThan(deadlineMs)
    return `aborted after ${tookMs.toFixed(0)} ms`
  },
)

guarantee('UPSTREAM-02', { fault: 'a source is late, though within its deadline', expected: 'its tickets come' }, async () => {
  oneview().fault(late(300))
  const { data, errors } = await page(gateway, 'oneview', 'verifik')
  expect(errors).toBeUndefined()
  expect(data.tickets.sources.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['OK', 'OK'])
  return 'both sources OK'
})
