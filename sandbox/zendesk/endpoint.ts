import type { IncomingHttpHeaders } from 'node:http'
import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import type { Access } from './access.ts'
import { forbidden, noEndpoint } from './errors.ts'
import { fromJson, toJson } from './json.ts'
import type { LimitName, Limits } from './limits.ts'
import type { User } from './records.ts'

/** An admitted call. */
export interface Call {
  /** The groups of the path. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** Scheme and host, as the caller addressed them: every address in an answer begins with it. */
  readonly origin: string
  /** The path and query of the call, without what pages. */
  readonly path: string
  readonly user: User
  readonly now: number
  readonly bytes: Buffer
  /** The body as an object with whole numbers of 64 bits; an empty object when it is none. */
  body(): Readonly<Record<string, unknown>>
}

/** Who may call an operation, and by which limit beside the account's it is counted. */
export interface Rule {
  readonly for?: 'anyone' | 'staff' | 'admins'
  readonly limit?: LimitName
}

export interface Frame {
  readonly access: Access
  readonly limits: Limits
  now(): number
  /** What is done before each call: the account's own work. */
  beforeEach(now: number): void
}

export type Handler = (call: Call) => Reply

/** Makes the routes of one API: each checks who calls, what they may do and how often, and writes its answer. */
export interface Endpoints {
  /** `path` is relative to `/api/v2`; `:id` in it is digits, `:text` is anything but a slash. `.json` may follow. */
  on(method: string, path: string, operation: string, handle: Handler, rule?: Rule): Route
}

/** Frames the operations of an account. */
export function createEndpoints(frame: Frame): Endpoints {
  return {
    on: (method, path, operation, handle, rule = {}) => ({
      method,
      path: toPattern(path),
      operation,
      handle: (request) => answer(frame, request, handle, rule),
    }),
  }
}

function toPattern(path: string): RegExp {
  const body = path.replace(/:id\b/g, '(\\d{1,19})').replace(/:text\b/g, '([^/]+?)')
  return new RegExp(`^/api/v2${body}(?:\\.json)?$`)
}

/** The answer to a path that the account does not have. Without credentials it is no better than any other. */
export function unknownEndpoint(frame: Frame): (method: string) => Route {
  return (method) => ({
    method,
    path: /^\/api\//,
    operation: 'unknown',
    handle: (request) => answer(frame, request, () => noEndpoint, { for: 'anyone' }),
  })
}

function answer(frame: Frame, request: SimulatorRequest, handle: Handler, rule: Rule): Reply {
  const now = frame.now()
  frame.beforeEach(now)
  const identity = frame.access.identify(request, now)
  if ('status' in identity) return toBytes(identity)
  const admission = frame.limits.admit({ now, limit: rule.limit, userId: identity.id, ticketId: request.params[0] })
  const reply = admission.refusal ?? (mayCall(identity, rule) ? handle(toCall(request, identity, now)) : forbidden)
  return toBytes({ ...reply, headers: { ...admission.headers, ...reply.headers } })
}

function mayCall(user: User, { for: audience = 'staff' }: Rule): boolean {
  if (audience === 'anyone') return true
  return audience === 'admins' ? user.role === 'admin' : user.role !== 'end-user'
}

function toCall(request: SimulatorRequest, user: User, now: number): Call {
  const kept = new URLSearchParams([...request.query].filter(([name]) => !/^page(\[|$)/.test(name)))
  return {
    params: request.params,
    query: request.query,
    headers: request.headers,
    origin: originOf(request),
    path: kept.size === 0 ? request.path : `${request.path}?${kept}`,
    user,
    now,
    bytes: request.body,
    body: () => toObject(request.body),
  }
}

export function originOf({ headers }: Pick<SimulatorRequest, 'headers'>): string {
  return `http://${headers.host ?? 'localhost'}`
}

function toObject(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    return asObject(fromJson(bytes.toString('utf8')))
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** The value when it is an object; else an empty object. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function toBytes(reply: Reply): Reply {
  if (reply.body === undefined || Buffer.isBuffer(reply.body)) return reply
  const headers = { 'content-type': 'application/json; charset=utf-8', ...reply.headers }
  return { ...reply, headers, body: Buffer.from(toJson(reply.body)) }
}
