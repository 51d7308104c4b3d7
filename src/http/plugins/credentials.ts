import fastifyPlugin from 'fastify-plugin'
import { DeskgraphError } from '../../domain/errors.ts'
import { sendError } from '../error-response.ts'

/** Query parameters that carry tokens. A URL ends up in logs and histories (RFC 6750 §2.3). */
const tokenInUrl = /[?&](?:access_token|id_token|token|authorization|bearer)=/i

/**
 * False for a request with two Authorization headers, which proxies and Node read differently, and for one with a token in its URL.
 * Webhooks carry their secrets in ways of their own.
 */
export function hasClearCredentials(rawHeaders: readonly string[], url: string): boolean {
  let authorizations = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations++
  }
  return authorizations <= 1 && (url.startsWith('/webhooks/') || !tokenInUrl.test(url))
}

/** Refuses ambiguous credentials with 401, without a reason. */
export function refuseUnclearCredentials() {
  return fastifyPlugin(async (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      if (hasClearCredentials(request.raw.rawHeaders, request.url)) return done()
      sendError(reply, new DeskgraphError('UNAUTHENTICATED', 'A valid bearer token is needed.'), request.id)
    })
  })
}
