import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { runDoctor } from '../../src/cli/doctor/doctor.ts'
import type { Store } from '../../src/db/open-store.ts'
import { createSecretKeys } from '../../src/sources/credentials/secret-keys.ts'
import { type NewTokens, sealTokens } from '../../src/sources/credentials/token-store.ts'
import { makeCertificate, trust } from '../support/certificate.ts'
import { createDatabase, hasPostgres, openTestStore } from '../support/databases.ts'
import { startOAuthServer } from '../support/oauth-server.ts'

const key = 'a'.repeat(64)
const keys = createSecretKeys([key])
const minuteMs = 60_000
const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString()

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskgraph-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

interface Setting {
  readonly url: string
  readonly tokenUrl: string
  readonly oauth?: object
  readonly keyBlock?: object
}

/** The lines of the checks of the source `zendesk`, without the blanks between the columns. */
async function examine({ url, tokenUrl, oauth = {}, keyBlock = { key } }: Setting, environment: Record<string, string>) {
  const block = { tokenUrl, clientId: 'deskgraph', clientSecret: 'canary-client-secret', refreshToken: 'canary-first', ...oauth }
  const file = join(folder, 'deskgraph.yaml')
  writeFileSync(file, stringify({ secrets: keyBlock, sources: { zendesk: { system: 'zendesk', url, oauth: block } } }))
  const out = new PassThrough()
  const streams = { out, err: new PassThrough() } as unknown as Record<'out' | 'err', NodeJS.WriteStream>
  await runDoctor({ DESKGRAPH_CONFIG: file, ...environment }, { ...streams, json: false })
  const text = String(out.read())
  expect(text).not.toContain('canary')
  const lines = text.split('\n').map((line) => line.replace(/ {2,}/g, '  '))
  const of = (check: string) => lines.filter((line) => line.includes(`  ${check}  `))
  return { signIn: of('sign-in zendesk'), source: of('source zendesk') }
}

function tokensOf(changes: Partial<NewTokens> = {}, accessToken: string | null = 'canary-access', by = keys): NewTokens {
  return {
    ...sealTokens(by, 'zendesk', { accessToken, refreshToken: 'canary-refresh', taken: [] }),
    accessExpiresAt: fromNow(20 * minuteMs),
    refreshExpiresAt: fromNow(30 * 86_400_000),
    obtainedAt: fromNow(-10 * minuteMs),
    ...changes,
  }
}

const signIn = 'Sign in there as the account of the gateway, and store the refresh token: deskgraph secrets set zendesk.'

