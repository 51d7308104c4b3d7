import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authConfig } from '../../src/auth/config.ts'
import { identityConfig } from '../../src/sources/identity-map.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

// Ann has another login at each source; Bob is known everywhere by his e-mail address.
const folder = mkdtempSync(join(tmpdir(), 'deskgraph-identity-'))
let gateway: GatewayUnderTest
let asService: Record<string, string>
let asAnn: Record<string, string>
let asBob: Record<string, string>
/** Ann's login by source. */
const logins: Record<string, string> = {}

const list = `query ($filter: TicketFilter) {
  tickets(first: 100, filter: $filter) {
    nodes { id status source { key } assignee { externalId } }
    sources { source { key } outcome }
  }
}`
interface Listed {
  readonly id: string
  readonly status: string
  readonly source: { readonly key: string }
  readonly assignee: { readonly externalId: string } | null
}
const listed = async (filter: object, headers: Record<string, string>): Promise<readonly Listed[]> =>
  (await gateway.ask(list, { filter }, headers)).tickets.nodes

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  writeFileSync(join(folder, 'key.pem'), await exportSPKI(publicKey))
  const publicKeyFile = join(folder, 'key.pem')
  const auth = authConfig.parse({ mode: 'jwt', issuer: 'https://issuer.example', audience: 'deskgraph', publicKeyFile })
  const authorize = async (name: string) => {
    const claims = { sub: name, email: `${name}@desk.example`, scope: 'tickets:read tickets:write source:*' }
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
      .setIssuer('https://issuer.example')
      .setAudience('deskgraph')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
    return { authorization: `Bearer ${token}` }
  }
  const counts = { oneview: 60, verifik: 60, vcc: 60, wasabi: 20, rbi: 5 }
  const sandbox = { counts, seed: 'identity' }
  // The first gateway reads who has tickets; the second one knows Ann as one of them at each source.
  gateway = await startGatewayUnderTest({ sandbox })
  for (const key of ['oneview', 'verifik', 'vcc']) {
    const tickets = await listed({ sources: [key] }, {})
    logins[key] = tickets.find(({ assignee }) => assignee)!.assignee!.externalId
  }
  await gateway.close()
  const identity = identityConfig.parse({ map: { 'ann@desk.example': logins } })
  gateway = await startGatewayUnderTest({ sandbox, config: (config) => ({ ...config, auth, identity }) })
  asService = await authorize('service')
  asAnn = await authorize('ann')
  asBob = await authorize('bob')
}, 120_000)
afterAll(async () => {
  await gateway?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('DECISION-51: the map of identities', () => {
  test.each(['oneview', 'verifik', 'vcc'])("finds the viewer's tickets by the login of the source, of %s", async (key) => {
    const all = await listed({ sources: [key] }, asService)
    const expected = all.filter(({ assignee }) => assignee?.externalId.toLowerCase() === logins[key]!.toLowerCase())
    expect(expected.length).toBeGreaterThan(0)
    const mine = await listed({ sources: [key], assignedToMe: true }, asAnn)
    expect(mine.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort())
    expect(await listed({ sources: [key], assignedToMe: true }, asBob)).toEqual([])
    const free = await listed({ sources: [key], unassigned: true }, asAnn)
    const withoutAgent = all.filter(({ assignee }) => assignee === null)
    expect(free.map(({ id }) => id).sort()).toEqual(withoutAgent.map(({ id }) => id).sort())
  })

  test('finds the tickets of all sources at once', async () => {
    const mine = await listed({ assignedToMe: true }, asAnn)
    expect(new Set(mine.map(({ source }) => source.key))).toEqual(new Set(Object.keys(logins)))
  })

  test('names the viewer in reads and writes by the login, without an entry by the claim', async () => {
    const open = (await listed({ sources: ['oneview'], status: ['IN_PROGRESS'] }, asService)).map(({ id }) => id)
    const close = 'mutation ($id: ID!) { closeTicket(input: { id: $id }) { outcome } }'
    const agentsOf = async (id: string, headers: Record<string, string>) => {
      gateway.sandbox.oneview.resetCalls()
      expect(await gateway.ask(close, { id }, headers)).toEqual({ closeTicket: { outcome: 'APPLIED' } })
      await listed({ sources: ['oneview'] }, headers)
      const calls = gateway.sandbox.oneview.callLog()
      expect(calls.map(({ method }) => method)).toEqual(expect.arrayContaining(['POST', 'GET']))
      return [...new Set(calls.map(({ agent }) => agent))]
    }
    expect(await agentsOf(open[0]!, asAnn)).toEqual([logins.oneview])
    expect(await agentsOf(open[1]!, asBob)).toEqual(['bob@desk.example'])
  })
})
