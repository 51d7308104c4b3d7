import type { Reply, SimulatorRequest } from '../simulator.ts'
import type { OAuthServer } from './oauth.ts'
import { cloudId, type JiraUser, serviceAccount } from './site.ts'
import type { JiraState } from './state.ts'

/** Who may call the site, and how. */
export interface JiraAuth {
  /** The account of a call, or undefined when it may not call. */
  userOf(request: Pick<SimulatorRequest, 'headers' | 'path'>): JiraUser | undefined
  /** The refusal of a call without the right credentials, or null. */
  authorise(request: SimulatorRequest): Reply | null
}

export interface JiraCredentials {
  /** The classic API token of every account: with an account's e-mail it acts as that account. Works at the site's address. */
  readonly token: string
  /** A token with scopes. Works at the API gateway's address, `/ex/jira/{cloudId}`. */
  readonly scopedToken: string
}

/** Paths that ask for no account: the token endpoint, the signed content, and the descriptions of the server. */
const openPaths = /^\/(?:oauth\/token$|media\/|(?:ex\/jira\/[^/]+\/)?rest\/(?:api\/3\/serverInfo|servicedeskapi\/info)$)/

/** Classic tokens at the site, scoped and OAuth tokens at the API gateway. Each is refused at the other's address. */
export function createAuth(state: JiraState, oauth: OAuthServer, { token, scopedToken }: JiraCredentials): JiraAuth {
  const userOf: JiraAuth['userOf'] = ({ headers, path }) => {
    const [scheme, value = ''] = (headers.authorization ?? '').split(' ')
    const gateway = /^\/ex\/jira\/([^/]+)/.exec(path)?.[1]
    const isGateway = gateway !== undefined || path.startsWith('/oauth/token')
    if (gateway !== undefined && gateway !== cloudId) return undefined
    if (scheme?.toLowerCase() === 'bearer') return isGateway && oauth.isValid(value) ? serviceAccount : undefined
    if (scheme?.toLowerCase() !== 'basic') return undefined
    const [, email = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? []
    if (secret !== (isGateway ? scopedToken : token)) return undefined
    return [...state.users.values()].find((user) => user.active && user.emailAddress === email)
  }
  return {
    userOf,
    authorise(request) {
      if (openPaths.test(request.path)) return null
      if (userOf(request)) return null
      if (request.path.startsWith('/ex/') || request.path.startsWith('/oauth/')) {
        return { status: 401, body: { code: 401, message: 'Unauthorized' } }
      }
      const refusal = 'Client must be authenticated to access this resource.'
      if (request.path.includes('/rest/servicedeskapi/')) {
        return {
          status: 401,
          body: { errorMessage: refusal, i18nErrorMessage: { i18nKey: 'sd.unauthenticated', parameters: [] } },
        }
      }
      return {
        status: 401,
        headers: { 'www-authenticate': 'OAuth realm="https%3A%2F%2Fjira.example"' },
        body: { errorMessages: [refusal], errors: {} },
      }
    },
  }
}
