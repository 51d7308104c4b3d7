import { createHash } from 'node:crypto'
import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { cloudId } from './site.ts'
import type { JiraState } from './state.ts'

export interface OAuthClient {
  readonly clientId: string
  readonly clientSecret: string
  /** The first refresh token. Every use replaces it. */
  readonly refreshToken: string
}

/** The authorization server. Access tokens live for an hour; a refresh token works once. */
export interface OAuthServer {
  readonly client: OAuthClient
  isValid(accessToken: string): boolean
  readonly routes: readonly Route[]
  /** Ends all access tokens, as a revocation of the app's grant does. */
  revokeAll(): void
}

const lifetimeMs = 3_600_000
/** An unused refresh token ends after 90 days. */
const refreshLifetimeMs = 90 * 24 * 3_600_000
const scopes = [
  ...['read:jira-work', 'write:jira-work', 'read:jira-user', 'read:servicedesk-request', 'write:servicedesk-request'],
  ...['manage:servicedesk-customer', 'manage:jira-webhook', 'offline_access'],
]

export function createOAuthServer({ now }: Pick<JiraState, 'now'>, client: OAuthClient): OAuthServer {
  const accessTokens = new Map<string, number>()
  let refreshToken = client.refreshToken
  let issuedAt = now()
  let uses = 0
  /** The same grants give the same tokens, so that a test can repeat itself. */
  const derive = (kind: string) => createHash('sha256').update(`${kind}/${client.clientSecret}/${uses}`).digest('base64url')

  const refuse = (status: number, error: string, description: string): Reply => ({
    ...{ status, headers: { 'cache-control': 'no-store' }, body: { error, error_description: description } },
  })
  const grant = (request: SimulatorRequest): Reply => {
    const body = readBody(request)
    if (body.client_id !== client.clientId || body.client_secret !== client.clientSecret) {
      return refuse(401, 'access_denied', 'Unauthorized')
    }
    if (body.grant_type !== 'refresh_token') return refuse(400, 'unsupported_grant_type', 'Only refresh_token is supported here.')
    if (body.refresh_token !== refreshToken || now() - issuedAt > refreshLifetimeMs) {
      return refuse(403, 'invalid_grant', 'Unknown or invalid refresh token.')
    }
    uses += 1
    refreshToken = derive('refresh')
    issuedAt = now()
    const accessToken = derive('access')
    accessTokens.set(accessToken, now() + lifetimeMs)
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        ...{ access_token: accessToken, expires_in: lifetimeMs / 1000, token_type: 'Bearer' },
        ...{ refresh_token: refreshToken, scope: scopes.join(' ') },
      },
    }
  }
  const resources = (request: SimulatorRequest): Reply => {
    const url = `http://${request.headers.host}`
    const avatarUrl = `${url}/site-admin-avatar-cdn/avatars/240/flag.png`
    return { status: 200, body: [{ id: cloudId, url, name: 'acme', scopes: scopes.slice(0, -1), avatarUrl }] }
  }
  return {
    client,
    isValid: (accessToken) => (accessTokens.get(accessToken) ?? 0) > now(),
    routes: [
      { method: 'POST', path: /^\/oauth\/token$/, operation: 'token', handle: grant },
      { method: 'GET', path: /^\/oauth\/token\/accessible-resources$/, operation: 'resources', handle: resources },
    ],
    revokeAll: () => accessTokens.clear(),
  }
}

/** The endpoint reads JSON and forms. */
function readBody(request: SimulatorRequest): Readonly<Record<string, unknown>> {
  if (!/^application\/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '')) return request.json()
  return Object.fromEntries(new URLSearchParams(request.body.toString('utf8')))
}
