import { describe, expect, it } from 'vitest'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { noProxies } from '../../../src/outbound/proxies.ts'
import { oauthConfig } from '../../../src/sources/credentials/config.ts'
import { createOAuthSignIn, type OAuthDeps } from '../../../src/sources/credentials/oauth-sign-in.ts'
import { startForwardProxy } from '../../support/forward-proxy.ts'
import { createMemoryTokenRows } from '../../support/memory-token-rows.ts'
import { startOAuthServer } from '../../support/oauth-server.ts'
import { keys } from './oauth-fixture.ts'

const { signal } = new AbortController()

async function start(deps: Partial<OAuthDeps> = {}, host?: string) {
  const server = await startOAuthServer()
  const rows = createMemoryTokenRows()
  const oauth = createOAuthSignIn({ rows, keys, metrics: noMetrics, logger: noLogger, clock: Date.now, ...deps })
  const config = oauthConfig.parse({
    tokenUrl: server.tokenUrl,
    clientId: server.client.id,
    clientSecret: server.client.secret,
    refreshToken: server.first,
  })
  // A host that only a proxy reaches; the configuration would ask for https.
  const tokenUrl = host === undefined ? config.tokenUrl : `http://${host}/oauth/tokens`
  const source = (key: string) => ({ key, label: key, oauth: { ...config, tokenUrl } })
  return { server, rows, oauth, source }
}

describe('the sign-in of sources', () => {
  it('needs a key, to store what it obtains', async () => {
    const { oauth, source } = await start({ keys: null })
    expect(() => oauth.signIn(source('acme'))).toThrow('acme: oauth needs secrets.key')
    await oauth.close()
  })

  it('obtains the tokens of each source, and of all of them at the upkeep', async () => {
    const { server, rows, oauth, source } = await start()
    const credentials = oauth.signIn(source('acme'))
    expect(await credentials.current(signal)).toEqual({ authorization: expect.stringMatching(/^Bearer access-/) })
    const other = { ...source('other'), oauth: { ...source('other').oauth, refreshToken: server.signIn() } }
    oauth.signIn(other)
    await oauth.maintain()
    expect((await rows.list()).map(({ sourceKey, version }) => [sourceKey, version])).toEqual([
      ['acme', 1],
      ['other', 1],
    ])
    await oauth.close()
  })

  it('claims a renewal under a name of its own, and waits for it before it closes', async () => {
    const { server, rows, oauth, source } = await start()
    const holders: unknown[] = []
    let answer = () => {}
    server.onIssued = async (given) => {
      holders.push((await rows.find('acme'))?.claimedBy)
      answer = given
    }
    const waiting = oauth.signIn(source('acme')).current(signal)
    await expect.poll(() => holders.length).toBe(1)
    let isClosed = false
    const closing = oauth.close().then(() => {
      isClosed = true
    })
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(isClosed).toBe(false)
    answer()
    expect(await waiting).toHaveProperty('authorization')
    await closing
    expect((await rows.find('acme'))?.version).toBe(1)
    expect(holders).toEqual([expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)])
  })

  it('asks no endpoint once it is closed', async () => {
    const { server, oauth, source } = await start()
    const credentials = oauth.signIn(source('acme'))
    await oauth.close()
    await expect(credentials.current(signal)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    expect(server.exchanges).toEqual([])
  })

  it('goes through the proxy of the gateway', async () => {
    let port = 0
    const proxy = await startForwardProxy(() => port)
    const { server, oauth, source } = await start({ proxies: { ...noProxies, http: proxy.url } }, 'id.acme.test')
    port = Number(new URL(server.url).port)
    expect(await oauth.signIn(source('acme')).current(signal)).toHaveProperty('authorization')
    expect(proxy.lines()).toEqual(['POST http://id.acme.test/oauth/tokens'])
    await oauth.close()
    await proxy.close()
  })

  it('reads no answer of more than 64 kB', async () => {
    const { server, oauth, source } = await start()
    server.onAsked = (res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ access_token: 'a'.repeat(65_536) }))
      return true
    }
    await expect(oauth.signIn(source('acme')).current(signal)).rejects.toMatchObject({
      message: 'acme: its token endpoint could not be reached.',
    })
    await oauth.close()
  })

  it('renews at a random moment, where no test says otherwise', async () => {
    let at = Date.now()
    const { oauth, source, server } = await start({ clock: () => at, random: () => 1 })
    const credentials = oauth.signIn(source('acme'))
    await credentials.current(signal)
    // 450 s before the end of an hour: 300 s, and half of that.
    at += 3_150_000
    await oauth.maintain()
    expect(server.exchanges).toHaveLength(2)
    await oauth.close()
  })
})
