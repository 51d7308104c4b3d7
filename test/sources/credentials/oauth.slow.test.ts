import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { type Logger, type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { createSecretKeys } from '../../../src/sources/credentials/secret-keys.ts'
import { openTokens, sealTokens, setRefreshToken } from '../../../src/sources/credentials/token-store.ts'
import { someCall } from '../../support/call.ts'
import { createMemoryTokenRows } from '../../support/memory-token-rows.ts'
import { startOAuthServer } from '../../support/oauth-server.ts'
import { errorOf, read, write } from '../http-client/test-client.ts'
import { keys, keyText, startReplica } from './oauth-fixture.ts'

describe('the first call', () => {
  it('exchanges the refresh token of the configuration, as RFC 6749 §6 writes it', async () => {
    const server = await startOAuthServer()
    const { client } = startReplica(server, createMemoryTokenRows(), { config: { scopes: ['read', 'write'] } })
    expect(await read(client)).toMatchObject({ status: 200 })
    expect(server.exchanges).toEqual([
      {
        form: {
          grant_type: 'refresh_token',
          refresh_token: server.first,
          scope: 'read write',
          client_id: server.client.id,
          client_secret: server.client.secret,
        },
        authorization: undefined,
        status: 200,
      },
    ])
  })

  it('sends the secret of the client by HTTP Basic where the configuration says so, form-encoded', async () => {
    const server = await startOAuthServer()
    const { client } = startReplica(server, createMemoryTokenRows(), { config: { clientAuthentication: 'basic' } })
    expect(await read(client)).toMatchObject({ status: 200 })
    expect(server.exchanges[0]?.form).toEqual({ grant_type: 'refresh_token', refresh_token: server.first })
  })

  it('needs no refresh token for the grant client_credentials', async () => {
    const server = await startOAuthServer()
    const config = { grant: 'client_credentials', refreshToken: undefined }
    const { client } = startReplica(server, createMemoryTokenRows(), { config })
    expect(await read(client)).toMatchObject({ status: 200 })
    expect(server.exchanges[0]?.form.grant_type).toBe('client_credentials')
  })

  it('of many at once makes one exchange', async () => {
    const server = await startOAuthServer()
    const { client } = startReplica(server, createMemoryTokenRows())
    await Promise.all(Array.from({ length: 20 }, (_, index) => read(client, `/thing?${index}`)))
    expect(server.exchanges).toHaveLength(1)
    expect(server.calls).toHaveLength(20)
  })
})

describe('SECRET-03: a 401', () => {
  it('of many reads leads to one exchange and one repeat of each', async () => {
    const server = await startOAuthServer()
    let at = Date.now()
    const { client } = startReplica(server, createMemoryTokenRows(), { clock: () => at })
    await read(client)
    server.revoke('access tokens')
    at += 60_000
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => read(client, `/thing?${index}`)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(server.exchanges).toHaveLength(2)
    expect(server.calls.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(20)
  })

  it('of a write repeats it once, because a 401 says that nothing was done', async () => {
    const server = await startOAuthServer()
    let at = Date.now()
    const { client } = startReplica(server, createMemoryTokenRows(), { clock: () => at })
    await read(client)
    server.revoke('access tokens')
    at += 60_000
    expect(await write(client)).toMatchObject({ ended: 'answered', answer: { status: 200 } })
    expect(server.calls.slice(1)).toEqual([
      { method: 'POST', path: '/thing', status: 401, body: '{"say":"hello"}' },
      { method: 'POST', path: '/thing', status: 200, body: '{"say":"hello"}' },
    ])
  })

  it('of a file is not repeated, because its bytes are gone; the next call has a new token', async () => {
    const server = await startOAuthServer()
    let at = Date.now()
    const { client } = startReplica(server, createMemoryTokenRows(), { clock: () => at })
    await read(client)
    server.revoke('access tokens')
    at += 60_000
    const file = { filename: 'a.txt', contentType: 'text/plain', size: 1, body: Readable.from(['a']) }
    const sent = client.write({ operation: 'file', method: 'POST', path: '/thing', file }, someCall())
    expect(await errorOf(sent)).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED', effect: 'none' })
    expect(await read(client)).toMatchObject({ status: 200 })
    expect(server.calls.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('of a file that is read is repeated', async () => {
    const server = await startOAuthServer()
    let at = Date.now()
    const { client } = startReplica(server, createMemoryTokenRows(), { clock: () => at })
    await read(client)
    server.revoke('access tokens')
    at += 60_000
    const file = await client.download({ operation: 'file', path: '/thing' }, someCall())
    expect(await new Response(Readable.toWeb(file!.body as Readable) as ReadableStream).json()).toEqual({ id: 'thing' })
  })

  it('for a token that is new stands, and does not flood the token endpoint', async () => {
    const server = await startOAuthServer()
    const { client } = startReplica(server, createMemoryTokenRows())
    await read(client)
    server.revoke('access tokens')
    for (let call = 0; call < 3; call++) expect(await errorOf(read(client))).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
    expect(server.exchanges).toHaveLength(1)
  })
})

describe('SECRET-04: a token', () => {
  it('is renewed ahead of its end, while calls go on with it', async () => {
    const server = await startOAuthServer({ expiresIn: 3_600, used: 'kept' })
    let at = Date.now()
    const { client, oauth } = startReplica(server, createMemoryTokenRows(), { clock: () => at })
    await read(client)
    // 300 s before the end, and up to half of that earlier.
    at += 3_290_000
    await oauth.maintain()
    expect(server.exchanges).toHaveLength(1)
    at += 20_000
    await read(client)
    await expect.poll(() => server.exchanges.length).toBe(2)
  })

  it('is renewed by the upkeep too, so that a quiet source keeps its sign-in', async () => {
    const server = await startOAuthServer()
    let at = Date.now()
    const { oauth } = startReplica(server, createMemoryTokenRows(), { clock: () => at })
    await oauth.maintain()
    at += 3_400_000
    await oauth.maintain()
    expect(server.exchanges.map(({ status }) => status)).toEqual([200, 200])
  })

  it('without a lifetime is used until it is refused', async () => {
    const server = await startOAuthServer({ expiresIn: null })
    let at = Date.now()
    const { client } = startReplica(server, createMemoryTokenRows(), { clock: () => at })
    await read(client)
    at += 365 * 86_400_000
    await read(client)
    expect(server.exchanges).toHaveLength(1)
  })

  it('whose lifetime is shorter than the margin is used once for each exchange', async () => {
    const server = await startOAuthServer({ expiresIn: 1 })
    const { client } = startReplica(server, createMemoryTokenRows())
    expect(await read(client)).toMatchObject({ status: 200 })
    await sleep(1_100)
    expect(await read(client)).toMatchObject({ status: 200 })
    expect(server.exchanges).toHaveLength(2)
  })
})

describe('SECRET-05: a refresh token that is refused', () => {
  it('says "sign in again", makes the source DOWN, is not sent again, and ends with a new one', async () => {
    const server = await startOAuthServer()
    let at = Date.now()
    const rows = createMemoryTokenRows(() => at)
    const { client } = startReplica(server, rows, { clock: () => at })
    await read(client)
    server.revoke('all')
    at += 60_000
    const error = await errorOf(read(client))
    expect(error).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED', source: 'acme', retryable: false })
    expect(error.message).toBe(
      'Acme: sign in again: the refresh token is not accepted any more. An operator signs in there and stores the refresh token: deskgraph secrets set acme.',
    )
    expect(client.health()).toMatchObject({ state: 'DOWN', lastError: 'UPSTREAM_AUTH_FAILED' })
    expect(await errorOf(write(client))).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED', effect: 'none' })
    at += 60_000
    await errorOf(read(client))
    expect(server.exchanges).toHaveLength(2)

    const refreshToken = server.signIn()
    await setRefreshToken(rows, keys, 'acme', { refreshToken, configured: server.first, at: new Date(at).toISOString() })
    at += 60_000
    expect(await read(client)).toMatchObject({ status: 200 })
    expect(client.health().state).not.toBe('DOWN')
  })

  it('is not taken from the configuration a second time, also by a replica that starts', async () => {
    const server = await startOAuthServer()
    const rows = createMemoryTokenRows()
    await read(startReplica(server, rows).client)
    await read(startReplica(server, rows).client)
    expect(server.exchanges).toHaveLength(1)
    const other = server.signIn()
    let at = Date.now()
    await read(startReplica(server, rows, { config: { refreshToken: other }, clock: () => at }).client)
    expect(server.exchanges.at(-1)?.form.refresh_token).toBe(other)
    // A rolling restart: a replica with the older file comes back.
    at += 10_000
    await read(startReplica(server, rows, { clock: () => at }).client)
    expect(server.exchanges).toHaveLength(2)
  })

  it('leaves a token that is still valid in use', async () => {
    const server = await startOAuthServer({ used: 'kept' })
    let at = Date.now()
    const { client, oauth } = startReplica(
      server,
      createMemoryTokenRows(() => at),
      { clock: () => at },
    )
    await read(client)
    server.onAsked = (res) => {
      res.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}')
      return true
    }
    at += 3_400_000
    await oauth.maintain()
    expect(await read(client)).toMatchObject({ status: 200 })
    at += 300_000
    expect((await errorOf(read(client))).message).toContain('sign in again')
  })

  it('of Atlassian comes as unauthorized_client', async () => {
    const server = await startOAuthServer()
    server.onAsked = (res) => {
      const body = { error: 'unauthorized_client', error_description: 'refresh_token is invalid' }
      res.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return true
    }
    expect((await errorOf(read(startReplica(server, createMemoryTokenRows()).client))).message).toContain('sign in again')
  })
})

describe('a token endpoint', () => {
  it('that refuses the client names what to correct, and the refresh token stays', async () => {
    const server = await startOAuthServer()
    const rows = createMemoryTokenRows()
    const { client } = startReplica(server, rows, { config: { clientSecret: 'wrong' } })
    expect((await errorOf(read(client))).message).toBe(
      'Acme: its token endpoint refuses the client of the gateway (invalid_client). Correct clientId, clientSecret, grant and scopes of its oauth block.',
    )
    expect(client.health().state).toBe('DOWN')
    expect(await read(startReplica(server, rows).client)).toMatchObject({ status: 200 })
  })

  it.each([
    [
      'fails',
      (res: import('node:http').ServerResponse) => res.writeHead(503).end('<html>'),
      'its token endpoint failed (HTTP 503).',
    ],
    [
      'answers no JSON',
      (res: import('node:http').ServerResponse) => res.end('<html>'),
      'its token endpoint answered what is no token.',
    ],
    ['hangs up', (res: import('node:http').ServerResponse) => res.destroy(), 'its token endpoint could not be reached.'],
    ['hangs', () => {}, 'its token endpoint did not answer in time.'],
  ])('that %s is asked again later, with the same refresh token', async (_, answer, problem) => {
    const server = await startOAuthServer()
    let at = Date.now()
    const { client } = startReplica(server, createMemoryTokenRows(), { clock: () => at, config: { timeoutMs: 300 } })
    server.onAsked = (res) => {
      answer(res)
      return true
    }
    const error = await errorOf(read(client))
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: `Acme: ${problem}`, retryable: true, retryAfter: 1 })
    server.onAsked = null
    // A failure counts for a second: the endpoint is not flooded.
    await errorOf(read(client))
    expect(server.exchanges).toHaveLength(0)
    at += 1_500
    expect(await read(client)).toMatchObject({ status: 200 })
  })
})

describe('SECRET-06: two replicas', () => {
  it('that try at the same moment make one exchange, and both go on', async () => {
    const server = await startOAuthServer()
    const rows = createMemoryTokenRows()
    let at = Date.now()
    const replicas = [startReplica(server, rows, { clock: () => at }), startReplica(server, rows, { clock: () => at })]
    for (let round = 1; round <= 3; round++) {
      const answers = await Promise.all(replicas.flatMap(({ client }) => [read(client, '/thing?a'), read(client, '/thing?b')]))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      expect(server.exchanges).toHaveLength(round)
      at += 3_600_000
    }
  })

  it('of which one renews: the other takes the new token when its own is refused', async () => {
    const server = await startOAuthServer()
    const rows = createMemoryTokenRows()
    let at = Date.now()
    const [a, b] = [startReplica(server, rows, { clock: () => at }), startReplica(server, rows, { clock: () => at })]
    await Promise.all([read(a.client), read(b.client)])
    // Only one of them notices that the access token was revoked; the exchange deletes the former one.
    server.revoke('access tokens')
    at += 60_000
    await read(a.client)
    at += 1_000
    expect(await read(b.client)).toMatchObject({ status: 200 })
    expect(server.exchanges).toHaveLength(2)
  })
})

describe('SECRET-07: tokens that the database does not take', () => {
  it('are not used, are kept, and are stored before the next exchange', async () => {
    const server = await startOAuthServer()
    const rows = createMemoryTokenRows()
    let isDown = false
    const away = () =>
      new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be used now; try again shortly.', { retryAfter: 1 })
    const failing = {
      ...rows,
      save: (...given: Parameters<typeof rows.save>) => (isDown ? Promise.reject(away()) : rows.save(...given)),
    }
    let at = Date.now()
    const { client } = startReplica(server, failing, { clock: () => at })
    isDown = true
    expect(await errorOf(read(client))).toMatchObject({ code: expect.stringMatching(/STORAGE_UNAVAILABLE|UPSTREAM_TIMEOUT/) })
    expect(server.calls).toEqual([])
    // The renewal goes on behind the call, whose time was over.
    await sleep(1_500)
    isDown = false
    at += 5_000
    expect(await read(client)).toMatchObject({ status: 200 })
    expect(server.exchanges).toHaveLength(1)
  })
})

describe('SECRET-09: a replica without the key that seals by now', () => {
  it('goes on with its access token, then names the key, and leaves the refresh token to the others', async () => {
    const server = await startOAuthServer()
    const rows = createMemoryTokenRows()
    let at = Date.now()
    const { client } = startReplica(server, rows, { clock: () => at })
    await read(client)
    const row = (await rows.find('acme'))!
    const next = createSecretKeys(['f'.repeat(64), keyText])
    await rows.reseal(row, sealTokens(next, 'acme', openTokens(next, row)))
    expect(await read(client)).toMatchObject({ status: 200 })
    at += 3_600_000
    const error = await errorOf(read(client))
    expect(error.code).toBe('UPSTREAM_AUTH_FAILED')
    expect(error.message).toMatch(/^Acme: its stored tokens are encrypted with another key\. Add that key to secrets\.otherKeys/)
    expect(server.exchanges).toHaveLength(1)
    expect(await rows.find('acme')).toMatchObject({ state: 'READY', claimedBy: null, uncertainSince: null })
  })
})

describe('the upkeep', () => {
  it('takes tokens that an operator has stored in place of valid ones', async () => {
    const server = await startOAuthServer()
    const rows = createMemoryTokenRows()
    const { client, oauth } = startReplica(server, rows)
    await read(client)
    const refreshToken = server.signIn()
    await setRefreshToken(rows, keys, 'acme', { refreshToken, configured: server.first, at: new Date().toISOString() })
    await oauth.maintain()
    expect(server.exchanges.map(({ form }) => form.refresh_token)).toEqual([server.first, refreshToken])
    expect(await read(client)).toMatchObject({ status: 200 })
  })

  it('shows the state of a sign-in as metrics', async () => {
    const server = await startOAuthServer({ expiresIn: 600 })
    const gauges = new Map<string, number>()
    const outcomes: string[] = []
    const metrics: Metrics = {
      ...noMetrics,
      set: (name, value) => void gauges.set(name, value),
      count: (name, labels, by = 1) => {
        if (name === 'credential_renewals_total' && by > 0) outcomes.push((labels as { outcome: string }).outcome)
      },
    }
    let at = Date.now()
    const { oauth } = startReplica(server, createMemoryTokenRows(), { clock: () => at, metrics })
    await oauth.maintain()
    expect(gauges).toEqual(
      new Map([
        ['credentials_usable', 1],
        ['credentials_expire_seconds', 600],
      ]),
    )
    server.revoke('all')
    at += 600_000
    await oauth.maintain()
    expect(gauges).toEqual(
      new Map([
        ['credentials_usable', 0],
        ['credentials_expire_seconds', 0],
      ]),
    )
    expect(outcomes).toEqual(['issued', 'refused'])
  })

  it('logs a failure that lasts once in 30 s', async () => {
    const server = await startOAuthServer()
    server.onAsked = (res) => {
      res.writeHead(503).end()
      return true
    }
    const lines: string[] = []
    const logger: Logger = { ...noLogger, warn: (_, message) => void lines.push(message) }
    let at = Date.now()
    const { oauth } = startReplica(server, createMemoryTokenRows(), { clock: () => at, logger })
    for (let round = 0; round < 4; round++) {
      await oauth.maintain()
      at += 10_000
    }
    expect(lines).toEqual(Array(2).fill('the tokens of a source could not be renewed'))
  })
})
