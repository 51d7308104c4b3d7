import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import type { JiraAuth } from './auth.ts'
import { JqlError } from './jql-parse.ts'
import type { RateLimiter } from './limits.ts'
import type { JiraIssue } from './model.ts'
import { anonymous, type JiraUser } from './site.ts'
import type { JiraState } from './state.ts'

/** What the routes of one simulated site share. */
export interface Site {
  readonly state: JiraState
  readonly auth: JiraAuth
  readonly limiter: RateLimiter
  /** Does what the site does by itself until now. `origin`: the address that the caller uses. */
  beforeCall(origin: string): void
}

/** One call as its route sees it: who asks, in which zone, and at which address. */
export interface View {
  readonly state: JiraState
  readonly user: JiraUser
  readonly zone: string
  /** Scheme, host, port and the gateway's path of the site, as the caller wrote them. */
  readonly base: string
  readonly origin: string
}

/** A refusal that a route throws. */
export class Refusal extends Error {
  readonly reply: Reply
  constructor(reply: Reply) {
    super(`refused with ${reply.status}`)
    this.reply = reply
  }
}

/** A failure in the platform API's shape: messages, and texts by field. */
export function platformFailure(messages: readonly string[], errors: Readonly<Record<string, string>> = {}) {
  return { errorMessages: messages, errors }
}

export function refusePlatform(status: number, message: string): never {
  throw new Refusal({ status, body: platformFailure([message]) })
}

/** A failure in the service desk API's shape. */
export function deskFailure(message: string, i18nKey = 'sd.common.error') {
  return { errorMessage: message, i18nErrorMessage: { i18nKey, parameters: [] } }
}

export function refuseDesk(status: number, message: string, i18nKey?: string): never {
  throw new Refusal({ status, body: deskFailure(message, i18nKey) })
}

/** The address that the caller used, with the path of the API gateway when it used that. */
export function baseOf(request: Pick<SimulatorRequest, 'headers' | 'path'>): { readonly base: string; readonly origin: string } {
  const origin = `http://${request.headers.host ?? 'jira.example'}`
  return { origin, base: origin + (/^\/ex\/jira\/[^/]+/.exec(request.path)?.[0] ?? '') }
}

export type Handler = (view: View, request: SimulatorRequest) => Reply

/** Makes the routes of one of the two APIs. `{}` in a path stands for one part of it. */
export type RouteMaker = (method: string, path: string, operation: string, handle: Handler) => Route

/** Routes below `/rest/api/3`, for accounts with a licence. */
export function platformRoutes(site: Site): RouteMaker {
  return maker(site, '/rest/api/3', (view, request, handle) => {
    if (view.user.accountType === 'customer') refusePlatform(403, 'The account has no access to Jira. Customers use the portal.')
    return handle(view, request)
  })
}

/** Routes below `/rest/servicedeskapi`, for agents and customers. */
export function deskRoutes(site: Site): RouteMaker {
  return maker(site, '/rest/servicedeskapi', (view, request, handle) => handle(view, request))
}

function maker(site: Site, root: string, guard: (view: View, request: SimulatorRequest, handle: Handler) => Reply): RouteMaker {
  return (method, path, operation, handle) => ({
    ...{ method, operation, path: toPattern(root + path) },
    handle(request) {
      const { state, auth, limiter } = site
      site.beforeCall(baseOf(request).origin)
      const issue = method === 'GET' ? undefined : writtenIssue(state, request)
      const tooMany = limiter.check({ method, operation, issueId: issue?.id, isApp: isApp(request) })
      if (tooMany) return tooMany
      const user = auth.userOf(request) ?? anonymous
      const view: View = { state, user, zone: user.timeZone, ...baseOf(request) }
      try {
        refuseBrokenJson(request)
        if (issue && isConflict(state, issue)) refusePlatform(409, 'The issue is being edited at the same time. Try again.')
        return guard(view, request, handle)
      } catch (error) {
        if (error instanceof Refusal) return error.reply
        if (error instanceof JqlError) return { status: 400, body: platformFailure([error.message]) }
        throw error
      }
    },
  })
}

/** A body that says it is JSON and is not. */
function refuseBrokenJson({ headers, body }: SimulatorRequest): void {
  if (body.length === 0 || !headers['content-type']?.startsWith('application/json')) return
  try {
    JSON.parse(body.toString('utf8'))
  } catch {
    refusePlatform(400, 'There was an error parsing JSON. Check that your request body is valid.')
  }
}

function toPattern(path: string): RegExp {
  return new RegExp(`^(?:/ex/jira/[^/]+)?${path.replaceAll('{}', '([^/]+)')}$`)
}

/** True when OAuth signs the call in: apps have a quota, and register webhooks. */
export function isApp({ headers }: Pick<SimulatorRequest, 'headers'>): boolean {
  return headers.authorization?.startsWith('Bearer ') ?? false
}

/** The issue whose path a write names. */
function writtenIssue(state: JiraState, { path }: SimulatorRequest): JiraIssue | undefined {
  const key = /\/(?:issue|request)\/([A-Za-z]+-\d+|\d+)(?:\/|$)/.exec(path)?.[1]
  return key === undefined ? undefined : state.find(key)
}

function isConflict(state: JiraState, issue: JiraIssue): boolean {
  const { conflictWindowMs } = state.settings
  return conflictWindowMs > 0 && state.now() - issue.updated < conflictWindowMs
}

/** `startAt` and `maxResults` of a platform list. */
export function pageOf(
  query: URLSearchParams,
  defaultSize = 50,
  largest = 100,
): { readonly startAt: number; readonly maxResults: number } {
  const startAt = Math.max(0, Number(query.get('startAt') ?? 0) || 0)
  const wanted = Number(query.get('maxResults') ?? defaultSize)
  return { startAt, maxResults: Math.min(Number.isFinite(wanted) && wanted >= 0 ? wanted : defaultSize, largest) }
}

/** A page in the platform API's newer shape: `isLast` and `values`. */
export function platformPage(view: View, request: SimulatorRequest, items: readonly unknown[], largest = 100, defaultSize = 50) {
  const { startAt, maxResults } = pageOf(request.query, defaultSize, largest)
  const end = startAt + maxResults
  const address = `${view.origin}${request.path}?maxResults=${maxResults}&startAt=`
  return {
    ...{ self: address + startAt, ...(end < items.length && { nextPage: address + end }) },
    ...{ maxResults, startAt, total: items.length, isLast: end >= items.length, values: items.slice(startAt, end) },
  }
}

/** A page in the service desk API's shape: `size`, `start`, `limit`, `isLastPage`. */
export function deskPage(
  view: View,
  { query, path }: Pick<SimulatorRequest, 'query' | 'path'>,
  items: readonly unknown[],
  largest = 50,
) {
  const start = Math.max(0, Number(query.get('start') ?? 0) || 0)
  const limit = Math.min(Math.max(1, Number(query.get('limit') ?? 50) || 50), largest)
  const values = items.slice(start, start + limit)
  const address = (at: number) => `${view.origin}${path}?start=${at}&limit=${limit}`
  const isLastPage = start + limit >= items.length
  return {
    ...{ _expands: [], size: values.length, start, limit, isLastPage },
    _links: {
      ...{ self: address(start), base: view.base, context: '' },
      ...(!isLastPage && { next: address(start + limit) }),
      ...(start > 0 && { prev: address(Math.max(0, start - limit)) }),
    },
    values,
  }
}
