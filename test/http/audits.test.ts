import { readFileSync } from 'node:fs'
import { type AuditResult, auditServer } from 'graphql-http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    replayHistory: false,
    sandbox: { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
  })
}, 120_000)
afterAll(() => gateway.close())

const describe = ({ id, name, ...result }: AuditResult) => `${id} ${name}: ${'reason' in result ? result.reason : result.status}`

test('every audit of the GraphQL-over-HTTP specification passes that the specification demands', async () => {
  const results = await auditServer({ url: `${gateway.url}/graphql` })
  const warnings = results.filter(({ status }) => status === 'warn')
  if (warnings.length > 0) console.warn(`Audits that only warn:\n${warnings.map(describe).join('\n')}`)
  expect(results.length).toBeGreaterThan(50)
  expect(results.filter(({ status }) => status === 'error').map(describe)).toEqual([])
})

test('RELEASE-03: the schema is served as text where introspection is open', async () => {
  const response = await fetch(`${gateway.url}/graphql/schema.graphql`)
  expect(await response.text()).toBe(readFileSync('schema.graphql', 'utf8'))
})
