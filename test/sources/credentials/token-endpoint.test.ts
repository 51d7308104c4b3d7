import { MockAgent } from 'undici'
import { describe, expect, it } from 'vitest'
import { type OAuthConfig, oauthConfig } from '../../../src/sources/credentials/config.ts'
import { requestTokens, type TokenAnswer } from '../../../src/sources/credentials/token-endpoint.ts'

interface Sent {
  readonly form: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}
interface Reply {
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly error?: Error
  readonly config?: Partial<OAuthConfig>
  /** null: the grant has none. */
  readonly refreshToken?: string | null
}

const issued = { access_token: 'access-1', token_type: 'Bearer' }

/** Asks an endpoint that gives this answer. */
async function ask(reply: Reply = {}): Promise<{ readonly answer: TokenAnswer; readonly sent: Sent[] }> {
  const { status = 200, body = issued, headers = {}, error, refreshToken = 'refresh-1' } = reply
  const agent = new MockAgent()
  agent.disableNetConnect()
  const sent: Sent[] = []
  const call = agent.get('https://id.acme.test').intercept({ path: '/token', method: 'POST' })
  if (error) call.replyWithError(error)
  else
    call.reply((options) => {
      sent.push({
        form: Object.fromEntries(new URLSearchParams(String(options.body))),
        headers: options.headers as Record<string, string>,
      })
      return {
        statusCode: status,
        data: typeof body === 'string' ? body : JSON.stringify(body),
        responseOptions: { headers },
      }
    })
  const config = oauthConfig.parse({ tokenUrl: 'https://id.acme.test/token', clientId: 'client', clientSecret: 'secret' })
  const answer = await requestTokens({ ...config, ...reply.config }, refreshToken, agent)
  await agent.close()
  return { answer, sent }
}
const answerOf = async (reply: Reply) => (await ask(reply)).answer

describe('a request for tokens', () => {
  it('has the grant, the refresh token, the scopes and the client in its form (RFC 6749 §6)', async () => {
    const { sent } = await ask({ config: { scopes: ['read', 'write'] } })
    expect(sent).toMatchObject([
      {
        form: {
          grant_type: 'refresh_token',
          refresh_token: 'refresh-1',
          scope: 'read write',
          client_id: 'client',
          client_secret: 'secret',
        },
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      },
    ])
    expect(sent[0]!.headers).not.toHaveProperty('authorization')
  })

  it('has neither a refresh token nor a scope where there is none', async () => {
    const { sent } = await ask({ config: { grant: 'client_credentials' }, refreshToken: null })
    expect(sent[0]!.form).toEqual({ grant_type: 'client_credentials', client_id: 'client', client_secret: 'secret' })
  })

  it('has the client in the header by HTTP Basic, both form-encoded (RFC 6749 §2.3.1)', async () => {
    const config = { clientAuthentication: 'basic', clientId: 'a b', clientSecret: 'c:d' } as const
    const { sent } = await ask({ config })
    expect(sent[0]!.form).toEqual({ grant_type: 'refresh_token', refresh_token: 'refresh-1' })
    // printf 'a+b:c%%3Ad' | base64
    expect(sent[0]!.headers.authorization).toBe('Basic YStiOmMlM0Fk')
  })
})

describe('tokens that were issued', () => {
  const none = { accessToken: 'access-1', expiresIn: null, refreshToken: null, refreshExpiresIn: null }

  it.each([200, 201])('come with %i, their lifetimes in seconds', async (status) => {
    const body = { ...issued, expires_in: 3600, refresh_token: 'refresh 2', refresh_token_expires_in: '7200' }
    expect(await answerOf({ status, body })).toEqual({
      outcome: 'issued',
      tokens: { accessToken: 'access-1', expiresIn: 3600, refreshToken: 'refresh 2', refreshExpiresIn: 7200 },
    })
  })

  it.each([
    ['no lifetime and no refresh token', {}],
    ['null for them', { expires_in: null, refresh_token: null, refresh_token_expires_in: null }],
    ['their type in small letters', { token_type: 'bearer' }],
    ['their type in capital letters', { token_type: 'BEARER' }],
    ['no type', { token_type: undefined }],
  ])('may have %s', async (_, members) => {
    expect(await answerOf({ body: { ...issued, ...members } })).toEqual({ outcome: 'issued', tokens: none })
  })

  it.each([
    ['no access token', { access_token: undefined }],
    ['an empty access token', { access_token: '' }],
    ['an access token with a blank', { access_token: 'a b' }],
    ['an access token with a line break', { access_token: 'a\nb' }],
    ['another type', { token_type: 'mac' }],
    ['a type that only ends in Bearer', { token_type: 'x-bearer' }],
    ['a type that only begins with Bearer', { token_type: 'bearer-x' }],
    ['a lifetime of 0', { expires_in: 0 }],
    ['a negative lifetime', { expires_in: -1 }],
    ['a lifetime that is no number', { expires_in: '1h' }],
    ['a lifetime with a sign', { expires_in: '+60' }],
    ['a lifetime of eleven digits as text', { expires_in: '12345678901' }],
    ['an empty refresh token', { refresh_token: '' }],
    ['a refresh token with a line break', { refresh_token: 'a\nb' }],
    ['a refresh token beyond ASCII', { refresh_token: 'ä' }],
  ])('are none with %s, and the refresh token may be spent', async (_, members) => {
    expect(await answerOf({ body: { ...issued, ...members } })).toEqual({
      outcome: 'failed',
      problem: 'its token endpoint answered what is no token',
      mayBeSpent: true,
      retryAfterMs: null,
    })
  })

  it('are none where the answer is not JSON', async () => {
    expect(await answerOf({ body: '<html>' })).toMatchObject({ outcome: 'failed', mayBeSpent: true })
  })
})

