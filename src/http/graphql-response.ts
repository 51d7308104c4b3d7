import type { IncomingHttpHeaders } from 'node:http'
import type { GraphQLError } from 'graphql'
import { type DeskgraphError, errorCodes } from '../domain/errors.ts'
import { toWellFormedJson } from '../domain/sanitize-text.ts'
import type { InvalidDocument } from '../graphql/document-cache.ts'
import type { GraphResponse } from '../graphql/server.ts'
import { bearerChallenge } from './error-response.ts'
import { readAccept } from './media-types.ts'

/** A refusal before anything was executed: the status of the error's code, and the headers that belong to it. `headers`: the request's. */
export function refuse(error: DeskgraphError, requestId: string, headers: IncomingHttpHeaders): GraphResponse {
  const { status } = errorCodes[error.code]
  const retryAfter = error.retryAfter ?? (status === 503 || status === 429 ? 1 : undefined)
  const { code, message, retryable, source } = error
  const shown = code === 'INTERNAL_SERVER_ERROR' ? 'Internal server error' : message
  return {
    status,
    headers: {
      'content-type': readAccept(headers.accept).json,
      ...(retryAfter !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
      ...(status === 401 && { 'www-authenticate': bearerChallenge(headers) }),
      ...(status === 405 && { allow: 'GET, POST' }),
      // The rest of the body is not read.
      ...(status === 413 && { connection: 'close' }),
    },
    body: toBody([{ message: shown, extensions: { code, retryable, retryAfter, source, requestId } }]),
  }
}

/** The response to a document that does not parse or is not valid for the schema. */
export function refuseDocument(
  { invalid, code }: InvalidDocument,
  requestId: string,
  { accept }: IncomingHttpHeaders,
): GraphResponse {
  const { status, retryable } = errorCodes[code]
  const errors = invalid.map((error: GraphQLError) => ({ ...error.toJSON(), extensions: { code, retryable, requestId } }))
  return { status, headers: { 'content-type': readAccept(accept).json }, body: toBody(errors) }
}

/** A message may quote half a surrogate pair of the request. */
function toBody(errors: readonly object[]): string {
  return toWellFormedJson(JSON.stringify({ errors }))
}

/** The responses of a batch as one array, in the order of its operations. Each operation's own status is lost: the response is 200. */
export function joinBatch(responses: readonly GraphResponse[], { accept }: IncomingHttpHeaders): GraphResponse {
  const body = `[${responses.map((response) => response.body).join(',')}]`
  return { status: 200, headers: { 'content-type': readAccept(accept).json }, body }
}

/** Lets the client keep a successful response for some seconds; 0: `no-store` stays. */
export function cacheFor(seconds: number, response: GraphResponse): GraphResponse {
  if (seconds <= 0 || response.status !== 200) return response
  const headers = { ...response.headers, 'cache-control': `private, max-age=${seconds}`, vary: 'accept, authorization' }
  return { ...response, headers }
}
