import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isOwnPage, type SandboxPanel, sandboxRoutes } from '../../../src/http/routes/sandbox.ts'

let app: FastifyInstance
let port: number
let fault: string | null = null
const hang = { name: 'hang', label: 'Hang', effect: 'No answer.' }
const panel: SandboxPanel = {
  systems: () => [{ key: 'verifik', label: 'Verifik', faults: [hang], fault }],
  setFault(system, name) {
    if (system !== 'verifik' || (name !== null && name !== 'hang')) return false
    fault = name
    return true
  },
}

beforeAll(async () => {
  app = Fastify({ logger: false })
  await app.register(sandboxRoutes, panel)
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port
})
afterAll(() => app.close())

/** By Node's own client, because fetch does not let a program set Host. */
function send(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const sent = httpRequest({ port, host: '127.0.0.1', method, path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
const json = { 'content-type': 'application/json' }
const setHang = (headers: Record<string, string> = {}) =>
  send('PUT', '/graphql/sandbox/verifik', { ...json, ...headers }, '{"fault":"hang"}')

describe('SANDBOX-01: the faults of the sandbox', () => {
  test('are listed, set and removed', async () => {
    expect(JSON.parse((await send('GET', '/graphql/sandbox')).text)).toEqual({
      systems: [{ key: 'verifik', label: 'Verifik', faults: [hang], fault: null }],
    })
    const set = await setHang()
    expect([set.status, JSON.parse(set.text).systems[0].fault]).toEqual([200, 'hang'])
    const removed = await send('PUT', '/graphql/sandbox/verifik', json, '{"fault":null}')
    expect([removed.status, JSON.parse(removed.text).systems[0].fault]).toEqual([200, null])
  })

  test('are refused when they do not exist, and stay as they are', async () => {
    for (const [path, body] of [
      ['/graphql/sandbox/verifik', '{"fault":"explode"}'],
      ['/graphql/sandbox/verifik', '{"fault":1}'],
      ['/graphql/sandbox/verifik', '{}'],
      ['/graphql/sandbox/verifik', 'null'],
      ['/graphql/sandbox/another', '{"fault":"hang"}'],
      ['/graphql/sandbox/constructor', '{"fault":"hang"}'],
    ] as const)
      expect([body, (await send('PUT', path, json, body)).status]).toEqual([body, 400])
    expect(fault).toBeNull()
    expect((await send('POST', '/graphql/sandbox/verifik', json, '{"fault":"hang"}')).status).toBe(405)
    expect((await send('DELETE', '/graphql/sandbox')).status).toBe(405)
  })

  test('are set by a page of the gateway itself, under each name of this machine', async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
      const own = await setHang({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })
      expect([host, own.status]).toEqual([host, 200])
    }
    fault = null
  })

  test('are set by no page of another origin, no rebound name, and nothing behind a proxy', async () => {
    const own = `localhost:${port}`
    const refused: Record<string, string>[] = [
      { host: own, origin: 'https://evil.example' },
      { host: own, origin: 'http://localhost:5173' },
      { host: own, origin: 'null' },
      { host: own, 'sec-fetch-site': 'cross-site' },
      { host: own, 'sec-fetch-site': 'same-site' },
      { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
      { host: `localhost.evil.example:${port}` },
      { host: own, 'x-forwarded-for': '203.0.113.7' },
      { host: own, forwarded: 'for=203.0.113.7' },
    ]
    for (const headers of refused) {
      expect([headers, (await setHang(headers)).status]).toEqual([headers, 403])
      expect([headers, (await send('GET', '/graphql/sandbox', headers)).status]).toEqual([headers, 403])
    }
    expect(fault).toBeNull()
  })

  test('are set by no other machine', () => {
    const from = (remoteAddress: string) =>
      isOwnPage({ raw: { socket: { remoteAddress } }, headers: { host: 'localhost:4000' } } as Parameters<typeof isOwnPage>[0])
    expect(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'].map(from)).toEqual([true, true, true, true])
    expect(['10.0.0.7', '::ffff:10.0.0.7', 'fe80::1', ''].map(from)).toEqual([false, false, false, false])
  })
})
