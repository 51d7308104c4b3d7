import type { IncomingMessage, ServerResponse } from 'node:http'
import helmet from 'helmet'

/**
 * The headers that helmet sets on every response of an API. helmet is called once: its Fastify plugin makes all of them anew for every
 * request.
 */
export function securityHeaders(): readonly (readonly [name: string, value: string])[] {
  const headers: (readonly [string, string])[] = []
  const response = {
    setHeader: (name: string, value: string) => void headers.push([name, String(value)]),
    removeHeader: () => {},
  }
  const set = helmet({
    // Headers that only old browsers or HTML documents use.
    dnsPrefetchControl: false,
    ieNoOpen: false,
    originAgentCluster: false,
    permittedCrossDomainPolicies: false,
    xssFilter: false,
    contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } },
  })
  set({} as IncomingMessage, response as unknown as ServerResponse, (fault) => {
    if (fault) throw fault
  })
  return headers
}
