import { expect, it, onTestFinished } from 'vitest'
import { createRandom } from '../../../sandbox/random.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'
import { createZendesk } from '../../../sandbox/zendesk/simulator.ts'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { createOAuthSignIn } from '../../../src/sources/credentials/oauth-sign-in.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import { createSources } from '../../../src/sources/registry.ts'
import { zendeskConfig } from '../../../src/sources/zendesk/config.ts'
import { createZendeskSource } from '../../../src/sources/zendesk/index.ts'
import { someCall } from '../../support/call.ts'
import { createMemoryTokenRows } from '../../support/memory-token-rows.ts'
import { keys } from '../credentials/oauth-fixture.ts'
import { startZendesk } from './zendesk-fixture.ts'

it('ZENDESK-01 signs in at Zendesk by OAuth, and renews the tokens when they have ended', async () => {
  const client = { id: 'deskgraph', secret: 'secret-of-the-client', redirectUri: 'https://gateway.example/back' }
  let now = Date.UTC(2026, 2, 1)
  const zendesk = createZendesk({
    ...{ random: createRandom('sign-in'), until: Date.UTC(2026, 1, 1), count: 8, credentials: { token: 'unused' } },
    ...{ oauthClients: [client], tokensExpireIn: 600, now: () => now },
  })
  const server = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  onTestFinished(() => server.close())
  // What a person does in the browser, once.
  const { redirectUri } = client
  const consent = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    scope: 'read write',
  })
  const back = await fetch(`${server.origin}/oauth/authorizations/new?${consent}`, { redirect: 'manual' })
  const code = new URL(back.headers.get('location')!).searchParams.get('code')
  const first = await fetch(`${server.origin}/oauth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'authorization_code',
      code,
      client_id: client.id,
      client_secret: client.secret,
      redirect_uri: redirectUri,
    }),
  })
  const { refresh_token: refreshToken } = (await first.json()) as { refresh_token: string }
  const clock = () => now
  const deps = { metrics: noMetrics, logger: noLogger, clock }
  const signIn = createOAuthSignIn({ ...deps, rows: createMemoryTokenRows(clock), keys, random: () => 0 })
  onTestFinished(() => signIn.close())
  const oauth = { tokenUrl: `${server.origin}/oauth/tokens`, clientId: client.id, clientSecret: client.secret, refreshToken }
  const config = zendeskConfig.parse({ url: server.origin, oauth })
  const source = createZendeskSource(config, { ...deps, key: 'zendesk', loginOf: claimAsLogin, signIn: signIn.signIn })
  onTestFinished(() => source.close?.())
  const list = () =>
    source.listTickets({ filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 5 }, someCall())
  expect((await list()).tickets).toHaveLength(5)
  now += 11 * 60_000
  expect((await list()).tickets).toHaveLength(5)
})

it('ZENDESK-17 tells the log at the start that its credentials are no user’s', async () => {
  const vendor = await startZendesk({ 'GET /api/v2/users/me': { user: { id: null } } })
  const logged: unknown[] = []
  const logger = { ...noLogger, error: (...entry: unknown[]) => void logged.push(entry) }
  const deps = { metrics: noMetrics, logger, clock: Date.now, identity: { loginOf: () => null } }
  const block = { system: 'zendesk', ...zendeskConfig.parse({ url: vendor.url, token: 'unknown' }) }
  const [built] = await createSources({ desk: block }, deps as unknown as Parameters<typeof createSources>[1])
  onTestFinished(() => built?.source.close?.())
  await expect
    .poll(() => logged)
    .toEqual([
      [{ source: 'desk', code: 'UPSTREAM_AUTH_FAILED' }, expect.stringContaining('those of no user. Renew the credentials')],
    ])
  expect(await built?.source.health()).toMatchObject({ state: 'DOWN' })
})
