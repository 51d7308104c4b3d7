import { randomUUID } from 'node:crypto'
import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { invalid, noResource, planRestricted, Refusal, refused } from './errors.ts'
import type { Limits } from './limits.ts'
import type { Oddities } from './oddities.ts'
import type { Admin } from './records.ts'

/** An admitted call. */
export interface Call {
  /** The groups of the path. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  /** Scheme and host, as the caller addressed them. */
  readonly origin: string
  /** The owner of the token. */
  readonly admin: Admin
  readonly now: number
  /** The body as an object; an empty object without a body. */
  readonly body: Readonly<Record<string, unknown>>
}

/** An access token, and what its owner may do with it. */
export interface AccessToken {
  readonly token: string
  readonly owner: Admin
  readonly isReadOnly?: boolean
}

export interface Frame {
  readonly tokens: readonly AccessToken[]
  readonly revoked: ReadonlySet<string>
  readonly limits: Limits
  readonly oddities: Oddities
  /** The workspace's subscription is in order. */
  isPaid(): boolean
  now(): number
  /** What is done before each call: the workspace's own work. */
  beforeEach(now: number): void
}

export interface Rule {
  /** What a token without the right to write, or a workspace without a subscription, may not do. */
  readonly isWrite?: boolean
  readonly needsPlan?: boolean
}

export type Handler = (call: Call) => Reply

/** Makes the routes of the API: each checks who calls, by which version and how often. */
export interface Endpoints {
  /** `:id` in the path is anything but a slash. */
  on(method: string, path: string, operation: string, handle: Handler, rule?: Rule): Route
}

export function createEndpoints(frame: Frame): Endpoints {
  return {
    on: (method, path, operation, handle, rule = {}) => ({
      method,
      path: new RegExp(`^${path.replace(/:id\b/g, '([^/]+)')}/?$`),
      operation,
      handle: (request) => answer(frame, request, handle, rule),
    }),
  }
}

/** A path that the API does not have, or has not with this method. */
export function unknownEndpoint(frame: Frame): (method: string) => Route {
  return (method) => ({
    method,
    path: /^\/(?!_sandbox)/,
    operation: 'unknown',
    handle: (request) => answer(frame, request, noResource, {}),
  })
}

/** The versions of the document. The answers are those of 2.14 for all of them. */
const versions = new Set([
  ...['1.0', '1.1', '1.2', '1.3', '1.4', '2.0', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6', '2.7', '2.8', '2.9', '2.10', '2.11'],
  ...['2.12', '2.13', '2.14', 'Unstable'],
])

function answer(frame: Frame, request: SimulatorRequest, handle: Handler, rule: Rule): Reply {
  const now = frame.now()
  frame.beforeEach(now)
  const holder = identify(frame, request)
  if ('status' in holder) return withId(holder, {})
  const { headers, refusal } = frame.limits.admit(now)
  const version = request.headers['intercom-version'] ?? '2.14'
  const common = { ...headers, 'intercom-version': String(version) }
  const reply = refusal ?? refusalOf(frame, holder, String(version), rule) ?? handleBody(request, holder.owner, now, handle)
  return frame.oddities.apply(withId(reply, common))
}

function refusalOf(frame: Frame, holder: AccessToken, version: string, rule: Rule): Reply | undefined {
  if (!versions.has(version)) return refused(400, 'intercom_version_invalid', 'The requested version could not be found')
  if (rule.isWrite && holder.isReadOnly) return refused(403, 'token_unauthorized', 'Not authorized to access resource')
  return rule.needsPlan && !frame.isPaid() ? planRestricted() : undefined
}

function handleBody(request: SimulatorRequest, admin: Admin, now: number, handle: Handler): Reply {
  const body = toObject(request.body)
  if (!body) return invalid('The request body is not valid JSON')
  const origin = `http://${request.headers.host ?? 'localhost'}`
  try {
    return handle({ params: request.params, query: request.query, origin, admin, now, body })
  } catch (error) {
    if (error instanceof Refusal) return error.reply
    throw error
  }
}

function toObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (bytes.length === 0) return {}
  try {
    return asObject(JSON.parse(bytes.toString('utf8')))
  } catch {
    return undefined
  }
}

/** The value when it is an object. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
}

function identify({ tokens, revoked }: Frame, { headers }: SimulatorRequest): AccessToken | Reply {
  const [, secret] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
  if (secret === undefined) return unauthorized('missing_authorization', 'No authorization data was found on the request')
  if (revoked.has(secret)) return unauthorized('token_revoked', 'The access token has been revoked')
  return tokens.find(({ token }) => token === secret) ?? unauthorized('unauthorized', 'Access Token Invalid')
}

function unauthorized(code: string, message: string): Reply {
  const reply = refused(401, code, message)
  return { ...reply, headers: { 'www-authenticate': 'Bearer realm="Intercom", error="invalid_token"' } }
}

/** Each answer has an id; that of an error list is in its body too. */
function withId(reply: Reply, headers: Readonly<Record<string, string>>): Reply {
  const own = (reply.body as { request_id?: string } | undefined)?.request_id ?? randomUUID()
  return { ...reply, headers: { ...headers, 'x-request-id': own, ...reply.headers } }
}

/** The text of a text or a number; undefined for another value. Ids come both ways. */
export function asId(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
