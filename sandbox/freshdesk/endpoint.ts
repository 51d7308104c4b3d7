import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import type { Budget, Endpoint } from './budget.ts'
import { denied, invalid, notFound, notSignedIn, unexpected, wrongMethod } from './errors.ts'
import { type Input, readInput } from './input.ts'
import type { Agent } from './records.ts'

/** An admitted call. */
export interface Call {
  /** The groups of the path. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  /** Scheme and host, as the caller addressed them. */
  readonly origin: string
  readonly path: string
  readonly agent: Agent
  readonly now: number
  /** What a write sends. */
  readonly input: Input
}

export interface Rule {
  /** For administrators only. */
  readonly admins?: true
  /** By which limit it is counted beside the account's. */
  readonly endpoint?: Endpoint
  /** The parameters of the query. Others are refused. */
  readonly query?: readonly string[]
  /** In calls: what each `include` costs beside the call itself. */
  readonly includeCost?: number
}

export type Handler = (call: Call) => Reply

/** Who may call, and how often. */
export interface Frame {
  readonly budget: Budget
  /** API keys, and the agents that they belong to. */
  readonly keys: ReadonlyMap<string, Agent>
  now(): number
  /** What is done before each call: the account's own work. */
  beforeEach(now: number): void
}

/** Makes the routes of one API: each checks who calls and how often, and what is in the query. */
export interface Endpoints {
  /** `path` is relative to `/api/v2`; `:id` in it is digits, `:text` is anything but a slash. */
  on(method: string, path: string, operation: string, handle: Handler, rule?: Rule): Route
}

/** Frames the operations of an account. */
export function createEndpoints(frame: Frame): Endpoints {
  return {
    on: (method, path, operation, handle, rule = {}) => ({
      method,
      path: new RegExp(`^/api/v2${path.replace(/:id\b/g, '(\\d{1,15})').replace(/:text\b/g, '([^/]+)')}$`),
      operation,
      handle: (request) => answer(frame, request, handle, rule),
    }),
  }
}

/** The answers to what the account does not have: 405 where the path takes another verb, else 404. */
export function unknownEndpoints(frame: Frame, routes: readonly Route[]): Route[] {
  const handle = (request: SimulatorRequest): Reply => {
    const allowed = [...new Set(routes.filter(({ path }) => path.test(request.path)).map(({ method }) => method))]
    return answer(frame, request, () => (allowed.length > 0 ? wrongMethod(allowed) : notFound), { query: ['*'] })
  }
  const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']
  return methods.map((method) => ({ method, path: /^\/api\//, operation: 'unknown', handle }))
}

function answer(frame: Frame, request: SimulatorRequest, handle: Handler, rule: Rule): Reply {
  const now = frame.now()
  frame.beforeEach(now)
  const cost = 1 + includesOf(request.query).length * (rule.includeCost ?? 0)
  const admission = frame.budget.admit({ now, cost, endpoint: rule.endpoint })
  const reply = admission.refusal ?? admit(frame, request, handle, rule, now)
  const constant = { 'x-freshdesk-api-version': 'latest=v2; requested=v2', 'cache-control': 'no-store' }
  const emptyType: Record<string, string> = reply.body === undefined ? { 'content-type': 'text/html; charset=utf-8' } : {}
  return { ...reply, headers: { ...constant, ...emptyType, ...admission.headers, ...reply.headers } }
}

function admit(frame: Frame, request: SimulatorRequest, handle: Handler, rule: Rule, now: number): Reply {
  const agent = frame.keys.get(keyOf(request) ?? '')
  if (!agent) return notSignedIn
  if (rule.admins && !agent.isAdmin) return denied
  if (!/\*\/\*|application\/(json|\*)/.test(request.headers.accept ?? '*/*')) return { status: 406 }
  const strange = [...request.query.keys()].filter((name) => !isKnown(rule, name))
  if (strange.length > 0) return invalid(...strange.map(unexpected))
  const input = readInput(request)
  if ('status' in input) return input
  return handle({
    ...{ params: request.params, query: request.query, path: request.path, agent, now, input },
    origin: `http://${request.headers.host ?? 'localhost'}`,
  })
}

const isKnown = ({ query = [] }: Rule, name: string) => query.includes(name) || query.includes('*')

/** `{API key}:X` in base64; any text may stand for the X. */
function keyOf({ headers }: SimulatorRequest): string | undefined {
  const [scheme = '', encoded = ''] = (headers.authorization ?? '').split(' ')
  if (scheme !== 'Basic') return undefined
  return /^([^:]+):/.exec(Buffer.from(encoded, 'base64').toString('utf8'))?.[1]
}

/** The parts of `include`, each once. */
export function includesOf(query: URLSearchParams): readonly string[] {
  const names = (query.get('include') ?? '').split(',').map((name) => name.trim())
  return [...new Set(names)].filter((name) => name !== '')
}
