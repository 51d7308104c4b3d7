import { createHash } from 'node:crypto'
import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { asObject } from './endpoint.ts'
import { fromJson } from './json.ts'
import type { User } from './records.ts'

/** A program that asks for tokens. */
export interface OAuthClient {
  readonly id: string
  readonly secret: string
  readonly redirectUri: string
}

export interface OAuthOptions {
  readonly clients: readonly OAuthClient[]
  /** How long an access token is valid when the request says nothing, in seconds. */
  readonly expiresIn: number
  /** The same for a refresh token, in seconds. */
  readonly refreshExpiresIn: number
  userById(id: bigint): User | undefined
  /** The user that `client_credentials` act as, and that consents in the browser. */
  readonly owner: User
  now(): number
}

interface Grant {
  readonly userId: bigint
  readonly clientId: string
  readonly scope: string
  readonly expiresAt: number
}

/** A valid access token. */
export interface TokenHolder {
  readonly user: User
  readonly scopes: ReadonlySet<string>
}

export interface OAuth {
  routes(): Route[]
  holderOf(token: string, now: number): TokenHolder | undefined
  /** A user's consent, as the browser brings it back: a code, which works once and for two minutes. */
  authorize(client: OAuthClient, user: User, scope?: string): string
}

const codeLifetimeMs = 120_000

/** The tokens of an account: each refresh replaces both tokens, and the old ones are refused at once. */
export function createOAuth(options: OAuthOptions): OAuth {
  const codes = new Map<string, Grant>()
  const access = new Map<string, Grant>()
  const refresh = new Map<string, Grant & { readonly accessToken: string }>()
  let issued = 0
  const newSecret = (kind: string) => createHash('sha256').update(`${kind} ${++issued} ${options.now()}`).digest('hex')

  const issue = (grant: Omit<Grant, 'expiresAt'>, lifetimes: Lifetimes, isRefreshable: boolean): Reply => {
    const now = options.now()
    const accessToken = newSecret('access')
    access.set(accessToken, { ...grant, expiresAt: now + lifetimes.access * 1000 })
    const body = { access_token: accessToken, token_type: 'bearer', scope: grant.scope, expires_in: lifetimes.access }
    if (!isRefreshable) return { status: 200, body }
    const refreshToken = newSecret('refresh')
    refresh.set(refreshToken, { ...grant, accessToken, expiresAt: now + lifetimes.refresh * 1000 })
    return { status: 200, body: { ...body, refresh_token: refreshToken, refresh_token_expires_in: lifetimes.refresh } }
  }

  const redeem = (sent: Sent, client: OAuthClient, lifetimes: Lifetimes): Reply => {
    const now = options.now()
    const { code = '', refresh_token: token = '', scope, redirect_uri: redirectUri } = sent
    switch (sent.grant_type) {
      case 'authorization_code': {
        const grant = codes.get(code)
        codes.delete(code)
        const isValid = grant && now < grant.expiresAt && grant.clientId === client.id && redirectUri === client.redirectUri
        return isValid ? issue(grant, lifetimes, true) : invalidGrant
      }
      case 'refresh_token': {
        const grant = refresh.get(token)
        if (!grant || now >= grant.expiresAt || grant.clientId !== client.id) return invalidGrant
        refresh.delete(token)
        access.delete(grant.accessToken)
        return issue({ ...grant, scope: scope ?? grant.scope }, lifetimes, true)
      }
      case 'client_credentials':
        return issue({ userId: options.owner.id, clientId: client.id, scope: scope ?? 'read write' }, lifetimes, false)
      default:
        return refusal(
          400,
          'unsupported_grant_type',
          'The authorization grant type is not supported by the authorization server.',
        )
    }
  }

  return {
    routes: () => [
      {
        ...{ method: 'POST', path: /^\/oauth\/tokens(\.json)?$/, operation: 'oauth_tokens' },
        handle(request) {
          const sent = readSent(request)
          const client = options.clients.find(({ id }) => id === sent.client_id)
          // A public client refreshes without its secret.
          const needsSecret = sent.grant_type !== 'refresh_token' || sent.client_secret !== undefined
          if (!client || (needsSecret && sent.client_secret !== client.secret)) return invalidClient
          const lifetimes = readLifetimes(sent, options)
          return lifetimes ? redeem(sent, client, lifetimes) : refusal(400, 'invalid_request', 'expires_in is out of range')
        },
      },
      {
        ...{ method: 'GET', path: /^\/oauth\/authorizations\/new$/, operation: 'oauth_consent' },
        handle({ query }) {
          const client = options.clients.find(({ id }) => id === query.get('client_id'))
          if (!client || query.get('redirect_uri') !== client.redirectUri) return invalidClient
          const code = authorize(client, options.owner, query.get('scope') ?? undefined)
          const state = query.get('state')
          const parameters = new URLSearchParams({ code, ...(state !== null && { state }) })
          return { status: 302, headers: { location: `${client.redirectUri}?${parameters}` } }
        },
      },
    ],
    holderOf(token, now) {
      const grant = access.get(token)
      const user = grant && now < grant.expiresAt ? options.userById(grant.userId) : undefined
      return user && { user, scopes: new Set(grant!.scope.split(' ')) }
    },
    authorize,
  }

  function authorize(client: OAuthClient, user: User, scope = 'read write'): string {
    const code = newSecret('code')
    codes.set(code, { userId: user.id, clientId: client.id, scope, expiresAt: options.now() + codeLifetimeMs })
    return code
  }
}

/** Whether a token's scopes allow a call. A scope with a wrong name is granted and allows nothing. */
export function isInScope(scopes: ReadonlySet<string>, method: string): boolean {
  const action = method === 'GET' ? 'read' : 'write'
  return [...scopes].some((scope) => scope === action || scope.endsWith(`:${action}`))
}

type Sent = Readonly<Record<string, string | undefined>>

function readSent({ body, headers }: SimulatorRequest): Sent {
  const text = body.toString('utf8')
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text))
  try {
    return Object.fromEntries(Object.entries(asObject(fromJson(text))).map(([key, value]) => [key, String(value)]))
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

interface Lifetimes {
  readonly access: number
  readonly refresh: number
}

/** In seconds. A request may ask for an access token of 5 minutes to 2 days. */
function readLifetimes(sent: Sent, options: OAuthOptions): Lifetimes | undefined {
  const access = Number(sent.expires_in ?? options.expiresIn)
  const refresh = Number(sent.refresh_token_expires_in ?? options.refreshExpiresIn)
  const isValid = sent.expires_in === undefined || (access >= 300 && access <= 172_800)
  return isValid && Number.isFinite(refresh) ? { access, refresh } : undefined
}

function refusal(status: number, error: string, description: string): Reply {
  return { status, body: { error, error_description: description } }
}

const invalidGrant = refusal(
  400,
  'invalid_grant',
  'The provided access grant is invalid, expired, or revoked (e.g. invalid assertion, expired authorization token, bad end-user password credentials, or mismatching authorization code and redirection URI).',
)
const invalidClient = refusal(401, 'invalid_client', 'Client authentication failed due to unknown client or wrong secret.')
