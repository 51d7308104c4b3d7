import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { request } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'
import { createSsrfGuard, createSsrfSafeAgent } from '../../src/delivery/ssrf-guard.ts'
import { noProxies } from '../../src/outbound/proxies.ts'
import { startForwardProxy } from '../support/forward-proxy.ts'
import { startPartner } from './fake-partner.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function partner() {
  const one = await startPartner()
  closing.push(one.close)
  return one
}

/** A port of the loopback address on which no server listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const post = (url: string, agent: ReturnType<typeof createSsrfSafeAgent>) => {
  closing.push(() => agent.destroy())
  return request(url, { method: 'POST', body: '{}', dispatcher: agent })
}
const directAgent = (addresses: readonly string[]) =>
  createSsrfSafeAgent(
    createSsrfGuard(['127.0.0.0/8'], async () => addresses),
    { protocol: 'http:', connectTimeoutMs: 1_000 },
  )

describe('a direct connection', () => {
  test('that fails at the only address fails with the error of that address', async () => {
    const port = await closedPort()
    await expect(post(`http://one.example:${port}/`, directAgent(['127.0.0.1']))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('that fails at every address fails with the error of the last one', async () => {
    const port = await closedPort()
    const agent = directAgent(['127.0.0.9', '127.0.0.1'])
    await expect(post(`http://two.example:${port}/`, agent)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
  })

  test('goes to the first address alone when that answers: at the second one there is no server', async () => {
    const { port, received } = await partner()
    expect((await post(`http://two.example:${port}/`, directAgent(['127.0.0.1', '127.0.0.9']))).statusCode).toBe(204)
    expect(received).toHaveLength(1)
  })

  test('to port 80 needs no port in the URL', async () => {
    const asked: unknown[][] = []
    const guard = {
      ...createSsrfGuard([]),
      async resolve(...args: unknown[]): Promise<readonly string[]> {
        asked.push(args)
        throw new Error('no')
      },
    }
    const agent = createSsrfSafeAgent(guard, { protocol: 'http:', connectTimeoutMs: 1_000 })
    await expect(post('http://[2001:db8::1]/', agent)).rejects.toThrow('no')
    const secure = createSsrfSafeAgent(guard, { protocol: 'https:', connectTimeoutMs: 1_000 })
    await expect(post('https://partner.example/', secure)).rejects.toThrow('no')
    expect(asked).toEqual([
      ['2001:db8::1', 80, 'http:'],
      ['partner.example', 443, 'https:'],
    ])
  })
})

/** A proxy that reaches the partner at these addresses, and an agent behind it. The name has all given addresses. */
async function behindProxy(addresses: readonly string[], reachable: readonly string[], partnerPort: number) {
  const proxy = await startForwardProxy((authority) => (reachable.includes(authority) ? partnerPort : null))
  closing.push(proxy.close)
  // RFC 5737 and RFC 3849: addresses for documentation. No other server has them.
  const guard = createSsrfGuard(['198.51.100.0/24', '2001:db8::/32'], async () => addresses)
  const agent = createSsrfSafeAgent(guard, {
    protocol: 'http:',
    connectTimeoutMs: 1_000,
    proxies: { ...noProxies, http: proxy.url },
  })
  return { proxy, agent }
}

describe('a connection through a proxy', () => {
  test('is a tunnel to the checked address, never to the name, and the partner still sees the name', async () => {
    const { port, received } = await partner()
    const { proxy, agent } = await behindProxy(['198.51.100.7'], ['198.51.100.7:8080'], port)
    expect((await post('http://partner.example:8080/hook', agent)).statusCode).toBe(204)
    expect(proxy.lines()).toEqual(['CONNECT 198.51.100.7:8080'])
    expect(proxy.calls[0]!.headers.host).toBe('198.51.100.7:8080')
    expect(received[0]!.headers.host).toBe('partner.example:8080')
  })

  test('tries the next address when the proxy cannot open the first tunnel, with brackets around IPv6', async () => {
    const { port, received } = await partner()
    const addresses = ['2001:db8::1', '198.51.100.7', '198.51.100.8']
    const { proxy, agent } = await behindProxy(addresses, ['198.51.100.7:8080', '198.51.100.8:8080'], port)
    expect((await post('http://partner.example:8080/hook', agent)).statusCode).toBe(204)
    expect(proxy.lines()).toEqual(['CONNECT [2001:db8::1]:8080', 'CONNECT 198.51.100.7:8080'])
    expect(received).toHaveLength(1)
  })

  test('fails when no tunnel opens, after one try for each address', async () => {
    const { proxy, agent } = await behindProxy(['198.51.100.7', '198.51.100.8'], [], 1)
    await expect(post('http://partner.example:8080/hook', agent)).rejects.toThrow()
    expect(proxy.lines()).toEqual(['CONNECT 198.51.100.7:8080', 'CONNECT 198.51.100.8:8080'])
  })

  test('is not asked for when an address of the name is refused', async () => {
    const { proxy, agent } = await behindProxy(['198.51.100.7', '10.0.0.1'], ['198.51.100.7:8080'], 1)
    await expect(post('http://partner.example:8080/hook', agent)).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
    expect(proxy.lines()).toEqual([])
  })

  test('checks an IPv6 address in the URL itself', async () => {
    const { port } = await partner()
    const { proxy, agent } = await behindProxy([], ['[2001:db8::5]:8080'], port)
    expect((await post('http://[2001:db8::5]:8080/hook', agent)).statusCode).toBe(204)
    expect(proxy.lines()).toEqual(['CONNECT [2001:db8::5]:8080'])
  })
})
