import type { IncomingHttpHeaders } from 'node:http'

/** An answer of a simulator. `body` undefined: no body; a Buffer: those bytes; else JSON. `headers` have lower-case names. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A request to a simulator, read to its end. */
export interface SimulatorRequest {
  readonly method: string
  /** The path without the query, not decoded. */
  readonly path: string
  /** The groups of the route's path, percent-decoded. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The raw bytes. */
  readonly body: Buffer
  /** The body as a JSON object; an empty object when it is not one. */
  json(): Readonly<Record<string, unknown>>
}

/** One operation of a vendor's API. `operation` is its name in the call counts. */
export interface Route {
  readonly method: string
  readonly path: RegExp
  readonly operation: string
  handle(request: SimulatorRequest): Reply
}

/** A webhook that a simulator sends to `/webhooks/{sourceKey}` of the gateway. */
export interface OutboundWebhook {
  readonly sourceKey: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One vendor's system: its API, its tickets, and the changes that it makes by itself. */
export interface Simulator {
  readonly routes: readonly Route[]
  /** The refusal of a call without the right credentials, or null. */
  authorise(request: SimulatorRequest): Reply | null
  /** The body of a failure, in the vendor's format. */
  failure(status: number): unknown
  /** How many tickets a list of all pages returns. Deleted tickets do not count. */
  tickets(): number
  /** A ticket in the vendor's own shape, or undefined. */
  ticket(id: string): unknown
  /** Makes one change now, and returns the webhooks that it causes. A system without webhooks returns none. */
  changeOne(now: number): readonly OutboundWebhook[]
  /** The vendor's second host, with a server of its own. It is told where it listens before the first call comes. */
  readonly downloads?: { readonly host: Simulator; listensAt(origin: string): void }
  /** The system sends its webhooks itself, from now on to this gateway. */
  connect?(gatewayUrl: string): void
  /** Ends what the system does by itself. */
  close?(): Promise<void>
}

/** A vendor that sends webhooks. */
export interface EventSimulator extends Simulator {
  /** All webhooks so far. The order matters inside each inner list; the lists are independent. */
  history(): readonly (readonly OutboundWebhook[])[]
  /** An authentic event of a kind that the vendor does not document. No ticket changes. No two are alike. */
  unreadable(now: number): OutboundWebhook
}

/** True when the request has the header `Authorization: Bearer <token>`. */
export function hasBearer(request: SimulatorRequest, token: string): boolean {
  return request.headers.authorization === `Bearer ${token}`
}