describe.runIf(await hasPostgres())('SECRET-10: deskgraph doctor looks at a sign-in', () => {
  async function open(): Promise<{ store: Store; environment: Record<string, string> }> {
    const database = await createDatabase()
    const store = await openTestStore({ databaseUrl: database.url, findSource: () => null })
    onTestFinished(async () => {
      await store.close()
      await database.drop()
    })
    return { store, environment: { DATABASE_URL: database.url } }
  }

  test('that is good, and exchanges nothing', async () => {
    const server = await startOAuthServer()
    const { store, environment } = await open()
    const tokens = tokensOf()
    await store.tokens.add('zendesk', tokens)
    const { signIn: lines } = await examine(server, environment)
    expect(lines).toEqual([
      `OK  sign-in zendesk  Its tokens are stored and can be opened. The access token ends at ${tokens.accessExpiresAt}.`,
    ])
    expect(server.exchanges).toEqual([])
    // GET shows that the endpoint is reached, and carries no token.
    expect(server.calls).toContainEqual({ method: 'GET', path: '/oauth/tokens', status: 405, body: '' })
  })

  test('that has not begun, with and without a refresh token to begin with', async () => {
    const server = await startOAuthServer()
    const { environment } = await open()
    expect((await examine(server, environment)).signIn).toEqual([
      'OK  sign-in zendesk  It has no tokens yet. The first start obtains them.',
    ])
    const { source, signIn: lines } = await examine({ ...server, oauth: { refreshToken: undefined } }, environment)
    expect(lines).toEqual([`PROBLEM  sign-in zendesk  There is no refresh token. ${signIn}`])
    expect(source[0]).toBe(
      'WARNING  source zendesk  It was not called. Zendesk: there is no valid access token now. The check "sign-in zendesk" says more.',
    )
    expect(server.exchanges).toEqual([])
  })

  test('that was revoked: by the refresh token, and by the access token', async () => {
    const server = await startOAuthServer()
    const { store, environment } = await open()
    await store.tokens.add('zendesk', tokensOf())
    // The API does not know this access token: it answers 401.
    const { source } = await examine(server, environment)
    expect(source[0]).toBe(
      'PROBLEM  source zendesk  It refuses the stored access token (HTTP 401). It was revoked. A running gateway renews it at its next call. If this stays, sign in again: deskgraph secrets set zendesk.',
    )
    const claim = (await store.tokens.claim('zendesk', 0, 'x', 1_000))!
    await store.tokens.refuse('zendesk', claim.number, 0)
    expect((await examine(server, environment)).signIn).toEqual([
      `PROBLEM  sign-in zendesk  Its refresh token is not accepted any more. ${signIn}`,
    ])
  })

  test('whose renewal was cut off, says when it began', async () => {
    const server = await startOAuthServer()
    const { store, environment } = await open()
    await store.tokens.add('zendesk', tokensOf())
    const first = (await store.tokens.claim('zendesk', 0, 'x', 1_000))!
    await store.tokens.release('zendesk', first.number, true)
    const [line] = (await examine(server, environment)).signIn
    expect(line).toMatch(
      /^WARNING {2}sign-in zendesk {2}A renewal that began at \S+Z was cut off: its refresh token may be used up\. The next renewal shows it\. If that is refused, sign in again: deskgraph secrets set zendesk\.$/,
    )
    const second = (await store.tokens.claim('zendesk', 0, 'x', 1_000))!
    await store.tokens.refuse('zendesk', second.number, 0)
    expect((await examine(server, environment)).signIn[0]).toMatch(
      /not accepted any more\. A renewal that began at \S+Z was cut off and may have used it up\. Sign in there/,
    )
  })

  test('whose tokens end soon, or have ended while no gateway ran', async () => {
    const server = await startOAuthServer()
    const { store, environment } = await open()
    const [access, refresh] = [fromNow(-30 * minuteMs), fromNow(3 * 86_400_000)]
    await store.tokens.add('zendesk', tokensOf({ accessExpiresAt: access, refreshExpiresAt: refresh }))
    expect((await examine(server, environment)).signIn).toEqual([
      `WARNING  sign-in zendesk  Its refresh token ends at ${refresh}. It is renewed with the access token while a gateway runs. Otherwise sign in again: deskgraph secrets set zendesk.`,
      `WARNING  sign-in zendesk  Its access token ended at ${access}, and no gateway has renewed it. Start the gateway. If one runs, look in its log for the key of the source.`,
    ])
  })

  test('whose key is another one, a former one, or whose row was changed', async () => {
    const server = await startOAuthServer()
    const { store, environment } = await open()
    const former = createSecretKeys(['b'.repeat(64)])
    await store.tokens.add('zendesk', tokensOf({}, 'canary-access', former))
    expect((await examine(server, environment)).signIn).toEqual([
      `PROBLEM  sign-in zendesk  Its tokens are encrypted with a key that this environment does not have (${former.keyId}). Add that key to secrets.otherKeys. Where it is lost: ${signIn}`,
    ])
    const both = { ...server, keyBlock: { key, otherKeys: ['b'.repeat(64)] } }
    expect((await examine(both, environment)).signIn).toEqual([
      'WARNING  sign-in zendesk  Its tokens are encrypted with a former key. Run deskgraph secrets rotate-key.',
    ])
    await store.tokens.replace('zendesk', null, {
      ...tokensOf(),
      sealed: sealTokens(keys, 'jira', { accessToken: 'canary', refreshToken: null, taken: [] }).sealed,
    })
    expect((await examine(server, environment)).signIn).toEqual([
      `PROBLEM  sign-in zendesk  Its stored tokens were changed, or belong to another source. ${signIn}`,
    ])
  })

  test('that was stored by a clock that is ahead', async () => {
    const server = await startOAuthServer()
    const { store, environment } = await open()
    await store.tokens.add('zendesk', tokensOf({ obtainedAt: fromNow(60_500) }))
    expect((await examine(server, environment)).signIn[0]).toMatch(
      /^WARNING {2}sign-in zendesk {2}The clock of the replica that stored its tokens is (59|60) s ahead of the clock of this machine\. Check the time service/,
    )
  })

  test('whose token endpoint has a certificate that has expired, or is not reached', async () => {
    const server = await startOAuthServer()
    const { environment } = await open()
    const certificate = makeCertificate(Date.now() - 86_400_000)
    trust(certificate)
    const expired = createServer(certificate, (_, res) => res.end())
    expired.on('tlsClientError', () => {})
    await once(expired.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void expired.close().closeAllConnections())
    const tokenUrl = `https://127.0.0.1:${(expired.address() as AddressInfo).port}/oauth/tokens`
    expect((await examine({ url: server.url, tokenUrl }, environment)).signIn[1]).toBe(
      'PROBLEM  sign-in zendesk  The token endpoint: Its certificate has expired (CERT_HAS_EXPIRED). Ask its operator to renew the certificate. Until then no call is made.',
    )
    const free = createTcpServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo
    await once(free.close(), 'close')
    const gone = { url: server.url, tokenUrl: `http://127.0.0.1:${port}/oauth/tokens` }
    expect((await examine(gone, environment)).signIn[1]).toMatch(
      /^PROBLEM {2}sign-in zendesk {2}The token endpoint: It refuses connections/,
    )
  })
})

describe('SECRET-10: deskgraph doctor with the embedded database', () => {
  test('reads the tokens when no gateway has it open, and says so when one has', async () => {
    const server = await startOAuthServer()
    const dataDir = join(folder, 'data')
    const { openStore } = await import('../../src/db/open-store.ts')
    const { noLogger, noMetrics } = await import('../../src/domain/telemetry.ts')
    const store = await openStore({ dataDir, findSource: () => null, logger: noLogger, metrics: noMetrics })
    await store.tokens.add('zendesk', tokensOf())
    const environment = { DESKGRAPH_DATA_DIR: dataDir }
    expect((await examine(server, environment)).signIn).toEqual([
      'OK  sign-in zendesk  Its tokens could not be read: the database is empty, not reachable, or a running gateway has it open.',
    ])
    await store.close()
    expect((await examine(server, environment)).signIn[0]).toMatch(
      /^OK {2}sign-in zendesk {2}Its tokens are stored and can be opened\./,
    )
  })
})
