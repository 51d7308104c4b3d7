import type { GraphQLError } from 'graphql'
import { DeskgraphError, errorCodes } from '../domain/errors.ts'
import type { InvalidDocument } from '../graphql/document-cache.ts'
import type { GraphResponse } from '../graphql/server.ts'

/** The media type that the client can read: the newer one of GraphQL over HTTP where `Accept` names it, else plain JSON. */
export function contentTypeFor(accept: string | undefined): string {
  return accept?.includes('application/graphql-response+json')
    ? 'application/graphql-response+json; charset=utf-8'
    : 'application/json; charset=utf-8'
}

/** A refusal before anything was executed: the status of the error's code, and the headers that belong to it. */
export function refuse(error: DeskgraphError, requestId: string, accept: string | undefined): GraphResponse {
  const { status } = errorCodes[error.code]
  const retryAfter = error.retryAfter ?? (status === 503 || status === 429 ? 1 : undefined)
  const { code, message, retryable, source } = error
  const shown = code === 'INTERNAL_SERVER_ERROR' ? 'Internal server error' : message
  return {
    status,
    headers: {
      'content-type': contentTypeFor(accept),
      ...(retryAfter !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
      // RFC 9110 §15.5.2: a 401 says how to sign in.
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(status === 405 && { allow: 'GET, POST' }),
      // The rest of the body is not read.
      ...(status === 413 && { connection: 'close' }),
    },
    body: JSON.stringify({ errors: [{ message: shown, extensions: { code, retryable, retryAfter, source, requestId } }] }),
  }
}

/** The response to a document that does not parse or is not valid for the schema. */
export function refuseDocument({ invalid, code }: InvalidDocument, requestId: string, accept: string | undefined): GraphResponse {
  const { status, retryable } = errorCodes[code]
  const errors = invalid.map((error: GraphQLError) => ({ ...error.toJSON(), extensions: { code, retryable, requestId } }))
  return { status, headers: { 'content-type': contentTypeFor(accept) }, body: JSON.stringify({ errors }) }
}

/** The responses of a batch as one array, in the order of its operations. Each operation's own status is lost: the response is 200. */
export function joinBatch(responses: readonly GraphResponse[], accept: string | undefined): GraphResponse {
  const body = `[${responses.map((response) => response.body).join(',')}]`
  return { status: 200, headers: { 'content-type': contentTypeFor(accept) }, body }
}

/** Lets the client keep a successful response for some seconds; 0: `no-store` stays. */
export function cacheFor(seconds: number, response: GraphResponse): GraphResponse {
  if (seconds <= 0 || response.status !== 200) return response
  const headers = { ...response.headers, 'cache-control': `private, max-age=${seconds}`, vary: 'authorization' }
  return { ...response, headers }
}
