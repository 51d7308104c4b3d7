import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { listSecrets, rotateKey, type SecretsStreams, setSecret } from '../../src/cli/secrets.ts'
import { createSecretKeys } from '../../src/sources/credentials/secret-keys.ts'
import { openTokens, sealTokens, takeConfigured } from '../../src/sources/credentials/token-store.ts'
import { createDatabase, hasPostgres, openTestStore } from '../support/databases.ts'

const [oneKey, otherKey] = ['a'.repeat(64), 'b'.repeat(64)] as const
const zendesk = {
  system: 'zendesk',
  url: 'https://acme.zendesk.test',
  oauth: {
    tokenUrl: 'https://acme.zendesk.test/oauth/tokens',
    clientId: 'deskgraph',
    clientSecret: 'the-client-secret',
    refreshToken: 'configured-refresh-token',
  },
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskgraph-secrets-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

function environmentOf(secrets: object = { key: oneKey }, sources: object = { zendesk }): Record<string, string> {
  const file = join(folder, 'deskgraph.yaml')
  writeFileSync(file, stringify({ secrets, sources }))
  return { DESKGRAPH_CONFIG: file }
}

function streamsOf(input = ''): SecretsStreams & { text(): string; errors(): string } {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const read = (stream: PassThrough) => String(stream.read() ?? '')
  return { in: Readable.from([input]) as unknown as NodeJS.ReadStream, out, err, text: () => read(out), errors: () => read(err) }
}

/** What the command prints when it ends the process with the exit code 1. */
async function failureOf(work: () => Promise<unknown>): Promise<string> {
  const printed: string[] = []
  const error = vi.spyOn(console, 'error').mockImplementation((text) => void printed.push(String(text)))
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw Object.assign(new Error('ended'), { exitCode: code })
  })
  try {
    await expect(work()).rejects.toMatchObject({ exitCode: 1 })
    return printed.join('\n')
  } finally {
    error.mockRestore()
    exit.mockRestore()
  }
}

