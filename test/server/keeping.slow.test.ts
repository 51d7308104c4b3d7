import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayConfig } from '../../src/config/gateway-config.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

/** OneView's lookups are cached for ten minutes, Verifik's are not. */
const withCachedLookups = (config: GatewayConfig): GatewayConfig => ({
  ...config,
  sources: { ...config.sources, oneview: { ...config.sources.oneview!, cache: { lookup: '10m', shared: [] } } },
})

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ replayHistory: false, config: withCachedLookups })
}, 120_000)
afterAll(() => gateway.close())

async function cacheControl(query: string, method: 'GET' | 'POST' = 'POST') {
  const response =
    method === 'GET'
      ? await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { 'apollo-require-preflight': '1' } })
      : await fetch(`${gateway.url}/graphql`, {
          method,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        })
  return { cacheControl: response.headers.get('cache-control'), vary: response.headers.get('vary') }
}

const departments =
  '{ __typename source(key: "oneview") { __typename key capabilities { lookups } escalationDepartments { key label } } }'

describe('the Cache-Control header of an answer', () => {
  it.each(['POST', 'GET', 'POST'] as const)('has max-age where every field is configured to be cached (%s)', async (method) => {
    const { cacheControl: header, vary } = await cacheControl(departments, method)
    const [, seconds] = /^private, max-age=(\d+)$/.exec(header ?? '') ?? []
    expect(Number(seconds)).toBeGreaterThan(590)
    expect(Number(seconds)).toBeLessThanOrEqual(600)
    expect(vary).toContain('authorization')
  })
  it.each([
    '{ __typename }',
    '{ sources { key } }',
    '{ tickets(first: 1) { nodes { id } } }',
    '{ source(key: "oneview") { escalationDepartments { key } } viewer { key } }',
    '{ source(key: "oneview") { escalationDepartments { key } health { state } } }',
    '{ source(key: "oneview") { escalationDepartments { key } } ... { sources { key } } }',
    '{ source(key: "oneview") { ... { escalationDepartments { key } } } }',
    '{ sources { escalationDepartments { key } createForm { key } } }',
    '{ oneview: source(key: "oneview") { contactReasons { code } } verifik: source(key: "verifik") { createForm { key } } }',
  ])('is no-store for %s', async (query) => {
    expect((await cacheControl(query)).cacheControl).toBe('no-store')
    // The second time the gateway's own cache answers.
    expect((await cacheControl(query)).cacheControl).toBe('no-store')
  })
})
