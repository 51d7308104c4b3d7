import type { IncomingMessage, ServerResponse } from 'node:http'
import helmet from 'helmet'

/**
 * What helmet sets on every answer of an API. It is asked once: its plugin for Fastify makes all of them anew for every request, and
 * what it makes drags each request into the old generation.
 */
export function securityHeaders(): readonly (readonly [name: string, value: string])[] {
  const headers: (readonly [string, string])[] = []
  const response = {
    setHeader: (name: string, value: string) => void headers.push([name, String(value)]),
    removeHeader: () => {},
  }
  const set = helmet({
    // What only browsers of the past, or documents of their own, look at.
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