describe.runIf(await hasPostgres())('deskgraph secrets', () => {
  async function open(environment: Record<string, string>) {
    const database = await createDatabase()
    const store = await openTestStore({ databaseUrl: database.url, findSource: () => null })
    onTestFinished(async () => {
      await store.close()
      await database.drop()
    })
    return { store, environment: { ...environment, DATABASE_URL: database.url } }
  }

  test('set stores a refresh token from the standard input, and prints none', async () => {
    const { store, environment } = await open(environmentOf())
    const streams = streamsOf('  a-new-refresh-token\n')
    await setSecret('zendesk', {}, environment, streams)
    expect(streams.text()).toBe('The refresh token of zendesk is stored. Running gateways use it within a quarter of a minute.\n')
    const audit = streams.errors()
    expect(JSON.parse(audit)).toMatchObject({ who: 'operator', what: 'setSecret', subject: 'zendesk', outcome: 'APPLIED' })
    const row = (await store.tokens.find('zendesk'))!
    const keys = createSecretKeys([oneKey])
    expect(openTokens(keys, row)).toMatchObject({ accessToken: null, refreshToken: 'a-new-refresh-token' })
    expect(Buffer.from(row.sealed).toString('latin1')).not.toContain('refresh')
    // A start with the same file does not take the older text in place of it.
    await takeConfigured(store.tokens, keys, 'zendesk', { refreshToken: 'configured-refresh-token', at: row.obtainedAt })
    expect(openTokens(keys, (await store.tokens.find('zendesk'))!).refreshToken).toBe('a-new-refresh-token')
  })

  test.each([
    ['nosuch', 'x', 'There is no source "nosuch".'],
    ['rt', 'x', 'The source "rt" has no oauth block.'],
    ['client', 'x', 'The source "client" signs in by client_credentials, which has no refresh token.'],
    ['zendesk', '\n', 'The standard input holds no token: one line of visible ASCII characters is expected.'],
    ['zendesk', 'two\nlines', 'The standard input holds no token: one line of visible ASCII characters is expected.'],
  ])('set says why it stores nothing: %s, %j', async (key, input, message) => {
    const { refreshToken: _, ...oauth } = zendesk.oauth
    const sources = {
      zendesk,
      rt: { system: 'rt', url: 'https://rt.test', token: '1-abc' },
      client: { ...zendesk, oauth: { ...oauth, grant: 'client_credentials' } },
    }
    const { environment } = await open(environmentOf({ key: oneKey }, sources))
    expect(await failureOf(() => setSecret(key, {}, environment, streamsOf(input)))).toBe(message)
  })

  test('set refuses a terminal, which would show the token', async () => {
    const { environment } = await open(environmentOf())
    const streams = streamsOf()
    Object.assign(streams.in, { isTTY: true })
    expect(await failureOf(() => setSecret('zendesk', {}, environment, streams))).toBe(
      'A terminal would show the token. Send it in: deskgraph secrets set zendesk < FILE',
    )
  })

  test('list shows states and times, and no token', async () => {
    const { store, environment } = await open(environmentOf())
    const keys = createSecretKeys([oneKey])
    const add = (key: string, by = keys) =>
      store.tokens.add(key, {
        ...sealTokens(by, key, { accessToken: 'canary-access', refreshToken: 'canary-refresh', taken: [] }),
        accessExpiresAt: '2026-11-29T11:00:00.000Z',
        refreshExpiresAt: null,
        obtainedAt: '2026-11-29T10:00:00.000Z',
      })
    await add('zendesk')
    await add('gone')
    const streams = streamsOf()
    await listSecrets(environment, false, streams)
    const text = streams.text()
    expect(text.split('\n').map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      'source  state  access token until  refresh token until  stored at  renewing since  key',
      `gone  NO SOURCE  2026-11-29T11:00:00.000Z  -  2026-11-29T10:00:00.000Z  -  ${keys.keyId}`,
      `zendesk  READY  2026-11-29T11:00:00.000Z  -  2026-11-29T10:00:00.000Z  -  ${keys.keyId}`,
      '',
    ])
    const claim = (await store.tokens.claim('zendesk', 0, 'x', 1_000))!
    await store.tokens.refuse('zendesk', claim.number, 0)
    await listSecrets(environment, true, streams)
    const json = streams.text()
    expect(JSON.parse(json)).toMatchObject([{ source: 'gone' }, { source: 'zendesk', state: 'SIGN IN AGAIN' }])
    await listSecrets({ ...environment, ...environmentOf({ key: otherKey }) }, true, streams)
    expect(JSON.parse(streams.text())).toMatchObject([{ state: 'NO SOURCE' }, { state: 'UNKNOWN KEY' }])
    expect(text + json).not.toContain('canary')
  })

  test('SECRET-09: rotate-key encrypts every token with the new key, and says which it cannot open', async () => {
    const { store, environment } = await open(environmentOf({ key: oneKey, otherKeys: [otherKey] }))
    const [fresh, former, foreign] = [oneKey, otherKey, 'c'.repeat(64)].map((key) => createSecretKeys([key]))
    const tokens = { accessToken: 'canary-access', refreshToken: 'canary-refresh', taken: [] }
    const times = { accessExpiresAt: null, refreshExpiresAt: null, obtainedAt: '2026-11-29T10:00:00.000Z' }
    await store.tokens.add('new', { ...sealTokens(fresh!, 'new', tokens), ...times })
    await store.tokens.add('old', { ...sealTokens(former!, 'old', tokens), ...times })
    const streams = streamsOf()
    const auditFile = join(folder, 'audit.log')
    expect(await rotateKey({ audit: auditFile }, environment, streams)).toBe(0)
    expect(streams.text()).toBe(`1 of 2 stored tokens were encrypted again, with the key ${fresh!.keyId}.\n`)
    expect(JSON.parse(readFileSync(auditFile, 'utf8'))).toMatchObject({ what: 'rotateSecretsKey', count: 1 })
    // The former key is not needed any more.
    for (const key of ['new', 'old']) expect(openTokens(fresh!, (await store.tokens.find(key))!)).toEqual(tokens)
    await store.tokens.add('strange', { ...sealTokens(foreign!, 'strange', tokens), ...times })
    expect(await rotateKey({ audit: auditFile }, environment, streams)).toBe(1)
    expect(streams.errors()).toBe(
      `strange: it is encrypted with the key ${foreign!.keyId}, which is not among secrets.key and secrets.otherKeys.\n`,
    )
  })

  test('SECRET-09: set replaces a token whose key is lost', async () => {
    const { store, environment } = await open(environmentOf())
    const lost = createSecretKeys(['c'.repeat(64)])
    const times = { accessExpiresAt: null, refreshExpiresAt: null, obtainedAt: '2026-11-29T10:00:00.000Z' }
    const tokens = { accessToken: 'x', refreshToken: 'y', taken: [] }
    await store.tokens.add('zendesk', { ...sealTokens(lost, 'zendesk', tokens), ...times })
    await setSecret('zendesk', {}, environment, streamsOf('after-the-loss'))
    const row = (await store.tokens.find('zendesk'))!
    expect(openTokens(createSecretKeys([oneKey]), row).refreshToken).toBe('after-the-loss')
  })
})

describe('SECRET-02: a source with an oauth block and no key', () => {
  test('is a fault of the configuration, with its place and what to do', async () => {
    const environment = { ...environmentOf({}), DESKGRAPH_DATA_DIR: join(folder, 'data') }
    const message = await failureOf(() => listSecrets(environment, false, streamsOf()))
    expect(message).toMatch(
      /deskgraph\.yaml:\d+:\d+ sources\.zendesk\.oauth: its tokens are stored encrypted, and there is no key: set DESKGRAPH_SECRETS_KEY or secrets\.key; "openssl rand -hex 32" makes one$/,
    )
    expect(message).not.toContain('secret-')
  })

  test('is none with the key of the environment', async () => {
    const environment = { ...environmentOf({}), DESKGRAPH_DATA_DIR: join(folder, 'data'), DESKGRAPH_SECRETS_KEY: oneKey }
    const streams = streamsOf()
    await listSecrets(environment, true, streams)
    expect(JSON.parse(streams.text())).toEqual([])
  })

  test.each([['short'], ['g'.repeat(64)]])('and a key of another form is a fault without its text: %s', async (key) => {
    const message = await failureOf(() => listSecrets(environmentOf({ key }), false, streamsOf()))
    expect(message).toMatch(/secrets\.key: must be 32 random bytes/)
    expect(message).not.toContain(key)
    const ofEnvironment = { ...environmentOf({}), DESKGRAPH_SECRETS_KEY: key }
    expect(await failureOf(() => listSecrets(ofEnvironment, false, streamsOf()))).toMatch(
      /^environment variable DESKGRAPH_SECRETS_KEY: must be 32 random bytes/,
    )
  })
})
