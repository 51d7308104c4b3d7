import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Viewer } from '../../domain/call.ts'
import type { Clock } from '../../domain/clock.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { GraphContext, GraphRequest } from '../../graphql/context.ts'
import type { Graph } from '../../graphql/create-graph.ts'
import type { ResolveText } from '../graphql/operation-request.ts'

export interface LiveDeps {
  readonly graph: Graph
  authenticate(headers: IncomingHttpHeaders): Viewer | Promise<Viewer>
  admit?(viewer: Viewer, request: IncomingMessage): void | Promise<void>
  createContext(request: GraphRequest): GraphContext
  readonly trusted?: { readonly resolve: ResolveText }
  readonly limits: LiveLimits
  readonly metrics: Metrics
  readonly clock: Clock
}

export interface LiveLimits {
  readonly bodyBytes: number
  readonly subscriptionsPerConnection: number
  /** How long a token's rights go on after its end. */
  readonly clockSkewSeconds: number
  /** A client that has not taken a message after this long is cut off. */
  readonly slowClientMs: number
}

/** A viewer's rights for as long as its token holds. */
export interface Session {
  readonly viewer: Viewer
  /** Aborts at the token's end, or when the client goes away. */
  readonly signal: AbortSignal
  /** null once the token has ended. */
  currentViewer(): Viewer | null
  end(reason: string): void
}

/** setTimeout holds no more. */
const longestTimerMs = 2 ** 31 - 1

export function openSession(viewer: Viewer, { clock, limits }: Pick<LiveDeps, 'clock' | 'limits'>): Session {
  const controller = new AbortController()
  const endsAt = viewer.expiresAt === null ? Number.POSITIVE_INFINITY : (viewer.expiresAt + limits.clockSkewSeconds) * 1000
  const end = (reason: string) => {
    clearTimeout(timer)
    controller.abort(new Error(reason))
  }
  const timer = setTimeout(
    () => endsAt <= clock() && end(tokenEnded),
    Math.min(Math.max(0, endsAt - clock()) + 1, longestTimerMs),
  )
  timer.unref()
  return { viewer, signal: controller.signal, currentViewer: () => (clock() < endsAt ? viewer : null), end }
}

export const tokenEnded = 'The token has ended.'
