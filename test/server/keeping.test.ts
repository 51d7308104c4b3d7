import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayConfig } from '../../src/config/gateway-config.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

/** OneView's lists of words may be kept for ten minutes, Verifik's not at all. */
const keepingWords = (config: GatewayConfig): GatewayConfig => ({
  ...config,
  sources: { ...config.sources, oneview: { ...config.sources.oneview!, cache: { lookup: '10m', shared: [] } } },
})

let desk: GatewayUnderTest
beforeAll(async () => {
  desk = await startGatewayUnderTest({ replayHistory: false, config: keepingWords })
}, 120_000)
afterAll(() => desk.close())

async function cacheControl(query: string, method: 'GET' | 'POST' = 'POST') {
  const response =
    method === 'GET'
      ? await fetch(`${desk.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { 'apollo-require-preflight': '1' } })
      : await fetch(`${desk.url}/graphql`, {
          method,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        })
  return { cacheControl: response.headers.get('cache-control'), vary: response.headers.get('vary') }
}

const departments = '{ __typename escalationDepartments(source: "oneview") { id label } }'

describe('for how long a client may keep an answer', () => {
  it.each(['POST', 'GET', 'POST'] as const)('is said where the operator lets us keep all that is in it (%s)', async (method) => {
    const { cacheControl: said, vary } = await cacheControl(departments, method)
    const [, seconds] = /^private, max-age=(\d+)$/.exec(said ?? '') ?? []
    expect(Number(seconds)).toBeGreaterThan(590)
    expect(Number(seconds)).toBeLessThanOrEqual(600)
    expect(vary).toContain('authorization')
  })
  it.each([
    '{ __typename }',
    '{ sources { key } }',
    '{ tickets(first: 1) { nodes { id } } }',
    '{ escalationDepartments(source: "oneview") { id } viewer { id } }',
    '{ escalationDepartments(source: "oneview") { id } ... { sources { key } } }',
    '{ escalationDepartments(source: "oneview") { id } nobody: transferQueues(source: "nobody") { id } }',
    '{ oneview: contactReasons(source: "oneview") { code } verifik: resolutionStatuses(source: "verifik") }',
  ])('is not at all for %s', async (query) => {
    expect((await cacheControl(query)).cacheControl).toBe('no-store')
    // Now that it is in our own cache.
    expect((await cacheControl(query)).cacheControl).toBe('no-store')
  })
})
