import type { FastifyInstance, FastifyReply } from 'fastify'

/** Which pages of other origins may ask the gateway. The same list decides on WebSockets. */
export interface AllowedOrigins {
  /** True when no page of another origin may. */
  readonly isEmpty: boolean
  /** `origin`: the header of that name. A page without an origin sends `null`. */
  allows(origin: string): boolean
}

/** Reads `http.allowedOrigins`: origins, origins with `*` as their port, and `*` for every origin. */
export function createAllowedOrigins(entries: readonly string[]): AllowedOrigins {
  const listed = new Set(entries)
  return {
    isEmpty: listed.size === 0,
    allows(origin) {
      if (listed.has('*') || listed.has(origin)) return true
      const url = URL.parse(origin)
      return url !== null && listed.has(`${url.protocol}//${url.hostname}:*`)
    },
  }
}

/** The origins of pages from this machine, with every port. The sandbox allows them. */
export const loopbackOrigins: readonly string[] = ['http', 'https'].flatMap((scheme) =>
  ['localhost', '127.0.0.1', '[::1]'].map((host) => `${scheme}://${host}:*`),
)

/** Adds names to `Vary`, which CORS may have set. */
export function addVary(reply: FastifyReply, names: string): void {
  const before = reply.getHeader('vary')
  void reply.header('vary', before === undefined ? names : `${before}, ${names}`)
}

/** What a page of another origin may read beside the body. */
const exposedHeaders = ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy']
/** For how long a browser may remember the answer to a preflight. Chromium keeps it for two hours at most. */
const preflightSeconds = 7_200

/**
 * Answers preflights, and lets pages of the allowed origins read every response. Without an entry nothing is registered: browsers then
 * refuse by themselves. Cookies are never allowed, because the gateway knows none.
 */
export async function allowOrigins(app: FastifyInstance, origins: AllowedOrigins): Promise<void> {
  if (origins.isEmpty) return
  const { default: fastifyCors } = await import('@fastify/cors')
  await app.register(fastifyCors, {
    origin: (origin, decide) => decide(null, origin !== undefined && origins.allows(origin)),
    methods: ['GET', 'HEAD', 'POST', 'PUT'],
    exposedHeaders,
    maxAge: preflightSeconds,
    strictPreflight: false,
  })
}
