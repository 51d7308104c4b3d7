import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Metrics } from '../domain/telemetry.ts'

/** The codes of refused requests until their responses are counted. */
const codes = new WeakMap<ServerResponse, string>()

/** Says with which code of `extensions.code` this response refuses its request. */
export function noteRefusal(response: ServerResponse, code: string): void {
  codes.set(response, code)
}

/**
 * Counts the response when it has ended, by route, status and code. It is the one count of requests: every refusal is in it, also one from before
 * any route. The code is `OK` below the status 400, and `OTHER` where the errors in the body have several.
 */
export function countRequest(request: Pick<IncomingMessage, 'url'>, response: ServerResponse, metrics: Metrics): void {
  const route = toRoute(request.url ?? '/')
  response.once('close', () => {
    const { statusCode } = response
    const code = statusCode < 400 ? 'OK' : (codes.get(response) ?? 'OTHER')
    metrics.count('http_requests_total', { route, status: String(statusCode), code })
  })
}

/** Few values for any path that a client asks for: each is a time series. */
function toRoute(url: string): string {
  if (url === '/graphql') return url
  const [, first = ''] = /^\/*([^/?]*)/.exec(url) ?? []
  return routes[first] ?? 'other'
}

const routes: Readonly<Record<string, string>> = {
  '': '/',
  graphql: '/graphql',
  webhooks: '/webhooks',
  health: '/health',
  metrics: '/metrics',
  uploads: '/uploads',
}
