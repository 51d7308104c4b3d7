import type { IncomingHttpHeaders } from 'node:http'

/** What a simulator answers. `body` undefined: no body at all. */
export interface Reply {
  readonly status: number
  readonly body?: unknown
}

export interface SimulatorRequest {
  /** What the groups of the route's path matched, percent-decoded. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The raw bytes. */
  readonly body: Buffer
  /** The body as a JSON object; an empty one when it is none. */
  json(): Readonly<Record<string, unknown>>
}

/** One operation of a vendor's API. `operation` is its name in the call counts. */
export interface Route {
  readonly method: string
  readonly path: RegExp
  readonly operation: string
  handle(request: SimulatorRequest): Reply
}

/** A webhook call that a simulator makes: the path is the gateway's, the rest the vendor's. */
export interface Outbound {
  readonly sourceKey: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One vendor's system: its API, its state, and what it does by itself. */
export interface Simulator {
  readonly routes: readonly Route[]
  /** The refusal of a call without the right credentials, or null when it may pass. */
  authorise(request: SimulatorRequest): Reply | null
  /** A failure in the vendor's own words. */
  failure(status: number): unknown
  /** How many tickets a walk over all of them gives; deleted ones do not count. */
  tickets(): number
  /** The state of a ticket in the vendor's own shape; undefined when there is none. */
  ticket(id: string): unknown
  /** Something happens in the vendor's system now: changes a ticket and gives the webhooks that this sends. */
  step(now: number): readonly Outbound[]
}

/** A vendor that pushes. */
export interface EventSimulator extends Simulator {
  /** All webhooks so far: each inner list in its order, the lists side by side. */
  backlog(): readonly (readonly Outbound[])[]
}

/** Does `Authorization: Bearer <token>` hold the token? */
export function hasBearer(request: SimulatorRequest, token: string): boolean {
  return request.headers.authorization === `Bearer ${token}`
}
