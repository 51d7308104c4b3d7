import type { Reply, SimulatorRequest } from '../simulator.ts'
import { forbidden, invalidToken, notAuthenticated } from './errors.ts'
import { type Id, toId } from './json.ts'
import { isInScope, type TokenHolder } from './oauth.ts'
import type { User } from './records.ts'

/** Credentials that are valid from the start. */
export interface Credentials {
  /** An OAuth access token of the first administrator, which does not expire. */
  readonly token: string
  /** An API token. With it anyone acts as the user whose address they name. Absent: the account has none. */
  readonly apiToken?: string
}

/** Finds out who calls. */
export interface Access {
  /** The acting user, or the refusal. */
  identify(request: SimulatorRequest, now: number): User | Reply
}

export interface AccessOptions {
  readonly credentials: Credentials
  userById(id: Id): User | undefined
  userByEmail(email: string): User | undefined
  /** The user and scopes of an access token of the OAuth flow, while it is valid. */
  holderOf(token: string, now: number): TokenHolder | undefined
  readonly owner: User
}

const anonymousPath = /^\/api\/v2\/users\/me(\.json)?$/

/** The visitor that `/users/me` shows to callers without valid credentials. The id is printed as null. */
export const anonymous: User = {
  ...{ id: 0n, name: 'Anonymous user', email: '', phone: null, role: 'end-user', locale: 'en-US', organizationId: null },
  ...{ groupIds: [], restriction: null, isLight: false, externalId: null, createdAt: 0, updatedAt: 0 },
}

const everyScope: ReadonlySet<string> = new Set(['read', 'write', 'impersonate'])

/** Bearer tokens with their scopes, API tokens, and `X-On-Behalf-Of` for administrators. */
export function createAccess(options: AccessOptions): Access {
  return {
    identify(request, now) {
      const [scheme = '', secret = ''] = (request.headers.authorization ?? '').split(' ')
      if (scheme === 'Bearer') {
        const isOwners = secret === options.credentials.token
        const holder = isOwners ? { user: options.owner, scopes: everyScope } : options.holderOf(secret, now)
        if (!holder) return invalidToken
        return isInScope(holder.scopes, request.method) ? onBehalfOf(options, holder, request) : forbidden
      }
      const user = scheme === 'Basic' ? byApiToken(options, secret) : undefined
      if (user) return onBehalfOf(options, { user, scopes: everyScope }, request)
      return anonymousPath.test(request.path) ? anonymous : notAuthenticated
    },
  }
}

/** `{email}/token:{api token}` in base64. */
function byApiToken({ credentials, userByEmail }: AccessOptions, encoded: string): User | undefined {
  const [, email, token] = /^(.+)\/token:(.*)$/.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  if (email === undefined || credentials.apiToken === undefined || token !== credentials.apiToken) return undefined
  return userByEmail(email)
}

/** An access token needs the scope `impersonate` for it. */
function onBehalfOf(
  { userByEmail, userById }: AccessOptions,
  { user, scopes }: TokenHolder,
  request: SimulatorRequest,
): User | Reply {
  const named = request.headers['x-on-behalf-of']
  if (typeof named !== 'string') return user
  if (user.role !== 'admin' || !scopes.has('impersonate')) return forbidden
  const id = toId(named)
  return (id === undefined ? userByEmail(named) : userById(id)) ?? notAuthenticated
}