describe('a refusal', () => {
  it.each([
    [400, 'invalid_grant'],
    [403, 'unauthorized_client'],
  ])('with %i %s ends the refresh token, where one was sent', async (status, error) => {
    expect(await answerOf({ status, body: { error } })).toEqual({ outcome: 'refused', error })
    expect(await answerOf({ status, body: { error }, refreshToken: null })).toEqual({ outcome: 'rejected', error })
  })

  it.each(['invalid_request', 'invalid_client', 'unsupported_grant_type', 'invalid_scope'])(
    'with %s says that the client is wrong',
    async (error) => {
      expect(await answerOf({ status: 400, body: { error } })).toEqual({ outcome: 'rejected', error })
    },
  )

  it.each([
    ['another code, which may repeat what was sent', { error: 'refresh-1 is wrong' }],
    ['no code', {}],
    ['a code that is no text', { error: { code: 'invalid_grant' } }],
    ['no JSON', 'Forbidden'],
  ])('with %s is told by its status', async (_, body) => {
    expect(await answerOf({ status: 403, body })).toEqual({ outcome: 'rejected', error: 'HTTP 403' })
  })

  it('is an answer of any other status, such as a redirect', async () => {
    expect(await answerOf({ status: 302, body: '' })).toEqual({ outcome: 'rejected', error: 'HTTP 302' })
    expect(await answerOf({ status: 499, body: '' })).toEqual({ outcome: 'rejected', error: 'HTTP 499' })
  })
})

describe('a failure that may pass', () => {
  it.each([500, 503])('is %i, after which the refresh token may be spent', async (status) => {
    const problem = `its token endpoint failed (HTTP ${status})`
    expect(await answerOf({ status, body: '' })).toEqual({ outcome: 'failed', problem, mayBeSpent: true, retryAfterMs: null })
    expect(await answerOf({ status, body: '', headers: { 'retry-after': '7' } })).toMatchObject({ retryAfterMs: 7000 })
  })

  it('is 429, after which it is not spent, and 408, after which it may be', async () => {
    const [problem, headers] = ['its token endpoint asked for fewer calls', { 'retry-after': '7' }]
    expect(await answerOf({ status: 429, headers })).toEqual({
      outcome: 'failed',
      problem,
      mayBeSpent: false,
      retryAfterMs: 7000,
    })
    expect(await answerOf({ status: 408 })).toEqual({ outcome: 'failed', problem, mayBeSpent: true, retryAfterMs: null })
  })

  it.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'UND_ERR_CONNECT_TIMEOUT',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ])('is %s, before anything was sent', async (code) => {
    const error = Object.assign(new Error('no connection'), { code })
    expect(await answerOf({ error })).toEqual({
      outcome: 'failed',
      problem: 'its token endpoint could not be reached',
      mayBeSpent: false,
      retryAfterMs: null,
      cause: error,
    })
  })

  it.each(['ECONNRESET', 'UND_ERR_SOCKET', undefined])('is a connection that ends with %s: it may be spent', async (code) => {
    const error = Object.assign(new Error('gone'), { code })
    expect(await answerOf({ error })).toMatchObject({
      problem: 'its token endpoint could not be reached',
      mayBeSpent: true,
      cause: error,
    })
  })

  it('is an answer that does not come in time', async () => {
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    expect(await answerOf({ error })).toMatchObject({
      outcome: 'failed',
      problem: 'its token endpoint did not answer in time',
      mayBeSpent: true,
    })
  })
})
