import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { configFor, createSigner, type Signer, sign, startIssuer } from '../auth/issuer.ts'
import { holdBack } from '../support/fault-proxy.ts'
import { type FaultyGateway, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

let signer: Signer
let issuer: Awaited<ReturnType<typeof startIssuer>>
let gateway: FaultyGateway
beforeAll(async () => {
  signer = await createSigner('key-1')
  issuer = await startIssuer([signer])
  gateway = await startFaultyGateway({ config: (config) => ({ ...config, auth: configFor(issuer.url) }) })
})
afterAll(async () => {
  await gateway.close()
  await issuer.close()
})
beforeEach(() => gateway.proxy('oneview').reset())

/** A valid token with further claims. */
function createToken(claims: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return sign(signer, { iat: now - 60, exp: now + 3_600, scope: 'tickets:read source:*', ...claims })
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` })
const ask = (query: string, headers: Record<string, string>, variables: object = {}) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })

const idOf = (externalId: string) => encodeId('ticket', 'oneview', '', externalId)
const identityAt = (call: { headers: Record<string, unknown> } | undefined) => call?.headers['x-agent-user-id']

guarantee(
  'INPUT-01',
  { fault: 'identities with CR, LF, NUL, comma, blanks and umlauts', expected: 'none becomes X-Agent-User-ID' },
  async () => {
    const hostile = [
      'a@b.c\r\nX-Evil: 1',
      'a@b.c\n',
      'a@b.c\u0000',
      'a@b.c,boss@b.c',
      ' a@b.c',
      'a@b.c ',
      'ärger@b.c',
      '\u202ea@b.c',
      '',
      7,
      ['a@b.c'],
      { a: 1 },
    ]
    for (const email of hostile) {
      gateway.proxy('oneview').reset()
      await ask(
        'query ($id: ID!) { ticket(id: $id) { id } }',
        bearer(await createToken({ email, sub: `i1-${JSON.stringify(email)}` })),
        { id: idOf('vsba-nhas') },
      )
      for (const call of gateway.proxy('oneview').calls) {
        expect(identityAt(call), JSON.stringify(email)).toBeUndefined()
        expect(call.headers['x-evil']).toBeUndefined()
      }
    }
    return `${hostile.length} identities, no header`
  },
)

guarantee(
  'INPUT-02',
  { fault: 'a client sends X-Agent-User-ID itself', expected: "ignored: the token's identity goes" },
  async () => {
    const headers = { ...bearer(await createToken()), 'x-agent-user-id': 'boss@example.com', 'x-request-id': 'mine' }
    await ask('query ($id: ID!) { ticket(id: $id) { id } }', headers, { id: idOf('vsba-nhas') })
    const [call] = gateway.proxy('oneview').calls
    expect(identityAt(call)).toBe('agent@example.com')
    expect(call?.headers['x-request-id']).not.toBe('mine')
    return 'agent@example.com'
  },
)

guarantee(
  'INPUT-09',
  {
    fault: 'two viewers send the same query at once, then one viewer sends it twice',
    expected: 'two calls with two identities; one call for one viewer',
  },
  async () => {
    const proxy = gateway.proxy('oneview')
    const hold = holdBack()
    proxy.fault(hold.fault)
    const query = 'query ($id: ID!) { ticket(id: $id) { id } }'
    const by = async (sub: string) =>
      ask(query, bearer(await createToken({ sub, email: `${sub}@example.com` })), { id: idOf('vsba-nhas') })
    const asked = [by('ann'), by('bob'), by('ann')]
    await vi.waitFor(() => expect(proxy.calls).toHaveLength(2), { timeout: 5_000 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    proxy.fault(null)
    hold.release()
    await Promise.all(asked)
    expect(proxy.calls.map(identityAt).sort()).toEqual(['ann@example.com', 'bob@example.com'])
    return '2 calls: ann@example.com, bob@example.com'
  },
)
