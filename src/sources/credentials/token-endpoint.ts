import { type Dispatcher, request } from 'undici'
import { z } from 'zod'
import { readRetryAfter } from '../../outbound/retry-after.ts'
import type { OAuthConfig } from './config.ts'

// One call of a token endpoint (RFC 6749 §4.4 and §6).

/** What the endpoint issued. Lifetimes count from the moment before the call, in seconds; null: it named none. */
export interface IssuedTokens {
  readonly accessToken: string
  readonly expiresIn: number | null
  /** null: the one that was sent stays valid (RFC 6749 §6). */
  readonly refreshToken: string | null
  /** `refresh_token_expires_in` of Zendesk. */
  readonly refreshExpiresIn: number | null
}

export type TokenAnswer =
  | { readonly outcome: 'issued'; readonly tokens: IssuedTokens }
  /** The refresh token is not valid any more. `error`: the code of RFC 6749 §5.2. */
  | { readonly outcome: 'refused'; readonly error: string }
  /** The client, its secret or the request is wrong: the refresh token was not used. */
  | { readonly outcome: 'rejected'; readonly error: string }
  /** A later call may succeed. `mayBeSpent`: the endpoint may have used the refresh token, and no answer says so. */
  | {
      readonly outcome: 'failed'
      readonly problem: string
      readonly mayBeSpent: boolean
      readonly retryAfterMs: number | null
      readonly cause?: unknown
    }

const seconds = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value),
  z.number().positive().nullish(),
)
/** A header carries the access token: RFC 6750 §2.1. */
const token = z.string().regex(/^[!-~]+$/)

const success = z.object({
  access_token: token,
  // Its letters may have any case (RFC 6749 §5.1). Some endpoints leave it out.
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .optional(),
  expires_in: seconds,
  refresh_token: z
    .string()
    .regex(/^[ -~]+$/)
    .nullish(),
  refresh_token_expires_in: seconds,
})
const failure = z.object({ error: z.string() })

/** The codes of RFC 6749 §5.2. Any other text of an answer may repeat what was sent, and is not shown. */
const knownErrors = new Set([
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client'],
  ...['unsupported_grant_type', 'invalid_scope'],
])
/**
 * `unauthorized_client` with 403 is what Atlassian answers for a refresh token that is not valid any more (community reports of
 * "refresh_token is invalid"; inferred). RFC 6749 means a client that may not use the grant: a new sign-in shows which of the two it was.
 */
const refusedErrors = new Set(['invalid_grant', 'unauthorized_client'])

/** Failures before a byte of the request was sent. */
const notSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_TLS|CERT_.*|ERR_TLS_.*|ERR_SSL_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/

/** Asks for tokens once. It never rejects, and no text in its result repeats a part of the request or of the answer. */
export async function requestTokens(
  config: OAuthConfig,
  refreshToken: string | null,
  dispatcher: Dispatcher,
): Promise<TokenAnswer> {
  const { headers, body } = toRequest(config, refreshToken)
  try {
    const signal = AbortSignal.timeout(config.timeoutMs)
    const answer = await request(config.tokenUrl, { method: 'POST', headers, body, signal, dispatcher })
    const text = await answer.body.text()
    return toAnswer(answer.statusCode, answer.headers['retry-after'], readJson(text), refreshToken !== null)
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    const mayBeSpent = !notSent.test(code ?? '')
    const problem =
      name === 'TimeoutError' ? 'its token endpoint did not answer in time' : 'its token endpoint could not be reached'
    return { outcome: 'failed', problem, mayBeSpent, retryAfterMs: null, cause: error }
  }
}

/** Why not a library: docs/decisions/0011-oauth-exchange.md. */
function toRequest({ clientId, clientSecret, grant, scopes, clientAuthentication }: OAuthConfig, refreshToken: string | null) {
  const form = new URLSearchParams({ grant_type: grant })
  if (refreshToken !== null) form.set('refresh_token', refreshToken)
  if (scopes.length > 0) form.set('scope', scopes.join(' '))
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  if (clientAuthentication === 'body') {
    form.set('client_id', clientId)
    form.set('client_secret', clientSecret)
  } else {
    // RFC 6749 §2.3.1: both are form-encoded before base64.
    const pair = [clientId, clientSecret].map((text) => new URLSearchParams({ '': text }).toString().slice(1)).join(':')
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  }
  return { headers, body: form.toString() }
}

function toAnswer(status: number, retryAfter: string | string[] | undefined, body: unknown, isRefresh: boolean): TokenAnswer {
  if (status === 200 || status === 201) {
    const read = success.safeParse(body)
    if (!read.success) return failed('its token endpoint answered what is no token', true)
    const { access_token, expires_in, refresh_token, refresh_token_expires_in } = read.data
    const tokens = { accessToken: access_token, expiresIn: expires_in ?? null, refreshToken: refresh_token ?? null }
    return { outcome: 'issued', tokens: { ...tokens, refreshExpiresIn: refresh_token_expires_in ?? null } }
  }
  const retryAfterMs = readRetryAfter(retryAfter, Date.now())
  if (status >= 500) return failed(`its token endpoint failed (HTTP ${status})`, true, retryAfterMs)
  if (status === 429 || status === 408) return failed('its token endpoint asked for fewer calls', status === 408, retryAfterMs)
  const given = failure.safeParse(body).data?.error ?? ''
  const error = knownErrors.has(given) ? given : `HTTP ${status}`
  return { outcome: isRefresh && refusedErrors.has(error) ? 'refused' : 'rejected', error }
}

function failed(problem: string, mayBeSpent: boolean, retryAfterMs: number | null = null): TokenAnswer {
  return { outcome: 'failed', problem, mayBeSpent, retryAfterMs }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
