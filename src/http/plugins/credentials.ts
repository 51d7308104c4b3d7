import type { FastifyPluginAsync } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import { sendError } from '../error-response.ts'
import { forWholeApp } from './whole-app.ts'

/** Query parameters by which tokens are sent where they end up in logs and histories. RFC 6750 §2.3. */
const tokenInUrl = /[?&](?:access_token|id_token|token|authorization|bearer)=/i

/**
 * Is this request's way of signing in one that means exactly one thing? Two Authorization headers are not, whatever
 * node would pick; a token in the URL never is. Webhooks bring their secrets in their own ways.
 */
export function hasClearCredentials(rawHeaders: readonly string[], url: string): boolean {
  let authorizations = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations++
  }
  return authorizations <= 1 && (url.startsWith('/webhooks/') || !tokenInUrl.test(url))
}

/** Refuses unclear credentials with 401, without a reason. */
export function credentialGuard(): FastifyPluginAsync {
  return forWholeApp((app) => {
    app.addHook('onRequest', (request, reply, done) => {
      if (hasClearCredentials(request.raw.rawHeaders, request.url)) return done()
      sendError(reply, new DeskgraphError('UNAUTHENTICATED', 'A valid bearer token is needed.'), request.id)
    })
  })
}
